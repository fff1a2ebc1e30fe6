#include "earshot/text/forget.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kShortest = 4;  // characters of a name that is looked for
constexpr std::size_t kInARow = 5;    // words

// Keys whose texts are words of our code, ids of ours, or people of the house. Sorted.
constexpr auto kKept = std::to_array<std::string_view>(
    {"about",        "acks_needed", "action",   "asked",      "at",       "by",
     "caller",       "case",        "case_id",  "channel",    "clock",    "code",
     "confirmed",    "cue",         "cues",     "cues_heard", "customer", "dismissal",
     "dismissal_by", "doer",        "due",      "failure",    "failures", "fate",
     "flag",         "floor",       "helpers",  "id",         "into",     "kind",
     "label",        "lane",        "language", "lead",       "level",    "line",
     "lot",          "merged_into", "number",   "on",         "other",    "outcome",
     "owed",         "owner",       "people",   "period",     "person",   "product_change",
     "reader",       "role",        "round",    "score_band", "severity", "sign",
     "stage",        "state",       "step",     "storm",      "symbol",   "threshold",
     "to",           "told",        "until",    "urgency",    "urgent",   "version",
     "via",          "way",         "what",     "who"});
// Keys whose texts are names out of the configuration. Sorted.
constexpr auto kConfigured = std::to_array<std::string_view>(
    {"cause", "causes", "department", "escalation", "policy", "principal", "product", "receiver",
     "receivers", "schedule", "source", "team", "teams", "topics"});
static_assert(std::ranges::is_sorted(kKept) && std::ranges::is_sorted(kConfigured));

bool is_link(std::string_view key) {
  return key == "url" || key == "link" || key == "links" || key.ends_with("_link") ||
         key.ends_with("_url");
}

bool is_kept(std::string_view key) {
  return std::ranges::binary_search(kKept, key) || key.ends_with("_at") || key.ends_with("_due");
}

/// Words of code and ids have neither blanks nor signs of addresses.
bool is_plain(std::string_view text) {
  return text.size() <= 64 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.' || c == ':' || c == ',' || c == '+' || c == '/';
         });
}

std::uint64_t band(std::uint64_t reach) {
  std::uint64_t out = 1;
  while (out <= reach / 10) out *= 10;
  return reach == 0 ? 0 : out;
}

using Words = std::function<std::string(std::string_view key, std::string_view text)>;

/// Writes the value again, each text through `words`; JSON within a text is taken apart as well.
void walk(JsonWriter& out, std::string_view key, const JsonValue& value, const Words& words,
          bool own, int depth) {
  if (value.IsObject()) {
    out.object();
    for (const auto& it : value.GetObject()) {
      const std::string_view name{it.name.GetString(), it.name.GetStringLength()};
      out.key(name);
      walk(out, name, it.value, words, own, depth);
    }
    out.end();
  } else if (value.IsArray()) {
    out.array();
    for (const JsonValue& it : value.GetArray()) walk(out, key, it, words, own, depth);
    out.end_array();
  } else if (value.IsString()) {
    const std::string_view text{value.GetString(), value.GetStringLength()};
    const bool nested = depth < 3 && (text.starts_with('{') || text.starts_with('['));
    const auto inner = nested ? parse_json(text) : Result<JsonDocument>{permanent("")};
    if (inner) {
      JsonWriter within;
      walk(within, key, *inner, words, own, depth + 1);
      out.value(within.take());
    } else {
      out.value(words(key, text));
    }
  } else if (own && key == "reach" && value.IsUint64()) {
    out.value(band(value.GetUint64()));
  } else {
    out.value(value);
  }
}

/// Plain text: what goes goes with its line.
std::string line_by_line(std::string_view text, const Words& words) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += words("", text.substr(0, end));
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string rewritten(std::string_view json, const Words& words, bool own) {
  const auto document = json.starts_with('{') || json.starts_with('[')
                            ? parse_json(json)
                            : Result<JsonDocument>{permanent("")};
  if (!document) return line_by_line(json, words);
  JsonWriter out;
  walk(out, "", *document, words, own, 0);
  return out.take();
}

/// Words in lower case, without signs between them.
std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : text) {
    const bool part = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (part) {
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) out.push_back(std::move(word));
  return out;
}

template <class Each>
void rows_of_words(std::string_view text, const Each& each) {
  const std::vector<std::string> words = words_in(text);
  for (std::size_t i = 0; i + kInARow <= words.size(); ++i) {
    std::uint64_t hash = 0;
    for (std::size_t k = 0; k < kInARow; ++k) hash = hash64(words[i + k], hash + 1);
    if (!each(static_cast<std::size_t>(hash))) return;
  }
}

}  // namespace

std::string forget_own(std::string_view json) {
  const Words words = [](std::string_view key, std::string_view text) -> std::string {
    const bool fact = (is_kept(key) && is_plain(text)) ||
                      std::ranges::binary_search(kConfigured, key) || parse_rfc3339(text);
    if (text.empty() || fact) return std::string{text};
    return is_link(key) ? std::string{} : std::string{kErased};  // nobody follows a word
  };
  return rewritten(json, words, true);
}

void Traces::add_name(std::string_view name) {
  const std::string lower = to_lower_ascii(trim(name));
  if (lower.size() < kShortest || lower == kErased ||
      std::ranges::find(names_, lower) != names_.end())
    return;
  names_.push_back(lower);
  // The longest first: of an address nothing is left over by its own beginning.
  std::ranges::stable_sort(
      names_, [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void Traces::add_words(std::string_view text) {
  rows_of_words(text, [&](std::size_t hash) {
    words_.insert(hash);
    return true;
  });
}

bool Traces::repeats_words(std::string_view text) const {
  bool found = false;
  if (words_.empty()) return false;
  rows_of_words(text, [&](std::size_t hash) {
    found = words_.contains(hash);
    return !found;
  });
  return found;
}

std::string Traces::without_names(std::string_view text) const {
  std::string out{text};
  const auto wordy = [&](std::size_t i) {
    if (i >= out.size()) return false;
    const auto c = static_cast<unsigned char>(out[i]);
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  std::string lower = to_lower_ascii(out);
  for (const std::string& name : names_) {
    for (std::size_t at = lower.find(name); at != std::string::npos; at = lower.find(name, at)) {
      const bool inside = (at > 0 && wordy(at - 1) && wordy(at)) ||
                          (wordy(at + name.size()) && wordy(at + name.size() - 1));
      if (inside) {
        ++at;
        continue;
      }
      out.replace(at, name.size(), kErased);
      lower = to_lower_ascii(out);
      at += kErased.size();
    }
  }
  return out;
}

std::string Traces::without(std::string_view json) const {
  const Words words = [this](std::string_view, std::string_view text) {
    return repeats_words(text) ? std::string{kErased} : without_names(text);
  };
  return rewritten(json, words, false);
}

}  // namespace earshot
