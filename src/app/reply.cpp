#include "reply.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/reply.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kNote = 4000;

std::vector<std::string> people_of(const Post& post, const Rules& rules) {
  std::vector<std::string> out;
  for (const Person& person : rules.config->people) {
    const bool theirs = std::ranges::any_of(person.contact, [&](const Contact& contact) {
      return contact.kind == ContactKind::mail && !contact.value.empty() &&
             (equals_ignoring_case(contact.value, post.author.handle) ||
              equals_ignoring_case(contact.value, post.author.id));
    });
    if (theirs) out.push_back(person.id);
  }
  return out;
}

/// "case-c0abc.1f2e…@example.org" -> "c0abc"
std::string case_in(const std::string& message_id) {
  if (!message_id.starts_with("case-")) return {};
  return message_id.substr(5, message_id.find_first_of(".@", 5) - 5);
}

struct Addressed {
  CaseRecord record;
  std::string person;
};

/// The case whose message to one of these people this mail answers: by our own Message-ID, or by
/// the tag of the subject where a client dropped the header.
std::optional<Addressed> addressed(StoreReader& reader, const Post& post,
                                   const std::vector<std::string>& people, const AckKey& key) {
  for (const std::string& id : {post.in_reply_to, post.conversation}) {
    const std::string case_id = case_in(id);
    auto record = case_id.empty() ? std::nullopt : reader.case_by_id(case_id);
    if (!record) continue;
    for (const OutboxRow& row : reader.outbox_of(case_id)) {
      if (std::ranges::find(people, row.person) != people.end())
        return Addressed{std::move(*record), row.person};
    }
  }
  const SubjectTag tag = subject_tag(post.title);
  auto record = tag.number > 0 ? reader.case_by_number(tag.number) : std::nullopt;
  if (!record) return std::nullopt;
  for (const std::string& person : people) {
    if (is_reply_tag(tag.tag, key, record->id, person))
      return Addressed{std::move(*record), person};
  }
  return std::nullopt;
}

std::string answer_to(const ActAnswer& done, const std::string& person) {
  if (done.kind == ActAnswer::Kind::done && done.now_case)
    return fmt::format("{} case {} now. The pages have stopped.",
                       done.now_case->owner == person ? "You have" : done.now_case->owner + " has",
                       done.now_case->number);
  return done.refusal ? done.refusal->text : "It could not be done.";
}

}  // namespace

bool take_reply(StoreWriter& writer, const Post& post, const Rules& rules, Effects& effects) {
  const AckKey& key = effects.key();
  if (post.channel != Channel::email || post.automatic != Automatic::none) return false;
  if (post.in_reply_to.empty() && post.title.find("[#") == std::string::npos) return false;
  const std::vector<std::string> people = people_of(post, rules);
  if (people.empty()) return false;
  const auto found = addressed(writer, post, people, key);
  if (!found) return false;
  const std::string& id = found->record.id;
  const std::string& person = found->person;
  const Reply reply = read_reply(post.text);
  const auto act = [&](Action action, Arguments args) {
    args.emplace("via", "mail");
    const Command command{action, person, std::move(args)};
    return act_on(writer, rules, key, effects.chance(), id, command, std::nullopt);
  };
  std::string said;
  if (reply.kind == ReplyKind::take) said = answer_to(act(Action::ack, {}), person);
  if (reply.kind == ReplyKind::not_worth) {
    act(Action::teach, {{"label", "not_worth_waking"}, {"note", reply.rest}});
    said = "Noted. The case itself stays as it is: reply ACK to take it.";
  } else if (!reply.rest.empty()) {
    act(Action::note, {{"text", std::string{cut_utf8(reply.rest, kNote)}}});
  }
  const auto now_record = writer.case_by_id(id);
  const Case it = load_case(now_record.value_or(found->record));
  if (reply.kind == ReplyKind::note || reply.kind == ReplyKind::question) {
    said = it.owner.empty() && !it.ended()
               ? "Your words are kept as a note. Nobody has the case yet: reply ACK to take it."
               : "Your words are kept as a note.";
  }
  effects.answer_person(it, person, said, hash128_hex(post.id).substr(0, 16));
  return true;
}

}  // namespace earshot
