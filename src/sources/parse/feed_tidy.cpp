#include "feed_tidy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kElements = 200'000;  // P14
constexpr std::size_t kDepth = 256;
constexpr std::size_t kEntities = 64;
constexpr std::size_t kEntityBytes = 1024;
constexpr std::size_t kAttributeBytes =
    16U << 10U;  ///< a longer value counts as one whose quote is missing

bool name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool name_char(char c) {
  return name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}
bool blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}
bool is_item(std::string_view name) {
  const std::string_view local = local_name(name);
  return equals_ignoring_case(local, "item") || equals_ignoring_case(local, "entry");
}
/// Elements that HTML never closes; met where a description holds markup that was not escaped.
bool is_void(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kVoid{"br",   "hr",  "img", "input",
                                                         "meta", "wbr", "area"};
  for (const std::string_view word : kVoid) {
    if (equals_ignoring_case(name, word)) return true;
  }
  return false;
}

bool is_one_of(std::string_view name, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return equals_ignoring_case(name, word); });
}
/// Fields that hold words only: another field inside one means that its end tag is missing.
bool is_words_only(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kWords{
      "title",   "link",      "guid",       "pubDate", "id",
      "updated", "published", "dc:creator", "dc:date", "category"};
  return is_one_of(name, kWords);
}
bool is_field(std::string_view name) {
  static constexpr std::array<std::string_view, 16> kFields{
      "title",     "link",       "guid",     "pubDate",        "id",     "updated",
      "published", "dc:creator", "dc:date",  "summary",        "author", "description",
      "content",   "category",   "comments", "content:encoded"};
  return is_one_of(name, kFields);
}

