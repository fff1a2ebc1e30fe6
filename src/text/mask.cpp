#include "earshot/text/mask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool wordy(char c) {
  return digit(c) || letter(c) || static_cast<unsigned char>(c) >= 0x80;
}
char at(std::string_view text, std::size_t i) {
  return i < text.size() ? text[i] : '\0';
}

struct Found {
  std::size_t end = 0;
  std::string masked{};
};

// Lengths by country (ISO 13616 registry) of where customers bank; another country's is 15 to 34.
struct Country {
  std::string_view code;
  std::size_t length;
};
constexpr std::array kCountries{
    Country{"AT", 20}, Country{"BE", 16}, Country{"BG", 22}, Country{"CH", 21}, Country{"CY", 28},
    Country{"CZ", 24}, Country{"DE", 22}, Country{"DK", 18}, Country{"EE", 20}, Country{"ES", 24},
    Country{"FI", 18}, Country{"FR", 27}, Country{"GB", 22}, Country{"GR", 27}, Country{"HR", 21},
    Country{"HU", 28}, Country{"IE", 22}, Country{"IT", 27}, Country{"LI", 21}, Country{"LT", 20},
    Country{"LU", 20}, Country{"LV", 21}, Country{"MT", 31}, Country{"NL", 18}, Country{"NO", 15},
    Country{"PL", 28}, Country{"PT", 25}, Country{"RO", 24}, Country{"SE", 24}, Country{"SI", 19},
    Country{"SK", 24}, Country{"TR", 26}};

