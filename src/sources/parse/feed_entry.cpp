#include "feed_entry.hpp"

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "feed_dates.hpp"
#include "feed_encoding.hpp"
#include "feed_text.hpp"

namespace earshot {
namespace {

/// What an element of text says about itself; rank tells how much it is worth among its kind (0:
/// nothing seen yet).
struct Field {
  pugi::xml_node node{};
  const XmlScope* scope = nullptr;
  int rank = 0;
  explicit operator bool() const { return rank > 0; }
};

/// The better rank counts; among equals the first that is not empty.
void offer(Field& field, const Field& other) {
  if (other.rank > field.rank) field = other;
}

/// Everything of an entry that is decided after all its children were seen.
struct Entry {
  Field title;
  Field content;
  Field summary;
  std::string id;
  bool id_is_link = false;
  std::string permalink;  ///< of a guid that says so itself; it may be relative
  std::string link;
  std::string other_link;  ///< an alternate that is no page, for want of better
  std::string published;
  std::string created;
  std::string updated;
  std::string language;
  int published_rank = 0;
  int updated_rank = 0;
  Author author;
  int author_rank = 0;
  Author source_author;
  Post post;
};

bool blank(const XmlReader& reader, pugi::xml_node node) {
  return !XmlReader::has_elements(node) && trim(reader.text(node)).empty();
}

bool is_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

/// RSS descriptions are HTML whatever they say; Atom says what it is.
TextKind kind_of(const std::string& type, TextKind otherwise) {
  const std::string lower = to_lower_ascii(type);
  if (lower.empty()) return otherwise;
  if (lower == "html" || lower == "xhtml" || lower.find("html") != std::string::npos ||
      lower.ends_with("xml"))
    return TextKind::html;
  return otherwise == TextKind::guess || otherwise == TextKind::html ? TextKind::guess
                                                                     : TextKind::plain;
}

std::string from_base64_text(std::string value) {
  std::string bare;
  for (const char c : value) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') bare += c;
  }
  const auto bytes = from_base64(bare);
  return bytes && is_utf8(*bytes) ? *bytes : value;
}

/// Atom content of a type that is neither text nor XML is base64 (RFC 4287 4.1.3.3); Atom 0.3 says
/// so by `mode`.
bool is_base64(const std::string& type, const std::string& mode) {
  if (equals_ignoring_case(mode, "base64")) return true;
  const std::string lower = to_lower_ascii(type);
  if (!mode.empty() || lower.find('/') == std::string::npos) return false;
  return !lower.starts_with("text/") && !lower.ends_with("+xml") && !lower.ends_with("/xml");
}

FeedText text_of(const XmlReader& reader, const Field& field, TextKind otherwise) {
  if (!field) return {};
  if (XmlReader::has_elements(field.node))
    return feed_text(reader.markup(field.node), TextKind::html, field.scope->base);
  const std::string type = reader.attribute(field.node, "type");
  const std::string mode = reader.attribute(field.node, "mode");
  std::string value = reader.text(field.node);
  // Atom 0.3: what is escaped is markup more often than not, and its type was often forgotten.
  if (type.empty() && equals_ignoring_case(mode, "escaped")) otherwise = TextKind::guess;
  if (is_base64(type, mode)) value = from_base64_text(std::move(value));
  return feed_text(value, kind_of(type, otherwise), field.scope->base);
}

void read_link(const XmlReader& reader, const XmlScope* scope, pugi::xml_node node, Entry& entry) {
  std::string href = reader.attribute(node, "href");
  if (href.empty()) href = reader.attribute(node, "url");
  if (href.empty()) {
    std::string value{trim(reader.text(node))};
    for (std::size_t at = value.find("&amp;"); at != std::string::npos; at = value.find("&amp;"))
      value.erase(at + 1, 4);
    if (!value.empty()) entry.link = feed_url(scope->base, value);
    return;
  }
  std::string rel = to_lower_ascii(reader.attribute(node, "rel"));
  if (const std::size_t slash = rel.rfind('/'); slash != std::string::npos) rel.erase(0, slash + 1);
  const std::string type = to_lower_ascii(reader.attribute(node, "type"));
  const std::string url = feed_url(scope->base, href);
  if (rel == "enclosure") {
    Attachment file;
    file.name = reader.attribute(node, "title");
    if (file.name.empty()) file.name = url.substr(url.rfind('/') + 1);
    file.type = type;
    entry.post.attachments.push_back(std::move(file));
  } else if (rel.empty() || rel == "alternate") {
    const bool page = type.empty() || type.find("html") != std::string::npos;
    if (page && entry.link.empty())
      entry.link = url;
    else if (!page && entry.other_link.empty())
      entry.other_link = url;
  }
}

void read_enclosure(const XmlReader& reader, pugi::xml_node node, Entry& entry) {
  const std::string url = reader.attribute(node, "url");
  if (url.empty() || entry.post.attachments.size() >= 64) return;
  Attachment file;
  file.name = url.substr(url.rfind('/') + 1);
  file.type = reader.attribute(node, "type");
  for (const char c : reader.attribute(node, "length")) {
    if (c < '0' || c > '9' || file.bytes > (std::uint64_t{1} << 50U)) break;
    file.bytes = file.bytes * 10 + static_cast<std::uint64_t>(c - '0');
  }
  entry.post.attachments.push_back(std::move(file));
}

/// <author>ann@shop.example</author> beside <dc:creator>Ann</dc:creator>: the one has the address,
/// the other the name.
bool completes(const Author& address, const Author& name) {
  return !address.handle.empty() && address.name == address.handle && name.handle.empty();
}

void offer_author(Entry& entry, Author author, int rank) {
  if (author.name.empty()) return;
  if (entry.author_rank > 0 && completes(entry.author, author)) {
    entry.author.name = std::move(author.name);
    return;
  }
  if (entry.author_rank > 0 && completes(author, entry.author))
    author.name = entry.author.name;
  else if (rank <= entry.author_rank)
    return;
  entry.author = std::move(author);
  entry.author_rank = rank;
}

void offer_date(std::string& field, int& have, std::string value, int rank) {
  if (rank <= have || trim(value).empty()) return;
  field = std::move(value);
  have = rank;
}

void read_dates(const XmlReader& reader, const XmlName& name, pugi::xml_node node, Entry& entry) {
  if (name.is("published") || name.is("pubDate") || name.is("issued")) {
    offer_date(entry.published, entry.published_rank, reader.text(node), 3);
  } else if (name.is(Ns::dcterms, "issued")) {
    offer_date(entry.published, entry.published_rank, reader.text(node), 2);
  } else if (name.is("created") || name.is(Ns::dcterms, "created")) {
    if (entry.created.empty()) entry.created = reader.text(node);
  } else if (name.is("updated") || name.is("modified") || name.is("lastBuildDate")) {
    offer_date(entry.updated, entry.updated_rank, reader.text(node), 3);
  } else if (name.is(Ns::dcterms, "modified")) {
    offer_date(entry.updated, entry.updated_rank, reader.text(node), 2);
  } else if (name.is(Ns::dc, "date")) {
    // RSS 1.0 and many others have no other date: it is when the item came out.
    offer_date(entry.published, entry.published_rank, reader.text(node), 1);
  }
}

void read_words(const XmlReader& reader, const XmlName& name, const XmlScope* scope,
                pugi::xml_node node, Entry& entry) {
  const auto field = [&](int rank) {
    return blank(reader, node) ? Field{} : Field{node, scope, rank};
  };
  if (name.is("title"))
    offer(entry.title, field(3));
  else if (name.is(Ns::dc, "title"))
    offer(entry.title, field(2));
  else if (name.is(Ns::media, "title") || name.is(Ns::itunes, "title"))
    offer(entry.title, field(1));
  else if (name.is("content") || name.is(Ns::content, "encoded"))
    offer(entry.content, field(3));
  else if (name.is("fullitem") || name.is("body") || name.is(Ns::xhtml, "body") ||
           name.is(Ns::xhtml, "div"))
    offer(entry.content, field(2));
  else if (name.is("description") || name.is("summary"))
    offer(entry.summary, field(5));
  else if (name.is("abstract") || name.is(Ns::dc, "description") ||
           name.is(Ns::dcterms, "abstract"))
    offer(entry.summary, field(4));
  else if (name.is(Ns::media, "description"))
    offer(entry.summary, field(3));
  else if (name.is(Ns::itunes, "summary"))
    offer(entry.summary, field(2));
  else if (name.is(Ns::itunes, "subtitle") || name.is(Ns::media, "text"))
    offer(entry.summary, field(1));
}

void read_source(XmlReader& reader, const XmlScope* parent, pugi::xml_node node, Entry& entry) {
  const XmlScope* scope = reader.enter(parent, node);
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element && XmlReader::name(scope, child).is("author")) {
      entry.source_author = read_author(reader, reader.enter(scope, child), child);
      return;
    }
  }
}

