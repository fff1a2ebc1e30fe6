// A streaming reader instead of a tree: HTML5's tokens (WHATWG HTML 13.2.5) with a stack of the
// open elements, so that hostile nesting costs time and memory in proportion to the bytes read.
// docs/adr/0010-html-without-a-tree.md says why.

#include "earshot/text/html.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "earshot/core/utf8.hpp"
#include "html_attributes.hpp"
#include "html_entities.hpp"
#include "html_lines.hpp"
#include "html_marks.hpp"
#include "html_tags.hpp"
#include "mail_lines.hpp"

namespace earshot {
namespace {

using detail::Attributes;
using detail::is_space;
using detail::kHidden;
using detail::kPre;
using detail::kQuote;
using detail::kThread;
using detail::Lines;
using detail::Tag;

constexpr std::size_t kDeepest = 512;     // open elements
constexpr std::size_t kMostLinks = 2000;  // more are of no use to a reader

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class HtmlReader {
 public:
  HtmlReader(std::string_view html, const HtmlOptions& options)
      : in_(html.substr(0, std::min(html.size(), options.bytes))),
        options_(options),
        base_(options.base_url) {
    result_.truncated = html.size() > options.bytes;
    if (in_.starts_with("\xEF\xBB\xBF")) in_.remove_prefix(3);
  }

  HtmlText read() {
    while (at_ < in_.size() && !stopped_) {
      if (in_[at_] != '<') {
        const std::size_t end = std::min(in_.find('<', at_), in_.size());
        characters(in_.substr(at_, end - at_));
        at_ = end;
        continue;
      }
      if (++elements_ > options_.elements) {
        result_.truncated = true;
        break;
      }
      markup();
    }
    result_.text = clean_utf8(words_.text());
    result_.quoted = clean_utf8(quoted_.text());
    if (result_.text.empty() && result_.quoted.empty()) result_.text = clean_utf8(alternatives_);
    return std::move(result_);
  }

 private:
  struct Open {
    Tag tag;
    std::uint8_t flags;
    std::uint32_t name;  // hash of the name: tells "other" elements apart
  };
  /// Gmail's <div class="gmail_quote">: what stands before its first blockquote is attribution,
  /// what stands between its blockquotes are answers; in a forward everything is quoted.
  struct Thread {
    std::size_t depth;
    std::size_t quoted_from;
    bool answers = false;
  };

  Lines& sink() {
    const bool quote =
        rest_quoted_ || quotes_ > 0 || (!threads_.empty() && !threads_.back().answers);
    return options_.split_quotes && quote ? quoted_ : words_;
  }

  void characters(std::string_view text) {
    if (hidden_ > 0) return;
    Lines& out = sink();
    std::size_t from = 0;
    while (from < text.size()) {
      const char c = text[from];
      if (c == '&') {
        buffer_.clear();
        const std::size_t taken = detail::take_entity(text.substr(from), false, buffer_);
        if (taken > 0) {
          visible_or_blank(out, buffer_);
          from += taken;
        } else {
          out.put("&");
          ++from;
        }
        continue;
      }
      if (is_space(c)) {
        space(out, c);
        ++from;
        continue;
      }
      std::size_t end = from + 1;
      while (end < text.size() && !is_space(text[end]) && text[end] != '&') ++end;
      visible_or_blank(out, text.substr(from, end - from));
      from = end;
    }
  }

  void space(Lines& out, char c) {
    if (pre_ == 0) {
      out.blank();
    } else if (c == '\n') {
      if (!skip_line_end_) out.put_line_end();
    } else if (c != '\r') {
      out.put(out.at_line_start() && c != '\t' ? " " : std::string_view{&c, 1});
    }
    if (c != '\r') skip_line_end_ = false;
  }

  /// A run without ASCII blanks; U+00A0 in it counts as a blank.
  void visible_or_blank(Lines& out, std::string_view run) {
    skip_line_end_ = false;
    while (!run.empty()) {
      if (run.size() == 1 && is_space(run[0])) {
        space(out, run[0]);
        return;
      }
      const std::size_t blank = run.find("\xC2\xA0");
      if (blank > 0) out.put(run.substr(0, blank));
      if (blank == std::string_view::npos) return;
      if (pre_ > 0) {
        out.put(" ");
      } else {
        out.blank();
      }
      run.remove_prefix(blank + 2);
    }
  }

  void end_line() {
    if (hidden_ == 0) sink().end_line();
  }

  void markup() {
    const std::string_view rest = in_.substr(at_);
    if (rest.starts_with("<!--")) return comment(rest);
    if (rest.size() > 1 && (rest[1] == '!' || rest[1] == '?')) return skip_past('>');
    if (rest.size() > 2 && rest[1] == '/' && is_letter(rest[2])) return tag(at_ + 2, true);
    if (rest.size() > 1 && rest[1] == '/') return rest.size() > 2 ? skip_past('>') : literal();
    if (rest.size() > 1 && is_letter(rest[1])) return tag(at_ + 1, false);
    literal();
  }

  void literal() {
    characters("<");
    ++at_;
  }

  void skip_past(char c) {
    const std::size_t end = in_.find(c, at_);
    at_ = end == std::string_view::npos ? in_.size() : end + 1;
  }

  void comment(std::string_view rest) {
    if (rest.starts_with("<!-->")) {
      at_ += 5;
    } else if (rest.starts_with("<!--->")) {
      at_ += 6;
    } else {
      const std::size_t end = rest.find("--", 4);
      std::size_t found = end;
      while (found != std::string_view::npos && !rest.substr(found + 2).starts_with('>') &&
             !rest.substr(found + 2).starts_with("!>")) {
        found = rest.find("--", found + 1);
      }
      at_ = found == std::string_view::npos ? in_.size() : in_.find('>', at_ + found) + 1;
    }
  }

  void tag(std::size_t from, bool closing) {
    std::size_t at = from;
    std::string name;
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (; at < in_.size() && !is_space(in_[at]) && in_[at] != '/' && in_[at] != '>'; ++at) {
      const char c = in_[at] >= 'A' && in_[at] <= 'Z' ? static_cast<char>(in_[at] + 32) : in_[at];
      if (name.size() < 24) name += c;
      hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
    }
    Attributes attributes;
    bool self_closing = false;
    if (!detail::read_attributes(in_, at, attributes, self_closing)) {
      at_ = in_.size();  // HTML5 drops a tag that never ends
      return;
    }
    at_ = at;
    const Tag what = detail::tag_of(name);
    if (closing) {
      close(what, hash);
    } else {
      open(what, hash, attributes, self_closing);
    }
  }

  void open(Tag what, std::uint32_t hash, const Attributes& attributes, bool self_closing) {
    if (count(Tag::head) > 0 && !detail::may_stand_in_head(what) && what != Tag::head)
      pop_to(Tag::head);
    close_implied(what);
    if (detail::is_block(what)) end_line();
    if (what == Tag::br && hidden_ == 0) sink().line_break();
    if ((what == Tag::td || what == Tag::th) && hidden_ == 0) sink().blank();
    if (what == Tag::base && attributes.has_href && !base_seen_) {
      base_seen_ = true;
      base_ = resolve_url(options_.base_url, std::string{trim(attributes.href)});
    }
    if ((what == Tag::a || what == Tag::area) && attributes.has_href) link(attributes.href);
    if (what == Tag::img && hidden_ == 0 && !attributes.alt.empty() &&
        alternatives_.size() < 4096) {
      if (!alternatives_.empty()) alternatives_ += ' ';
      alternatives_ += collapse_space(attributes.alt);
    }
    const std::uint8_t flags = detail::marks_of(what, attributes, options_.split_quotes);
    if (options_.split_quotes && detail::ends_own_words(attributes)) rest_quoted_ = true;
    if (detail::is_void(what)) return;
    if (self_closing && (what == Tag::svg || what == Tag::math)) return;
    if (detail::is_raw(what)) return raw(what, flags);
    if (detail::is_formatting(what) && flags == 0) return;
    if (stack_.size() >= kDeepest) {
      result_.truncated = stopped_ = true;
      return;
    }
    push({what, flags, hash});
  }

  void close_implied(Tag what) {
    if (detail::is_block(what) && what != Tag::option && what != Tag::tr && count(Tag::p) > 0)
      pop_within(Tag::p, Tag::count);
    switch (what) {
      case Tag::li:
        pop_within(Tag::li, Tag::ul, Tag::ol);
        break;
      case Tag::dd:
      case Tag::dt:
        pop_within(Tag::dd, Tag::dl);
        pop_within(Tag::dt, Tag::dl);
        break;
      case Tag::option:
        pop_within(Tag::option, Tag::select);
        break;
      case Tag::tr:
      case Tag::tbody:
      case Tag::thead:
      case Tag::tfoot:
        pop_within(Tag::tr, Tag::table);
        break;
      case Tag::td:
      case Tag::th:
        pop_within(Tag::td, Tag::tr, Tag::table);
        pop_within(Tag::th, Tag::tr, Tag::table);
        break;
      default:
        break;
    }
  }

  /// Closes the nearest open `what` that lies above the nearest fence. Cells fence everything but
  /// themselves and their rows.
  void pop_within(Tag what, Tag fence, Tag other_fence = Tag::count) {
    if (count(what) == 0) return;
    for (std::size_t i = stack_.size(); i-- > 0;) {
      const Tag tag = stack_[i].tag;
      if (tag == what) return pop_down_to(i);
      if (tag == fence || tag == other_fence || (detail::is_barrier(tag) && what != Tag::tr))
        return;
    }
  }

  void close(Tag what, std::uint32_t hash) {
    if (what == Tag::br || what == Tag::p) {
      if (hidden_ == 0 && count(what) == 0)
        what == Tag::br ? sink().line_break() : sink().end_line();
    }
    const bool table_part = what == Tag::table || what == Tag::tr || what == Tag::tbody ||
                            what == Tag::thead || what == Tag::tfoot || what == Tag::td ||
                            what == Tag::th || what == Tag::caption || what == Tag::body ||
                            what == Tag::html;
    if (count(what) > 0) {
      for (std::size_t i = stack_.size(); i-- > 0;) {
        if (stack_[i].tag == what && stack_[i].name == hash) {
          detail::is_formatting(what) ? remove(i) : pop_down_to(i);
          break;
        }
        if (detail::is_barrier(stack_[i].tag) && !table_part) break;
        if (table_part && stack_[i].tag == Tag::table && what != Tag::table && what != Tag::body &&
            what != Tag::html)
          break;
      }
    }
    if (detail::is_block(what)) end_line();
    if ((what == Tag::td || what == Tag::th) && hidden_ == 0) sink().blank();
  }

  /// Text up to the matching end tag: dropped, or kept as it stands for <textarea> and <xmp>.
  void raw(Tag what, std::uint8_t flags) {
    static constexpr std::array<std::pair<Tag, std::string_view>, 8> kNames = {
        {{Tag::script, "script"},
         {Tag::style, "style"},
         {Tag::title, "title"},
         {Tag::textarea, "textarea"},
         {Tag::xmp, "xmp"},
         {Tag::iframe, "iframe"},
         {Tag::noembed, "noembed"},
         {Tag::noframes, "noframes"}}};
    std::string_view name;
    for (const auto& [tag, word] : kNames) {
      if (tag == what) name = word;
    }
    std::size_t end = at_;
    while ((end = in_.find("</", end)) != std::string_view::npos) {
      const std::string_view after = in_.substr(std::min(end + 2 + name.size(), in_.size()));
      if (equals_ignoring_case(in_.substr(end + 2, name.size()), name) &&
          (after.empty() || is_space(after[0]) || after[0] == '>' || after[0] == '/'))
        break;
      end += 2;
    }
    const std::string_view content =
        in_.substr(at_, end == std::string_view::npos ? std::string_view::npos : end - at_);
    if ((flags & kHidden) == 0) {
      ++pre_;
      characters(content);
      --pre_;
      end_line();
    }
    at_ = end;
    skip_past('>');
    if (end == std::string_view::npos) at_ = in_.size();
  }

  void link(std::string href) {
    if (hidden_ > 0 || result_.links.size() >= kMostLinks) return;
    if (&sink() != &words_) return;
    std::string clean;
    for (const char c : trim(href)) {
      if (c == ' ') {
        clean += "%20";
      } else if (static_cast<unsigned char>(c) > 0x20 && c != 0x7F) {
        clean += c;  // tabs and line ends inside are dropped (WHATWG URL 4.4)
      }
    }
    if (clean.empty() || clean[0] == '#' || !seen_.insert(clean).second) return;
    std::string url = clean_utf8(resolve_url(base_, clean));
    const std::string start = to_lower_ascii(url.substr(0, 8));
    if (!start.starts_with("http://") && !start.starts_with("https://")) return;
    if (url != clean && !seen_.insert(url).second) return;
    result_.links.push_back(std::move(url));
    const std::size_t size = words_.text().size();
    result_.link_at.push_back(words_.at_line_start() ? size : size - 1);
  }

  std::uint32_t count(Tag what) const { return counts_[static_cast<std::size_t>(what)]; }

  void push(const Open& element) {
    stack_.push_back(element);
    ++counts_[static_cast<std::size_t>(element.tag)];
    if (element.flags & kQuote && quotes_ == 0) take_attribution();
    if (element.flags & kThread) {
      take_attribution();
      threads_.push_back({stack_.size(), quoted_.text().size(), false});
    }
    hidden_ += element.flags & kHidden ? 1U : 0U;
    quotes_ += element.flags & kQuote ? 1U : 0U;
    pre_ += element.flags & kPre ? 1U : 0U;
    skip_line_end_ = (element.flags & kPre) != 0;
  }

  /// "On … wrote:" just above a quote goes with it.
  void take_attribution() {
    if (rest_quoted_ || hidden_ > 0 || (!threads_.empty() && !threads_.back().answers)) return;
    const std::string taken = detail::take_trailing_attribution(words_.text());
    if (taken.empty()) return;
    quoted_.end_line();
    quoted_.put(taken);
    quoted_.end_line();
    words_.end_line();
  }

  void release(const Open& element) {
    --counts_[static_cast<std::size_t>(element.tag)];
    hidden_ -= element.flags & kHidden ? 1U : 0U;
    quotes_ -= element.flags & kQuote ? 1U : 0U;
    pre_ -= element.flags & kPre ? 1U : 0U;
    if (element.flags & kThread && !threads_.empty()) threads_.pop_back();
    if (element.tag == Tag::blockquote && element.flags & kQuote && quotes_ == 0 &&
        !threads_.empty()) {
      const std::string_view since =
          std::string_view{quoted_.text()}.substr(threads_.back().quoted_from);
      threads_.back().answers = since.substr(0, 400).find("-----") == std::string_view::npos;
      words_.end_line();
    }
  }

  void pop_down_to(std::size_t index) {
    while (stack_.size() > index) {
      const Open element = stack_.back();
      stack_.pop_back();
      if (detail::is_block(element.tag)) end_line();
      release(element);
      if (detail::is_block(element.tag)) end_line();
    }
  }

  void remove(std::size_t index) {
    const Open element = stack_[index];
    stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(index));
    release(element);
  }

  void pop_to(Tag what) {
    for (std::size_t i = stack_.size(); i-- > 0;) {
      if (stack_[i].tag == what) return pop_down_to(i);
    }
  }

  std::string_view in_;
  const HtmlOptions& options_;
  std::string base_;
  HtmlText result_;
  Lines words_, quoted_;
  std::string alternatives_;  // texts of images: shown where there is nothing else
  std::string buffer_;
  std::size_t at_ = 0, elements_ = 0;
  std::vector<Open> stack_;
  std::array<std::uint32_t, static_cast<std::size_t>(Tag::count) + 1> counts_{};
  std::vector<Thread> threads_;
  std::unordered_set<std::string> seen_;
  std::uint32_t hidden_ = 0, quotes_ = 0, pre_ = 0;
  bool rest_quoted_ = false, stopped_ = false, skip_line_end_ = false, base_seen_ = false;
};

}  // namespace

HtmlText html_to_text(std::string_view html, const HtmlOptions& options) {
  return HtmlReader{html, options}.read();
}

}  // namespace earshot
