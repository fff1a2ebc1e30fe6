#pragma once

/// HTML -> plain text, by HTML5's parsing rules (gumbo), inside a budget. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace earshot {

struct HtmlText {
  std::string text;  ///< Blocks and <br> become line ends, runs of blanks collapse, scripts and
                     ///< styles are gone.
  std::vector<std::string> links;    ///< href of <a>, absolute where `base_url` allows, in order,
                                     ///< without repeats; http(s) only.
  std::vector<std::size_t> link_at;  ///< For each link: a place in `text`, on the line it stands
                                     ///< on or where that line begins.
  std::string quoted;      ///< Text of quote blocks (gmail_quote, blockquote type=cite …) when
                           ///< `split_quotes`; else empty.
  bool truncated = false;  ///< The budget was reached: what was read until then is there.
};

struct HtmlOptions {
  std::string base_url;
  bool split_quotes = false;      ///< For mail: text of quote blocks goes to `quoted`.
  std::size_t bytes = 2U << 20U;  ///< Input beyond this is not read.
  std::size_t elements =
      200'000;  ///< Counted as '<' before a tree is built; nesting is bounded too.
};

HtmlText html_to_text(std::string_view html, const HtmlOptions& options = {});

/// `&amp;`, `&nbsp;`, `&#8217;`, `&eacute;` …: HTML5 names and numbers (windows-1252 for 128–159).
/// Unknown ones stay as they are.
std::string decode_entities(std::string_view text);

/// RFC 3986 reference resolution; the reference itself where the base is empty or no URL.
std::string resolve_url(std::string_view base_text, std::string_view reference);

}  // namespace earshot
