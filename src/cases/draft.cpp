#include "earshot/cases/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostBytes = 20'000;  // of a part
constexpr std::size_t kShown = 500;         // of the customer's words, in the letter

bool holds(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

DraftDone refused(std::string code, std::string text, std::vector<std::string> missing = {},
                  std::string field = {}) {
  DraftDone out;
  out.refusal = Refusal{std::move(code), std::move(text), std::move(missing), std::move(field)};
  return out;
}

struct Desk {
  const std::optional<Draft>& before;
  const DraftCommand& command;
  const Case& about;
  const DraftRules& rules;
  Instant now;
  const CasePolicy& policy;

  bool state(DraftState word) const { return before && before->state == word; }
  std::optional<Refusal> bad_words() const {
    Refusal out{"draft_bad", "The words cannot go out like this:", {}, ""};
    for (const LintFinding& it : check_draft(before->parts, rules.basis, policy)) {
      if (it.level != LintLevel::bad) continue;
      out.missing.push_back(it.code);
      out.text += " " + it.text;
    }
    return out.missing.empty() ? std::nullopt : std::optional{out};
  }
  bool may_approve(const std::string& person) const {
    return holds(rules.people, person) &&
           (rules.approvers.empty() || holds(rules.approvers, person));
  }
};

/// Why this person's yes would be no second person's; nullopt where it counts.
std::optional<Refusal> no_approver(const Desk& desk, const std::string& person,
                                   std::string_view field) {
  if (holds(desk.before->writers, person))
    return Refusal{"own_words",
                   fmt::format("{} wrote these words; another person approves them.", person),
                   {},
                   std::string{field}};
  if (!desk.may_approve(person))
    return Refusal{"not_yours",
                   fmt::format("{} is nobody who approves replies.", printable(person)),
                   {},
                   std::string{field}};
  return std::nullopt;
}

std::string letter_text(const Desk& desk, const Draft& it) {
  std::string out =
      fmt::format("{} asks you to approve a reply to {}, {}{}.\n\n\"{}\"\n\nThe reply:\n\n{}\n",
                  it.by, printable(desk.about.customer_handle),
                  desk.rules.basis.place.is_public ? "in public" : "in private",
                  it.version > 1 ? fmt::format(" (version {})", it.version) : "",
                  printable(cut_utf8(desk.about.excerpt, kShown)),
                  reply_text(it.parts, desk.rules.basis.place));
  for (const LintFinding& found : check_draft(it.parts, desk.rules.basis, desk.policy))
    out += "\n! " + found.text;
  return out + fmt::format("\nearshot draft approve {0}\nearshot draft refuse {0} --remark …\n",
                           desk.about.number);
}

DraftDone write(const Desk& desk) {
  const DraftParts& parts = desk.command.parts;
  const auto long_part = [](const std::string& part) { return part.size() > kMostBytes; };
  if (parts == DraftParts{}) return refused("draft_empty", "There are no words.");
  if (long_part(parts.truth) || long_part(parts.owner) || long_part(parts.change))
    return refused("draft_long", "A part may have 20,000 bytes.");
  if (desk.before && desk.before->under_way())
    return refused("under_way", "What was approved is being sent just now.");
  const bool goes_on = desk.before && desk.before->state != DraftState::sent;
  if (goes_on && desk.before->parts == parts) return {*desk.before};
  Draft after;
  after.case_id = desk.about.id;
  after.version = desk.before ? desk.before->version + 1 : 1;
  if (goes_on) after.writers = desk.before->writers;
  if (!holds(after.writers, desk.command.who)) after.writers.push_back(desk.command.who);
  after.parts = parts;
  after.by = desk.command.who;
  after.saved_at = desk.now;
  const bool said = goes_on && desk.before->state == DraftState::writing;
  return {std::move(after), true, said ? "" : "draft_write"};
}

DraftDone ask(const Desk& desk) {
  if (!desk.state(DraftState::writing) && !desk.state(DraftState::asked))
    return refused("not_writing", "Only words that nobody has judged yet can be shown.");
  if (auto bad = desk.bad_words()) return {{}, false, "", {}, std::move(bad)};
  const std::string person =
      desk.command.person.empty() ? desk.rules.usual_approver : desk.command.person;
  if (person.empty()) return refused("person_missing", "Say whom.", {}, "person");
  if (auto no = no_approver(desk, person, "person")) return {{}, false, "", {}, std::move(no)};
  Draft after = *desk.before;
  if (after.state == DraftState::asked && after.asked == person) return {after};
  after.state = DraftState::asked;
  after.asked = person;
  DraftLetter letter{person, fmt::format("Approve a reply: case {}", desk.about.number),
                     letter_text(desk, after)};
  return {std::move(after), true, "draft_ask", {std::move(letter)}};
}

DraftDone approve(const Desk& desk) {
  if (desk.state(DraftState::approved) && desk.before->approver == desk.command.who)
    return {*desk.before};
  if (!desk.state(DraftState::asked))
    return refused("not_asked", "Nobody has asked for approval of these words.");
  if (auto no = no_approver(desk, desk.command.who, "")) return {{}, false, "", {}, std::move(no)};
  if (auto bad = desk.bad_words()) return {{}, false, "", {}, std::move(bad)};
  Draft after = *desk.before;
  after.state = DraftState::approved;
  after.approver = desk.command.who;
  DraftLetter letter{
      after.by, fmt::format("Approved: your reply, case {}", desk.about.number),
      fmt::format("{} approved it.{}", after.approver,
                  desk.rules.basis.place.sends
                      ? fmt::format(" Send it: earshot draft send {}\n", desk.about.number)
                      : " Nothing is sent from here: copy the words.\n")};
  return {std::move(after), true, "draft_approve", {std::move(letter)}};
}

DraftDone refuse(const Desk& desk) {
  if (!desk.state(DraftState::asked) && !desk.state(DraftState::approved))
    return refused("not_asked", "Nobody has asked for approval of these words.");
  if (auto no = no_approver(desk, desk.command.who, "")) return {{}, false, "", {}, std::move(no)};
  if (desk.command.remark.empty())
    return refused("remark_missing", "Say what should be different.", {}, "remark");
  Draft after = *desk.before;
  after.state = DraftState::refused;
  after.approver = desk.command.who;
  after.remark = desk.command.remark;
  DraftLetter letter{after.by, fmt::format("Sent back: your reply, case {}", desk.about.number),
                     fmt::format("{}: {}\n", after.approver, after.remark)};
  return {std::move(after), true, "draft_refuse", {std::move(letter)}};
}

DraftDone send(const Desk& desk) {
  const bool again = desk.state(DraftState::sent);
  if (again && desk.before->delivery != DraftDelivery::failed &&
      desk.before->delivery != DraftDelivery::uncertain)
    return {*desk.before};  // asked twice: the same answer
  if (!again && !desk.state(DraftState::approved))
    return refused("not_approved", "One other person approves it first.", {"approval"});
  if (!desk.rules.basis.place.sends)
    return refused("not_configured", "Nothing is sent from here: copy the words.");
  if (desk.about.owner.empty())
    return refused("owner_missing", "Nobody has the case. Acknowledge it first.", {"owner"});
  const std::string& who = desk.command.who;
  const bool theirs = holds(desk.before->writers, who) || who == desk.before->approver ||
                      who == desk.about.owner || desk.command.manager;
  if (!theirs)
    return refused("not_yours", "Who wrote it, who approved it and who owns the case send it.");
  if (auto bad = desk.bad_words()) return {{}, false, "", {}, std::move(bad)};
  Draft after = *desk.before;
  after.state = DraftState::sent;
  after.text = reply_text(after.parts, desk.rules.basis.place);
  after.sent_by = who;
  after.sent_at = desk.now;
  ++after.attempt;
  after.delivery = DraftDelivery::queued;
  after.detail.clear();
  return {std::move(after), true, "draft_send"};
}

}  // namespace

