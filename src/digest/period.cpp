#include <fmt/format.h>

#include "earshot/digest/policy.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

std::string day_name(std::chrono::local_days day) {
  const std::chrono::year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::chrono::local_days day_before(std::chrono::local_days day, const DigestTurn& turn) {
  return day - std::chrono::days{turn.every == DigestEvery::weekly ? 7 : 1};
}

}  // namespace

DigestPeriod digest_period(Instant at, const DigestTurn& turn, const std::string& zone) {
  auto day = std::chrono::floor<std::chrono::days>(to_civil(at, zone));
  if (turn.every == DigestEvery::weekly) {
    while (std::chrono::weekday{day} != turn.day) day += std::chrono::days{1};
  }
  // The first end after `at`: today's may have passed.
  while (to_instant(day + turn.at, zone) <= at)
    day += std::chrono::days{turn.every == DigestEvery::weekly ? 7 : 1};
  return {fmt::format("{}/{}", to_word(turn.every), day_name(day)),
          to_instant(day_before(day, turn) + turn.at, zone), to_instant(day + turn.at, zone)};
}

std::optional<DigestPeriod> digest_day(std::string_view day, const std::string& zone) {
  if (day.size() != 10) return std::nullopt;
  const auto local = parse_civil(day);
  if (!local) return std::nullopt;
  const auto date = std::chrono::floor<std::chrono::days>(*local);
  return DigestPeriod{std::string{day}, to_instant(date, zone),
                      to_instant(date + std::chrono::days{1}, zone)};
}

}  // namespace earshot