bool mod97(std::string_view iban) {
  const std::string turned = std::string{iban.substr(4)} + std::string{iban.substr(0, 4)};
  unsigned rest = 0;
  for (const char c : turned) {
    if (digit(c))
      rest = (rest * 10 + static_cast<unsigned>(c - '0')) % 97;
    else
      rest = (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
  }
  return rest == 1;
}

/// One account: letters and digits in groups with a blank or hyphen between them.
std::optional<Found> iban(std::string_view text, std::size_t from) {
  if (!letter(at(text, from)) || !letter(at(text, from + 1)) || !digit(at(text, from + 2)) ||
      !digit(at(text, from + 3)))
    return std::nullopt;
  std::string plain;
  std::size_t want = 34;
  std::size_t i = from;
  for (; i < text.size() && plain.size() < want; ++i) {
    const char c = text[i];
    if (c == ' ' || c == '-') {
      if (!wordy(at(text, i + 1)) || plain.size() < 4) break;
      continue;
    }
    if (!digit(c) && !letter(c)) break;
    plain += letter(c) ? static_cast<char>(c & ~0x20) : c;
    if (plain.size() == 2) {
      const auto* const known = std::ranges::find(kCountries, plain, &Country::code);
      if (known == kCountries.end()) return std::nullopt;
      want = known->length;
    }
  }
  if (plain.size() != want || wordy(at(text, i)) || !mod97(plain)) return std::nullopt;
  return Found{i, fmt::format("[IBAN {}…{}]", plain.substr(0, 2), plain.substr(want - 2))};
}

bool luhn(std::string_view digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    auto value = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
    if (i % 2 == 1) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 == 0;
}

/// A run of digits with at most one separator between two of them.
struct Run {
  std::string digits{};
  std::vector<std::size_t> groups{};
  std::string separators{};
  std::size_t end = 0;
};

Run run_of(std::string_view text, std::size_t from, std::string_view separators) {
  Run out;
  out.end = from;
  out.groups.push_back(0);
  for (std::size_t i = from; i < text.size(); ++i) {
    if (digit(text[i])) {
      out.digits += text[i];
      ++out.groups.back();
      out.end = i + 1;
      continue;
    }
    const bool between = separators.find(text[i]) != std::string_view::npos && !out.digits.empty();
    // ") " and " (" stand for one separator.
    const bool goes_on =
        digit(at(text, i + 1)) || (separators.find(at(text, i + 1)) != std::string_view::npos &&
                                   text[i] != at(text, i + 1) && digit(at(text, i + 2)));
    if (!between || !goes_on) break;
    out.separators += text[i];
    if (digit(at(text, i + 1))) out.groups.push_back(0);
  }
  return out;
}

std::optional<Found> card(std::string_view text, std::size_t from) {
  const Run run = run_of(text, from, " -");
  const std::size_t n = run.digits.size();
  if (n < 13 || n > 19 || wordy(at(text, run.end))) return std::nullopt;
  // Nobody writes a card in groups of one or two; a list of numbers is none.
  for (const std::size_t group : run.groups) {
    if (run.groups.size() > 1 && (group < 3 || group > 7)) return std::nullopt;
  }
  if (run.digits.front() < '2' || run.digits.front() > '6' || !luhn(run.digits))
    return std::nullopt;
  return Found{run.end, fmt::format("[card …{}]", run.digits.substr(n - 4))};
}

/// "tel", "phone", "call me on": a number after such a word is one even without a "0" before it.
bool follows_a_word(std::string_view text, std::size_t from) {
  constexpr std::array<std::string_view, 11> kWords{"tel",   "phone",   "mobil",   "mobile",
                                                    "handy", "call",    "number",  "fon",
                                                    "gsm",   "telefon", "whatsapp"};
  std::string before =
      to_lower_ascii(text.substr(from < 20 ? 0 : from - 20, std::min<std::size_t>(from, 20)));
  while (!before.empty() && !letter(before.back())) before.pop_back();
  return std::ranges::any_of(kWords, [&](std::string_view word) {
    return before.ends_with(word) &&
           (before.size() == word.size() || !letter(before[before.size() - word.size() - 1]));
  });
}

/// 01.02.2026 and 2026-11-26 are dates, 10.000.000 a price.
bool is_date_or_price(const Run& run) {
  const auto& g = run.groups;
  if (run.separators.empty()) return false;
  if (g.size() == 3 && g[0] <= 2 && g[1] <= 2 && (g[2] == 4 || g[2] == 2)) return true;
  if (g.size() >= 3 && g[0] == 4 && g[1] == 2 && g[2] == 2) return true;
  const bool dots = std::ranges::all_of(run.separators, [](char c) { return c == '.'; });
  return dots && g.size() > 1 && g[0] <= 3 &&
         std::ranges::all_of(g.begin() + 1, g.end(), [](std::size_t n) { return n == 3; });
}

std::optional<Found> phone(std::string_view text, std::size_t from) {
  std::size_t start = from;
  const bool plus = at(text, start) == '+';
  if (plus || at(text, start) == '(') ++start;
  if (at(text, start) == '+') ++start;
  const Run run = run_of(text, start, " -./()");
  const std::size_t n = run.digits.size();
  const bool abroad = plus || at(text, from + 1) == '+' || run.digits.starts_with("00");
  const bool home = run.digits.starts_with("0") && n >= 9;
  if (n < 8 || n > 15 || wordy(at(text, run.end))) return std::nullopt;
  // 0.5 and 00123456 (an order) are no numbers to ring; 00 goes with a country behind it.
  if (run.digits.starts_with("000") || at(text, start + 1) == '.') return std::nullopt;
  if (is_date_or_price(run)) return std::nullopt;
  if (run.groups.size() > 7) return std::nullopt;
  if (!abroad && !home && !follows_a_word(text, from)) return std::nullopt;
  return Found{run.end, fmt::format("[phone …{}]", run.digits.substr(n - 2))};
}

bool in_address(char c) {
  return wordy(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' || c == '\'';
}

/// An address around the "@" at `sign`; `from` is where the last one ended.
struct Address {
  std::size_t begin;
  std::size_t end;
};
std::optional<Address> address(std::string_view text, std::size_t sign, std::size_t from) {
  std::size_t begin = sign;
  while (begin > from && in_address(text[begin - 1])) --begin;
  while (begin < sign && (text[begin] == '.' || text[begin] == '\'')) ++begin;
  std::size_t end = sign + 1;
  while (end < text.size() && (wordy(text[end]) || text[end] == '.' || text[end] == '-')) ++end;
  while (end > sign + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  const std::string_view host = text.substr(sign + 1, end - sign - 1);
  const std::size_t dot = host.rfind('.');
  if (begin == sign || dot == std::string_view::npos || dot == 0 || host.size() - dot < 3)
    return std::nullopt;
  // @mara@social.example is a handle: public, and the way to answer.
  if (begin > 0 && text[begin - 1] == '@') return std::nullopt;
  if (text.substr(begin, sign - begin).ends_with("…")) return std::nullopt;  // masked already
  return Address{begin, end};
}

std::string mask_mails(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t sign = text.find('@'); sign != std::string_view::npos;
       sign = text.find('@', sign + 1)) {
    if (sign < done) continue;
    const auto it = address(text, sign, done);
    if (!it) continue;
    out += text.substr(done, it->begin - done);
    out += fmt::format("[mail {}…{}]",
                       cut_utf8(text.substr(it->begin), decode_utf8(text, it->begin).length),
                       text.substr(sign, it->end - sign));
    done = it->end;
  }
  return out + std::string{text.substr(done)};
}

/// The end of a link that begins here; `from` where none does.
std::size_t link_end(std::string_view text, std::size_t from) {
  if (!text.substr(from).starts_with("http://") && !text.substr(from).starts_with("https://"))
    return from;
  return std::min(text.find_first_of(" \t\r\n<>\"", from), text.size());
}

std::optional<Found> number_at(std::string_view text, std::size_t i) {
  if (letter(text[i])) return iban(text, i);
  if (digit(text[i])) {
    if (auto it = card(text, i)) return it;
  }
  return phone(text, i);
}

}  // namespace

std::string mask_personal(std::string_view text) {
  const std::string mails = mask_mails(text);
  const std::string_view in = mails;
  std::string out;
  out.reserve(in.size());
  for (std::size_t i = 0; i < in.size();) {
    const bool edge = i == 0 || (!wordy(in[i - 1]) && in[i - 1] != '#' && in[i - 1] != '$');
    const bool begins = digit(in[i]) || letter(in[i]) || in[i] == '+' || in[i] == '(';
    if (edge && begins) {
      const std::size_t link = link_end(in, i);
      if (link > i) {
        out += in.substr(i, link - i);
        i = link;
        continue;
      }
      if (auto found = number_at(in, i)) {
        out += found->masked;
        i = found->end;
        continue;
      }
      // What is no number as a whole is none from its middle on.
      if (digit(in[i])) {
        const std::size_t end = run_of(in, i, "-./").end;
        out += in.substr(i, end - i);
        i = end;
        continue;
      }
    }
    out += in[i++];
  }
  return out;
}

}  // namespace earshot
