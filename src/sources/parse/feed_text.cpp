#include "feed_text.hpp"

#include <algorithm>
#include <array>

#include "earshot/core/ids.hpp"
#include "earshot/core/unique.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/entities.hpp"
#include "earshot/text/html.hpp"

#include "feed_encoding.hpp"

namespace earshot {
namespace {

constexpr std::size_t kTextLimit = 256U << 10U;  // P14
constexpr std::size_t kHtmlLimit = 2U << 20U;    ///< of HTML source
constexpr std::size_t kTitleLimit = 4U << 10U;
constexpr std::size_t kAnchors = 200;  ///< of a post, looked through for what they show
constexpr std::size_t kHashed = 1024;  ///< of the text, for the id of an item without id and link

constexpr std::array<std::string_view, 76> kHtmlTags{
    // sorted
    "a",       "abbr",   "acronym", "address", "area",       "article", "aside",   "audio",
    "b",       "bdi",    "bdo",     "big",     "blockquote", "body",    "br",      "button",
    "caption", "center", "cite",    "code",    "col",        "dd",      "del",     "dfn",
    "div",     "dl",     "dt",      "em",      "font",       "footer",  "h1",      "h2",
    "h3",      "h4",     "h5",      "h6",      "head",       "header",  "hr",      "html",
    "i",       "iframe", "img",     "ins",     "kbd",        "li",      "mark",    "ol",
    "p",       "pre",    "q",       "s",       "samp",       "script",  "section", "small",
    "span",    "strike", "strong",  "style",   "sub",        "sup",     "table",   "tbody",
    "td",      "tfoot",  "th",      "thead",   "time",       "title",   "tr",      "tt",
    "u",       "ul",     "var",     "video"};
static_assert(std::is_sorted(kHtmlTags.begin(), kHtmlTags.end()));

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool alnum(char c) {
  return letter(c) || (c >= '0' && c <= '9');
}

/// Line by line, runs of blanks as one; at most one empty line in a row.
std::string plain_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool space = false;
  int breaks = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      ++breaks, ++i;
      continue;
    }
    if (text[i] == ' ' || text[i] == '\t') {
      space = true, ++i;
      continue;
    }
    if (!out.empty()) {
      if (breaks > 0)
        out.append(static_cast<std::size_t>(std::min(breaks, 2)), '\n');
      else if (space)
        out += ' ';
    }
    space = false;
    breaks = 0;
    const std::size_t begin = i;
    while (i < text.size() && text[i] != '\n' && text[i] != ' ' && text[i] != '\t') ++i;
    out.append(text.substr(begin, i - begin));
  }
  return std::string{trim(out)};
}

bool mail_char(char c) {
  return alnum(c) || std::string_view{"._%+-'"}.find(c) != std::string_view::npos;
}

/// The first mail address in a text; empty where there is none.
std::string_view mail_in(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && mail_char(text[begin - 1])) --begin;
    std::size_t end = at + 1;
    while (end < text.size() && (alnum(text[end]) || text[end] == '-' || text[end] == '.')) ++end;
    while (end > at + 1 && !alnum(text[end - 1])) --end;
    if (begin < at && text.substr(at + 1, end - at - 1).find('.') != std::string_view::npos)
      return text.substr(begin, end - begin);
  }
  return {};
}

void add_word(Unique& list, std::string_view word) {
  if (!word.empty()) list.add(word);
}

bool has_scheme(std::string_view link) {
  return link.find("://") != std::string_view::npos;
}

/// What stands in a tag behind its name: attributes, or the slash of "<br/>". Talk about HTML has
/// neither.
bool is_written_out(std::string_view rest) {
  return rest.ends_with('/') || rest.find("=\"") != std::string_view::npos ||
         rest.find("='") != std::string_view::npos;
}

