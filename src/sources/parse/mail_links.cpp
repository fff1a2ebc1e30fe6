#include "mail_links.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "earshot/core/utf8.hpp"
#include "earshot/text/mail_text.hpp"

namespace earshot {
namespace {

/// The line of `text` with the first visible byte at or behind `at`; without one, the last line.
std::string_view line_at(std::string_view text, std::size_t at) {
  at = text.find_first_not_of(" \n", std::min(at, text.size()));
  if (at == std::string_view::npos) at = text.find_last_not_of(" \n");
  if (at == std::string_view::npos) return {};
  const std::size_t before = text.rfind('\n', at);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return trim(text.substr(begin, text.find('\n', at) - begin));
}

std::unordered_set<std::string_view> lines_of(std::string_view words) {
  std::unordered_set<std::string_view> lines;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('\n'), words.size());
    lines.insert(trim(words.substr(0, end)));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return lines;
}

}  // namespace

std::vector<std::string> own_links(const HtmlText& html, std::size_t most_bytes) {
  if (html.links.empty()) return {};
  const std::string_view text = cut_utf8(html.text, most_bytes);
  const MailText split = split_mail(text);
  if (split.quoted.empty()) return html.links;
  const auto own = lines_of(split.words);
  std::vector<std::string> links;
  for (std::size_t i = 0; i < html.links.size(); ++i) {
    if (own.contains(line_at(text, html.link_at[i]))) links.push_back(html.links[i]);
  }
  return links;
}

}  // namespace earshot
