#include "feed_date_parts.hpp"

#include <array>
#include <chrono>
#include <string>

#include "earshot/core/utf8.hpp"

namespace earshot::dates {
namespace {

struct Zone {
  std::string_view name;
  int minutes;
};
/// RFC 822 5.1 (its military letters count backwards, as printed there), and names in wide use that
/// mean one thing.
constexpr std::array kZones{
    Zone{"ut", 0},      Zone{"utc", 0},    Zone{"gmt", 0},    Zone{"z", 0},      Zone{"ast", -240},
    Zone{"adt", -180},  Zone{"at", -240},  Zone{"est", -300}, Zone{"edt", -240}, Zone{"et", -300},
    Zone{"cst", -360},  Zone{"cdt", -300}, Zone{"ct", -360},  Zone{"mst", -420}, Zone{"mdt", -360},
    Zone{"mt", -420},   Zone{"pst", -480}, Zone{"pdt", -420}, Zone{"pt", -480},  Zone{"akst", -540},
    Zone{"akdt", -480}, Zone{"hst", -600}, Zone{"wet", 0},    Zone{"west", 60},  Zone{"bst", 60},
    Zone{"cet", 60},    Zone{"cest", 120}, Zone{"met", 60},   Zone{"mest", 120}, Zone{"mez", 60},
    Zone{"mesz", 120},  Zone{"eet", 120},  Zone{"eest", 180}, Zone{"msk", 180},  Zone{"msd", 240},
    Zone{"jst", 540},   Zone{"kst", 540},  Zone{"hkt", 480},  Zone{"sgt", 480},  Zone{"awst", 480},
    Zone{"acst", 570},  Zone{"acdt", 630}, Zone{"aest", 600}, Zone{"aedt", 660}, Zone{"nzst", 720},
    Zone{"nzdt", 780},
};

std::optional<int> named_zone(std::string_view name) {
  for (const Zone& zone : kZones) {
    if (zone.name == name) return zone.minutes;
  }
  if (name.size() != 1 || name[0] < 'a' || name[0] > 'y' || name[0] == 'j') return std::nullopt;
  const char c = name[0];
  if (c <= 'm') return -60 * (c - 'a' + 1 - (c > 'j' ? 1 : 0));
  return 60 * (c - 'n' + 1);
}

/// "+0100", "-05:00", "+1", "+5:30"; the text must end there.
std::optional<int> numeric_zone(std::string_view text) {
  Cursor in{text};
  const bool west = in.take('-');
  if (!west && !in.take('+')) return std::nullopt;
  const std::size_t digits = in.digits_ahead();
  if (digits == 0 || digits > 4) return std::nullopt;
  const int h = in.number(1, digits <= 2 ? 2 : digits - 2).value_or(0);
  in.take(':');
  const int m = in.at_end() ? 0 : in.number(1, 2).value_or(-1);
  if (m < 0 || m > 59 || !in.at_end()) return std::nullopt;
  return (west ? -1 : 1) * (h * 60 + m);
}

}  // namespace

std::optional<Instant> instant_of(const Fields& f) {
  if (f.year < 1 || f.year > 9999 || f.hour > 24 || f.minute > 59 || f.second > 60)
    return std::nullopt;
  if (f.hour == 24 && (f.minute != 0 || f.second != 0)) return std::nullopt;
  if (f.offset > 24 * 60 || f.offset < -24 * 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{f.year},
                                         std::chrono::month{static_cast<unsigned>(f.month)},
                                         std::chrono::day{static_cast<unsigned>(f.day)}};
  if (f.month < 1 || f.day < 1 || !date.ok()) return std::nullopt;
  return Instant{std::chrono::sys_days{date}} + hours{f.hour} + minutes{f.minute - f.offset} +
         seconds{f.second} + milliseconds{f.millisecond};
}

std::optional<int> zone_of(std::string_view text) {
  std::string name = to_lower_ascii(text);
  if (name.starts_with("etc/")) name.erase(0, 4);
  if (name.size() > 2 && name.front() == '(' && name.back() == ')')
    name = name.substr(1, name.size() - 2);
  if (const auto minutes = numeric_zone(name)) return minutes;
  for (const std::string_view prefix : {"gmt", "utc"}) {
    if (name.starts_with(prefix) && name.size() > 3)
      return numeric_zone(std::string_view{name}.substr(3));
  }
  return named_zone(name);
}

bool take_time(Cursor& in, Fields& f, bool colon_needed) {
  const Cursor start = in;
  const auto hour = in.number(1, 2);
  if (hour && in.take(':')) {
    const auto minute = in.number(1, 2);
    if (!minute) return in = start, false;
    f.hour = *hour;
    f.minute = *minute;
    f.second = in.take(':') ? in.number(1, 2).value_or(0) : 0;
  } else if (hour && !colon_needed && (in.at_end() || !digit(in.rest.front()))) {
    f.hour = *hour;  // "2003-12-31T10Z"
  } else {
    in = start;
    const std::size_t digits = in.digits_ahead();
    if (colon_needed || (digits != 4 && digits != 6)) return false;
    f.hour = in.number(2, 2).value_or(0);
    f.minute = in.number(2, 2).value_or(0);
    f.second = digits == 6 ? in.number(2, 2).value_or(0) : 0;
  }
  if (!in.rest.empty() && (in.rest.front() == '.' || in.rest.front() == ',') &&
      in.rest.size() > 1 && digit(in.rest[1])) {
    in.rest.remove_prefix(1);
    f.millisecond = 0;
    int scale = 100;
    while (!in.at_end() && digit(in.rest.front())) {
      f.millisecond += (in.rest.front() - '0') * scale;
      scale /= 10;
      in.rest.remove_prefix(1);
    }
  } else if (in.rest.starts_with(".Z") || in.rest.starts_with(".z")) {
    in.rest.remove_prefix(1);
  }
  return true;
}

}  // namespace earshot::dates