/// HTML reads an escaped CDATA section as a comment; feeds that hold one mean its words. Empty
/// where there is none.
std::string without_cdata_marks(std::string_view value) {
  if (value.find(kCdataOpen) == std::string_view::npos) return {};
  std::string out;
  while (!value.empty()) {
    const std::size_t open = value.find(kCdataOpen);
    out += value.substr(0, open);
    if (open == std::string_view::npos) break;
    value.remove_prefix(open + kCdataOpen.size());
    const std::size_t close = value.find(kCdataClose);
    out += value.substr(0, close);
    if (close == std::string_view::npos) break;
    value.remove_prefix(close + kCdataClose.size());
  }
  return out;
}

}  // namespace

bool looks_like_html(std::string_view text) {
  bool proof = false;
  for (std::size_t at = text.find_first_of("<&"); at != std::string_view::npos;
       at = text.find_first_of("<&", at + 1)) {
    std::size_t i = at + 1;
    if (text[at] == '<') {
      const bool end = i < text.size() && text[i] == '/';
      if (end) ++i;
      const std::size_t begin = i;
      while (i < text.size() && alnum(text[i])) ++i;
      if (i == begin) continue;
      const std::string name = to_lower_ascii(text.substr(begin, i - begin));
      if (!std::binary_search(kHtmlTags.begin(), kHtmlTags.end(), name)) return false;
      proof = proof || (end && i < text.size() && text[i] == '>') ||
              (!end && is_written_out(text.substr(i, text.find('>', i) - i)));
    } else {
      const bool number = i < text.size() && text[i] == '#';
      while (i < text.size() && (alnum(text[i]) || text[i] == '#')) ++i;
      if (i >= text.size() || text[i] != ';' || i == at + 1) continue;
      const std::string_view whole = text.substr(at, i - at + 1);
      if (!number && decode_entities(whole) == whole) return false;
      proof = true;
    }
  }
  return proof;
}

FeedText feed_text(std::string_view value, TextKind kind, const std::string& base_url) {
  FeedText out;
  const std::size_t limit = kind == TextKind::html ? kHtmlLimit : kTextLimit;
  out.truncated = value.size() > limit;
  value = cut_utf8(value, limit);
  if (kind == TextKind::guess) kind = looks_like_html(value) ? TextKind::html : TextKind::plain;
  if (kind == TextKind::plain || value.find('<') == std::string_view::npos) {
    const bool entities = kind == TextKind::html && value.find('&') != std::string_view::npos;
    const std::string decoded = entities ? decode_entities(value) : std::string{value};
    const std::string_view whole = trim(decoded);
    // "&lt;p&gt;…&lt;/p&gt;" from end to end is no talk about HTML: somebody escaped twice.
    if (entities && whole.starts_with('<') && whole.ends_with('>') && looks_like_html(whole))
      return feed_text(whole, TextKind::html, base_url);
    out.text = plain_lines(decoded);
    out.text = repair_mojibake(std::move(out.text));
    return out;
  }
  const std::string bare = without_cdata_marks(value);
  HtmlText html = html_to_text(bare.empty() ? value : bare, {.base_url = base_url});
  out.text = repair_mojibake(std::move(html.text));
  out.links = std::move(html.links);
  out.truncated = out.truncated || html.truncated;
  return out;
}

Author author_of(std::string name, std::string uri, std::string mail) {
  Author author;
  if (mail.starts_with("mailto:")) mail.erase(0, 7);
  if (name.empty() && mail.empty()) name = uri;
  if (mail.empty() && name.find('@') != std::string::npos) {
    author = author_of(name);
    mail = author.handle;
    name = author.name;
  }
  author.name = name.empty() ? mail : std::move(name);
  author.handle = mail;
  author.id = mail.empty() ? std::move(uri) : to_lower_ascii(mail);
  return author;
}

