// What is wrong with the words of a reply. Offsets are bytes in here and UTF-16 units outside.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "draft_words.hpp"
#include "earshot/cases/authority.hpp"
#include "earshot/cases/draft.hpp"
#include "earshot/core/utf8.hpp"
#include "personal.hpp"

namespace earshot {
namespace {

constexpr std::size_t kLink = 25;        // what a link counts, whatever its length (SOURCES 1.2)
constexpr std::size_t kLongMail = 2000;  // half of a longer one is read

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::size_t units_before(std::string_view text, std::size_t bytes) {
  std::size_t out = 0;
  for (const char c : text.substr(0, bytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 || byte >= 0xC0) out += byte >= 0xF0 ? 2 : 1;
  }
  return out;
}

/// Where a phrase begins as words of its own; npos where it does not stand there.
std::size_t find_phrase(std::string_view lower, std::string_view phrase, bool whole = true) {
  for (std::size_t at = lower.find(phrase); at != std::string_view::npos;
       at = lower.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    const bool begins = at == 0 || !is_word_byte(lower[at - 1]);
    const bool ends = !whole || end == lower.size() || !is_word_byte(lower[end]);
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

bool says_any(std::string_view lower, std::span<const std::string_view> phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) {
    return find_phrase(lower, phrase, false) != std::string_view::npos;
  });
}

/// One part, being looked through.
struct Look {
  std::string name;
  std::string_view text;
  std::string lower;
  const DraftBasis& basis;
  const CasePolicy& policy;
  std::vector<LintFinding>& out;

