#include "json_tidy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kItemDepth = 2;  ///< {"items":[ … or {"data":{"children":[ … one deeper

std::optional<unsigned> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(0, 4)) {
    const char l = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    if (l >= '0' && l <= '9')
      value = value * 16 + static_cast<unsigned>(l - '0');
    else if (l >= 'a' && l <= 'f')
      value = value * 16 + static_cast<unsigned>(l - 'a' + 10);
    else
      return std::nullopt;
  }
  return value;
}

bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

/// Of a number that no double holds: too large, not too small.
bool huge(std::string_view number) {
  const std::size_t e = number.find_first_of("eE");
  return e == std::string_view::npos || !number.substr(e + 1).starts_with('-');
}

class Tidy {
 public:
  explicit Tidy(std::string_view text) : in_(text) { out_.json.reserve(text.size() + 64); }

  TidyJson run() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '"') {
        string();
      } else if (c == ',') {
        comma();
      } else if (const std::size_t length = no_number(); length > 0) {
        warn_once(number_, "numbers that JSON does not have were read as null");
        out_.json += "null";
        at_ += length;
      } else {
        structure(c);
        out_.json += c;
        ++at_;
        if (c == '}' || c == ']') item_ended();
      }
    }
    if (!open_.empty()) cut();
    return std::move(out_);
  }

 private:
  void warn_once(bool& told, const char* sentence) {
    if (!told) out_.warnings.emplace_back(sentence);
    told = true;
  }

  void structure(char c) {
    if (c == '{' || c == '[') open_ += c;
    if ((c == '}' || c == ']') && !open_.empty()) open_.pop_back();
  }

  /// Remembers where the last whole object of a list ends.
  void item_ended() {
    if (open_.size() > kItemDepth + 1 || !open_.ends_with('[')) return;
    whole_ = out_.json.size();
    whole_open_ = open_;
  }

  /// Length of what is here in place of a number and is none: NaN and Infinity of careless writers,
  /// or more than a double holds. 0: something else.
  std::size_t no_number() const {
    const std::string_view rest = in_.substr(at_);
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
      if (rest.starts_with(word)) return word.size();
    }
    if (rest[0] != '-' && (rest[0] < '0' || rest[0] > '9')) return 0;
    if (at_ > 0 && is_number_part(in_[at_ - 1])) return 0;  // its beginning was looked at
    std::size_t n = 1;
    while (n < rest.size() && is_number_part(rest[n])) ++n;
    double value = 0;
    const auto [end, why] = std::from_chars(rest.data(), rest.data() + n, value);
    return why == std::errc::result_out_of_range && end == rest.data() + n &&
                   huge(rest.substr(0, n))
               ? n
               : 0;
  }

  void comma() {
    std::size_t next = at_ + 1;
    while (next < in_.size() &&
           (in_[next] == ' ' || in_[next] == '\n' || in_[next] == '\r' || in_[next] == '\t'))
      ++next;
    const bool extra = next < in_.size() && (in_[next] == '}' || in_[next] == ']');
    if (extra)
      warn_once(comma_, "a comma before a closing bracket was dropped");
    else
      out_.json += ',';
    ++at_;
  }

  void string() {
    out_.json += '"';
    ++at_;
    while (at_ < in_.size() && in_[at_] != '"') {
      const char c = in_[at_];
      if (c == '\\') {
        escape();
      } else if (static_cast<unsigned char>(c) < 0x20) {
        warn_once(control_, "control characters inside strings were escaped");
        out_.json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        ++at_;
      } else {
        out_.json += c;
        ++at_;
      }
    }
    if (at_ == in_.size()) return;
    out_.json += '"';
    ++at_;
  }

  void escape() {
    const std::string_view rest = in_.substr(at_ + 1);
    if (!rest.empty() && std::string_view{"\"\\/bfnrt"}.find(rest[0]) != std::string_view::npos) {
      out_.json.append(in_.substr(at_, 2));
      at_ += 2;
      return;
    }
    const auto unit = rest.starts_with('u') ? hex4(rest.substr(1)) : std::nullopt;
    if (!unit) {
      warn_once(escape_, "unknown escapes were read as their characters");
      ++at_;  // "\x" is "x"
      return;
    }
    const bool high = *unit >= 0xD800 && *unit <= 0xDBFF;
    const bool low = *unit >= 0xDC00 && *unit <= 0xDFFF;
    const auto second =
        high && rest.substr(5).starts_with("\\u") ? hex4(rest.substr(7)) : std::nullopt;
    if (high && second && *second >= 0xDC00 && *second <= 0xDFFF) {
      out_.json.append(in_.substr(at_, 12));
      at_ += 12;
      return;
    }
    if (high || low) {
      warn_once(surrogate_, "halves of characters were replaced");
      out_.json += "\\ufffd";
    } else {
      out_.json.append(in_.substr(at_, 6));
    }
    at_ += 6;
  }

  void cut() {
    out_.cut = true;
    out_.warnings.emplace_back("the document ends early");
    if (whole_ == 0) return;
    out_.json.resize(whole_);
    for (std::size_t i = whole_open_.size(); i-- > 0;)
      out_.json += whole_open_[i] == '{' ? '}' : ']';
  }

  std::string_view in_;
  std::size_t at_ = 0;
  TidyJson out_;
  std::string open_;  ///< brackets that are open
  std::size_t whole_ = 0;
  std::string whole_open_;
  bool comma_ = false;
  bool control_ = false;
  bool escape_ = false;
  bool surrogate_ = false;
  bool number_ = false;
};

}  // namespace

TidyJson tidy_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Tidy{text}.run();
}

}  // namespace earshot
