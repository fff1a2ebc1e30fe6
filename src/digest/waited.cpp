#include "earshot/digest/waited.hpp"

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

std::optional<Waited> waited_in(const Case& before, const Case& after, const Event& event) {
  if (after.id.empty() || after.kind != "customer") return std::nullopt;
  const Instant since = after.reopened_at.value_or(after.posted_at);
  if (event.kind == EventKind::answered && !before.answered_at && after.answered_at)
    return Waited{"first_answer", std::max(*after.answered_at - since, Duration{0})};
  if (event.kind == EventKind::closed)
    return Waited{"solution", std::max(event.at - after.posted_at, Duration{0})};
  return std::nullopt;
}

std::array<std::string, kWaitedBy.size()> waited_groups(const Case& it) {
  return {std::string{to_word(it.channel)}, reach_band(it), or_unknown(it.team),
          or_unknown(it.language)};
}

}  // namespace earshot
