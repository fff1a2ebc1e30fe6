#include "times.hpp"

#include <algorithm>

namespace earshot {
namespace {

std::string reach_band(const Case& it) {
  if (!it.reach) return "unknown";
  if (*it.reach < 100) return "under 100";
  if (*it.reach < 10'000) return "100 and more";
  if (*it.reach < 1'000'000) return "10 thousand and more";
  return "a million and more";
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "unknown" : text;
}

}  // namespace

/// The nearest rank: half of the spans are at most `half`, nine of ten at most `nine`.
Spread spread_of(std::vector<Duration> spans) {
  Spread out;
  out.n = spans.size();
  if (spans.empty()) return out;
  std::ranges::sort(spans);
  const auto rank = [&](std::size_t tenths) {
    return spans[std::max<std::size_t>((spans.size() * tenths + 9) / 10, 1) - 1];
  };
  out.half = rank(5);
  out.nine = rank(9);
  out.worst = spans.back();
  return out;
}

void Times::add(const std::string& what, const Case& it, Duration span) {
  span = std::max(span, Duration{0});
  spans_[{what, "all", ""}].push_back(span);
  spans_[{what, "channel", std::string{to_word(it.channel)}}].push_back(span);
  spans_[{what, "reach", reach_band(it)}].push_back(span);
  spans_[{what, "team", or_unknown(it.team)}].push_back(span);
  spans_[{what, "language", or_unknown(it.language)}].push_back(span);
}

std::vector<Measured> Times::finish() {
  std::vector<Measured> out;
  for (auto& [key, spans] : spans_)
    out.push_back({key[0], key[1], key[2], spread_of(std::move(spans))});
  return out;
}

}  // namespace earshot