void read_children(XmlReader& reader, const XmlScope* parent, pugi::xml_node node, Entry& entry,
                   int depth);

void read_child(XmlReader& reader, const XmlScope* parent, pugi::xml_node node, Entry& entry,
                int depth) {
  const XmlScope* scope = reader.enter(parent, node);
  const XmlName name = XmlReader::name(scope, node);
  if (name.ns == Ns::core && name.is("link"))
    read_link(reader, scope, node, entry);
  else if (name.is("guid") || name.is("id")) {
    std::string value{trim(reader.text(node))};
    if (value.empty()) return;
    const std::string permalink = to_lower_ascii(trim(reader.attribute(node, "isPermaLink")));
    entry.id_is_link =
        permalink.empty() || permalink == "true" || permalink == "1" || permalink == "yes";
    if (permalink == "true") entry.permalink = feed_url(scope->base, value);
    entry.id = std::move(value);
  } else if (name.is("author"))
    offer_author(entry, read_author(reader, scope, node), 4);
  else if (name.is(Ns::dc, "creator") || name.is(Ns::dc, "author"))
    offer_author(entry, read_author(reader, scope, node), 3);
  else if (name.is(Ns::itunes, "author"))
    offer_author(entry, read_author(reader, scope, node), 2);
  else if (name.is("managingEditor"))
    offer_author(entry, read_author(reader, scope, node), 1);
  else if (name.is(Ns::media, "group") || name.is(Ns::media, "content")) {
    if (depth < 4) read_children(reader, scope, node, entry, depth + 1);
  } else if (name.is("enclosure"))
    read_enclosure(reader, node, entry);
  else if (name.is("source"))
    read_source(reader, scope, node, entry);
  else if (name.is("language") || name.is(Ns::dc, "language"))
    entry.language = std::string{trim(reader.text(node))};
  else if (name.is(Ns::thr, "in-reply-to")) {
    if (entry.post.in_reply_to.empty()) entry.post.in_reply_to = reader.attribute(node, "ref");
  } else {
    read_words(reader, name, scope, node, entry);
    read_dates(reader, name, node, entry);
  }
}