std::string reply_text(const DraftParts& parts, const DraftPlace& place) {
  std::string out = place.mention.empty() ? "" : place.mention + " ";
  const std::string_view gap = place.channel == "email" ? "\n\n" : " ";
  bool first = true;
  for (const std::string* part : {&parts.truth, &parts.owner, &parts.change}) {
    const std::string_view words = trim(*part);
    if (words.empty()) continue;
    if (!first) out += gap;
    out += words;
    first = false;
  }
  return out;
}

DraftDone apply_draft(const std::optional<Draft>& before, const DraftCommand& command,
                      const Case& about, const DraftRules& rules, Instant now,
                      const CasePolicy& policy) {
  if (auto held = held_back(about)) return {{}, false, "", {}, std::move(held)};
  // Who was called back and is content may still want to hear what became of a change.
  if (about.ended() && about.state != CaseState::closed)
    return refused("ended", fmt::format("This case is {}. Reopen it first.", to_word(about.state)));
  if (command.version != 0 && (!before || before->version != command.version))
    return refused("version", "Somebody has changed the draft meanwhile. Read it again.");
  if (command.action != DraftAction::write && !before)
    return refused("no_draft", "There is no draft yet.");
  const Desk desk{before, command, about, rules, now, policy};
  switch (command.action) {
    case DraftAction::write:
      return write(desk);
    case DraftAction::ask:
      return ask(desk);
    case DraftAction::approve:
      return approve(desk);
    case DraftAction::refuse:
      return refuse(desk);
    case DraftAction::send:
      return send(desk);
  }
  return {};
}

DraftDone draft_arrived(Draft it, std::string link) {
  it.delivery = DraftDelivery::delivered;
  it.link = std::move(link);
  return {std::move(it), true, "draft_delivered"};
}

DraftDone draft_lost(Draft it, DraftDelivery how, std::string why, const Case& about) {
  it.delivery = how;
  it.detail = std::move(why);
  const bool unknown = how == DraftDelivery::uncertain;
  DraftLetter letter{
      it.sent_by,
      fmt::format("{}: your reply, case {}", unknown ? "It may have arrived" : "Not sent",
                  about.number),
      fmt::format("{}\n{}\n", it.detail,
                  unknown ? "Look whether it is there. If not, send it again: it has the same "
                            "Message-ID, so mail programs show it once."
                          : "The customer has not been answered.")};
  return {std::move(it), true, unknown ? "draft_uncertain" : "draft_failed", {std::move(letter)}};
}

}  // namespace earshot
