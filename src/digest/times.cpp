#include "times.hpp"

#include <algorithm>

namespace earshot {

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

void Times::add(const Waited& waited, const Case& it) {
  const std::string what{waited.what};
  spans_[{what, "all", ""}].push_back(waited.span);
  const auto groups = waited_groups(it);
  for (std::size_t i = 0; i < groups.size(); ++i)
    spans_[{what, std::string{kWaitedBy[i]}, groups[i]}].push_back(waited.span);
}

std::vector<Measured> Times::finish() {
  std::vector<Measured> out;
  for (auto& [key, spans] : spans_)
    out.push_back({key[0], key[1], key[2], spread_of(std::move(spans))});
  return out;
}

}  // namespace earshot
