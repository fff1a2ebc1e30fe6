#include "feed_dates.hpp"

#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

struct Fields {
  int year = -1;
  int month = -1;
  int day = -1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  int offset = 0;  ///< minutes east of UTC
};

/// hour 24 and second 60 exist and mean the next minute's begin; no other overflow does.
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

bool digit(char c) {
  return c >= '0' && c <= '9';
}

/// Walks a text; every `take` leaves it untouched where it does not match.
struct Cursor {
  std::string_view rest;
  bool at_end() const { return rest.empty(); }
  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  /// Between `least` and `most` digits.
  std::optional<int> number(std::size_t least, std::size_t most) {
    std::size_t n = 0;
    int value = 0;
    while (n < rest.size() && n < most && digit(rest[n])) value = value * 10 + (rest[n++] - '0');
    if (n < least) return std::nullopt;
    rest.remove_prefix(n);
    return value;
  }
  std::size_t digits_ahead() const {
    std::size_t n = 0;
    while (n < rest.size() && digit(rest[n])) ++n;
    return n;
  }
};

/// Weekday and month names, folded: ASCII lower case, Latin accents dropped.
std::string fold(std::string_view word) {
  static constexpr std::string_view kLatin1 =
      "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy";
  std::string out;
  for (std::size_t i = 0; i < word.size();) {
    const CodePoint c = decode_utf8(word, i);
    if (c.value < 0x80) {
      out += static_cast<char>(std::tolower(static_cast<int>(c.value)));
    } else if (c.value >= 0xC0 && c.value <= 0xFF) {
      out += kLatin1[c.value - 0xC0];
    } else {
      out.append(word.substr(i, c.length));
    }
    i += c.length;
  }
  while (!out.empty() && (out.back() == '.' || out.back() == ',')) out.pop_back();
  return out;
}

struct Stem {
  std::string_view begin;
  int month;
};
/// The first match counts, so longer stems of one letter stand first. 0: a weekday that begins like
/// a month.
constexpr std::array kStems{
    Stem{"mardi", 0}, Stem{"martes", 0}, Stem{"marted", 0}, Stem{"jan", 1},  Stem{"ene", 1},
    Stem{"gen", 1},   Stem{"feb", 2},    Stem{"fev", 2},    Stem{"mar", 3},  Stem{"maer", 3},
    Stem{"maa", 3},   Stem{"mrt", 3},    Stem{"mrz", 3},    Stem{"apr", 4},  Stem{"abr", 4},
    Stem{"avr", 4},   Stem{"mai", 5},    Stem{"may", 5},    Stem{"mei", 5},  Stem{"mag", 5},
    Stem{"maj", 5},   Stem{"mau", 5},    Stem{"juin", 6},   Stem{"jun", 6},  Stem{"giu", 6},
    Stem{"juil", 7},  Stem{"jul", 7},    Stem{"lug", 7},    Stem{"aug", 8},  Stem{"aou", 8},
    Stem{"ago", 8},   Stem{"sep", 9},    Stem{"set", 9},    Stem{"sze", 9},  Stem{"oct", 10},
    Stem{"okt", 10},  Stem{"ott", 10},   Stem{"out", 10},   Stem{"nov", 11}, Stem{"dec", 12},
    Stem{"dez", 12},  Stem{"dic", 12},   Stem{"Ιαν", 1},    Stem{"Φεβ", 2},  Stem{"Μάι", 5},
    Stem{"Μαϊ", 5},   Stem{"Μαι", 5},    Stem{"Μάϊ", 5},    Stem{"Μάρ", 3},  Stem{"Μαρ", 3},
    Stem{"Μάώ", 3},   Stem{"Μαώ", 3},    Stem{"Απρ", 4},    Stem{"Ιούν", 6}, Stem{"Ιουν", 6},
    Stem{"Ιον", 6},   Stem{"Ιούλ", 7},   Stem{"Ιουλ", 7},   Stem{"Ιολ", 7},  Stem{"Αύγ", 8},
    Stem{"Αυγ", 8},   Stem{"Σεπ", 9},    Stem{"Οκτ", 10},   Stem{"Νοέ", 11}, Stem{"Νοε", 11},
    Stem{"Δεκ", 12},
};

std::optional<int> month_of(const std::string& folded) {
  for (const Stem& stem : kStems) {
    if (!folded.starts_with(stem.begin)) continue;
    return stem.month == 0 ? std::nullopt : std::optional{stem.month};
  }
  return std::nullopt;
}

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

