#include "personal.hpp"

#include <algorithm>
#include <array>

namespace earshot {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool in_local_part(char c) {
  return is_digit(c) || is_letter(c) || std::string_view{"._%+-"}.find(c) != std::string_view::npos;
}
bool in_domain(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-';
}

void find_mails(std::string_view text, std::vector<FoundPersonal>& out) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::size_t from = at;
    while (from > 0 && in_local_part(text[from - 1])) --from;
    std::size_t to = at + 1;
    while (to < text.size() && in_domain(text[to])) ++to;
    while (to > at + 1 && !is_letter(text[to - 1])) --to;
    const bool account = from > 0 && text[from - 1] == '@';
    const bool dot = text.substr(at, to - at).find('.') != std::string_view::npos;
    if (from < at && !account && dot) out.push_back({Personal::mail, from, to});
  }
}

/// ISO 7812: the check digit of card numbers.
bool luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
    int value = digits[i] - '0';
    if (twice) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 == 0;
}

/// Runs of digits with the separators that people write between them.
void find_numbers(std::string_view text, std::vector<FoundPersonal>& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins =
        is_digit(text[at]) || (text[at] == '+' && at + 1 < text.size() && is_digit(text[at + 1]));
    if (!begins || (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1])))) continue;
    std::string digits;
    std::size_t to = at;
    std::size_t end = at;
    for (; to < text.size(); ++to) {
      const char c = text[to];
      if (is_digit(c)) {
        digits += c;
        end = to + 1;
      } else if (std::string_view{"+ ()-/"}.find(c) == std::string_view::npos) {
        break;
      }
    }
    const bool leads = text[at] == '+' || text[at] == '0';
    if (digits.size() >= 13 && digits.size() <= 19 && luhn(digits))
      out.push_back({Personal::card, at, end});
    else if (leads && digits.size() >= 7 && digits.size() <= 15)
      out.push_back({Personal::phone, at, end});
    at = std::max(at, end);
  }
}

/// ISO 13616: two letters, two digits, eleven to thirty characters, blanks between groups of four.
void find_ibans(std::string_view text, std::vector<FoundPersonal>& out) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  for (std::size_t at = 0; at + 15 <= text.size(); ++at) {
    const bool begins = upper(text[at]) && upper(text[at + 1]) && is_digit(text[at + 2]) &&
                        is_digit(text[at + 3]) && (at == 0 || !is_letter(text[at - 1]));
    if (!begins) continue;
    std::size_t count = 0;
    std::size_t digits = 0;
    std::size_t end = at;
    for (std::size_t to = at; to < text.size() && count < 34; ++to) {
      const char c = text[to];
      if (c == ' ') continue;
      if (!is_digit(c) && !upper(c)) break;
      ++count;
      digits += is_digit(c) ? 1 : 0;
      end = to + 1;
    }
    if (count >= 15 && digits >= 12) out.push_back({Personal::iban, at, end});
  }
}

struct Currency {
  std::string_view sign;
  std::string_view word;
};
constexpr std::array kCurrencies{
    Currency{"EUR", "EUR"},  Currency{"€", "EUR"},   Currency{"Euro", "EUR"},
    Currency{"euro", "EUR"}, Currency{"USD", "USD"}, Currency{"$", "USD"},
    Currency{"GBP", "GBP"},  Currency{"£", "GBP"},   Currency{"CHF", "CHF"}};

/// "1.250,50" and "1,250.50" as "1250.50".
std::string plain_number(std::string_view text) {
  const std::size_t last = text.find_last_of(".,");
  const bool cents = last != std::string_view::npos && text.size() - last - 1 <= 2;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) out += text[i];
    if (cents && i == last && i + 1 < text.size()) out += '.';
  }
  return out;
}

}  // namespace

std::string_view word_of(Personal kind) {
  switch (kind) {
    case Personal::mail:
      return "A mail address";
    case Personal::phone:
      return "A telephone number";
    case Personal::iban:
      return "An account number";
    case Personal::card:
      return "A card number";
  }
  return {};
}

std::vector<FoundPersonal> personal_in(std::string_view text) {
  std::vector<FoundPersonal> out;
  find_mails(text, out);
  find_ibans(text, out);
  std::vector<FoundPersonal> numbers;
  find_numbers(text, numbers);
  for (const FoundPersonal& it : numbers) {
    const bool inside = std::ranges::any_of(
        out, [&](const FoundPersonal& other) { return it.from < other.to && other.from < it.to; });
    if (!inside) out.push_back(it);
  }
  std::ranges::sort(out, {}, &FoundPersonal::from);
  return out;
}

std::vector<FoundText> amounts_in(std::string_view text) {
  std::vector<FoundText> out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    std::size_t to = at;
    while (to < text.size() && (is_digit(text[to]) || text[to] == '.' || text[to] == ',')) ++to;
    std::size_t end = to;
    while (end > at && !is_digit(text[end - 1])) --end;
    const std::string number = plain_number(text.substr(at, end - at));
    for (const Currency& it : kCurrencies) {
      const std::size_t gap = end < text.size() && text[end] == ' ' ? 1 : 0;
      const bool behind = text.substr(std::min(text.size(), end + gap)).starts_with(it.sign);
      std::string_view head = text.substr(0, at);
      if (head.ends_with(' ')) head.remove_suffix(1);
      const bool before = head.ends_with(it.sign);
      if (!behind && !before) continue;
      const std::size_t from = before ? head.size() - it.sign.size() : at;
      out.push_back(
          {number + " " + std::string{it.word}, from, behind ? end + gap + it.sign.size() : end});
      break;
    }
    at = to;
  }
  return out;
}

}  // namespace earshot