/// Where the declaration that begins at `at` ("<!DOCTYPE") ends: behind its '>', an internal subset
/// included.
std::size_t end_of_doctype(std::string_view xml, std::size_t at) {
  char quote = 0;
  int brackets = 0;
  for (std::size_t i = at; i < xml.size(); ++i) {
    const char c = xml[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[') {
      ++brackets;
    } else if (c == ']') {
      --brackets;
    } else if (c == '>' && brackets <= 0) {
      return i + 1;
    }
  }
  const std::size_t plain = xml.find('>', at);
  return plain == std::string_view::npos ? xml.size() : plain + 1;
}

class Tidy {
 public:
  explicit Tidy(std::string_view xml) : in_(xml) {
    out_.xml.reserve(xml.size() + xml.size() / 16 + 64);
  }

  TidyXml run() {
    skip_junk();
    while (at_ < in_.size()) {
      const std::size_t next = in_.find('<', at_);
      text(in_.substr(at_, next == std::string_view::npos ? std::string_view::npos : next - at_));
      if (next == std::string_view::npos) {
        at_ = in_.size();
        break;
      }
      at_ = next;
      markup();
      if (done_) break;
    }
    finish();
    return std::move(out_);
  }

 private:
  void skip_junk() {
    const std::size_t first = in_.find('<');
    if (first == std::string_view::npos) {
      at_ = in_.size();
      return;
    }
    if (!trim(in_.substr(0, first)).empty())
      out_.warnings.emplace_back("text before the first tag was dropped");
    at_ = first;
  }

  void text(std::string_view piece) {
    if (!open_.empty()) out_.xml.append(piece);
  }

  void markup() {
    const std::string_view rest = in_.substr(at_);
    if (rest.starts_with("<!--")) return comment();
    if (rest.starts_with("<![CDATA[")) return cdata();
    if (rest.starts_with("<!DOCTYPE") && open_.empty() && !doctype_) {
      doctype_ = true;
      at_ = end_of_doctype(in_, at_);
      return;
    }
    if (rest.starts_with("<?") ||
        (rest.size() > 2 && rest[1] == '!' && (name_start(rest[2]) || rest[2] == '['))) {
      const std::size_t end = in_.find('>', at_);
      at_ = end == std::string_view::npos ? in_.size() : end + 1;
      return;
    }
    if (rest.size() > 2 && rest[1] == '/' && name_start(rest[2])) return end_tag();
    if (rest.size() > 1 && name_start(rest[1])) return start_tag();
    escaped();
  }

  void escaped() {
    if (!open_.empty()) out_.xml += "&lt;";
    warn_once(stray_, "a stray \"<\" was read as text");
    ++at_;
  }

  // The searches that may fail remember it: hostile input would repeat them for every tag of 8 MiB.
  void comment() {
    const std::size_t end = no_comment_end_ ? std::string_view::npos : in_.find("-->", at_ + 4);
    if (end != std::string_view::npos) {
      at_ = end + 3;
      return;
    }
    warn_once(no_comment_end_, "a comment does not end");
    const std::size_t tag = in_.find('>', at_);
    at_ = tag == std::string_view::npos ? in_.size() : tag + 1;
  }

  /// Where the open item's end tag stands behind `begin`; npos where there is none.
  std::size_t item_end(std::size_t begin) {
    if (item_name_.empty()) return std::string_view::npos;
    if (item_end_ == std::string_view::npos || item_end_ >= begin) {
      if (item_end_known_) return item_end_;
    }
    item_end_ = in_.find(fmt::format("</{}>", item_name_), begin);
    item_end_known_ = true;
    return item_end_;
  }

  void cdata() {
    const std::size_t begin = at_ + 9;
    std::size_t end = no_cdata_end_ ? std::string_view::npos : in_.find("]]>", begin);
    const bool whole = end != std::string_view::npos;
    if (!whole) {
      warn_once(no_cdata_end_, "a CDATA section does not end");
      end = item_end(begin);
      if (end == std::string_view::npos) {
        cut_text_ = true;
        end = in_.size();
      } else if (const std::size_t own =
                     in_.substr(begin, end - begin).find(fmt::format("</{}>", open_.back()));
                 own != std::string_view::npos) {
        end = begin + own;  // a section that lost its "]]>" ends with its element
      }
    }
    if (!open_.empty()) {
      out_.xml += "<![CDATA[";
      out_.xml.append(in_.substr(begin, end - begin));
      out_.xml += "]]>";
    }
    at_ = whole ? end + 3 : end;
  }

  void end_tag() {
    std::size_t i = at_ + 2;
    while (i < in_.size() && name_char(in_[i])) ++i;
    const std::string_view name = in_.substr(at_ + 2, i - at_ - 2);
    while (i < in_.size() && in_[i] != '>' && in_[i] != '<') ++i;
    if (i == in_.size()) cut_tag_ = true;
    at_ = i < in_.size() && in_[i] == '>' ? i + 1 : i;
    if (cut_tag_) return;
    if (ignored_ > 0) {
      --ignored_;
      return;
    }
    for (std::size_t n = open_.size(); n-- > 0;) {
      if (equals_ignoring_case(open_[n], name)) {
        if (n + 1 != open_.size())
          warn_once(mismatch_,
                    fmt::format("</{}> closes elements that were left open", printable(name)));
        while (open_.size() > n) close();
        return;
      }
      if (is_item(open_[n]) && n > 0 && !is_item(name) && !is_container(name))
        break;  // an item's end tags stay inside it
    }
    warn_once(mismatch_, fmt::format("</{}> closes nothing", printable(name)));
  }

  static bool is_container(std::string_view name) {
    const std::string_view local = local_name(name);
    for (const std::string_view word : {"rss", "channel", "feed", "rdf"}) {
      if (equals_ignoring_case(local, word)) return true;
    }
    return false;
  }

  void close() {
    out_.xml += "</";
    out_.xml.append(open_.back());
    out_.xml += '>';
    if (is_item(open_.back())) item_name_ = {};
    open_.pop_back();
    if (open_.empty()) done_ = in_.find('<', at_) == std::string_view::npos;
  }

  /// The attributes up to '>' are written quoted; `at_` is behind the tag. False where the document
  /// ends inside it.
  bool attributes(std::string& tag, bool& empty) {
    std::size_t i = at_;
    std::vector<std::string_view> seen;
    for (;;) {
      while (i < in_.size() && blank(in_[i])) ++i;
      if (i >= in_.size()) return false;
      if (in_[i] == '>') {
        at_ = i + 1;
        return true;
      }
      if (in_[i] == '/' && i + 1 < in_.size() && in_[i + 1] == '>') {
        empty = true;
        at_ = i + 2;
        return true;
      }
      if (in_[i] == '<') {  // the '>' is missing
        warn_once(stray_, "a tag does not end");
        at_ = i;
        return true;
      }
      if (!name_start(in_[i])) {
        ++i;
        continue;
      }
      const std::size_t begin = i;
      while (i < in_.size() && name_char(in_[i])) ++i;
      const std::string_view name = in_.substr(begin, i - begin);
      while (i < in_.size() && blank(in_[i])) ++i;
      std::string_view value;
      if (i < in_.size() && in_[i] == '=') value = attribute_value(i);
      bool twice = seen.size() >= 64;
      for (const std::string_view other : seen) twice = twice || other == name;
      if (twice) continue;
      seen.push_back(name);
      write_attribute(tag, name, value);
    }
  }

  std::string_view attribute_value(std::size_t& i) {
    ++i;
    while (i < in_.size() && blank(in_[i])) ++i;
    if (i >= in_.size()) return {};
    if (in_[i] == '"' || in_[i] == '\'') {
      const char quote = in_[i];
      const std::string_view window = in_.substr(i + 1, kAttributeBytes);
      std::size_t end = window.find(quote);
      const std::size_t tag = window.find('<');
      const std::size_t close_mark = window.substr(0, tag).find('>');
      if (end == std::string_view::npos ||
          (tag != std::string_view::npos && end > tag && close_mark != std::string_view::npos)) {
        end = std::min({close_mark, tag, window.size()});  // the closing quote is missing
        i += 1 + end;
        return window.substr(0, end);
      }
      i += end + 2;
      return window.substr(0, end);
    }
    const std::size_t begin = i;
    while (i < in_.size() && !blank(in_[i]) && in_[i] != '>' && in_[i] != '<') ++i;
    std::string_view value = in_.substr(begin, i - begin);
    if (value.ends_with('/') && i < in_.size() && in_[i] == '>') {
      value.remove_suffix(1);
      --i;
    }
    return value;
  }

  static void write_attribute(std::string& tag, std::string_view name, std::string_view value) {
    tag += ' ';
    tag.append(name);
    tag += "=\"";
    for (const char c : value) {
      if (c == '"')
        tag += "&quot;";
      else if (c == '<')
        tag += "&lt;";
      else
        tag += c;
    }
    tag += '"';
  }

  void start_tag() {
    std::size_t i = at_ + 1;
    while (i < in_.size() && name_char(in_[i])) ++i;
    const std::string_view name = in_.substr(at_ + 1, i - at_ - 1);
    at_ = i;
    std::string tag = "<" + std::string{name};
    bool empty = false;
    if (!attributes(tag, empty)) {
      cut_tag_ = true;
      at_ = in_.size();
      return;
    }
    if (open_.size() >= kDepth) {
      if (!empty) ++ignored_;
      warn_once(deep_, fmt::format("elements deeper than {} were dropped", kDepth));
      return;
    }
    if (is_item(name) && !item_name_.empty() && !empty) {
      warn_once(mismatch_,
                fmt::format("<{}> begins before the one in front of it ended", printable(name)));
      while (!item_name_.empty()) close();
    }
    if (!open_.empty() && is_words_only(open_.back()) && is_field(name)) {
      warn_once(mismatch_, fmt::format("<{}> stands inside <{}>, which was not closed",
                                       printable(name), printable(open_.back())));
      close();
    }
    // Atom's link never has content; written without its "/", it would swallow what follows.
    empty =
        empty || is_void(name) ||
        (equals_ignoring_case(local_name(name), "link") && tag.find(" href=") != std::string::npos);
    out_.xml += tag;
    out_.xml += empty ? "/>" : ">";
    if (empty) {
      if (open_.empty()) done_ = true;
      return;
    }
    open_.push_back(name);
    if (is_item(name)) {
      item_name_ = name;
      item_end_known_ = false;
      last_item_ = open_.size();
    }
  }

  void finish() {
    out_.cut = !item_name_.empty() && !done_;
    if (!open_.empty())
      out_.warnings.emplace_back(out_.cut ? "the document ends inside an item"
                                          : "the document ends before its last end tag");
    const bool between = out_.cut && open_.size() == last_item_ && !cut_tag_ && !cut_text_;
    // The last child was whole: only the end tags are missing, which careless writers forget.
    if (between && trim(in_.substr(std::min(in_.size(), in_.rfind('>') + 1))).empty())
      out_.cut = out_.cut && !between;
    while (!open_.empty()) close();
  }

  void warn_once(bool& flag, std::string sentence) {
    if (!flag) out_.warnings.push_back(std::move(sentence));
    flag = true;
  }

  std::string_view in_;
  std::size_t at_ = 0;
  TidyXml out_;
  std::vector<std::string_view> open_;
  std::string_view item_name_;  ///< of the open item; empty outside
  std::size_t last_item_ = 0;   ///< depth of the open item's children
  std::size_t ignored_ = 0;     ///< open elements below the depth limit
  bool done_ = false;           ///< the root element is closed: what follows is junk
  std::size_t item_end_ = 0;
  bool item_end_known_ = false;
  bool no_comment_end_ = false;
  bool no_cdata_end_ = false;
  bool doctype_ = false;
  bool cut_tag_ = false;
  bool cut_text_ = false;
  bool stray_ = false;
  bool mismatch_ = false;
  bool deep_ = false;
};

}  // namespace

