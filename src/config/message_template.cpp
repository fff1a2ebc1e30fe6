#include "earshot/config/message_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "context.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::array<std::string_view, 17> kNames{
    "HEADLINE",  "TEXT",     "CHANGE", "BY",    "PERSON", "STEP",   "NEXT",   "ACK_URL", "CODE",
    "LABEL_URL", "CASE_URL", "AT",     "COUNT", "PAGE",   "NOTICE", "UPDATE", "SELF"};
constexpr std::array<std::string_view, 19> kCaseNames{
    "NUMBER", "ID",    "STATE",     "URGENCY",    "SEVERITY", "CUSTOMER",  "REACH",
    "SOURCE", "TITLE", "EXCERPT",   "LANGUAGE",   "POST_URL", "PRINCIPAL", "PRODUCT",
    "TEAM",   "OWNER", "POSTED_AT", "ANSWER_DUE", "PUBLIC"};
constexpr std::array<std::string_view, 3> kLists{"CASE", "REASON", "CUE"};
constexpr std::array<std::string_view, 2> kBuiltIn{"BI_NEWLINE", "BI_SPACE"};
constexpr std::array<std::string_view, 12> kModifiers{
    "h", "html_escape",       "p", "pre_escape",  "u", "url_query_escape",
    "j", "javascript_escape", "o", "json_escape", "x", "xml_escape"};

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Walks the marks of a template and remembers which sections are open.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  std::vector<TemplateMistake> run() {
    if (text_.size() > kLongestTemplate) {
      complain(0, "the template is longer than 64 KiB");
      return std::move(mistakes_);
    }
    if (!is_utf8(text_)) complain(0, "the template is not UTF-8");
    for (std::size_t at = 0; (at = text_.find("{{", at)) != std::string_view::npos;) {
      const std::size_t end = text_.find("}}", at + 2);
      if (end == std::string_view::npos) {
        complain(at, "\"{{\" is not closed", "write }} behind the name");
        break;
      }
      mark(at, text_.substr(at + 2, end - at - 2));
      at = end + 2;
    }
    for (const Open& open : open_)
      complain(open.at, fmt::format("the section {} does not end", open.name),
               fmt::format("write {{{{/{}}}}} behind it", open.name));
    return std::move(mistakes_);
  }

 private:
  struct Open {
    std::string name;
    std::size_t at;
  };

  void mark(std::size_t at, std::string_view inside) {
    if (inside.empty()) return complain(at, "{{}} names nothing");
    const char first = inside.front();
    const std::string_view rest = inside.substr(1);
    if (first == '!') return;
    if (first == '>')
      return complain(at, "templates do not include each other", "put its text here");
    if (first == '%' || first == '=')
      return complain(at, "only names, sections and comments stand between {{ and }}");
    if (first == '#') return begin(at, rest);
    if (first == '/') return end(at, rest);
    variable(at, inside);
  }

  bool in_case() const {
    return std::ranges::any_of(open_, [](const Open& open) { return open.name == "CASE"; });
  }
  bool is_open(std::string_view name) const {
    return std::ranges::any_of(open_, [&](const Open& open) { return open.name == name; });
  }

  bool known(std::size_t at, std::string_view name, bool section) {
    if (holds(kNames, name)) return true;
    if (!section && holds(kBuiltIn, name)) return true;
    const bool of_case = holds(kCaseNames, name) || name == "REASON" || name == "CUE";
    if (section && name == "CASE" && !in_case()) return true;
    if (!section && (name == "REASON" || name == "CUE")) {
      if (is_open(name)) return true;
      complain(at, fmt::format("{} is a list", name),
               fmt::format("write {{{{#{0}}}}}{{{{{0}}}}}{{{{/{0}}}}}", name));
      return false;
    }
    if (of_case && in_case()) return true;
    if (of_case) {
      complain(at, fmt::format("{} is a thing of a case", name),
               "write it inside {{#CASE}} … {{/CASE}}");
      return false;
    }
    std::vector<std::string> all;
    for (const auto& list :
         {template_names(), template_case_names(), std::span<const std::string_view>{kLists}}) {
      for (const std::string_view it : list) all.emplace_back(it);
    }
    complain(at, fmt::format("there is no name {}", config::in_quotes(name)),
             config::did_you_mean(name, all));
    return false;
  }

  void begin(std::size_t at, std::string_view name) {
    const std::string_view list =
        name.ends_with("_separator") ? name.substr(0, name.size() - 10) : std::string_view{};
    if (list.empty() || !holds(kLists, list)) known(at, name, true);
    open_.push_back({std::string{name}, at});
  }

  void end(std::size_t at, std::string_view name) {
    if (open_.empty() || open_.back().name != name) {
      complain(at, fmt::format("{} does not end the section that is open", config::in_quotes(name)),
               open_.empty() ? "none is open"
                             : fmt::format("{{{{/{}}}}} comes first", open_.back().name));
      return;
    }
    open_.pop_back();
  }

  void variable(std::size_t at, std::string_view inside) {
    const std::size_t colon = inside.find(':');
    if (!known(at, inside.substr(0, colon), false) || colon == std::string_view::npos) return;
    for (std::string_view rest = inside.substr(colon + 1);;) {
      const std::size_t next = rest.find(':');
      const std::string_view word = rest.substr(0, next);
      if (!holds(kModifiers, word))
        complain(at, fmt::format("there is no modifier {}", config::in_quotes(word)),
                 word.starts_with("x-")
                     ? "none of your own can be registered; write h, p, u, j or o"
                     : "write h, p, u, j, o or x");
      if (next == std::string_view::npos) return;
      rest.remove_prefix(next + 1);
    }
  }

  void complain(std::size_t at, std::string problem, std::string hint = {}) {
    const std::string_view before = text_.substr(0, at);
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t start = before.rfind('\n');
    mistakes_.push_back({lines + 1, at - (start == std::string_view::npos ? 0 : start + 1) + 1,
                         std::move(problem), std::move(hint)});
  }

  std::string_view text_;
  std::vector<Open> open_;
  std::vector<TemplateMistake> mistakes_;
};

}  // namespace

std::vector<TemplateMistake> check_template(std::string_view text) {
  return Walk{text}.run();
}
std::span<const std::string_view> template_names() {
  return kNames;
}
std::span<const std::string_view> template_case_names() {
  return kCaseNames;
}

}  // namespace earshot
