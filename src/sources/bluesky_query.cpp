#include "bluesky_query.hpp"

#include <algorithm>
#include <array>

#include "earshot/core/utf8.hpp"

namespace earshot {

namespace {
using namespace std::string_view_literals;
constexpr std::array kNames{"from"sv,   "-from"sv, "mentions"sv, "lang"sv,
                            "domain"sv, "since"sv, "until"sv};

std::string_view without_at(std::string_view handle) {
  return handle.starts_with('@') ? handle.substr(1) : handle;
}

bool holds(const std::vector<std::string>& list, std::string_view word) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& item) { return equals_ignoring_case(item, word); });
}

bool is_by(const Post& post, std::string_view who) {
  return equals_ignoring_case(post.author.handle, who) || post.author.id == who;
}

/// "2026-01-02" or a whole time.
std::optional<Instant> read_time(std::string_view text) {
  return text.size() == 10 ? parse_rfc3339(std::string{text} + "T00:00:00Z") : parse_rfc3339(text);
}

bool on_domain(const Post& post, std::string_view domain) {
  return std::any_of(post.links.begin(), post.links.end(), [&](const std::string& link) {
    const std::size_t start = link.find("://");
    if (start == std::string::npos) return false;
    const std::string_view rest = std::string_view{link}.substr(start + 3);
    const std::string host = to_lower_ascii(rest.substr(0, rest.find_first_of("/:?#")));
    const std::string wanted = to_lower_ascii(domain);
    return host == wanted || host.ends_with("." + wanted);
  });
}
}  // namespace

BlueskyQuery::BlueskyQuery(std::string_view query) {
  bool quoted = false;
  for (std::size_t i = 0; i < query.size();) {
    const std::size_t end = std::min(query.find(' ', i), query.size());
    const std::string_view word = query.substr(i, end - i);
    i = end + 1;
    const bool inside = quoted;
    if (std::count(word.begin(), word.end(), '"') % 2 == 1) quoted = !quoted;
    if (inside || word.empty()) continue;
    if (word.size() > 1 && word[0] == '#') {
      terms_.push_back({"#", std::string{word.substr(1)}});
      continue;
    }
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos || colon + 1 == word.size()) continue;
    const std::string name = to_lower_ascii(word.substr(0, colon));
    if (std::find(kNames.begin(), kNames.end(), name) != kNames.end())
      terms_.push_back({name, std::string{without_at(word.substr(colon + 1))}});
  }
}

bool BlueskyQuery::admits(const Post& post) const {
  for (const Term& term : terms_) {
    bool good = true;
    if (term.name == "#")
      good = holds(post.hashtags, term.value);
    else if (term.name == "from")
      good = is_by(post, term.value);
    else if (term.name == "-from")
      good = !is_by(post, term.value);
    else if (term.name == "mentions")
      good = holds(post.mentions, term.value);
    else if (term.name == "lang")
      good = post.language.empty() ||
             equals_ignoring_case(post.language.substr(0, term.value.size()), term.value);
    else if (term.name == "domain")
      good = on_domain(post, term.value);
    else if (const auto time = read_time(term.value); time && post.created_at) {
      good = term.name == "since" ? *post.created_at >= *time : *post.created_at < *time;
    }
    if (!good) return false;
  }
  return true;
}

}  // namespace earshot
