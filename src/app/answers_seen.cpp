#include "answers_seen.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kKeptWords = 2000;

bool among(const std::vector<std::string>& list, std::string_view account) {
  return std::ranges::any_of(
      list, [&](const std::string& known) { return equals_ignoring_case(known, account); });
}

std::string host_of(std::string_view url) {
  const std::size_t from = url.find("://");
  if (from == std::string_view::npos) return {};
  url.remove_prefix(from + 3);
  return std::string{url.substr(0, url.find_first_of("/:?"))};
}

bool is_official(const Post& post, const Rules& rules, const std::string& place,
                 const std::string& whole) {
  const auto& official = rules.config->watch.company.official;
  const auto list = official.find(place);
  return list != official.end() &&
         (among(list->second, post.author.handle) || among(list->second, whole) ||
          among(list->second, post.author.id));
}

std::string mail_spokesman(const Post& post, const Rules& rules) {
  const std::string& address = post.author.handle;
  if (is_official(post, rules, "mail", address)) return "official";
  for (const Principal& principal : rules.config->watch.principals) {
    if (among(principal.mail, address)) return principal.id;
  }
  for (const Person& person : rules.config->people) {
    for (const Contact& contact : person.contact) {
      if (contact.kind == ContactKind::mail && equals_ignoring_case(contact.value, address))
        return person.id;
    }
  }
  return {};
}

/// The case of the post that this one answers, or of its conversation.
std::optional<CaseRecord> answered_case(StoreReader& reader, const Post& post, const Rules& rules) {
  std::vector<std::string> sources{post.source};
  if (post.channel == Channel::email) {  // the Sent folder is a source of its own
    for (const SourceConfig& it : rules.config->sources) {
      if (it.type == "imap" && it.name != post.source) sources.push_back(it.name);
    }
  }
  for (const std::string* id : {&post.in_reply_to, &post.conversation}) {
    if (id->empty() || *id == post.id) continue;
    for (const std::string& source : sources) {
      const auto known = reader.known(source, *id);
      if (known && !known->case_id.empty()) return reader.case_by_id(known->case_id);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string spokesman_of(const Post& post, const Rules& rules) {
  if (post.author.handle.empty()) return {};
  if (post.channel == Channel::email) return mail_spokesman(post, rules);
  const SourceConfig* source = rules.source(post.source);
  if (source == nullptr) return {};
  const bool local = post.author.handle.find('@') == std::string::npos;
  const std::string whole =
      local ? post.author.handle + "@" + host_of(source->url) : post.author.handle;
  if (is_official(post, rules, source->type, whole)) return "official";
  for (const Principal& principal : rules.config->watch.principals) {
    if (among(principal.handles, post.author.handle) || among(principal.handles, whole))
      return principal.id;
  }
  return {};
}

std::optional<std::string> take_answer(StoreWriter& writer, const Post& post, const Rules& rules,
                                       Effects& effects) {
  if (post.automatic != Automatic::none || post.deleted) return std::nullopt;
  if (post.in_reply_to.empty() && post.conversation.empty()) return std::nullopt;
  const std::string who = spokesman_of(post, rules);
  if (who.empty()) return std::nullopt;
  const auto record = answered_case(writer, post, rules);
  if (!record || record->ended) return std::nullopt;
  const Case it = load_case(*record);
  // A reply that went out from here has been written down already.
  if (!it.answer_link.empty() && (it.answer_link == post.url || it.answer_link == post.id))
    return it.id;
  // Mail among colleagues about the matter is no answer to the customer.
  if (post.channel == Channel::email && !among(post.addressed, it.customer_handle))
    return std::nullopt;
  const Instant now = effects.chance().now;
  const Instant when = std::min(post.created_at.value_or(now), now);
  const Command seen{
      Action::answer_seen,
      who,
      {{"text", std::string{cut_utf8(post.text.empty() ? "(no words)" : post.text, kKeptWords)}},
       {"link", post.url},
       {"at", to_rfc3339_ms(std::max(when, it.posted_at))}}};
  act_on(writer, rules, effects.key(), effects.chance(), it.id, seen, std::nullopt);
  return it.id;
}

void take_back(StoreWriter& writer, const Rules& rules, Effects& effects, const std::string& source,
               const std::string& native_id) {
  const auto known = writer.known(source, native_id);
  if (!known) return;
  const auto before = writer.post(known->seq);
  if (!before || before->post.deleted) return;
  writer.mark_deleted(known->seq, effects.chance().now);
  if (known->case_id.empty()) return;
  const auto record = writer.case_by_id(known->case_id);
  if (!record) return;
  const Case it = load_case(*record);
  const bool first =
      !before->post.url.empty() ? before->post.url == it.url : writer.posts_of(it.id).size() == 1;
  const Command gone{
      Action::retract, "customer", {{"post", native_id}, {"first", first ? "yes" : "no"}}};
  act_on(writer, rules, effects.key(), effects.chance(), it.id, gone, std::nullopt);
}

void note_edited(StoreWriter& writer, Effects& effects, const Post& post,
                 const std::string& case_id) {
  JsonWriter data;
  data.object();
  data.field("source", post.source);
  data.field("post", post.id);
  data.end();
  writer.append_ledger(
      {0, effects.chance().now, "customer", "post_edited", case_id, data.take(), ""});
}

}  // namespace earshot
