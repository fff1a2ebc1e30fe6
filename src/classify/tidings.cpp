#include "tidings.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "notions.hpp"

namespace earshot {
namespace {

constexpr std::uint32_t kReach = 7;  ///< words between two notions that belong together
constexpr std::uint32_t kEarly = 60;

/// Sets of notions, each a bit: by "group.name", or whole groups by "group".
enum Set : std::uint16_t {
  press = 1U << 0U,
  at_a_time = 1U << 1U,
  office = 1U << 2U,
  request = 1U << 3U,
  date = 1U << 4U,
  remedy = 1U << 5U,
  failing = 1U << 6U,
  loose = 1U << 7U,
  people = 1U << 8U,
  stranger = 1U << 9U,
  data = 1U << 10U,
  despair = 1U << 11U
};
struct Member {
  std::string_view name;
  Set set;
};
constexpr std::array kMembers{Member{"media.press", press},
                              Member{"time", at_a_time},
                              Member{"office.regulator", office},
                              Member{"office.request", request},
                              Member{"time.deadline", date},
                              Member{"wait.weeks", date},
                              Member{"remedy", remedy},
                              Member{"dead", failing},
                              Member{"absent", failing},
                              Member{"fault", failing},
                              Member{"wait", failing},
                              Member{"mech.loose", loose},
                              Member{"mech.exposed", loose},
                              Member{"mech.fall", loose},
                              Member{"place.road", people},
                              Member{"person.child", people},
                              Member{"part", people},
                              Member{"intrude.stranger", stranger},
                              Member{"secret.personal_data", data},
                              Member{"secret.account", data},
                              Member{"despair.selfharm", despair}};

/// The sets of every notion.
std::vector<std::uint16_t> sets_of_notions() {
  const Notions& table = Notions::builtin();
  std::vector<std::uint16_t> sets(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string_view name{table.name(i)};
    const std::string_view group = name.substr(0, name.find('.'));
    for (const Member& member : kMembers) {
      if (member.name == name || member.name == group) sets[i] |= member.set;
    }
  }
  return sets;
}

/// The notions of a text by their sets.
class Sorted {
 public:
  Sorted(std::span<const NotionHit> notions, const std::vector<std::uint16_t>& sets)
      : notions_(notions), sets_(sets) {
    for (const NotionHit& hit : notions_) {
      all_ |= of(hit);
      // Among the first words of the text: who wants something says so early.
      if (hit.place < kEarly) early_ |= of(hit);
    }
  }
  bool early(Set set) const { return (early_ & set) != 0; }
  /// One of each within reach in one sentence, in either order.
  bool near(Set a, Set b) const {
    if ((all_ & a) == 0 || (all_ & b) == 0) return false;
    for (std::size_t i = 0; i < notions_.size(); ++i) {
      for (std::size_t k = i + 1; k < notions_.size(); ++k) {
        const NotionHit& first = notions_[i];
        const NotionHit& second = notions_[k];
        if (first.sentence != second.sentence || second.place - first.place > kReach) break;
        if (first.place == second.place) continue;
        const bool forth = (of(first) & a) != 0 && (of(second) & b) != 0;
        const bool back = (of(first) & b) != 0 && (of(second) & a) != 0;
        if (forth || back) return true;
      }
    }
    return false;
  }

 private:
  std::uint16_t of(const NotionHit& hit) const { return sets_[hit.notion]; }

  std::span<const NotionHit> notions_;
  const std::vector<std::uint16_t>& sets_;
  std::uint16_t all_ = 0;
  std::uint16_t early_ = 0;
};

}  // namespace

Tidings read_tidings(std::span<const NotionHit> notions, Channel channel) {
  static const std::vector<std::uint16_t> kSets = sets_of_notions();
  Tidings out;
  if (notions.empty()) return out;
  const Sorted told{notions, kSets};
  out.press_asks = told.early(press) && told.early(at_a_time);
  if (channel == Channel::email)
    out.office_asks = told.early(request) && (told.early(office) || told.near(request, date));
  out.remedy = told.near(remedy, failing);
  out.loose = told.near(loose, people);
  out.abroad = told.near(stranger, data);
  out.despair = told.early(despair);
  return out;
}

}  // namespace earshot
