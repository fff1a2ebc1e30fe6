// Mail that asks, answers and goes on with a question. A thread is found by our own Message-IDs,
// by the Message-ID of a mail that belongs to it, or by a signed tag of the address or the subject.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/reply.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/mail_text.hpp"
#include "question.hpp"

namespace earshot {
namespace {

constexpr Duration kRateSpan = hours{1};
constexpr Duration kCaseLife = hours{24 * 90};  // a forward finds its customer's case so long
constexpr std::size_t kNamesIn = 400;           // of the words, looked through for a name

/// One mail while it is taken.
struct Desk {
  StoreWriter& writer;
  const Post& post;
  const Rules& rules;
  Effects& effects;
  const QuestionPolicy& policy;
  Parties parties;
  std::vector<std::string> authors;  ///< ids of principals and people whose address it comes from
  std::string words;                 ///< new words, without the sign-off

  Instant now() const { return effects.chance().now; }
};

bool has_mail(const Person& person, std::string_view address) {
  return std::ranges::any_of(person.contact, [&](const Contact& contact) {
    return contact.kind == ContactKind::mail && equals_ignoring_case(contact.value, address);
  });
}

std::vector<std::string> authors_of(const Post& post, const Rules& rules) {
  std::vector<std::string> out;
  const std::string address = to_lower_ascii(post.author.handle);
  if (address.empty()) return out;
  for (const Principal& principal : rules.config->watch.principals) {
    if (std::ranges::find(principal.mail, address) != principal.mail.end())
      out.push_back(principal.id);
  }
  for (const Person& person : rules.config->people) {
    if (has_mail(person, address)) out.push_back(person.id);
  }
  return out;
}

std::string domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? "" : to_lower_ascii(address.substr(at + 1));
}

/// A mail of ours that came back: by a rule of a mailbox, a list, or a copy to ourselves.
bool is_our_own(const Post& post, const Rules& rules) {
  const bool form = post.id.starts_with("question-q") || post.id.starts_with("case-") ||
                    post.id.starts_with("earshot.");
  return form && domain_of(post.id) == domain_of(rules.config->mail.from);
}

bool from_ourselves(const Desk& desk) {
  const std::string& address = desk.post.author.handle;
  return equals_ignoring_case(address, desk.rules.config->mail.from) ||
         std::ranges::any_of(desk.policy.addresses, [&](const std::string& own) {
           return equals_ignoring_case(address, own);
         });
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// "question-q1a2b3c4d.0f…@house.example" -> "q1a2b3c4d"; "" for others.
std::string question_in(std::string_view message_id) {
  constexpr std::string_view kPrefix = "question-";
  if (!message_id.starts_with(kPrefix)) return {};
  message_id.remove_prefix(kPrefix.size());
  const std::string id{message_id.substr(0, message_id.find_first_of(".@"))};
  return id.size() == 9 && id[0] == 'q' && is_hex(std::string_view{id}.substr(1)) ? id : "";
}

struct Tag {
  std::string id;
  std::string proof;
};

/// "q1a2b3c4d-9f8e7d6c"
std::optional<Tag> tag_of(std::string_view text) {
  if (text.size() < 18 || text[0] != 'q' || text[9] != '-') return std::nullopt;
  Tag tag{std::string{text.substr(0, 9)}, std::string{text.substr(10, 8)}};
  if (!is_hex(std::string_view{tag.id}.substr(1)) || !is_hex(tag.proof)) return std::nullopt;
  return tag;
}

/// The tags of the addresses (ask+TAG@…) and of the subject ("[?TAG]").
std::vector<Tag> tags_of(const Desk& desk) {
  std::vector<Tag> out;
  for (const std::string& address : desk.post.addressed) {
    const std::size_t plus = address.find('+');
    if (plus == std::string::npos) continue;
    if (auto tag = tag_of(std::string_view{address}.substr(plus + 1)))
      out.push_back(std::move(*tag));
  }
  for (std::size_t at = desk.post.title.find("[?"); at != std::string::npos;
       at = desk.post.title.find("[?", at + 2)) {
    if (auto tag = tag_of(std::string_view{desk.post.title}.substr(at + 2)))
      out.push_back(std::move(*tag));
  }
  return out;
}

/// Was this tag made for somebody to whom we wrote about the question?
bool is_ours(const Tag& tag, const Question& it, const AckKey& key) {
  std::vector<std::string> written = it.line;
  written.push_back(it.from);
  written.push_back(it.to);
  return std::ranges::any_of(written, [&](const std::string& person) {
    return is_reply_tag(tag.proof, key, "question-" + it.id, person);
  });
}

std::optional<Question> thread_of(const Desk& desk) {
  for (const std::string* id : {&desk.post.in_reply_to, &desk.post.conversation}) {
    const std::string question = question_in(*id);
    if (auto it = question.empty() ? std::nullopt : load_question(desk.writer, question)) return it;
  }
  for (const Tag& tag : tags_of(desk)) {
    auto it = load_question(desk.writer, tag.id);
    if (it && is_ours(tag, *it, desk.effects.key())) return it;
  }
  for (const std::string* id : {&desk.post.in_reply_to, &desk.post.conversation}) {
    if (id->empty() || *id == desk.post.id) continue;
    const auto known = desk.writer.record(kQuestionMail, *id);
    if (auto it = known ? load_question(desk.writer, known->parent) : std::nullopt) return it;
  }
  return std::nullopt;
}

/// From now on a reply to this mail belongs to the question.
void remember_mail(Desk& desk, const std::string& question) {
  if (desk.post.id.empty()) return;
  Record record = desk.writer.record(kQuestionMail, desk.post.id).value_or(Record{});
  record.kind = kQuestionMail;
  record.id = desk.post.id;
  record.parent = question;
  record.state = "seen";
  if (record.version == 0) record.created_at = desk.now();
  record.updated_at = desk.now();
  record.body = "{}";
  desk.writer.put_record(record);
}

/// Counts this mail; true where its address has sent more within the hour than may move questions.
bool too_many(Desk& desk) {
  const std::string address = to_lower_ascii(desk.post.author.handle);
  Record record = desk.writer.record(kMailRate, address).value_or(Record{});
  std::vector<std::string> times;
  if (const auto before = parse_json(record.body.empty() ? "{}" : record.body))
    times = strings_at(*before, "at");
  std::erase_if(times, [&](const std::string& text) {
    const auto at = parse_rfc3339(text);
    return !at || desk.now() - *at >= kRateSpan;
  });
  if (std::ssize(times) >= desk.policy.most_per_hour) return true;
  times.push_back(to_rfc3339_ms(desk.now()));
  JsonWriter body;
  body.object();
  body.field("at", times);
  body.end();
  record.kind = kMailRate;
  record.id = address;
  record.state = "counted";
  if (record.version == 0) record.created_at = desk.now();
  record.updated_at = desk.now();
  record.body = body.take();
  desk.writer.put_record(record);
  return false;
}

void tell_of_flood(Desk& desk) {
  desk.effects.tell_ops(
      "Many mails to questions from " + desk.post.author.handle,
      fmt::format("More than {} within an hour. Further ones are kept and move nothing.",
                  desk.policy.most_per_hour),
      fmt::format("question-flood/{}/{}", to_lower_ascii(desk.post.author.handle),
                  to_rfc3339(desk.now()).substr(0, 13)));
}

bool move(Desk& desk, const Question& before, QuestionCommand command) {
  command.via = "mail";
  const QuestionDone done = apply_question(before, command, desk.now(), desk.policy, desk.parties);
  if (!done.refusal) store_question(desk.writer, desk.rules, desk.effects, done);
  return !done.refusal;
}

/// Kept with the question, told to nobody.
void hold(Desk& desk, const Question& before, const std::string& why) {
  move(desk, before,
       {QuestionAction::held, desk.authors.empty() ? desk.post.author.handle : desk.authors.front(),
        fmt::format("{} ({}): {}", desk.post.author.handle, why, desk.words)});
}

bool is_word_end(std::string_view text, std::size_t at) {
  if (at >= text.size()) return true;
  const auto c = static_cast<unsigned char>(text[at]);
  return c < 0x80 && !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '@');
}

/// "@kim" anywhere, or "Kim, …", "Kim: …", "Kim?" in front.
bool says_name(std::string_view text, std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    const bool free =
        at == 0 || std::string_view{" \n\t(,:"}.find(text[at - 1]) != std::string_view::npos;
    if (free && text.substr(at + 1).starts_with(name) && is_word_end(text, at + 1 + name.size()))
      return true;
  }
  if (!text.starts_with(name) || text.size() == name.size()) return false;
  const std::string_view rest = trim(text.substr(name.size()));
  const bool mark = text[name.size()] != ' ' || rest.starts_with('-') || rest.starts_with('?');
  return is_word_end(text, name.size()) && mark && !rest.empty() &&
         std::string_view{",:?!-"}.find(rest.front()) != std::string_view::npos;
}