/// Any zone: "GMT", "EST", "GMT+2", "Etc/GMT", "UTC-05:00", "+0100", "(CET)".
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

/// "23:59", "23:59:60.123", "9.05"; leaves what follows.
bool take_time(Cursor& in, Fields& f, bool colon_needed = true) {
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
  }
  return true;
}

bool set_date(Fields& f, std::chrono::sys_days days) {
  const std::chrono::year_month_day date{days};
  f.year = static_cast<int>(date.year());
  f.month = static_cast<int>(static_cast<unsigned>(date.month()));
  f.day = static_cast<int>(static_cast<unsigned>(date.day()));
  return true;
}

bool set_ordinal(Fields& f, int year, int day) {
  if (day < 1 || day > (std::chrono::year{year}.is_leap() ? 366 : 365)) return false;
  return set_date(
      f, std::chrono::sys_days{std::chrono::year{year} / 1 / 1} + std::chrono::days{day - 1});
}

/// ISO 8601 4.1.4: week 1 holds the year's first Thursday.
bool set_week(Fields& f, int year, int week, int day) {
  if (week < 1 || week > 53 || day < 1 || day > 7) return false;
  const std::chrono::sys_days fourth{std::chrono::year{year} / 1 / 4};
  const auto monday = fourth - (std::chrono::weekday{fourth} - std::chrono::Monday);
  return set_date(f, monday + std::chrono::days{(week - 1) * 7 + day - 1});
}

/// The date part of ISO 8601 and W3CDTF, extended or basic, also with slashes or dots after a
/// four-digit year.
bool take_iso_date(Cursor& in, Fields& f) {
  const std::size_t digits = in.digits_ahead();
  if (digits == 4 || digits == 6 || digits == 7 || digits == 8) {
    if (digits == 6) {  // YYMMDD
      f.year = 2000 + in.number(2, 2).value_or(0);
    } else {
      f.year = in.number(4, 4).value_or(0);
      if (digits == 7) return set_ordinal(f, f.year, in.number(3, 3).value_or(0));
    }
    if (digits != 4) {
      f.month = in.number(2, 2).value_or(0);
      f.day = in.number(2, 2).value_or(0);
      return true;
    }
  } else if (digits == 5) {  // YYDDD
    const int year = 2000 + in.number(2, 2).value_or(0);
    return set_ordinal(f, year, in.number(3, 3).value_or(0));
  } else {
    return false;
  }
  f.month = f.day = 1;
  const Cursor year_only = in;
  const char mark = in.take('-')               ? '-'
                    : in.take('/')             ? '/'
                    : in.take('.')             ? '.'
                    : in.rest.starts_with('W') ? 'W'
                                               : 0;
  if (mark == 0) return true;
  if (in.take('W') || in.take('w')) {
    const int week = in.number(2, 2).value_or(0);
    in.take('-');
    return set_week(f, f.year, week, in.number(1, 1).value_or(1));
  }
  if (mark == '-' && in.digits_ahead() == 3)
    return set_ordinal(f, f.year, in.number(3, 3).value_or(0));
  if (in.digits_ahead() == 0) return mark == '-' && (in = year_only, true);  // "2004-" or a zone
  f.month = in.number(1, 2).value_or(0);
  if (in.take(mark)) f.day = in.number(1, 2).value_or(0);
  return true;
}

/// A zone, or nothing, up to the end.
bool take_zone(Cursor& in, Fields& f) {
  in.rest = trim(in.rest);
  if (in.at_end()) return true;
  if (in.rest.starts_with('z') || in.rest.starts_with('Z')) {
    f.offset = 0;  // what follows a Z is noise: "Z+00:00", "Z GMT"
    return true;
  }
  const std::size_t blank = in.rest.find(' ');
  const auto zone = zone_of(in.rest.substr(0, blank));
  if (!zone) return false;
  f.offset = *zone;
  return true;
}

