#include "aid.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "applied.hpp"
#include "earshot/cases/arguments.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

Applied help(const Case& it, const Command& command, Instant now) {
  if (it.ended()) return refuse("ended", fmt::format("This case is {}.", to_word(it.state)));
  const std::string person = argument(command.args, "person");
  if (person.empty()) return refuse("person_missing", "Say whose help you want.", "person");
  if (person == it.owner) return refuse("owner_already", person + " has the case.", "person");
  const bool asked = std::ranges::find(it.helpers, person) != it.helpers.end();
  if (asked) return {};
  return one(command, now, EventKind::helper_added,
             {{"person", person}, {"reason", argument(command.args, "reason")}});
}

/// "for" a span or "until" a time.
std::optional<Instant> snooze_end(const Command& command, Instant now) {
  if (const auto span = parse_duration(argument(command.args, "for"))) return now + *span;
  if (const auto until = parse_rfc3339(argument(command.args, "until"))) return *until;
  return std::nullopt;
}

Applied snooze(const Case& it, const Command& command, Instant now, const CasePolicy& policy) {
  if (it.state != CaseState::acknowledged)
    return refuse("not_acknowledged", "Only a case that somebody has taken can be snoozed.");
  if (it.owner != command.who)
    return refuse("not_yours", fmt::format("{} has it. Take it over instead.", it.owner));
  const std::string reason = argument(command.args, "reason");
  if (reason.empty()) return refuse("reason_missing", "Say why it can wait.", "reason");
  const auto until = snooze_end(command, now);
  if (!until || *until <= now)
    return refuse("until_wrong", "Say for how long (30m, 2h) or until when.", "until");
  if (*until > now + policy.snooze_most)
    return refuse(
        "too_long",
        fmt::format("A case can be snoozed for {} at the longest.", to_text(policy.snooze_most)),
        "until");
  return one(command, now, EventKind::snoozed, {{"until", to_rfc3339(*until)}, {"reason", reason}});
}

Applied hold(const Case& it, const Command& command, Instant now, bool set) {
  const std::string reason = argument(command.args, "reason");
  if (reason.empty()) return refuse("reason_missing", "Say why; it is kept.", "reason");
  if (set == !it.hold.empty()) {
    if (set) return {};
    return refuse("not_held", "There is no legal hold on this case.");
  }
  return one(command, now, set ? EventKind::held : EventKind::released, {{"reason", reason}});
}

/// The customer is waited for: what the house has promised to solve stands still meanwhile.
Applied wait(const Case& it, const Command& command, Instant now) {
  if (it.ended()) return refuse("ended", fmt::format("This case is {}.", to_word(it.state)));
  if (it.owner.empty())
    return refuse("owner_missing", "Nobody has the case yet. Acknowledge it first.");
  if (it.waiting_since) return {};
  const std::string reason = argument(command.args, "reason");
  if (reason.empty()) return refuse("reason_missing", "Say what the customer owes us.", "reason");
  return one(command, now, EventKind::waiting, {{"reason", reason}});
}

Applied go_on(const Case& it, const Command& command, Instant now) {
  if (!it.waiting_since) return refuse("not_waiting", "The customer is not being waited for.");
  return one(command, now, EventKind::went_on, {{"reason", argument(command.args, "reason")}});
}

/// What a person knows better than the classifier; any of it may be left open.
Applied teach(const Command& command, Instant now) {
  const std::string complaint = argument(command.args, "complaint");
  std::string urgent = argument(command.args, "urgent");
  std::string label = argument(command.args, "label");
  const auto answer = [](const std::string& word) {
    return word.empty() || word == "yes" || word == "no";
  };
  if (!answer(complaint)) return refuse("complaint_wrong", "complaint is yes or no.", "complaint");
  if (!answer(urgent)) return refuse("urgent_wrong", "urgent is yes or no.", "urgent");
  if (label == "not_worth_waking") urgent = "no";
  if (label.empty()) {
    if (complaint.empty() && urgent.empty() && argument(command.args, "withdraw") != "yes")
      return refuse("label_missing", "Say complaint: yes or no, urgent: yes or no, or both.",
                    "label");
    label = urgent == "no" && complaint != "no"   ? "not_worth_waking"
            : complaint.empty() && urgent.empty() ? "withdrawn"
                                                  : "label";
  } else if (label != "not_worth_waking") {
    return refuse("label_wrong", "label is not_worth_waking.", "label");
  }
  return one(command, now, EventKind::taught,
             {{"label", label},
              {"complaint", complaint},
              {"urgent", urgent},
              {"note", argument(command.args, "note")}});
}

}  // namespace

std::optional<Refusal> held_back(const Case& it) {
  if (it.hold.empty()) return std::nullopt;
  return Refusal{"held", "The case is under a legal hold: " + it.hold, {}, {}};
}

Applied apply_aid(const Case& it, const Command& command, Instant now, const CasePolicy& policy) {
  switch (command.action) {
    case Action::help:
      return help(it, command, now);
    case Action::snooze:
      return snooze(it, command, now, policy);
    case Action::hold:
      return hold(it, command, now, true);
    case Action::release:
      return hold(it, command, now, false);
    case Action::wait:
      return wait(it, command, now);
    case Action::go_on:
      return go_on(it, command, now);
    default:
      return teach(command, now);
  }
}

}  // namespace earshot
