#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/machine.hpp"
#include "earshot/core/utf8.hpp"
#include "gate_rules.hpp"

namespace earshot {
namespace {

std::string arg(const Arguments& args, std::string_view name) {
  const auto found = args.find(name);
  return found == args.end() ? std::string{} : std::string{trim(found->second)};
}

std::string words_of_gate(std::string_view key) {
  if (key == "owner") return "an owner";
  if (key == "answer") return "an answer to the customer";
  if (key == "said") return "what was said";
  if (key == "done") return "what was done";
  if (key == "cause") return "the root cause and department";
  if (key == "change") return "whether the product changes";
  return "the call-back";
}

std::string still_owed(const std::vector<std::string>& missing) {
  std::string text = "Still owed:";
  for (std::size_t i = 0; i < missing.size(); ++i)
    text += (i == 0 ? " " : ", ") + words_of_gate(missing[i]);
  return text + ".";
}

/// Arguments that pass every check of form, so that a refusal speaks of the case's state alone.
Arguments plausible(Action action, std::string_view who) {
  switch (action) {
    case Action::assign:
      return {{"person", std::string{who} + "-colleague"}};
    case Action::take_over:
    case Action::reopen:
      return {{"reason", "x"}};
    case Action::answer:
    case Action::note:
      return {{"text", "x"}};
    case Action::feedback:
      return {{"said", "x"},
              {"done", "y"},
              {"cause", "x"},
              {"department", "x"},
              {"product_change", "no"}};
    case Action::verify:
      return {{"outcome", "satisfied"}};
    case Action::dismiss:
      return {{"reason", "spam"}};
    case Action::merge:
      return {{"into", "another"}};
    case Action::raise:
      return {{"urgency", "page"}};
    case Action::help:
      return {{"person", std::string{who} + "-colleague"}, {"reason", "x"}};
    case Action::snooze:
      return {{"for", "30m"}, {"reason", "x"}};
    case Action::hold:
    case Action::release:
    case Action::wait:
    case Action::go_on:
      return {{"reason", "x"}};
    case Action::teach:
      return {{"urgent", "no"}};
    default:
      return {};
  }
}

}  // namespace

std::optional<Refusal> check_feedback(const Arguments& args) {
  std::vector<std::string> missing;
  if (arg(args, "said").empty()) missing.emplace_back("said");
  if (arg(args, "done").empty()) missing.emplace_back("done");
  if (arg(args, "cause").empty() || arg(args, "department").empty()) missing.emplace_back("cause");
  const std::string change = arg(args, "product_change");
  if (change != "yes" && change != "no") missing.emplace_back("change");
  if (!missing.empty()) {
    const std::string field = missing.front() == "change" ? "product_change"
                              : missing.front() == "cause" && !arg(args, "cause").empty()
                                  ? "department"
                                  : missing.front();
    return Refusal{"feedback_missing", still_owed(missing), missing, field};
  }
  if (collapse_space(to_lower_ascii(arg(args, "said"))) ==
      collapse_space(to_lower_ascii(arg(args, "done")))) {
    return Refusal{"feedback_repeated",
                   "What was said and what was done are the same sentence. Say what was done.",
                   {"done"},
                   "done"};
  }
  if (change == "yes" && arg(args, "change").empty()) {
    return Refusal{"change_missing", "Say what will change in the product.", {"change"}, "change"};
  }
  if (const std::string due = arg(args, "change_due"); !due.empty() && !parse_rfc3339(due)) {
    return Refusal{"change_due_wrong",
                   "change_due must be a time such as 2026-12-01T12:00:00Z.",
                   {},
                   "change_due"};
  }
  return std::nullopt;
}

Refusal gate_refusal(const Case& it, const std::string& first) {
  std::vector<std::string> missing;
  for (const Gate& gate : gates(it)) {
    if (!gate.done) missing.push_back(gate.key);
  }
  const bool feedback = std::ranges::find(missing, "said") != missing.end();
  return {feedback ? "feedback_missing" : "gate",
          (first.empty() ? "" : first + " ") + still_owed(missing),
          missing,
          {}};
}

std::vector<Gate> gates(const Case& it) {
  std::vector<Gate> out;
  const auto add = [&](std::string key, bool done, std::string by, std::optional<Instant> at,
                       std::string text) {
    out.push_back({std::move(key), done, std::move(by), at, std::move(text)});
  };
  const bool given = it.feedback.has_value();
  const std::string by = given ? it.feedback->by : "";
  const std::optional<Instant> at = given ? std::optional{it.feedback->at} : std::nullopt;
  add("owner", !it.owner.empty(), it.owner, it.acknowledged_at, "Somebody has it");
  add("answer", it.answered_at.has_value(), "", it.answered_at, "The customer has an answer");
  add("said", given, by, at, "What was said");
  add("done", given, by, at, "What was done");
  add("cause", given, by, at, "Root cause and department");
  add("change", given, by, at, "Product change, yes or no");
  const bool verified = !it.outcome.empty();
  const std::string text =
      it.verification_needed ? "Call-back: is it solved?" : "No call-back is needed";
  add("verify", verified || (it.state == CaseState::verifying && !it.verification_needed),
      it.calls.empty() ? "" : it.calls.back().by,
      it.calls.empty() ? std::nullopt : std::optional{it.calls.back().at}, text);
  return out;
}

std::vector<Permission> permissions(const Case& it, std::string_view who, Instant now,
                                    const CasePolicy& policy) {
  std::vector<Permission> out;
  for (const Action action :
       {Action::ack, Action::undo_ack, Action::assign, Action::take_over, Action::answer,
        Action::feedback, Action::verify, Action::close, Action::dismiss, Action::reopen,
        Action::merge, Action::note, Action::help, Action::snooze, Action::hold, Action::release,
        Action::teach, Action::wait, Action::go_on}) {
    const Command probe{action, std::string{who}, plausible(action, who)};
    Applied tried = apply(it, probe, now, policy);
    const bool takes_own = action == Action::ack || action == Action::take_over;
    if (tried.ok() && tried.events.empty() && takes_own)
      tried.refusal = Refusal{"yours", "It is yours already."};
    out.push_back({action, std::move(tried.refusal)});
  }
  return out;
}

}  // namespace earshot