std::optional<Instant> read_iso(std::string_view text) {
  Fields f;
  Cursor in{text};
  if (!take_iso_date(in, f)) return std::nullopt;
  if (in.at_end()) return instant_of(f);
  const Cursor before = in;
  while (in.take(' ') || in.take('T') || in.take('t') || in.take('_')) {
  }
  if (in.rest.size() == before.rest.size()) return take_zone(in, f) ? instant_of(f) : std::nullopt;
  if (!in.at_end() && !digit(in.rest.front()))
    return take_zone(in, f) ? instant_of(f) : std::nullopt;
  if (!take_time(in, f, false)) return std::nullopt;
  Cursor tail = in;
  tail.rest = trim(tail.rest);
  const std::string half = to_lower_ascii(tail.rest.substr(0, 2));
  if ((half == "am" || half == "pm") && f.hour >= 1 && f.hour <= 12) {
    f.hour = f.hour % 12 + (half == "pm" ? 12 : 0);
    tail.rest.remove_prefix(2);
  }
  return take_zone(tail, f) ? instant_of(f) : std::nullopt;
}

/// "1764000000", "1764000000.25", "1764000000123".
std::optional<Instant> read_epoch(std::string_view text) {
  Cursor in{text};
  const std::size_t digits = in.digits_ahead();
  if (digits < 9 || digits > 13) {
    if (digits != 14 || digits != text.size()) return std::nullopt;
    Fields f;  // YYYYMMDDhhmmss
    f.year = in.number(4, 4).value_or(0);
    f.month = in.number(2, 2).value_or(0);
    f.day = in.number(2, 2).value_or(0);
    return take_time(in, f, false) ? instant_of(f) : std::nullopt;
  }
  std::int64_t value = 0;
  for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
  in.rest.remove_prefix(digits);
  if (digits >= 12) return in.at_end() ? std::optional{from_unix_ms(value)} : std::nullopt;
  if (!in.at_end() && !in.take('.')) return std::nullopt;
  for (const char c : in.rest) {
    if (!digit(c)) return std::nullopt;
  }
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 3; ++i) ms = ms * 10 + (i < in.rest.size() ? in.rest[i] - '0' : 0);
  return from_unix_ms(value * 1000 + ms);
}

int full_year(int year, std::size_t digits) {
  if (digits > 2) return year;
  return year < 90 ? 2000 + year : 1900 + year;
}

