#include "earshot/route/silence.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

std::string text_of(const std::vector<Matcher>& matchers) {
  std::string out;
  for (const Matcher& it : matchers) out += (out.empty() ? "" : ", ") + it.text();
  return out;
}

/// Sorted, without repeats and empties.
std::vector<std::string> values_of(const Labels& labels, const std::string& name) {
  const auto found = labels.find(name);
  if (found == labels.end()) return {};
  std::vector<std::string> out = found->second;
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  std::erase(out, "");
  return out;
}

}  // namespace

std::string_view Silence::state_at(Instant now) const {
  if (now >= to) return "ended";
  return now < from ? "future" : "active";
}

std::string to_json(const Silence& it) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.key("matchers");
  out.array();
  for (const Matcher& matcher : it.matchers) out.value(matcher.text());
  out.end_array();
  out.field("by", it.by);
  out.field("reason", it.reason);
  out.field("from", to_rfc3339_ms(it.from));
  out.field("to", to_rfc3339_ms(it.to));
  out.field("made_at", to_rfc3339_ms(it.made_at));
  out.text_or_null("expired_by", it.expired_by);
  out.end();
  return out.take();
}

Result<Silence> silence_from_json(std::string_view json) {
  const auto document = parse_json(json);
  if (!document) return document.error().in("silence");
  Silence out;
  out.id = string_at(*document, "id");
  for (const std::string& text : strings_at(*document, "matchers")) {
    ParsedMatchers parsed = parse_matchers(text);
    if (parsed.problem) return permanent("silence: " + parsed.problem->problem);
    std::ranges::move(parsed.matchers, std::back_inserter(out.matchers));
  }
  out.by = string_at(*document, "by");
  out.reason = string_at(*document, "reason");
  const auto from = parse_rfc3339(string_at(*document, "from"));
  const auto to = parse_rfc3339(string_at(*document, "to"));
  if (!from || !to || out.matchers.empty()) return permanent("silence: a part is missing");
  out.from = *from;
  out.to = *to;
  out.made_at = parse_rfc3339(string_at(*document, "made_at")).value_or(*from);
  out.expired_by = string_at(*document, "expired_by");
  return out;
}

std::optional<SilenceRefusal> check(const Silence& it, Instant now) {
  if (it.by.empty()) return SilenceRefusal{"who_missing", "It must be known who does this.", ""};
  if (it.matchers.empty())
    return SilenceRefusal{"matchers_missing", "Say which cases: matchers like product = Glow.",
                          "matchers"};
  const bool all =
      std::ranges::all_of(it.matchers, [](const Matcher& one) { return one.matches(Labels{}); });
  if (all)
    return SilenceRefusal{
        "too_wide", "Every case matches: at least one matcher must ask for something.", "matchers"};
  if (trim(it.reason).empty())
    return SilenceRefusal{"reason_missing", "Say why; whoever wonders reads it.", "reason"};
  if (it.to <= it.from) return SilenceRefusal{"to_wrong", "A silence ends after it begins.", "to"};
  if (it.to <= now) return SilenceRefusal{"to_wrong", "It would have ended already.", "to"};
  if (it.to - it.from > kLongestSilence)
    return SilenceRefusal{
        "too_long",
        fmt::format("A silence lasts {} at the longest; change the routes instead.",
                    to_text(kLongestSilence)),
        "to"};
  return std::nullopt;
}

const Silence* silencing(const std::vector<Silence>& all, const Labels& labels, Instant now) {
  for (const Silence& it : all) {
    if (now >= it.from && now < it.to && all_match(it.matchers, labels)) return &it;
  }
  return nullptr;
}

InhibitSide side_of(const InhibitRule& rule, const Labels& labels) {
  const bool source = all_match(rule.source, labels);
  const bool target = all_match(rule.target, labels);
  if (source) return target ? InhibitSide::both : InhibitSide::source;
  return target ? InhibitSide::target : InhibitSide::neither;
}

std::string inhibit_key(const InhibitRule& rule, const Labels& labels) {
  // Lengths stand before texts, so that no value can look like a separator.
  std::string text = text_of(rule.source) + " > " + text_of(rule.target);
  for (const std::string& name : rule.equal) {
    text += fmt::format(" {}:{}", name.size(), name);
    for (const std::string& value : values_of(labels, name))
      text += fmt::format(" {}={}", value.size(), value);
  }
  return hash128_hex(text);
}

}  // namespace earshot
