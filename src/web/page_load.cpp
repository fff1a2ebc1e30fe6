#include "page_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "earshot/core/json.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

constexpr int kNightBegins = 22;
constexpr int kNightEnds = 7;

struct LocalHour {
  std::string date;
  int hour = 0;
};

LocalHour local_hour(const std::string& zone, Instant at) {
  const CivilTime local = to_civil(at, zone);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const auto hour = std::chrono::floor<hours>(local - day).count();
  return {fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())),
          static_cast<int>(hour)};
}

bool is_false(const LedgerEntry& entry, const JsonValue& data) {
  if (entry.kind == "taught")
    return string_at(data, "urgent") == "no" || string_at(data, "complaint") == "no";
  if (entry.kind != "dismissed") return false;
  const std::string_view reason = string_at(data, "reason");
  return reason == "not_a_complaint" || reason == "not_about_us" || reason == "spam";
}

}  // namespace

void PageLoads::add(const LedgerEntry& entry) {
  if (entry.kind != "escalated" && entry.kind != "taught" && entry.kind != "dismissed") return;
  const auto data = parse_json(entry.data);
  if (!data) return;
  if (entry.kind != "escalated") {
    if (is_false(entry, *data)) false_[entry.case_id] = true;
    return;
  }
  const std::string told{string_at(*data, "told")};
  for (std::size_t from = 0; from < told.size();) {
    const std::size_t end = std::min(told.find(',', from), told.size());
    const std::string id = told.substr(from, end - from);
    from = end + 1;
    const Person* person = find_person(people_, id);
    const std::string zone = person != nullptr && !person->zone.empty() ? person->zone : "UTC";
    const LocalHour local = local_hour(zone, entry.at);
    const bool night = local.hour >= kNightBegins || local.hour < kNightEnds;
    // The small hours belong to the night that began the evening before.
    const std::string of =
        local.hour < kNightEnds ? local_hour(zone, entry.at - hours{12}).date : local.date;
    pages_[id].push_back({entry.case_id, night, of});
  }
}

std::vector<PageLoad> PageLoads::result() const {
  std::vector<PageLoad> out;
  for (const auto& [person, pages] : pages_) {
    PageLoad load;
    load.person = person;
    std::map<std::string, int> nights;
    for (const Page& page : pages) {
      ++load.pages;
      load.not_worth += false_.contains(page.case_id) ? 1 : 0;
      if (!page.night) continue;
      ++load.at_night;
      load.most_in_a_night = std::max(load.most_in_a_night, ++nights[page.night_of]);
    }
    load.nights = static_cast<int>(nights.size());
    out.push_back(std::move(load));
  }
  return out;
}

}  // namespace earshot