/// Words in any order: day before month as RFC 822 has it, month before day as asctime and
/// Americans have it.
class Words {
 public:
  std::optional<Instant> read(std::string_view text) {
    std::string plain{text};
    for (std::size_t i = 0; i < plain.size(); ++i) {
      char& c = plain[i];
      if (c == ',' || c == '\t' || c == '\n' || c == '\r') c = ' ';
      if (c == 'T' && i > 0 && i + 1 < plain.size() && digit(plain[i - 1]) && digit(plain[i + 1]))
        c = ' ';  // "2004-július-13T9:15"
    }
    for (std::string_view rest = trim(plain); !rest.empty(); rest = trim(rest)) {
      const std::size_t end = rest.find(' ');
      if (!word(rest.substr(0, end))) return std::nullopt;
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end);
    }
    return finish();
  }

 private:
  bool word(std::string_view w) {
    const std::string folded = fold(w);
    if (folded.empty()) return true;
    if (digit(folded[0])) return number(w, folded);
    if (folded[0] == '+' || folded[0] == '-') return zone(w);
    if (const std::size_t dash = folded.find_first_of("-/");
        dash != std::string::npos && folded.size() > dash + 1 && digit(folded[dash + 1]) &&
        month_of(folded)) {
      f_.month = *month_of(folded);  // "Jan-23-2004"
      return date_rest(std::string_view{folded}.substr(dash + 1));
    }
    if (folded == "am" || folded == "pm" || folded == "a.m" || folded == "p.m" || w == "오전" ||
        w == "오후") {
      half_ = folded[0] == 'p' || w == "오후" ? 2 : 1;
      korean_ = korean_ || w == "오전" || w == "오후";
      return true;
    }
    if (const auto month = month_of(folded)) {
      f_.month = *month;  // the last one counts: "mar. 23 novembre" begins with a weekday
      return true;
    }
    if ((timed_ || numbers_.size() >= 2) && zone(w)) return true;
    return true;  // weekdays, "de", "Uhr", "at" …
  }

  bool date_rest(std::string_view rest) {
    for (std::size_t begin = 0; begin <= rest.size();) {
      std::size_t end = rest.find_first_of("-/.", begin);
      if (end == std::string_view::npos) end = rest.size();
      const std::string_view part = rest.substr(begin, end - begin);
      begin = end + 1;
      if (part.empty()) continue;
      if (digit(part[0])) {
        Cursor in{part};
        const std::size_t digits = in.digits_ahead();
        if (digits > 4) return false;
        numbers_.push_back({in.number(1, 4).value_or(0), digits});
      } else if (const auto month = month_of(fold(part))) {
        f_.month = *month;
      }
    }
    return true;
  }

  bool number(std::string_view w, const std::string& folded) {
    Cursor in{folded};
    if (folded.find(':') != std::string::npos) {
      if (timed_ || !take_time(in, f_)) return false;
      timed_ = true;
      if (in.rest == "am" || in.rest == "pm") {
        half_ = in.rest[0] == 'p' ? 2 : 1;
        return true;
      }
      return in.at_end() || zone(in.rest);
    }
    const std::size_t digits = in.digits_ahead();
    const std::string_view tail = std::string_view{folded}.substr(digits);
    if (digits > 4) return false;
    if (w.substr(digits).starts_with("년"))
      return numbers_.insert(numbers_.begin(), {in.number(4, 4).value_or(0), 4}), true;
    if (w.substr(digits).starts_with("월"))
      return f_.month = in.number(1, 2).value_or(0), korean_ = true;
    if (w.substr(digits).starts_with("일")) return f_.day = in.number(1, 2).value_or(0), true;
    if (tail.empty() || tail == "st" || tail == "nd" || tail == "rd" || tail == "th" ||
        tail == "er" || tail == "o") {
      const auto value = in.number(1, 4);
      if (timed_ && f_.year < 0 && numbers_.size() >= 2)
        return zoned_ || digits == 4;  // "0000" as a zone
      numbers_.push_back({*value, digits});
      return true;
    }
    if (tail.find_first_of("-/.") == 0) return dotted(folded);
    if (tail == "am" || tail == "pm") {
      f_.hour = in.number(1, 2).value_or(0);
      half_ = tail == "pm" ? 2 : 1;
      return timed_ = true;
    }
    if (tail[0] == 'h') {  // "14h30"
      f_.hour = in.number(1, 2).value_or(0);
      in.take('h');
      f_.minute = in.number(2, 2).value_or(0);
      return timed_ = true;
    }
    return false;
  }

  /// "1-Jan-2004", "23.11.2026", "2004-07-13" among other words.
  bool dotted(std::string_view text) {
    const std::size_t before = numbers_.size();
    if (!date_rest(text)) return false;
    if (f_.month < 0 && numbers_.size() == before + 3) {
      const bool year_first = numbers_[before].digits == 4;
      const bool german = text.find('.') != std::string_view::npos;
      if (!year_first && !german) return false;  // 01/02/2004 may be either
      f_.month = numbers_[before + 1].value;
      numbers_.erase(numbers_.begin() + static_cast<std::ptrdiff_t>(before) + 1);
    }
    return true;
  }

  bool zone(std::string_view w) {
    const auto minutes = zone_of(w);
    if (!minutes) return false;
    if (!zoned_) f_.offset = *minutes;  // "+0100 (CET)": the number counts
    return zoned_ = true;
  }

  std::optional<Instant> finish() {
    if (f_.month < 0) return std::nullopt;
    for (const Number& n : numbers_) {
      if (n.digits >= 3 || f_.day >= 0) {
        if (f_.year >= 0) continue;
        f_.year = full_year(n.value, n.digits);
      } else {
        f_.day = n.value;
      }
    }
    if (f_.day < 0 || f_.year < 0) return std::nullopt;
    if (half_ != 0 && f_.hour >= 1 && f_.hour <= 12) f_.hour = f_.hour % 12 + (half_ == 2 ? 12 : 0);
    if (korean_ && !zoned_) f_.offset = 9 * 60;
    return instant_of(f_);
  }

  struct Number {
    int value;
    std::size_t digits;
  };
  Fields f_;
  std::vector<Number> numbers_;  ///< day and year, in the order written
  bool timed_ = false;
  bool zoned_ = false;
  bool korean_ = false;
  int half_ = 0;  ///< 1: before noon, 2: after noon
};

}  // namespace

std::optional<Instant> parse_feed_date(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > 128) return std::nullopt;
  if (digit(text.front())) {
    if (const auto at = read_epoch(text)) return at;
    if (const auto at = read_iso(text)) return at;
  }
  return Words{}.read(text);
}

}  // namespace earshot