Author author_of(std::string_view text) {
  text = trim(text);
  const std::string_view mail = mail_in(text);
  Author author;
  if (mail.empty()) {
    author.name = std::string{text};
    return author;
  }
  author.handle = std::string{mail};
  author.id = to_lower_ascii(mail);
  const auto at = static_cast<std::size_t>(mail.data() - text.data());
  std::string name = std::string{text.substr(0, at)} + std::string{text.substr(at + mail.size())};
  if (const std::size_t query = name.find("?subject="); query != std::string::npos) {
    name.erase(query, std::min(name.find_first_of(" \t)>", query), name.size()) - query);
  }
  for (const std::string_view junk : {"()", "<>", "[]", "mailto:", "&lt;&gt;"}) {
    for (std::size_t found = name.find(junk); found != std::string::npos; found = name.find(junk))
      name.erase(found, junk.size());
  }
  std::string_view inner = trim(name);
  if (inner.starts_with('(') || inner.starts_with('"')) inner.remove_prefix(1);
  if (inner.ends_with(')') &&
      std::count(inner.begin(), inner.end(), '(') < std::count(inner.begin(), inner.end(), ')'))
    inner.remove_suffix(1);
  if (inner.ends_with('"')) inner.remove_suffix(1);
  author.name = std::string{trim(inner)};
  constexpr std::string_view kJoints = ",-:; ";  // "ann@x.example - Ann", "Ann, ann@x.example"
  while (!author.name.empty() && kJoints.find(author.name.back()) != std::string_view::npos)
    author.name.pop_back();
  author.name.erase(0, std::min(author.name.find_first_not_of(kJoints), author.name.size()));
  if (author.name.empty()) author.name = author.handle;
  return author;
}

std::string feed_url(std::string_view base, std::string_view reference) {
  reference = trim(reference);
  if (reference.empty()) return {};
  // "www.shop.example/1" is a path by the letter; nobody ever meant one.
  if (to_lower_ascii(reference.substr(0, 4)) == "www.") return "http://" + std::string{reference};
  std::string url = base.empty() ? std::string{reference} : resolve_url(base, reference);
  const std::string begin = to_lower_ascii(std::string_view{url}.substr(0, 12));
  for (const std::string_view scheme : {"javascript:", "vbscript:", "data:"}) {
    if (begin.starts_with(scheme)) return {};
  }
  return url;
}

void finish_post(Post& post, std::vector<std::string> html_links, std::string_view raw_date) {
  if (post.id.empty()) post.id = post.url;
  if (post.id.empty()) {
    std::string key = post.title;
    key += '\n';
    key += raw_date;
    key += '\n';
    key += cut_utf8(post.text, kHashed);
    post.id = "hash:" + hash128_hex(key);
  }
  if (post.title.size() > kTitleLimit) post.title = std::string{cut_utf8(post.title, kTitleLimit)};
  if (post.text.size() > kTextLimit) {
    post.text = std::string{cut_utf8(post.text, kTextLimit)};
    post.truncated = true;
  }
  Unique links{post.links};
  for (const std::string& link : html_links) add_word(links, link);
  const std::size_t anchors = std::min(post.links.size(), kAnchors);
  Unique mentions{post.mentions};
  Unique hashtags{post.hashtags};
  Unique cashtags{post.cashtags};
  for (const std::string* text : {&post.title, &post.text}) {
    if (text->find_first_of("@#$./") == std::string::npos) continue;
    const Entities found = extract_entities(*text);
    for (const std::string& word : found.mentions) add_word(mentions, word);
    for (const std::string& word : found.hashtags) add_word(hashtags, word);
    for (const std::string& word : found.cashtags) add_word(cashtags, word);
    for (const std::string& link : found.links) {
      // The visible half of an anchor ("shop.example/returns") is no second link.
      const auto shows = [&](const std::string& other) {
        return other.find(link) != std::string::npos;
      };
      const auto end = post.links.begin() + static_cast<std::ptrdiff_t>(anchors);
      if (std::none_of(post.links.begin(), end, shows))
        add_word(links, has_scheme(link) ? link : "https://" + link);
    }
  }
}

}  // namespace earshot
