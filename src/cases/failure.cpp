#include "earshot/cases/failure.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace earshot {
namespace {

bool told_before(const std::vector<std::string>& cues) {
  return std::ranges::find(cues, to_word(Cue::repeat_contact)) != cues.end();
}

/// In other words, about the same: one product, one topic or one cue.
bool alike(const Case& a, const Case& b) {
  const auto share = [](const std::vector<std::string>& one, const std::vector<std::string>& two) {
    return std::ranges::any_of(
        one, [&](const std::string& it) { return std::ranges::find(two, it) != two.end(); });
  };
  return (!a.product.empty() && a.product == b.product) || share(a.topics, b.topics) ||
         share(a.cues, b.cues);
}

Failure told() {
  return {FailureKind::told_before, "The customer says that they told us before."};
}

}  // namespace

std::vector<Failure> failures_of_words(const Case& before, const std::string& source,
                                       const Assessment& assessment, Instant now,
                                       const CasePolicy& policy) {
  std::vector<Failure> out;
  if (before.ended()) return out;  // coming back is a failure of its own
  const bool complains = assessment.is_complaint || assessment.urgent;
  if (!complains || before.waiting_since) return out;
  if (source != before.source)
    out.push_back({FailureKind::other_channel,
                   fmt::format("The customer came on {} after {}.", source, before.source)});
  const Instant last = before.last_words_at.value_or(before.opened_at);
  if (now - last >= policy.failed_again)
    out.push_back({FailureKind::second_contact,
                   fmt::format("The customer complained again after {}.",
                               to_text(std::chrono::floor<minutes>(now - last)))});
  if (std::ranges::find(assessment.cues, Cue::repeat_contact) != assessment.cues.end())
    out.push_back(told());
  return out;
}

std::vector<Failure> failures_of_opening(const Case& opened, const std::vector<Case>& others,
                                         Instant now, const CasePolicy& policy) {
  std::vector<Failure> out;
  if (opened.kind != "customer") return out;
  if (told_before(opened.cues)) out.push_back(told());
  for (const Case& other : others) {
    const Duration age = now - other.opened_at;
    if (other.id == opened.id || other.kind != "customer" || other.ended()) continue;
    if (age > policy.failed_window || age < policy.failed_again) continue;
    if (other.source != opened.source) {
      out.push_back({FailureKind::other_channel,
                     fmt::format("The same customer waits on {} already: case {}.", other.source,
                                 other.number)});
      break;
    }
    if (!alike(opened, other)) continue;
    out.push_back({FailureKind::second_contact,
                   fmt::format("The same customer waits for {} already, about the same: case {}.",
                               to_text(std::chrono::floor<minutes>(age)), other.number)});
    break;
  }
  return out;
}

std::optional<Failure> failure_of_clocks(const Case& it, int missed, const CasePolicy& policy) {
  if (it.ended() || missed < policy.failed_clocks) return std::nullopt;
  return Failure{FailureKind::clocks, fmt::format("{} of its clocks were missed.", missed)};
}

Command fail_command(const Failure& failure, const std::string& who) {
  return {Action::fail,
          who,
          {{"kind", std::string{to_word(failure.kind)}}, {"reason", failure.reason}}};
}

}  // namespace earshot
