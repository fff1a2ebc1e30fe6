#include "tidings.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <initializer_list>
#include <string_view>

#include "earshot/core/check.hpp"
#include "notions.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMost = 1024;
constexpr std::uint32_t kReach = 7;  ///< words between two notions that belong together
constexpr std::uint32_t kEarly = 60;

/// Notions by "group.name" or whole groups by "group".
class Set {
 public:
  Set(std::initializer_list<std::string_view> names) {
    const Notions& table = Notions::builtin();
    EARSHOT_CHECK(table.size() <= kMost);
    for (std::size_t i = 0; i < table.size(); ++i) {
      const std::string_view name{table.name(i)};
      const std::string_view group = name.substr(0, name.find('.'));
      if (std::any_of(names.begin(), names.end(),
                      [&](std::string_view one) { return one == name || one == group; }))
        in_.set(i);
    }
  }
  bool has(const NotionHit& hit) const { return in_.test(hit.notion); }
  /// Among the first words of the text: who wants something says so early.
  bool early_in(std::span<const NotionHit> notions) const {
    return std::any_of(notions.begin(), notions.end(),
                       [&](const NotionHit& hit) { return has(hit) && hit.place < kEarly; });
  }

 private:
  std::bitset<kMost> in_;
};

/// One of each within reach in one sentence, in either order.
bool near(std::span<const NotionHit> notions, const Set& a, const Set& b) {
  for (std::size_t i = 0; i < notions.size(); ++i) {
    for (std::size_t k = i + 1; k < notions.size(); ++k) {
      const NotionHit& first = notions[i];
      const NotionHit& second = notions[k];
      if (first.sentence != second.sentence || second.place - first.place > kReach) break;
      if (first.place == second.place) continue;
      if ((a.has(first) && b.has(second)) || (b.has(first) && a.has(second))) return true;
    }
  }
  return false;
}

struct Sets {
  Set press{"media.press"}, time{"time"};
  Set office{"office.regulator"}, request{"office.request"};
  Set date{"time.deadline", "wait.weeks"};
  Set remedy{"remedy"}, failing{"dead", "absent", "fault", "wait"};
  Set loose{"mech.loose", "mech.exposed", "mech.fall"};
  Set people{"place.road", "person.child", "part"};
  Set stranger{"intrude.stranger"}, data{"secret.personal_data", "secret.account"};
  Set despair{"despair.selfharm"};
};

}  // namespace

Tidings read_tidings(std::span<const NotionHit> notions, Channel channel) {
  static const Sets kSets;
  Tidings out;
  if (notions.empty()) return out;
  out.press_asks = kSets.press.early_in(notions) && kSets.time.early_in(notions);
  if (channel == Channel::email) {
    const bool request = kSets.request.early_in(notions);
    out.office_asks =
        request && (kSets.office.early_in(notions) || near(notions, kSets.request, kSets.date));
  }
  out.remedy = near(notions, kSets.remedy, kSets.failing);
  out.loose = near(notions, kSets.loose, kSets.people);
  out.abroad = near(notions, kSets.stranger, kSets.data);
  out.despair = kSets.despair.early_in(notions);
  return out;
}

}  // namespace earshot