/// The person whom the words name, else the first of To and Cc who is not the asker's side.
std::string named_person(const Desk& desk, const std::string& asker) {
  const std::string text = to_lower_ascii(desk.words.substr(0, kNamesIn));
  Question probe;
  probe.from = asker;
  const auto may = [&](const Person& person) {
    return !speaks_for_asker(probe, person.id, desk.parties);
  };
  std::vector<std::string> found;
  for (const Person& person : desk.rules.config->people) {
    const std::string name = to_lower_ascii(person.name);
    const std::string first = name.substr(0, name.find(' '));
    if (may(person) && (says_name(text, to_lower_ascii(person.id)) || says_name(text, name) ||
                        (first.size() > 1 && says_name(text, first))))
      found.push_back(person.id);
  }
  if (found.size() == 1) return found.front();
  for (const std::string& address : desk.post.addressed) {
    for (const Person& person : desk.rules.config->people) {
      if (has_mail(person, address) && may(person)) return person.id;
    }
  }
  return found.empty() ? "" : found.front();
}

/// The case that a forward or a reply speaks of.
std::optional<Case> case_of_mail(const Desk& desk, const ForwardedHead& head) {
  const Post& post = desk.post;
  std::optional<CaseRecord> record;
  for (const std::string* id : {&post.in_reply_to, &post.conversation}) {
    if (record || id->empty()) continue;
    if (id->starts_with("case-"))
      record = desk.writer.case_by_id(id->substr(5, id->find_first_of(".@", 5) - 5));
    for (const SourceConfig& source : desk.rules.config->sources) {
      const auto known = record ? std::nullopt : desk.writer.known(source.name, *id);
      if (known && !known->case_id.empty()) record = desk.writer.case_by_id(known->case_id);
    }
  }
  if (!record && !head.address.empty()) {
    const auto customer = desk.writer.customer_by_identity("mail:" + head.address);
    const auto cases = customer ? desk.writer.cases_of(customer->id, "", desk.now() - kCaseLife, 1)
                                : std::vector<CaseRecord>{};
    if (!cases.empty()) record = cases.front();
  }
  return record ? std::optional{load_case(*record)} : std::nullopt;
}