Result<void> check_xml_budget(std::string_view xml) {
  std::size_t elements = 0;
  std::size_t ends = 0;
  std::size_t quotes = 0;
  std::size_t cdata_end = 0;
  std::size_t comment_end = 0;
  bool in_tag = false;
  for (std::size_t i = 0; i < xml.size();) {
    if (in_tag) {
      i = xml.find_first_of("\">'<", i);
      if (i == std::string_view::npos) break;
      in_tag = xml[i] == '"' || xml[i] == '\'';
      quotes += in_tag ? 1U : 0U;
      if (xml[i] != '<') ++i;  // a '<' belongs to no tag: it begins the next one
      continue;
    }
    i = xml.find('<', i);
    if (i == std::string_view::npos || i + 1 >= xml.size()) break;
    const std::string_view rest = xml.substr(i);
    if (rest.starts_with("<![CDATA[") || rest.starts_with("<!--")) {
      ++elements;
      std::size_t& end =
          rest[2] == '[' ? cdata_end
                         : comment_end;  // npos is remembered: it would be found again and again
      if (end != std::string_view::npos) end = xml.find(rest[2] == '[' ? "]]>" : "-->", i);
      i = end == std::string_view::npos ? i + 4 : end + 3;
    } else {
      if (rest[1] != '/') {
        ++elements;
        in_tag = true;
      } else {
        ++ends;
      }
      ++i;
    }
    if (elements > kElements || ends > kElements)
      return permanent(fmt::format("more than {} elements", kElements));
  }
  if (quotes / 2 > kElements) return permanent(fmt::format("more than {} attributes", kElements));
  return {};
}

