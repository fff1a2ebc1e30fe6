#include "context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "earshot/core/nearest.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::config {
namespace {

/// Where a kind of name is declared.
std::string_view section_of(NameKind kind) {
  switch (kind) {
    case NameKind::receiver:
      return "receivers";
    case NameKind::person:
      return "people";
    case NameKind::schedule:
      return "schedules";
    case NameKind::escalation:
      return "escalations";
    case NameKind::team:
      return "teams";
    case NameKind::principal:
      return "principals";
    case NameKind::source:
      return "sources";
    case NameKind::calendar:
      return "calendars";
    case NameKind::time_interval:
      return "time_intervals";
  }
  return "";
}

std::string words_for(NameKind kind) {
  std::string out{to_word(kind)};
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

}  // namespace

void Context::error(const Mark& mark, std::string path, std::string problem, std::string hint) {
  mistakes.push_back(
      {Diagnostic::Level::error, mark, std::move(path), std::move(problem), std::move(hint)});
}

void Context::warning(const Mark& mark, std::string path, std::string problem, std::string hint) {
  mistakes.push_back(
      {Diagnostic::Level::warning, mark, std::move(path), std::move(problem), std::move(hint)});
}

void Context::planned(const Mark& mark, std::string path, std::string problem, std::string hint) {
  const auto level =
      options.tolerate_planned ? Diagnostic::Level::warning : Diagnostic::Level::error;
  mistakes.push_back({level, mark, std::move(path), std::move(problem), std::move(hint)});
}

void Context::declare(NameKind kind, const std::string& name, const Mark& mark,
                      const std::string& path) {
  const auto [it, fresh] = names_[kind].try_emplace(name, mark);
  if (fresh) return;
  error(mark, path, fmt::format("a second {} is named {}", words_for(kind), in_quotes(name)),
        fmt::format("the first stands on line {}; names must differ", it->second.line + 1));
}

void Context::incomplete() {
  for (std::size_t i = 0; i < kWordsOf<NameKind>.size(); ++i)
    incomplete_.insert(static_cast<NameKind>(i));
}

bool Context::is_known(NameKind kind, const std::string& name) const {
  const auto names = names_.find(kind);
  return names != names_.end() && names->second.contains(name);
}

bool Context::any(NameKind kind) const {
  const auto names = names_.find(kind);
  return (names != names_.end() && !names->second.empty()) || incomplete_.contains(kind);
}

void Context::refer(NameKind kind, const std::string& name, const Mark& mark,
                    const std::string& path) {
  if (incomplete_.contains(kind) || is_known(kind, name)) return;
  std::vector<std::string> known;
  if (!full()) {
    for (const auto& [declared, where] : names_[kind]) known.push_back(declared);
  }
  std::string hint = did_you_mean(name, known);
  if (!hint.empty()) hint += ' ';
  hint += fmt::format("{} are declared under \"{}\"",
                      kind == NameKind::person ? "people" : fmt::format("{}s", words_for(kind)),
                      section_of(kind));
  error(mark, path, fmt::format("no {} is named {}", words_for(kind), in_quotes(name)),
        std::move(hint));
}

std::string in_quotes(std::string_view text) {
  const std::string_view cut = cut_utf8(text, 60);
  return fmt::format("\"{}{}\"", printable(cut), cut.size() < text.size() ? "…" : "");
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  const std::string near = nearest(word, known);
  return near.empty() ? std::string{} : fmt::format("did you mean {}?", in_quotes(near));
}

std::string any_of(std::span<const std::string> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

std::string_view kind_word(const Node& node) {
  switch (node.kind) {
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
    case Node::Kind::text:
      return "a text";
    default:
      return "nothing";
  }
}

std::string item_path(const std::string& path, std::size_t index) {
  return fmt::format("{}[{}]", path, index);
}

Section::Section(Context& context, const Node& node, std::string path)
    : context_(context), node_(node), path_(std::move(path)) {
  if (node.kind == Node::Kind::map || node.kind == Node::Kind::broken) return;
  context_.error(node.mark, path_, fmt::format("{} stands where a map is wanted", kind_word(node)),
                 "write `key: value` lines, or {key: value, …}");
}

std::string Section::path_of(std::string_view key) const {
  return path_.empty() ? std::string{key} : fmt::format("{}.{}", path_, key);
}

const Node* Section::find(std::string_view key) {
  known({key});
  for (const Entry& entry : node_.entries) {
    if (entry.key != key) continue;
    if (entry.value.kind == Node::Kind::broken) return nullptr;
    if (entry.value.kind != Node::Kind::empty) return &entry.value;
    if (empty_.emplace(key).second)
      context_.error(entry.mark, path_of(key), "has no value", "write one, or remove the line");
    return nullptr;
  }
  return nullptr;
}

const Node* Section::need(std::string_view key, std::string why) {
  // A secret that stands here itself is the mistake, not the file that is missing.
  const bool inline_secret = key.ends_with("_file") && has(key.substr(0, key.size() - 5));
  if (ok() && !has(key) && !inline_secret) needed_.push_back({std::string{key}, std::move(why)});
  return find(key);
}

bool Section::has(std::string_view key) const {
  return std::any_of(node_.entries.begin(), node_.entries.end(),
                     [&](const Entry& entry) { return entry.key == key; });
}

void Section::known(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    bool there = false;
    for (const std::string& name : known_) there = there || name == key;
    if (!there) known_.emplace_back(key);
  }
}

void Section::known_all() {
  for (const Entry& entry : node_.entries) known({entry.key});
}

void Section::error(const Mark& mark, std::string_view key, std::string problem, std::string hint) {
  context_.error(mark, path_of(key), std::move(problem), std::move(hint));
}

void Section::warning(const Mark& mark, std::string_view key, std::string problem,
                      std::string hint) {
  context_.warning(mark, path_of(key), std::move(problem), std::move(hint));
}

void Section::done(const std::function<std::string(const std::string&)>& elsewhere) {
  std::set<std::string>
      meant;  // keys an unknown one is probably a misspelling of: they are not missing as well
  for (const Entry& entry : node_.entries) {
    bool is_known = false;
    for (const std::string& key : known_) is_known = is_known || key == entry.key;
    if (is_known || (entry.key == "<<" && entry.value.kind == Node::Kind::broken)) continue;
    std::string hint = elsewhere ? elsewhere(entry.key) : std::string{};
    if (hint.empty()) {
      const std::string near = context_.full() ? std::string{} : nearest(entry.key, known_);
      meant.insert(near);
      hint = near.empty() ? fmt::format("known here: {}", any_of(known_))
                          : fmt::format("did you mean {}?", in_quotes(near));
    }
    context_.error(entry.mark, path_of(entry.key),
                   fmt::format("unknown key {}", in_quotes(entry.key)), std::move(hint));
  }
  if (context_.partial) return;
  for (const Needed& needed : needed_) {
    if (meant.contains(needed.key)) continue;
    context_.error(node_.mark, path_, fmt::format("\"{}\" is missing", needed.key), needed.why);
  }
}

}  // namespace earshot::config