/// "Fwd: WG: No heat" -> "No heat"
std::string bare_subject(std::string_view subject) {
  for (bool cut = true; cut;) {
    cut = false;
    subject = trim(subject);
    const std::size_t colon = subject.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 5) break;
    static constexpr std::string_view kMarks[] = {
        "fwd",  "fw",  "wg",  "re", "aw", "tr", "rv", "i",   "rif", "r",   "doorst",
        "antw", "enc", "res", "vs", "sv", "vb", "pd", "odp", "ynt", "ilt", "vl"};
    const std::string mark = to_lower_ascii(trim(subject.substr(0, colon)));
    if (std::ranges::find(kMarks, mark) == std::end(kMarks)) break;
    subject.remove_prefix(colon + 1);
    cut = true;
  }
  // Nor our own tags.
  for (const char* mark : {"[?", "[#"}) {
    const std::size_t at = subject.find(mark);
    if (at != std::string_view::npos && subject.ends_with(']'))
      subject = trim(subject.substr(0, at));
  }
  return std::string{trim(subject)};
}

bool may_ask(const Desk& desk) {
  return !desk.authors.empty() &&
         (desk.policy.askers.empty() ||
          std::ranges::any_of(desk.authors, [&](const std::string& id) {
            return std::ranges::find(desk.policy.askers, id) != desk.policy.askers.end();
          }));
}

