#include "earshot/cases/authority.hpp"

#include <charconv>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::string_view kUpTo = "_up_to";
constexpr std::int64_t kMost = 1'000'000'000;

std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc{} || end != text.data() + text.size() || out < 0 || out > kMost)
    return std::nullopt;
  return out;
}

void add(std::vector<Allowance>& out, const CasePolicy& policy, std::string_view person) {
  const auto found = policy.authority.find(person);
  if (found == policy.authority.end()) return;
  for (const auto& [key, value] : found->second) {
    const std::string kind{key.ends_with(kUpTo) ? key.substr(0, key.size() - kUpTo.size()) : key};
    bool known = false;
    for (const Allowance& it : out) known = known || it.kind == kind;
    if (!known) out.push_back({kind, value});
  }
}

}  // namespace

std::optional<Money> money_of(std::string_view text) {
  text = trim(text);
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view currency = trim(text.substr(blank));
  if (currency.size() != 3) return std::nullopt;
  for (const char c : currency) {
    if (c < 'A' || c > 'Z') return std::nullopt;
  }
  const std::string_view amount = text.substr(0, blank);
  const std::size_t point = amount.find('.');
  const auto whole = digits(amount.substr(0, point));
  if (!whole) return std::nullopt;
  std::int64_t cents = *whole * 100;
  if (point != std::string_view::npos) {
    const std::string_view rest = amount.substr(point + 1);
    const auto part = digits(rest);
    if (!part || rest.size() > 2) return std::nullopt;
    cents += rest.size() == 1 ? *part * 10 : *part;
  }
  if (cents == 0) return std::nullopt;
  return Money{cents, std::string{currency}};
}

std::vector<Allowance> authority_of(const CasePolicy& policy, std::string_view person) {
  std::vector<Allowance> out;
  if (!person.empty()) add(out, policy, person);
  add(out, policy, "");
  return out;
}

std::string limit_of(const CasePolicy& policy, std::string_view person, std::string_view kind) {
  for (const Allowance& it : authority_of(policy, person)) {
    if (it.kind == kind) return it.up_to;
  }
  return {};
}

bool within(std::string_view amount, std::string_view limit) {
  const auto wanted = money_of(amount);
  const auto most = money_of(limit);
  return wanted && most && wanted->currency == most->currency && wanted->cents <= most->cents;
}

}  // namespace earshot
