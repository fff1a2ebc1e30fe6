#include "earshot/runtime/http.hpp"

#include <algorithm>
#include <array>

#include "earshot/core/utf8.hpp"

namespace earshot {

namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                "Friday", "Saturday", "Sunday"};

/// Walks a date from left to right; once something does not fit, `ok` stays false.
struct Reader {
  std::string_view rest;
  bool ok = true;

  void expect(std::string_view what) {
    if (ok && rest.substr(0, what.size()) == what)
      rest.remove_prefix(what.size());
    else
      ok = false;
  }
  int digits(std::size_t count) {
    int value = 0;
    if (rest.size() < count) ok = false;
    for (std::size_t i = 0; ok && i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9')
        ok = false;
      else
        value = value * 10 + (rest[i] - '0');
    }
    if (ok) rest.remove_prefix(count);
    return value;
  }
  unsigned month() {
    for (unsigned i = 0; i < kMonths.size(); ++i) {
      if (rest.substr(0, 3) != kMonths[i]) continue;
      rest.remove_prefix(3);
      return i + 1;
    }
    ok = false;
    return 1;
  }
  /// A weekday, short or whole; whether it is the right one does not matter.
  void weekday(bool whole) {
    for (const std::string_view day : kDays) {
      const std::string_view name = whole ? day : day.substr(0, 3);
      if (rest.substr(0, name.size()) != name) continue;
      rest.remove_prefix(name.size());
      return;
    }
    ok = false;
  }
};

struct Civil {
  int year = 0, day = 0, hour = 0, minute = 0, second = 0;
  unsigned month = 1;

  void time(Reader& in) {
    hour = in.digits(2);
    in.expect(":");
    minute = in.digits(2);
    in.expect(":");
    second = in.digits(2);
  }
};

std::optional<Instant> instant_of(const Civil& at) {
  const std::chrono::year_month_day date{std::chrono::year{at.year}, std::chrono::month{at.month},
                                         std::chrono::day{static_cast<unsigned>(at.day)}};
  if (!date.ok() || at.hour > 23 || at.minute > 59 || at.second > 60) return std::nullopt;
  return Instant{std::chrono::sys_days{date}} + hours{at.hour} + minutes{at.minute} +
         seconds{std::min(at.second, 59)};
}

// "Sun, 06 Nov 1994 08:49:37 GMT", and with dashes and two digits of the year: "Sunday, 06-Nov-94
// 08:49:37 GMT".
std::optional<Instant> with_comma(std::string_view text, bool old) {
  Reader in{text};
  Civil at;
  in.weekday(old);
  in.expect(", ");
  at.day = in.digits(2);
  in.expect(old ? "-" : " ");
  at.month = in.month();
  in.expect(old ? "-" : " ");
  at.year = in.digits(old ? 2 : 4);
  if (old) at.year += at.year < 70 ? 2000 : 1900;
  in.expect(" ");
  at.time(in);
  in.expect(" GMT");
  return in.ok && in.rest.empty() ? instant_of(at) : std::nullopt;
}

// "Sun Nov  6 08:49:37 1994"
std::optional<Instant> asctime_form(std::string_view text) {
  Reader in{text};
  Civil at;
  in.weekday(false);
  in.expect(" ");
  at.month = in.month();
  in.expect(" ");
  const bool padded = in.rest.substr(0, 1) == " ";
  if (padded) in.expect(" ");
  at.day = in.digits(padded ? 1 : 2);
  in.expect(" ");
  at.time(in);
  in.expect(" ");
  at.year = in.digits(4);
  return in.ok && in.rest.empty() ? instant_of(at) : std::nullopt;
}

constexpr Duration kLongestRetry = hours{24};

/// "120" and, as some services write it, "0.65": whole milliseconds, rounded up.
std::optional<Duration> delta_seconds(std::string_view text) {
  std::int64_t whole = 0;
  std::size_t i = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    whole = std::min<std::int64_t>(whole * 10 + (text[i] - '0'), 1'000'000);
  }
  if (i == 0) return std::nullopt;
  bool more = false;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
      more = more || text[i] != '0';
  }
  if (i != text.size()) return std::nullopt;
  return std::min<Duration>(seconds{whole + (more ? 1 : 0)}, kLongestRetry);
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

std::optional<Instant> parse_http_date(std::string_view text) {
  text = trim(text);
  if (auto at = with_comma(text, false)) return at;
  if (auto at = with_comma(text, true)) return at;
  return asctime_form(text);
}

std::optional<Duration> retry_after(const HttpResponse& response, Instant now) {
  const std::string_view value = trim(response.header("retry-after"));
  if (value.empty()) return std::nullopt;
  if (const auto delta = delta_seconds(value)) return delta;
  const auto at = parse_http_date(value);
  if (!at) return std::nullopt;
  const Instant theirs = parse_http_date(response.header("date")).value_or(now);
  return std::clamp<Duration>(*at - theirs, Duration{0}, kLongestRetry);
}

Error http_error(std::string_view where, const HttpResponse& response, Instant now) {
  const int status = response.status;
  const bool later = status == 408 || status == 425 || status == 429 || status >= 500;
  Error error;
  error.kind = later ? Error::Kind::transient : Error::Kind::permanent;
  error.status = status;
  error.message = std::string{where} + ": HTTP " + std::to_string(status);
  if (status >= 300 && status < 400) error.message += " (a redirect, which is not followed here)";
  error.retry_after = retry_after(response, now);
  // A 503 says that nothing was done; after any other 5xx nobody knows (RELIABILITY 2.1).
  error.uncertain = status >= 500 && status != 503;
  return error;
}

}  // namespace earshot