/// The mail is to one of the addresses that ask, or comes from the mailbox that does.
bool is_to_us(const Desk& desk) {
  if (!desk.policy.source.empty() && desk.post.source == desk.policy.source) return true;
  return std::ranges::any_of(desk.post.addressed, [&](const std::string& address) {
    const std::string plain = address.substr(0, std::min(address.find('+'), address.find('@'))) +
                              address.substr(std::min(address.find('@'), address.size()));
    return std::ranges::find(desk.policy.addresses, address) != desk.policy.addresses.end() ||
           std::ranges::find(desk.policy.addresses, plain) != desk.policy.addresses.end();
  });
}

/// The asker learns why nothing was asked.
void tell_refusal(Desk& desk, const Question& draft, const Refusal& why) {
  Letter letter;
  letter.person = draft.from;
  letter.address = desk.post.author.handle;
  letter.headline = "Your question was not put: " + draft.subject;
  letter.text =
      why.text +
      (why.field == "to" ? " Write \"@name\" on top, or put them into Cc, and send it again." : "");
  letter.key = "refused/" + hash128_hex(desk.post.id);
  letter.thread = "question-" + draft.id;
  letter.answers = desk.post.id;
  desk.effects.send_letter(letter);
}

bool ask(Desk& desk, const std::optional<Case>& about, const ForwardedHead& head, bool by_reply) {
  Question draft;
  draft.id = fresh_question_id(desk.writer, desk.effects.chance());
  draft.from = desk.authors.front();
  draft.from_mail = desk.post.author.handle;
  draft.text = desk.words;
  draft.subject = bare_subject(head.subject.empty() ? desk.post.title : head.subject);
  draft.item = without_trailers(
      std::string_view{desk.post.quoted}.substr(std::min(head.at, desk.post.quoted.size())));
  draft.asked_by_mail = desk.post.id;
  if (about) {
    draft.case_id = about->id;
    draft.case_number = about->number;
    if (by_reply) draft.item = about->excerpt;
    if (by_reply) draft.subject = about->title;
  }
  draft.to = named_person(desk, draft.from);
  if (draft.to.empty()) {
    Post item = desk.post;
    item.text = draft.item;
    draft.to = whom_to_ask(desk.rules, about, &item, draft.from);
  }
  if (by_reply && draft.to.empty()) return false;
  const QuestionDone done = ask_question(draft, "mail", desk.now(), desk.policy, desk.parties);
  if (done.refusal) {
    tell_refusal(desk, draft, *done.refusal);
  } else {
    store_question(desk.writer, desk.rules, desk.effects, done);
    remember_mail(desk, done.after.id);
  }
  return true;
}

/// A reply to a message of ours about a case whose words ask.
std::optional<Case> alert_answered(const Desk& desk) {
  if (read_reply(desk.words).kind != ReplyKind::question || desk.words.empty()) return std::nullopt;
  const std::string& parent = desk.post.in_reply_to;
  const std::string local = parent.substr(0, parent.find('@'));
  if (local.starts_with("case-")) {
    const std::string id = local.substr(5, local.find('.') - 5);
    const auto record = desk.writer.case_by_id(id);
    const std::vector<OutboxRow> rows =
        record ? desk.writer.outbox_of(id) : std::vector<OutboxRow>{};
    const bool ours =
        std::ranges::any_of(rows, [&](const OutboxRow& row) { return row.message_id == local; });
    if (ours) return load_case(*record);
  }
  const SubjectTag tag = subject_tag(desk.post.title);
  const auto record = tag.number > 0 ? desk.writer.case_by_number(tag.number) : std::nullopt;
  for (const std::string& author : desk.authors) {
    if (record && is_reply_tag(tag.tag, desk.effects.key(), record->id, author))
      return load_case(*record);
  }
  return std::nullopt;
}

