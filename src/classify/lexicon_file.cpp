#include <fmt/format.h>

#include "earshot/classify/lexicon.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

std::string unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    text = text.substr(1, text.size() - 2);
  return std::string{text};
}

/// Without a comment: " #" outside quotes, or a line that begins with "#".
std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote != 0) {
      if (line[i] == quote) quote = 0;
    } else if ((line[i] == '"' || line[i] == '\'') && (i == 0 || line[i - 1] == ' ')) {
      quote = line[i];
    } else if (line[i] == '#' && (i == 0 || line[i - 1] == ' ')) {
      return line.substr(0, i);
    }
  }
  return line;
}

}  // namespace

Result<std::vector<LexiconEntry>> parse_lexicon(std::string_view text) {
  std::vector<LexiconEntry> entries;
  std::string language;
  std::vector<std::string>* list = nullptr;
  bool groups = false;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = without_comment(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    const auto refuse = [&](std::string_view why) {
      return permanent(fmt::format("line {}: {}", number, why));
    };
    const std::string_view body = trim(line);
    if (body.empty() || body == "---") continue;
    if (line.find('\t') < line.find(body)) return refuse("tabs do not indent");
    const std::size_t indent = line.find(body);
    if (body.starts_with("- ")) {
      if (list == nullptr || indent < 4) return refuse("a phrase stands under match: or unless:");
      list->push_back(unquoted(body.substr(2)));
      continue;
    }
    const std::size_t colon = body.find(':');
    if (colon == std::string_view::npos) return refuse(R"(expected "key:" or "- phrase")");
    const std::string key = unquoted(body.substr(0, colon));
    const std::string value = unquoted(body.substr(colon + 1));
    if (indent == 0 && key == "language" && !value.empty()) {
      language = value;
    } else if (indent == 0 && key == "groups" && value.empty()) {
      groups = true;
    } else if (groups && indent == 2 && value.empty()) {
      if (!key.starts_with("topic.") && !from_word<Sign>(key))
        return refuse(fmt::format("\"{}\" is no group of the lexicon", key));
      entries.push_back({key, language, {}, {}});
      list = nullptr;
    } else if (indent == 4 && value.empty() && !entries.empty() &&
               (key == "match" || key == "unless")) {
      list = key == "match" ? &entries.back().match : &entries.back().unless;
    } else {
      return refuse(fmt::format("\"{}\" is not expected here", key));
    }
  }
  if (language.empty()) return permanent("\"language\" is missing");
  return entries;
}

}  // namespace earshot
