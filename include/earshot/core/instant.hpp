#pragma once

/// Wall-clock time as the whole program speaks it: UTC, in milliseconds. Local time exists in
/// `oncall` and in templates only.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace earshot {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Duration>;

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// "2026-11-23T17:25:00Z", with ".123" before the Z only where there are milliseconds (RFC 3339).
std::string to_rfc3339(Instant at);
/// The same with milliseconds always: the shape of the HTTP API.
std::string to_rfc3339_ms(Instant at);
/// Reads RFC 3339 date-times: any offset, any number of fraction digits, lower-case t/z, a blank
/// instead of T. Nothing else.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// "1h30m", "45s", "250ms": the largest exact units; "0s" for zero. Negative spans carry a leading
/// minus.
std::string to_text(Duration span);
/// Reads `30s 5m 2h 7d 500ms 1w` and sums such as `1h30m`. Empty, unitless, negative or overflowing
/// spans are refused.
std::optional<Duration> parse_duration(std::string_view text);

inline Instant from_unix_ms(std::int64_t ms) {
  return Instant{Duration{ms}};
}
inline std::int64_t to_unix_ms(Instant at) {
  return at.time_since_epoch().count();
}
inline Instant from_unix(std::int64_t s) {
  return Instant{std::chrono::seconds{s}};
}
inline std::int64_t to_unix(Instant at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace earshot
