// A person's command on a case, inside the transaction: every door comes through here.
#include <fmt/format.h>

#include "assign.hpp"
#include "earshot/cases/arguments.hpp"
#include "earshot/cases/verification.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/utf8.hpp"
#include "effects.hpp"

namespace earshot {
namespace {

constexpr std::size_t kEntriesRead = 5000;  // of one case, to see what had been done before

ActAnswer refused(const Case& it, std::string code, std::string text) {
  return {ActAnswer::Kind::refused, it, Refusal{std::move(code), std::move(text), {}, "into"}};
}

/// Whoever acknowledges owns, unless the team's strategies give a page to somebody else (a queued
/// case was given when it opened): that stands in the ledger with its reasons, in the same
/// transaction.
void hand_on(StoreWriter& writer, const Rules& rules, Instant now, const Case& before,
             const Command& command, std::vector<Event>& events) {
  if (command.action != Action::ack || events.empty() || !before.owner.empty()) return;
  if (before.urgency != Urgency::page) return;
  const Assignment chosen = assignment_for(writer, rules, before, now);
  if (chosen.person.empty()) return;
  remember_turn(writer, before.team, chosen.person, now);
  if (chosen.person == command.who) return;
  std::string why;
  for (const std::string& reason : chosen.reasons) why += (why.empty() ? "" : " ") + reason;
  events.push_back({EventKind::assigned,
                    "assign",
                    now,
                    {{"person", chosen.person},
                     {"reason", why},
                     {"decays_at", to_rfc3339(now + rules.config->follow_through.ack_decay)}}});
}

/// A case is given to people who are there.
std::optional<Refusal> check_person(const Rules& rules, const Command& command) {
  if (command.action != Action::assign && command.action != Action::help) return std::nullopt;
  const std::string person = argument(command.args, "person");
  if (person.empty() || rules.person(person) != nullptr) return std::nullopt;
  return Refusal{
      "no_person", fmt::format("Nobody has the id \"{}\".", cut_utf8(person, 80)), {}, "person"};
}

/// After a case came back: was this done before already?
std::optional<Refusal> check_news(StoreReader& reader, const Case& before, const Command& command) {
  if (command.action != Action::feedback || before.reopened == 0) return std::nullopt;
  LedgerQuery query;
  query.case_id = before.id;
  query.limit = kEntriesRead;
  std::vector<std::string> done;
  std::size_t failed = 0;  // of them, those that the case came back after
  for (const LedgerEntry& entry : reader.ledger(query)) {
    if (entry.kind == to_word(EventKind::reopened)) failed = done.size();
    if (entry.kind != to_word(EventKind::feedback_given)) continue;
    const auto event = event_from_json(entry.kind, entry.who, entry.at, entry.data);
    if (event && event->data.contains("done")) done.push_back(event->data.at("done"));
  }
  done.resize(failed);
  return repeats_what_failed(command.args, done);
}

}  // namespace

ActAnswer act_on(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
                 const std::string& case_id, const Command& command,
                 std::optional<std::int64_t> version) {
  const auto record = writer.case_by_id(case_id);
  if (!record) return {ActAnswer::Kind::not_found, {}, {}};
  const Case before = load_case(*record);
  if (version && *version != before.version) return {ActAnswer::Kind::conflict, before, {}};
  std::optional<Case> into;
  if (command.action == Action::merge) {
    const auto found = command.args.find("into");
    const auto target =
        found == command.args.end() ? std::nullopt : writer.case_by_id(found->second);
    if (!target) return refused(before, "into_missing", "The case that stays is not here.");
    into = load_case(*target);
    if (into->ended())
      return refused(before, "into_ended", "The case that stays has ended; reopen it first.");
  }
  if (auto nobody = check_person(rules, command))
    return {ActAnswer::Kind::refused, before, std::move(nobody)};
  Applied applied = apply(before, command, chance.now, rules.config->follow_through);
  if (!applied.ok()) return {ActAnswer::Kind::refused, before, std::move(applied.refusal)};
  if (auto repeated = check_news(writer, before, command))
    return {ActAnswer::Kind::refused, before, std::move(repeated)};
  if (applied.events.empty())
    return {ActAnswer::Kind::done, before, {}};  // asked twice: the same answer
  hand_on(writer, rules, chance.now, before, command, applied.events);
  Effects effects{writer, rules, key, chance};
  Case folded = fold_all(before, applied.events);
  if (planted<12> && command.action == Action::ack)
    return {ActAnswer::Kind::done, std::move(folded), {}};
  Case after = effects.commit(before, std::move(folded), std::move(applied.events));
  if (into) {
    for (const StoredPost& post : writer.posts_of(case_id)) writer.attach_post(post.seq, into->id);
    // What the merge did may have touched it: it leads the storm that the other one led.
    into = load_case(*writer.case_by_id(into->id));
    const Command join{
        Action::join, command.who, {{"post", case_id}, {"customer", before.customer}}};
    Applied joined = apply(*into, join, chance.now, rules.config->follow_through);
    Case grown = fold_all(*into, joined.events);
    if (joined.ok()) effects.commit(*into, std::move(grown), std::move(joined.events));
  }
  return {ActAnswer::Kind::done, std::move(after), {}};
}

}  // namespace earshot
