#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/arguments.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/cases/verification.hpp"
#include "earshot/core/utf8.hpp"
#include "gate_rules.hpp"

namespace earshot {
namespace {

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

/// Not ASCII and yet no word: blanks, marks of direction and joining, fillers, dashes and dots.
bool says_nothing(char32_t c) {
  return c < 0xA0 || c == 0xA0 || c == 0xAD || c == 0xB7 || c == 0x034F || c == 0x061C ||
         c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 || (c >= 0x180B && c <= 0x180F) ||
         (c >= 0x2000 && c <= 0x2027) || (c >= 0x2028 && c <= 0x206F) || c == 0x2800 ||
         (c >= 0x3000 && c <= 0x3003) || c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) ||
         c == 0xFEFF || c == 0xFFA0 || (c >= 0xFFF9 && c <= 0xFFFD) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

/// Said and done are two things, and neither is what the customer wrote.
std::optional<Refusal> check_words(const Case& it, const Arguments& args) {
  const std::string said = bare(argument(args, "said"));
  const std::string done = bare(argument(args, "done"));
  if (said == done)
    return Refusal{"feedback_repeated",
                   "What was said and what was done are the same sentence. Say what was done.",
                   {"done"},
                   "done"};
  constexpr std::size_t kSentence = 24;  // fewer characters may well be in both
  const std::string theirs = bare(it.title + " " + it.excerpt);
  for (const auto& [field, text] : {std::pair{"said", said}, std::pair{"done", done}}) {
    const bool pasted = (text.size() >= kSentence && theirs.find(text) != std::string::npos) ||
                        text == bare(it.excerpt);
    if (!pasted) continue;
    return Refusal{"feedback_copied",
                   fmt::format("These are the customer's own words. Say {}.", words_of_gate(field)),
                   {field},
                   field};
  }
  return std::nullopt;
}

std::string known_names(const auto& all) {
  std::string out;
  for (const auto& it : all) out += (out.empty() ? "" : ", ") + it.id;
  return out;
}

/// Where the configuration has a taxonomy, cause and department are of it.
std::optional<Refusal> check_cause(const std::string& cause, const std::string& department,
                                   const CauseRules& rules) {
  if (!rules.causes.empty() && rules.cause(cause) == nullptr)
    return Refusal{
        "cause_unknown",
        fmt::format("\"{}\" is none of the root causes: {}.", cause, known_names(rules.causes)),
        {"cause"},
        "cause"};
  const bool named = !department.empty() && !rules.departments.empty();
  if (named && rules.department(department) == nullptr)
    return Refusal{"department_unknown",
                   fmt::format("\"{}\" is none of the departments: {}.", department,
                               known_names(rules.departments)),
                   {"cause"},
                   "department"};
  return std::nullopt;
}

/// Arguments that pass every check of form, so that a refusal speaks of the case's state alone.
Arguments plausible(Action action, std::string_view who, const CauseRules& causes) {
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
              {"cause", causes.causes.empty() ? "x" : causes.causes.front().id},
              {"department", causes.departments.empty() ? "x" : causes.departments.front().id},
              {"product_change", "no"}};
    case Action::verify:
      return {{"outcome", "satisfied"}};
    case Action::dismiss:
      return {{"reason", "spam"}};
    case Action::merge:
      return {{"into", "another"}};
    case Action::raise:
      return {{"urgency", "page"}};
    case Action::grant:
    case Action::ask_grant:
      return {{"kind", "refund"}, {"amount", "1 EUR"}, {"reason", "x"}};
    case Action::call_to:
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

std::string bare(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text, at);
    const std::string_view bytes = text.substr(at, c.length);
    at += c.length;
    const bool ascii = (c.value >= 'a' && c.value <= 'z') || (c.value >= 'A' && c.value <= 'Z') ||
                       (c.value >= '0' && c.value <= '9');
    if (ascii)
      out += to_lower_ascii(bytes);
    else if (c.value >= 0x80 && !says_nothing(c.value))
      out += bytes;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string department_of(const Arguments& args, const CasePolicy& policy) {
  std::string named = argument(args, "department");
  if (!named.empty()) return named;
  const RootCause* cause = policy.root_causes.cause(argument(args, "cause"));
  return cause == nullptr ? "" : cause->department;
}

std::optional<Refusal> check_feedback(const Case& it, const Arguments& args,
                                      const CasePolicy& policy) {
  std::vector<std::string> missing;
  if (bare(argument(args, "said")).empty()) missing.emplace_back("said");
  if (bare(argument(args, "done")).empty()) missing.emplace_back("done");
  const std::string department = department_of(args, policy);
  if (argument(args, "cause").empty() || department.empty()) missing.emplace_back("cause");
  const std::string change = argument(args, "product_change");
  if (const std::string cause = argument(args, "cause"); !cause.empty()) {
    if (auto unknown = check_cause(cause, department, policy.root_causes)) return unknown;
  }
  if (change != "yes" && change != "no") missing.emplace_back("change");
  if (!missing.empty()) {
    const std::string field = missing.front() == "change" ? "product_change"
                              : missing.front() == "cause" && !argument(args, "cause").empty()
                                  ? "department"
                                  : missing.front();
    return Refusal{"feedback_missing", still_owed(missing), missing, field};
  }
  if (auto pasted = check_words(it, args)) return pasted;
  if (change == "yes" && argument(args, "change").empty())
    return Refusal{"change_missing", "Say what will change in the product.", {"change"}, "change"};
  if (const std::string due = argument(args, "change_due"); !due.empty() && !parse_rfc3339(due)) {
    return Refusal{"change_due_wrong",
                   "change_due must be a time such as 2026-12-01T12:00:00Z.",
                   {},
                   "change_due"};
  }
  return std::nullopt;
}

std::optional<Refusal> repeats_what_failed(const Arguments& feedback,
                                           const std::vector<std::string>& done_before) {
  const std::string done = bare(argument(feedback, "done"));
  const bool repeated = std::ranges::any_of(
      done_before, [&](const std::string& before) { return bare(before) == done; });
  if (done.empty() || !repeated) return std::nullopt;
  return Refusal{"feedback_again",
                 "This had been done before the case came back. Say what was done since.",
                 {"done"},
                 "done"};
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
       {Action::ack,      Action::undo_ack, Action::assign, Action::take_over, Action::answer,
        Action::feedback, Action::verify,   Action::close,  Action::dismiss,   Action::reopen,
        Action::merge,    Action::note,     Action::help,   Action::snooze,    Action::hold,
        Action::release,  Action::teach,    Action::wait,   Action::go_on,     Action::call_to,
        Action::grant,    Action::ask_grant}) {
    const Command probe{action, std::string{who}, plausible(action, who, policy.root_causes)};
    Applied tried = apply(it, probe, now, policy);
    const bool takes_own = action == Action::ack || action == Action::take_over;
    if (tried.ok() && tried.events.empty() && takes_own)
      tried.refusal = Refusal{"yours", "It is yours already."};
    out.push_back({action, std::move(tried.refusal)});
  }
  return out;
}

}  // namespace earshot