void read_children(XmlReader& reader, const XmlScope* parent, pugi::xml_node node, Entry& entry,
                   int depth) {
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) read_child(reader, parent, child, entry, depth);
  }
}

void set_dates(Entry& entry) {
  entry.post.created_at = parse_feed_date(entry.published);
  if (!entry.post.created_at) entry.post.created_at = parse_feed_date(entry.created);
  entry.post.updated_at = parse_feed_date(entry.updated);
  if (!entry.post.created_at) entry.post.created_at = entry.post.updated_at;
}

/// The explicit content is the whole text; a stub beside a real description is not.
std::vector<std::string> set_text(const XmlReader& reader, Entry& entry, bool atom) {
  FeedText content = text_of(reader, entry.content, atom ? TextKind::plain : TextKind::html);
  FeedText summary = text_of(reader, entry.summary, atom ? TextKind::plain : TextKind::html);
  FeedText& best =
      content.text.empty() || content.text.size() * 2 < summary.text.size() ? summary : content;
  entry.post.text = std::move(best.text);
  entry.post.truncated = best.truncated;
  return std::move(best.links);
}

}  // namespace

Author read_author(const XmlReader& reader, const XmlScope* scope, pugi::xml_node node) {
  if (!XmlReader::has_elements(node)) return author_of(reader.text(node));
  std::string name;
  std::string uri;
  std::string mail;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string_view local = XmlReader::name(scope, child).local;
    std::string value{trim(reader.text(child))};
    if (equals_ignoring_case(local, "name"))
      name = std::move(value);
    else if (equals_ignoring_case(local, "email"))
      mail = std::move(value);
    else if (equals_ignoring_case(local, "uri") || equals_ignoring_case(local, "url") ||
             equals_ignoring_case(local, "homepage"))
      uri = feed_url(scope->base, value);
  }
  if (name.empty() && mail.empty() && uri.empty()) return author_of(reader.text(node));
  return author_of(std::move(name), std::move(uri), std::move(mail));
}

std::optional<Post> read_entry(XmlReader& reader, const XmlScope* parent, pugi::xml_node node,
                               const FeedDefaults& defaults) {
  const XmlScope* scope = reader.enter(parent, node);
  Entry entry;
  std::string about;
  for (const pugi::xml_attribute a : node.attributes()) {
    if (equals_ignoring_case(a.name(), "rdf:about") || equals_ignoring_case(a.name(), "about"))
      about = trim(reader.decode(a.value()));
    if (equals_ignoring_case(a.name(), "href"))  // CDF
      entry.other_link = feed_url(scope->base, reader.decode(a.value()));
    if (equals_ignoring_case(a.name(), "lastmod")) entry.updated = reader.decode(a.value());  // CDF
  }
  read_children(reader, scope, node, entry, 0);
  Post& post = entry.post;
  const bool named = !entry.id.empty();
  post.id = named ? entry.id : about;
  post.url = !entry.link.empty() ? entry.link : entry.other_link;
  if (post.url.empty() && is_url(entry.permalink)) post.url = entry.permalink;
  if (post.url.empty() && is_url(post.id) && (entry.id_is_link || !named)) post.url = post.id;
  if (post.url.empty() && entry.id_is_link && post.id.starts_with('/'))
    post.url = feed_url(scope->base, post.id);  // the id stays as it stands: a base may change
  FeedText title = text_of(reader, entry.title, defaults.atom ? TextKind::plain : TextKind::guess);
  post.title = collapse_space(title.text);
  std::vector<std::string> links = set_text(reader, entry, defaults.atom);
  set_dates(entry);
  post.author = entry.author;
  if (entry.author_rank == 0)
    post.author = entry.source_author.name.empty() ? defaults.author : entry.source_author;
  post.author.name = collapse_space(repair_mojibake(std::move(post.author.name)));
  post.language = !entry.language.empty() ? entry.language
                  : !scope->lang.empty()  ? scope->lang
                                          : defaults.language;
  for (char& c : post.language) c = c == '_' ? '-' : c;
  if (post.id.empty() && post.url.empty() && post.title.empty() && post.text.empty())
    return std::nullopt;
  finish_post(post, std::move(links), entry.published.empty() ? entry.updated : entry.published);
  return std::move(entry.post);
}

}  // namespace earshot
