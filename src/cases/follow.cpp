#include "follow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "applied.hpp"
#include "earshot/cases/arguments.hpp"
#include "earshot/cases/authority.hpp"
#include "earshot/cases/failure.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

Applied call_to(const Case& it, const Command& command, Instant now) {
  if (it.state != CaseState::verifying || !it.verification_needed)
    return refuse("no_call", "No call-back is due.");
  const std::string person = argument(command.args, "person");
  const std::string reason = argument(command.args, "reason");
  if (person.empty()) return refuse("person_missing", "Say who rings.", "person");
  if (reason.empty()) return refuse("reason_missing", "Say why they ring.", "reason");
  if (it.caller_named && it.caller == person) return {};
  if (it.caller_named && (person == it.owner || (it.feedback && person == it.feedback->by)))
    return refuse("own_work",
                  "Whoever has the case or wrote the feedback does not ring for it; name somebody "
                  "else.",
                  "person");
  return one(command, now, EventKind::call_given, {{"person", person}, {"reason", reason}});
}

Applied grant(const Case& it, const Command& command, Instant now, const CasePolicy& policy) {
  if (it.state == CaseState::merged)
    return refuse("merged", fmt::format("This case was merged into {}.", it.merged_into));
  const std::string kind = argument(command.args, "kind");
  const std::string amount = argument(command.args, "amount");
  const std::string reason = argument(command.args, "reason");
  if (kind.empty()) return refuse("kind_missing", "Say what is granted, such as refund.", "kind");
  if (!money_of(amount))
    return refuse("amount_wrong", "Say the amount with its currency, such as 180 EUR.", "amount");
  const std::string limit = limit_of(policy, command.who, kind);
  const bool allowed = within(amount, limit);
  Arguments data{{"kind", kind}, {"amount", amount}, {"limit", limit}, {"reason", reason}};
  if (command.action == Action::ask_grant) {
    data.emplace("allowed", allowed ? "yes" : "no");
    return one(command, now, EventKind::grant_asked, std::move(data));
  }
  if (!allowed && reason.empty())
    return refuse("reason_missing",
                  limit.empty()
                      ? fmt::format("You may not grant a {} without asking: say why you do.", kind)
                      : fmt::format("It is beyond {}: say why.", limit),
                  "reason");
  data.emplace("beyond", allowed ? "no" : "yes");
  return one(command, now, EventKind::granted, std::move(data));
}

/// Each kind of failure lifts a case once. A fresh one begins at its first step: those above are
/// told besides.
Applied fail(const Case& it, const Command& command, Instant now, const CasePolicy& policy) {
  if (it.ended()) return refuse("ended", fmt::format("This case is {}.", to_word(it.state)));
  const std::string kind = argument(command.args, "kind");
  const std::string reason = argument(command.args, "reason");
  if (!from_word<FailureKind>(kind)) return refuse("kind_missing", "No such failure.", "kind");
  if (reason.empty()) return refuse("reason_missing", "Say why it has failed.", "reason");
  if (std::ranges::find(it.failures, kind) != it.failures.end()) return {};
  const int up = argument(command.args, "fresh") == "yes" ? 0 : 1;
  Applied out = one(command, now, EventKind::failed,
                    {{"kind", kind}, {"reason", reason}, {"level", std::to_string(it.level + up)}});
  ask_after_all(it, out, command.who, now, policy);
  return out;
}

}  // namespace

Applied apply_follow(const Case& it, const Command& command, Instant now,
                     const CasePolicy& policy) {
  switch (command.action) {
    case Action::call_to:
      return call_to(it, command, now);
    case Action::grant:
    case Action::ask_grant:
      return grant(it, command, now, policy);
    case Action::fail:
      return fail(it, command, now, policy);
    default:
      return refuse("unknown", "No such action.");
  }
}

void fold_follow(Case& it, const Event& event) {
  if (event.kind == EventKind::call_given) {
    it.caller = argument(event.data, "person");
    it.caller_named = true;
  }
  if (event.kind == EventKind::granted)
    it.grants.push_back({argument(event.data, "kind"), argument(event.data, "amount"),
                         argument(event.data, "limit"), argument(event.data, "beyond") == "yes",
                         argument(event.data, "reason"), event.who, event.at});
  if (event.kind == EventKind::failed) {
    const std::string kind = argument(event.data, "kind");
    it.failed = argument(event.data, "reason");
    if (std::ranges::find(it.failures, kind) == it.failures.end()) it.failures.push_back(kind);
    const std::string level = argument(event.data, "level");
    std::from_chars(level.data(), level.data() + level.size(), it.level);
  }
}

std::string follow_sentence(const Event& event) {
  const auto at = [&](std::string_view name) { return argument(event.data, name); };
  switch (event.kind) {
    case EventKind::call_given:
      return fmt::format("{} rings. {}", at("person"), at("reason"));
    case EventKind::granted:
      return fmt::format("{} granted a {} of {}{}. {}", event.who, at("kind"), at("amount"),
                         at("beyond") != "yes" ? ""
                         : at("limit").empty() ? ", which they may not without asking"
                                               : ", beyond " + at("limit"),
                         at("reason"));
    case EventKind::grant_asked:
      return fmt::format("{} asked for a {} of {}{}. {}", event.who, at("kind"), at("amount"),
                         at("allowed") == "yes" ? ", which they may grant" : "", at("reason"));
    default:
      return fmt::format("A failed case, one level up: {}", at("reason"));
  }
}

}  // namespace earshot
