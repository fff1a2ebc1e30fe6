/// The tree of a feed: where its items are and what it says about itself.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <new>

#include "earshot/core/utf8.hpp"
#include "feed_entry.hpp"
#include "feed_kinds.hpp"
#include "feed_text.hpp"

namespace earshot {
namespace {

/// An item as text, for the watch and for quarantine.
std::string source_of(pugi::xml_node node) {
  struct Writer final : pugi::xml_writer {
    std::string out;
    void write(const void* data, std::size_t size) override {
      out.append(static_cast<const char*>(data), size);
    }
  } writer;
  node.print(writer, "", pugi::format_raw);
  return std::move(writer.out);
}

constexpr int kNesting = 6;  ///< rss > channel > items, or a feed inside an envelope

constexpr unsigned kParse = pugi::parse_cdata | pugi::parse_eol | pugi::parse_ws_pcdata;

struct Found {
  pugi::xml_node node;
  const XmlScope* scope;
};

std::optional<double> number_of(std::string_view text) {
  const std::string word{trim(text)};
  char* end = nullptr;
  const double value = std::strtod(word.c_str(), &end);
  if (word.empty() || end == word.c_str() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<Duration> period_of(std::string_view word) {
  struct Period {
    std::string_view word;
    Duration span;
  };
  static constexpr std::array kPeriods{
      Period{"hourly", hours{1}}, Period{"daily", hours{24}}, Period{"weekly", hours{24 * 7}},
      Period{"monthly", hours{24 * 30}}, Period{"yearly", hours{24 * 365}}};
  for (const Period& period : kPeriods) {
    if (equals_ignoring_case(period.word, trim(word))) return period.span;
  }
  return std::nullopt;
}

class Document {
 public:
  /// `cut`: the document ends inside its last item.
  /// `watch` may be nullptr.
  Document(XmlReader& reader, std::string_view base, bool cut, ItemWatch* watch)
      : reader_(reader), base_(base), cut_(cut), watch_(watch) {}

  Result<ParsedFeed> read(const pugi::xml_document& tree) {
    const pugi::xml_node root = tree.document_element();
    const XmlScope* scope = reader_.enter(reader_.root(), root);
    const XmlName name = XmlReader::name(scope, root);
    if (name.ns == Ns::xhtml || equals_ignoring_case(name.local, "html"))
      return permanent("this is an HTML page, not a feed");
    visit(scope, root, name, 0);
    // Two documents in one file: careless writers append. Nothing of the second is lost.
    for (pugi::xml_node next = root.next_sibling(); next; next = next.next_sibling()) {
      if (next.type() != pugi::node_element) continue;
      const XmlScope* inner = reader_.enter(reader_.root(), next);
      visit(inner, next, XmlReader::name(inner, next), 0);
    }
    if (!seen_feed_ && items_.empty()) {
      return permanent(fmt::format("this is no feed: its root element is <{}>",
                                   printable(std::string_view{root.name()}.substr(0, 40))));
    }
    if (base_.empty()) reader_.set_default_base(feed_.home);
    read_items();
    return std::move(feed_);
  }

 private:
  void visit(const XmlScope* scope, pugi::xml_node node, const XmlName& name, int depth) {
    if (name.is("item") || name.is("entry")) {
      if (depth == 0 && name.is("entry")) set_kind(FeedKind::atom);
      items_.push_back({node, scope});
      return;
    }
    if (name.is("rss") || name.is("channel")) seen_feed_ = true;
    if (name.is(Ns::rdf, "RDF") || name.is("RDF")) set_kind(FeedKind::rdf);
    if (name.is("feed")) set_kind(FeedKind::atom);
    for (const pugi::xml_node child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      const XmlScope* inner = reader_.enter(scope, child);
      const XmlName inner_name = XmlReader::name(inner, child);
      const std::string_view local = inner_name.local;
      bool wrapper = false;
      for (const std::string_view word :
           {"channel", "feed", "rss", "rdf", "items", "envelope", "body"})
        wrapper = wrapper || equals_ignoring_case(local, word);
      if (wrapper || inner_name.is("item") || inner_name.is("entry")) {
        if (depth < kNesting) visit(wrapper ? inner : scope, child, inner_name, depth + 1);
      } else {
        read_field(inner, child, inner_name);
      }
    }
  }

  void set_kind(FeedKind kind) {
    seen_feed_ = true;
    feed_.kind = kind;
  }

  void read_field(const XmlScope* scope, pugi::xml_node node, const XmlName& name) {
    if (name.is("title") && feed_.title.empty())
      feed_.title = feed_text(reader_.text(node), TextKind::guess, scope->base).text;
    else if (name.is("link"))
      read_link(scope, node);
    else if (name.is("language") || name.is(Ns::dc, "language"))
      language_ = std::string{trim(reader_.text(node))};
    else if (name.is("author") && author_.name.empty() && feed_.kind == FeedKind::atom)
      author_ = read_author(reader_, scope, node);
    else if (name.is("ttl"))
      read_ttl(node);
    else if (name.is(Ns::sy, "updatePeriod"))
      period_ = period_of(reader_.text(node));
    else if (name.is(Ns::sy, "updateFrequency"))
      frequency_ = number_of(reader_.text(node)).value_or(1);
    else if (name.is("skipHours"))
      read_skip(node, "hour");
    else if (name.is("skipDays"))
      read_skip(node, "day");
  }

  void read_ttl(pugi::xml_node node) {
    const auto value = number_of(reader_.text(node));
    if (value && *value > 0 && *value < 1e6) feed_.rhythm.ttl = minutes{static_cast<int>(*value)};
  }

  void read_link(const XmlScope* scope, pugi::xml_node node) {
    const std::string href = reader_.attribute(node, "href");
    if (href.empty()) {
      const std::string value{trim(reader_.text(node))};
      if (feed_.home.empty()) feed_.home = feed_url(scope->base, value);
      return;
    }
    const std::string rel = to_lower_ascii(reader_.attribute(node, "rel"));
    if ((rel.empty() || rel == "alternate") && feed_.home.empty())
      feed_.home = feed_url(scope->base, href);
    if (rel == "next" && feed_.next_url.empty()) feed_.next_url = feed_url(scope->base, href);
  }

  void read_skip(pugi::xml_node node, std::string_view child_name) {
    static constexpr std::array<std::string_view, 7> kDays{
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
    for (const pugi::xml_node child : node.children()) {
      if (!equals_ignoring_case(child.name(), child_name)) continue;
      const std::string word = to_lower_ascii(trim(reader_.text(child)));
      if (child_name == "day") {
        for (std::size_t d = 0; d < kDays.size(); ++d)
          feed_.rhythm.skip_days |= kDays[d] == word ? 1U << d : 0U;
      } else if (const auto hour = number_of(word); hour && *hour >= 0 && *hour <= 24) {
        feed_.rhythm.skip_hours |=
            1U << (static_cast<unsigned>(*hour) % 24U);  // RSS 0.91 counted 1 to 24
      }
    }
  }

  void read_items() {
    if (period_)
      feed_.rhythm.update = Duration{static_cast<std::int64_t>(
          static_cast<double>(period_->count()) / (frequency_ < 1 ? 1 : frequency_))};
    if (const pugi::xml_node root = items_.empty() ? pugi::xml_node{} : items_.front().node.root();
        root) {
      const XmlScope* scope = reader_.enter(reader_.root(), root.first_child());
      if (language_.empty()) language_ = scope->lang;
    }
    const FeedDefaults defaults{
        .atom = feed_.kind == FeedKind::atom, .author = author_, .language = language_};
    feed_.posts.reserve(std::min(items_.size(), kFeedItems));
    for (const Found& item : items_) {
      if (feed_.posts.size() == kFeedItems) {
        feed_.warnings.push_back(
            fmt::format("only the first {} of {} items were read", kFeedItems, items_.size()));
        return;
      }
      if (watch_ != nullptr) {
        std::string raw = source_of(item.node);
        if (!watch_->may_read(raw)) {
          feed_.bad.push_back({.id = {}, .raw = std::move(raw), .reason = std::string{kPoison}});
          continue;
        }
      }
      auto post = read_entry(reader_, item.scope, item.node, defaults);
      if (cut_ && &item == &items_.back() && !feed_.posts.empty()) {
        feed_.bad.push_back({.id = post ? post->id : std::string{},
                             .raw = {},
                             .reason = "the document ends inside this item"});
      } else if (post) {
        feed_.posts.push_back(std::move(*post));
      }
    }
  }

  XmlReader& reader_;
  std::string_view base_;
  ParsedFeed feed_;
  std::vector<Found> items_;
  Author author_;
  std::string language_;
  std::optional<Duration> period_;
  double frequency_ = 1;
  bool seen_feed_ = false;
  bool cut_;
  ItemWatch* watch_;
};

/// The beginning of an HTML page: a login form or a parking page, whatever its elements would give.
bool is_html_page(std::string_view text) {
  const std::string head = to_lower_ascii(trim(text.substr(0, 1024)));
  return head.starts_with("<!doctype html") || head.starts_with("<html");
}

/// The bytes of the item in which the document ends.
std::string last_item_of(const std::string& text) {
  std::size_t begin = 0;
  for (const std::string_view tag : {"<item", "<entry"}) {
    const std::size_t at = text.rfind(tag);
    if (at != std::string::npos) begin = std::max(begin, at);
  }
  return text.substr(begin, 256U << 10U);
}

/// `buffer` becomes part of the tree. No memory is no fault of the document: it must not be taken
/// for one that wants mending.
pugi::xml_parse_result read_tree(pugi::xml_document& tree, std::string& buffer) {
  const pugi::xml_parse_result read =
      tree.load_buffer_inplace(buffer.data(), buffer.size(), kParse, pugi::encoding_utf8);
  if (read.status == pugi::status_out_of_memory) throw std::bad_alloc{};
  return read;
}

}  // namespace

Result<ParsedFeed> parse_xml_feed(const std::string& text, std::string_view base_url,
                                  ItemWatch* watch) {
  if (text.find('<') == std::string::npos)
    return permanent("this is no feed: neither XML nor JSON");
  if (is_html_page(text)) return permanent("this is an HTML page, not a feed");
  if (auto ok = check_xml_budget(text); !ok) return ok.error();
  std::vector<std::string> warnings;
  bool cut = false;
  std::string buffer = text;
  pugi::xml_document tree;
  const pugi::xml_parse_result strict = read_tree(tree, buffer);
  if (!strict || !tree.document_element()) {
    TidyXml tidy = tidy_xml(text);
    buffer = std::move(tidy.xml);
    warnings = std::move(tidy.warnings);
    warnings.insert(warnings.begin(), fmt::format("not well-formed at byte {}: {}", strict.offset,
                                                  strict.description()));
    cut = tidy.cut;
    const auto loose = read_tree(tree, buffer);
    if (!loose || !tree.document_element())
      return permanent("this is no feed: " + std::string{loose.description()});
  }
  XmlReader reader{read_dtd_entities(text), base_url};
  Result<ParsedFeed> feed = Document{reader, base_url, cut, watch}.read(tree);
  if (!feed) return feed.error();
  feed->warnings.insert(feed->warnings.begin(), warnings.begin(), warnings.end());
  for (BadItem& item : feed->bad) {
    if (item.raw.empty()) item.raw = last_item_of(text);
  }
  return feed;
}

}  // namespace earshot