XmlEntities read_dtd_entities(std::string_view xml) {
  XmlEntities found;
  const std::size_t begin = xml.substr(0, 64U << 10U).find("<!DOCTYPE");
  if (begin == std::string_view::npos) return found;
  std::string_view dtd = xml.substr(begin, end_of_doctype(xml, begin) - begin);
  for (std::size_t at = dtd.find("<!ENTITY");
       at != std::string_view::npos && found.size() < kEntities; at = dtd.find("<!ENTITY")) {
    dtd = trim(dtd.substr(at + 8));
    std::size_t i = 0;
    while (i < dtd.size() && name_char(dtd[i])) ++i;
    const std::string_view name = dtd.substr(0, i);
    dtd = trim(dtd.substr(i));
    if (name.empty() || dtd.empty() || (dtd[0] != '"' && dtd[0] != '\''))
      continue;  // parameter entity, SYSTEM or PUBLIC
    const std::size_t end = dtd.find(dtd[0], 1);
    if (end == std::string_view::npos) break;
    const std::string_view value = dtd.substr(1, end - 1);
    // A value that holds another entity is how documents explode; numbers are harmless.
    const bool plain = value.find('&') == std::string_view::npos ||
                       (value.starts_with("&#") && value.find(';') == value.size() - 1);
    if (plain && value.size() <= kEntityBytes) found.emplace(name, value);
  }
  return found;
}

TidyXml tidy_xml(std::string_view xml) {
  return Tidy{xml}.run();
}

}  // namespace earshot