  void find(LintLevel level, std::string code, std::size_t from, std::size_t to,
            std::string sentence) const {
    out.push_back({level, std::move(code), name, units_before(text, from), units_before(text, to),
                   std::move(sentence)});
  }
  void phrases(std::span<const std::string_view> list, const std::string& code,
               std::string_view sentence) const {
    for (const std::string_view phrase : list) {
      const std::size_t at = find_phrase(lower, phrase);
      if (at == std::string_view::npos) continue;
      const std::string_view words = text.substr(at, phrase.size());
      find(LintLevel::warn, code, at, at + phrase.size(),
           fmt::format("\"{}\": {}", words, sentence));
    }
  }
};

void check_tone(const Look& in) {
  in.phrases(kBlame, "blame", "it sounds as if somebody else were to blame.");
  in.phrases(kEmptyApology, "empty_apology", "it says sorry for nothing; name what went wrong.");
  in.phrases(kSoon, "soon", "say the day.");
}

/// Amounts of money, and things given, against what the owner may give and what was granted.
void check_promises(const Look& in) {
  const std::string limit = limit_of(in.policy, in.basis.owner, "refund");
  for (const FoundText& it : amounts_in(in.text)) {
    const bool granted = std::ranges::any_of(
        in.basis.granted, [&](const std::string& sum) { return within(it.value, sum); });
    if (granted || within(it.value, limit)) continue;
    in.find(LintLevel::warn, "beyond_authority", it.from, it.to,
            fmt::format("{} is more than {} may give ({}), and was not granted.", it.value,
                        in.basis.owner.empty() ? "anybody" : in.basis.owner,
                        limit.empty() ? "nothing" : "up to " + limit));
  }
  if (!in.basis.granted.empty() || !authority_of(in.policy, in.basis.owner).empty()) return;
  for (const std::string_view gift : kGifts) {
    const std::size_t at = find_phrase(in.lower, gift, false);
    if (at == std::string_view::npos) continue;
    in.find(LintLevel::warn, "beyond_authority", at, at + gift.size(),
            fmt::format("\"{}\" is promised, and nothing was granted.",
                        in.text.substr(at, gift.size())));
    return;
  }
}

void check_personal(const Look& in) {
  for (const FoundPersonal& it : personal_in(in.text)) {
    const std::string_view words = in.text.substr(it.from, it.to - it.from);
    if (it.kind == Personal::mail && std::ranges::any_of(in.basis.addresses, [&](const auto& own) {
          return equals_ignoring_case(own, words);
        }))
      continue;
    if (it.kind == Personal::card || (in.basis.place.is_public && it.kind != Personal::phone))
      in.find(LintLevel::bad, "personal_data", it.from, it.to,
              fmt::format("{} stands in it, and {}.", word_of(it.kind),
                          in.basis.place.is_public ? "everybody reads it" : "mail is not sealed"));
    else if (in.basis.place.is_public)
      in.find(LintLevel::warn, "personal_data", it.from, it.to,
              "A telephone number stands in it: whose is it? Everybody reads it.");
  }
}

void check_missing(const DraftParts& parts, const DraftBasis& basis,
                   std::vector<LintFinding>& out) {
  const auto missing = [&](std::string_view part, const std::string& words, std::string sentence) {
    if (!trim(words).empty()) return false;
    out.push_back({LintLevel::bad, "part_missing", std::string{part}, 0, 0, std::move(sentence)});
    return true;
  };
  missing("truth", parts.truth, "What is true is missing: what happened, ours to admit.");
  if (!missing("owner", parts.owner, "Who owns it is missing: a name, and what happens now.")) {
    const std::string lower = to_lower_ascii(parts.owner);
    const bool named = std::ranges::any_of(basis.names, [&](const std::string& name) {
      return !name.empty() && find_phrase(lower, to_lower_ascii(name)) != std::string_view::npos;
    });
    if (!named)
      out.push_back({LintLevel::bad, "name_missing", "owner", 0,
                     units_before(parts.owner, parts.owner.size()),
                     "Nobody is named: who owns it?"});
  }
  if (missing("change", parts.change, "What will change is missing: the fix, and the day.")) return;
  const std::string lower = to_lower_ascii(parts.change);
  const bool digit = std::ranges::any_of(lower, [](char c) { return c >= '0' && c <= '9'; });
  if (!digit && !says_any(lower, kDays) && !says_any(lower, kNoChange))
    out.push_back({LintLevel::warn, "no_day", "change", 0,
                   units_before(parts.change, parts.change.size()),
                   "It is promised without a day."});
}

void check_length(const DraftParts& parts, const DraftPlace& place, std::vector<LintFinding>& out) {
  const std::size_t length = reply_length(reply_text(parts, place));
  if (place.limit > 0 && length > static_cast<std::size_t>(place.limit))
    out.push_back(
        {LintLevel::bad, "too_long", "", 0, 0,
         fmt::format("It has {} characters; {} takes {}.", length, place.channel, place.limit)});
  if (place.limit == 0 && length > kLongMail)
    out.push_back({LintLevel::warn, "too_long", "", 0, 0,
                   fmt::format("It has {} characters: half of it will be read.", length)});
}

}  // namespace

std::size_t reply_length(std::string_view text) {
  std::size_t out = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("https://") || rest.starts_with("http://")) {
      out += kLink;
      at += std::min(rest.find_first_of(" \n\t"), rest.size());
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[at++]);
    if (byte < 0x80 || byte >= 0xC0) ++out;
  }
  return out;
}

std::vector<LintFinding> check_draft(const DraftParts& parts, const DraftBasis& basis,
                                     const CasePolicy& policy) {
  std::vector<LintFinding> out;
  check_missing(parts, basis, out);
  check_length(parts, basis.place, out);
  for (const auto& [name, text] :
       {std::pair<const char*, const std::string*>{"truth", &parts.truth},
        {"owner", &parts.owner},
        {"change", &parts.change}}) {
    const Look look{name, *text, to_lower_ascii(*text), basis, policy, out};
    check_tone(look);
    check_promises(look);
    check_personal(look);
  }
  std::ranges::stable_sort(out, [](const LintFinding& a, const LintFinding& b) {
    return a.level < b.level;  // what must go first
  });
  return out;
}

}  // namespace earshot
