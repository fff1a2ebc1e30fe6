#include "imap_words.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

std::string unescape_percent(std::string_view text) {
  std::string out;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string imap_date(Instant at) {
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  return fmt::format("{}-{}-{}", static_cast<unsigned>(day.day()),
                     kMonths[static_cast<unsigned>(day.month()) - 1], static_cast<int>(day.year()));
}

std::optional<Instant> read_imap_date(std::string_view text) {
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, zone = 0;
  char month[4] = {}, sign = '+';
  if (std::sscanf(std::string{text}.c_str(), "%2d-%3[A-Za-z]-%4d %2d:%2d:%2d %c%4d", &day, month,
                  &year, &hour, &minute, &second, &sign, &zone) != 8)
    return std::nullopt;
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = kMonths.find(month);
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(at / 3 + 1)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const int offset = (zone / 100 * 60 + zone % 100) * (sign == '-' ? -1 : 1);
  return Instant{std::chrono::sys_days{date} + std::chrono::hours{hour} +
                 std::chrono::minutes{minute - offset} + std::chrono::seconds{second}};
}

std::string quoted_mailbox(std::string_view name) {
  static constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
  std::string out = "\"";
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint c = decode_utf8(name, at);
    if (c.value >= 0x20 && c.value < 0x7F) {
      if (c.value == '"' || c.value == '\\') out += '\\';
      out += static_cast<char>(c.value);
      if (c.value == '&') out += '-';
      at += c.length;
      continue;
    }
    out += '&';
    std::uint32_t bits = 0;
    int held = 0;
    const auto put = [&](std::uint32_t unit) {
      bits = (bits << 16U) | unit;
      for (held += 16; held >= 6; held -= 6)
        out += kBase64[(bits >> static_cast<unsigned>(held - 6)) & 63U];
      bits &= (1U << static_cast<unsigned>(held)) - 1U;
    };
    while (at < name.size()) {
      const CodePoint wide = decode_utf8(name, at);
      if (wide.value >= 0x20 && wide.value < 0x7F) break;
      if (wide.value > 0xFFFF) {
        put(0xD800U + ((wide.value - 0x10000U) >> 10U));
        put(0xDC00U + ((wide.value - 0x10000U) & 0x3FFU));
      } else {
        put(wide.value);
      }
      at += wide.length;
    }
    if (held > 0) out += kBase64[(bits << static_cast<unsigned>(6 - held)) & 63U];
    out += '-';
  }
  return out + "\"";
}

std::pair<std::string, std::string> split_mailbox_url(const std::string& url) {
  const std::size_t host = url.find("://");
  const std::size_t slash = host == std::string::npos ? std::string::npos : url.find('/', host + 3);
  std::string box =
      slash == std::string::npos ? "" : unescape_percent(std::string_view{url}.substr(slash + 1));
  while (box.ends_with('/')) box.pop_back();
  return {url.substr(0, slash), box.empty() ? "INBOX" : box};
}

std::string imap_uid_set(const std::vector<std::uint32_t>& uids) {
  std::string out;
  for (std::size_t i = 0; i < uids.size();) {
    std::size_t end = i;
    while (end + 1 < uids.size() && uids[end + 1] == uids[end] + 1) ++end;
    if (!out.empty()) out += ',';
    out += end == i ? fmt::format("{}", uids[i]) : fmt::format("{}:{}", uids[i], uids[end]);
    i = end + 1;
  }
  return out;
}

}  // namespace earshot
