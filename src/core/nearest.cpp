#include "earshot/core/nearest.hpp"

#include <algorithm>
#include <vector>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> known) {
  if (word.empty() || word.size() > 64) return {};
  const std::string folded = to_lower_ascii(word);
  const std::size_t most = std::clamp<std::size_t>(folded.size() / 3, 1, 4);
  std::size_t best = most + 1;
  std::string found;
  for (const std::string& candidate : known) {
    if (candidate.size() > 64) continue;
    const std::size_t d = distance(folded, to_lower_ascii(candidate));
    if (d < best) best = d, found = candidate;
  }
  return found;
}

}  // namespace earshot