/// What the asker's side writes in the thread.
bool asker_writes(Desk& desk, const Question& before, const std::string& who) {
  if (!desk.post.quoted.empty() && may_ask(desk)) {
    const std::string named = named_person(desk, before.from);
    const bool other = !named.empty() && std::ranges::find(before.line, named) == before.line.end();
    if (other) {  // the same matter, somebody else is asked
      const auto record = desk.writer.case_by_id(before.case_id);
      return ask(desk, record ? std::optional{load_case(*record)} : std::nullopt,
                 forwarded_head(desk.post.quoted), false);
    }
  }
  const std::string& text = desk.words;
  if (text.empty()) return true;
  std::vector<std::string> names;
  for (const Person& person : desk.rules.config->people) {
    names.push_back(person.name);
    names.push_back(person.id);
  }
  const AskerReply reply = read_asker(text, names);
  if (reply == AskerReply::withdraw && before.owed())
    return move(desk, before, {QuestionAction::withdraw, who, text}), true;
  if (reply != AskerReply::again && before.state == QuestionState::answered)
    return move(desk, before, {QuestionAction::accept, who, text}), true;
  const bool asks = !before.owed() && reply == AskerReply::again;
  move(desk, before, {asks ? QuestionAction::again : QuestionAction::add, who, text});
  return true;
}

/// A mail in the thread of a question.
bool go_on(Desk& desk, const Question& before) {
  if (desk.authors.empty()) {
    hold(desk, before, "an address that is nobody's");
    return false;  // it may be a customer's: the usual way reads it too
  }
  remember_mail(desk, before.id);
  if (too_many(desk)) {
    hold(desk, before, "too many mails within an hour");
    tell_of_flood(desk);
    return true;
  }
  if (is_absence_subject(desk.post.title)) {
    hold(desk, before, "an absence note by its subject");
    return true;
  }
  for (const std::string& who : desk.authors) {
    if (speaks_for_asker(before, who, desk.parties)) return asker_writes(desk, before, who);
  }
  for (const std::string& who : desk.authors) {
    if (std::ranges::find(before.line, who) == before.line.end()) continue;
    const bool open = before.owed() || before.state == QuestionState::answered;
    QuestionAction action = open ? QuestionAction::answer : QuestionAction::add;
    if (before.owed() && only_seen(desk.words)) action = QuestionAction::seen;
    move(desk, before, {action, who, desk.words});
    return true;
  }
  move(desk, before, {QuestionAction::add, desk.authors.front(), desk.words});
  return true;
}

}  // namespace

bool take_question_mail(StoreWriter& writer, const Post& post, const Rules& rules,
                        Effects& effects) {
  if (post.channel != Channel::email || post.automatic != Automatic::none) return false;
  if (is_our_own(post, rules)) return true;
  Desk desk{writer,
            post,
            rules,
            effects,
            rules.config->questions,
            parties_of(*rules.config),
            authors_of(post, rules),
            {}};
  const Party self = desk.parties(desk.authors.empty() ? "" : desk.authors.front());
  desk.words = without_sign_off(without_sign_off(post.text, post.author.name), self.name);
  if (const auto before = thread_of(desk)) {
    if (!from_ourselves(desk)) return go_on(desk, *before);
    hold(desk, *before, "our own address");
    return true;
  }
  if (!may_ask(desk) || from_ourselves(desk) || is_absence_subject(post.title)) return false;
  const bool to_us = is_to_us(desk);
  std::optional<Case> about;
  if (!to_us && !(about = alert_answered(desk))) return false;
  if (too_many(desk)) {
    tell_of_flood(desk);
    return true;
  }
  const ForwardedHead head = forwarded_head(post.quoted);
  if (to_us) about = case_of_mail(desk, head);
  return ask(desk, about, head, !to_us);
}

}  // namespace earshot
