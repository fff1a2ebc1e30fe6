#include "mail_parts.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "earshot/core/ids.hpp"

namespace earshot::payload {

std::string mail_date(Instant at) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
  return fmt::format(
      "{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday{day}.c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
      time.seconds().count());
}

std::string mail_domain(std::string_view address) {
  const std::size_t at = address.rfind('@');
  std::string domain;
  for (const char c : at == std::string_view::npos ? std::string_view{} : address.substr(at + 1)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-';
    if (plain) domain += c;
  }
  return domain.empty() ? "earshot.invalid" : domain;
}

std::string mail_part(std::string_view subtype, std::string_view text) {
  std::string out = fmt::format(
      "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", subtype);
  const std::string body = base64(text);
  for (std::size_t i = 0; i < body.size(); i += 76) out += body.substr(i, 76) + "\r\n";
  return out;
}

bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= 250 && id.find_first_of("<> \r\n\t") == std::string_view::npos;
}

}  // namespace earshot::payload
