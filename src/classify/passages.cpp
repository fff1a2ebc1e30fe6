#include "passages.hpp"

#include <algorithm>
#include <cmath>

namespace earshot {
namespace {

/// Bytes from which a text is long: mails and reviews are longer by nature.
constexpr std::size_t kLong = 160;
constexpr std::size_t kLongMail = 400;
constexpr std::uint32_t kLeast = 40;  ///< bytes of a passage, but for the last one
constexpr std::uint32_t kMost = 120;  ///< bytes after which it ends without a full stop, too

/// How far above the threshold a passage must be, in log-odds, and how much more for every
/// doubling of the number of passages. Chosen on harmless texts of the corpus put together, by twos
/// to twelves, and on complaints between them (docs/model-card.md).
struct Bar {
  double first, each;
  double of(std::size_t passages) const {
    return first + each * std::log2(static_cast<double>(passages));
  }
};
constexpr Bar kBears{-0.8, 0.65};       ///< bears out that the whole is a complaint
constexpr Bar kAlone{0.5, 0.55};        ///< is one whatever the rest says
constexpr Bar kBearsUrgent{-2.0, 1.2};  ///< bears out that the whole is urgent
constexpr Bar kBearsHazard{-2.8, 1.2};  ///< the same, where the rules see its hazard
constexpr Bar kHazardAlone{-0.5, 0.3};  ///< such a passage is urgent whatever the rest says

double log_odds(double p) {
  p = std::clamp(p, 1e-6, 1 - 1e-6);
  return std::log(p / (1 - p));
}

double distance(double p, double threshold) {
  return log_odds(p) - log_odds(threshold);
}

/// What lies so far above the threshold, in log-odds.
double probability_at(double distance, double threshold) {
  return 1 / (1 + std::exp(-log_odds(threshold) - distance));
}

}  // namespace

std::vector<std::string_view> passages_of(const WordList& words, Channel channel) {
  std::vector<std::string_view> out;
  const std::string_view text = words.text();
  if (text.size() < (channel == Channel::post ? kLong : kLongMail)) return out;
  std::uint32_t begin = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::uint32_t at = words[i].begin;
    if (at <= begin) continue;
    const bool full_stop = words[i].sentence != words[i - 1].sentence;
    const std::uint32_t wanted = full_stop ? kLeast : kMost;
    if (at - begin < wanted) continue;
    out.push_back(text.substr(begin, at - begin));
    begin = at;
  }
  if (!out.empty()) out.push_back(text.substr(begin));
  return out;
}

void PassageView::add(const Facts& facts, bool ours, Assessment verdict) {
  ++passages;
  const double complains = distance(facts.complaint, facts.threshold);
  const double alarms = distance(facts.urgent, facts.urgent_threshold);
  complaint = std::max(complaint, complains);
  urgent = std::max(urgent, alarms);
  if (!verdict.urgent || verdict.urgent_reason == kUrgentWords) return;
  danger = danger || (ours && (facts.has(Sign::safety) || facts.has(Sign::medical)));
  const double strength = std::max(complains, alarms);
  if (strength <= hazard) return;
  hazard = strength;
  told_urgent = alarms;
  told = std::move(verdict);
}

void heed_passages(const PassageView& passages, const Facts& whole, Assessment& out) {
  if (whole.automatic || out.about != About::us) return;
  const std::size_t n = passages.passages;
  if (out.urgent && !passages.danger && passages.hazard < kBearsHazard.of(n) &&
      passages.urgent < kBearsUrgent.of(n)) {
    out.urgent = false;
    out.urgent_reason.clear();
  }
  // Here the judge has to agree with the rules: of many passages one has a hazard's words by
  // chance.
  if (!out.urgent && passages.told_urgent >= kHazardAlone.of(n)) {
    out.urgent = true;
    out.urgent_reason = passages.told.urgent_reason;
  }
  const double heard = std::max(
      std::min(distance(whole.complaint, whole.threshold), passages.complaint - kBears.of(n)),
      passages.complaint - kAlone.of(n));
  const bool complains = heard >= 0;
  out.complaint = probability_at(heard, whole.threshold);
  const bool hazard = out.urgent && (out.is_complaint || passages.told.is_complaint);
  out.is_complaint = complains || hazard;
  if (!out.is_complaint)
    out.severity = Severity::none;
  else
    out.severity = std::max(
        {out.severity, out.urgent ? passages.told.severity : Severity::none, Severity::mild});
}

}  // namespace earshot
