/// Dates written in words: RFC 822, asctime and what people write around the world.

#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "earshot/core/utf8.hpp"
#include "feed_date_parts.hpp"
#include "feed_month_names.hpp"

namespace earshot::dates {
namespace {

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
    } else if (c.value >= 0x410 && c.value <= 0x42F) {
      append_utf8(out, c.value + 32);  // Cyrillic capitals
    } else if (c.value == 0x15E) {
      append_utf8(out, 0x15F);  // Şubat
    } else {
      out.append(word.substr(i, c.length));
    }
    i += c.length;
  }
  while (!out.empty() && (out.back() == '.' || out.back() == ',')) out.pop_back();
  return out;
}

std::optional<int> month_of(const std::string& folded) {
  for (const Stem& stem : kStems) {
    if (!folded.starts_with(stem.begin)) continue;
    return stem.month == 0 ? std::nullopt : std::optional{stem.month};
  }
  return std::nullopt;
}

int full_year(int year, std::size_t digits) {
  if (digits == 3) return 1900 + year;  // RFC 5322 4.3
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
      // The last one counts, "mar. 23 novembre" begins with a weekday; behind a whole date nothing
      // does: "… 2015 10:00 Mayotte".
      if (f_.month < 0 || numbers_.size() < 2) f_.month = *month;
      return true;
    }
    if (folded == "at" && !timed_) return true;  // "5 January 2015 at 10:00", no Atlantic time
    if ((timed_ || numbers_.size() >= 2) && zone(w)) return true;
    return true;  // weekdays, "de", "Uhr" …
  }

  /// "2004년", "12월", "31일", "10시", "14분"; "2015年1月5日", "10時30分".
  bool east_asian(std::string_view w) {
    while (!w.empty()) {
      Cursor in{w};
      const std::size_t digits = in.digits_ahead();
      if (digits == 0 || digits > 4) return in.rest == "(" || !digit(w[0]);
      const int value = in.number(1, 4).value_or(0);
      const auto unit = [&](std::string_view korean, std::string_view other) {
        if (in.rest.starts_with(korean)) return korean_ = true;
        return in.rest.starts_with(other);
      };
      if (unit("년", "年"))
        numbers_.insert(numbers_.begin(), {value, 4});
      else if (unit("월", "月"))
        f_.month = value;
      else if (unit("일", "日"))
        f_.day = value;
      else if (unit("시", "時") || in.rest.starts_with("时"))
        f_.hour = value, timed_ = true;
      else if (unit("분", "分"))
        f_.minute = value;
      else if (unit("초", "秒"))
        f_.second = value;
      else
        return false;
      w = in.rest.substr(3);
      if (!w.empty() && !digit(w[0])) return true;  // "月曜日", "(月)"
    }
    return true;
  }

  /// "10.00.00": a time where no date can be; day and month are known by then.
  bool timed_dots(std::string_view folded) {
    if (timed_ || f_.month < 0 || numbers_.size() < 2) return false;
    Cursor in{folded};
    const auto hour = in.number(1, 2);
    if (!hour || !in.take('.')) return false;
    const auto minute = in.number(2, 2);
    if (!minute || *hour > 24 || *minute > 59) return false;
    const auto second = in.take('.') ? in.number(2, 2) : std::optional{0};
    if (!second || !in.at_end()) return false;
    f_.hour = *hour;
    f_.minute = *minute;
    f_.second = *second;
    return timed_ = true;
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
    if (!w.substr(digits).empty() && static_cast<unsigned char>(w[digits]) >= 0xE0)
      return east_asian(w);
    if (timed_dots(folded)) return true;
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

std::optional<Instant> read_words(std::string_view text) {
  return Words{}.read(text);
}

}  // namespace earshot::dates
