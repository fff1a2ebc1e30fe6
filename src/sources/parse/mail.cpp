#include "mail.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/html.hpp"
#include "earshot/text/mail_text.hpp"
#include "feed_dates.hpp"
#include "mail_automatic.hpp"
#include "mail_charset.hpp"
#include "mail_headers.hpp"
#include "post_parts.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostBytes = std::size_t{32} << 20U;
constexpr std::size_t kMostParts = 500;
constexpr int kDeepest = 20;
constexpr std::size_t kMostSplit = std::size_t{512} << 10U;  // of it, looked through for quotes
constexpr std::size_t kMostText = std::size_t{2}
                                  << 20U;  // decoded bytes of one text part; a post keeps 256 KiB

template <class T>
struct Unref {
  void operator()(T* object) const { g_object_unref(object); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref<T>>;

void start_gmime() {
  // The language makes this run once, whichever thread comes first.
  static const bool kReady = [] {
    g_mime_init();
    return true;
  }();
  static_cast<void>(kReady);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && equals_ignoring_case(text.substr(0, start.size()), start);
}

/// How much of the message may be parsed: GMime builds an object per part and recurses per level,
/// so the lines that make parts and levels are counted first.
std::size_t affordable(std::string_view bytes) {
  std::size_t marks = 0;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::string_view line = bytes.substr(at, 64);
    const bool boundary = line.starts_with("--") && line.size() > 2 && line[2] != '\r' &&
                          line[2] != '\n' && line[2] != ' ';
    const bool type =
        (line[0] == 'c' || line[0] == 'C') && starts_with_ignoring_case(line, "content-type:");
    // A part has a boundary line, nearly always a type, and a level has a type: three marks a part
    // leave room for "--" in words.
    if ((boundary || type) && ++marks > 3 * kMostParts) return at;
    const std::size_t end = bytes.find('\n', at);
    at = end == std::string_view::npos ? bytes.size() : end + 1;
  }
  return bytes.size();
}

/// RFC 3676: lines that end in a blank flow on; "-- " does not.
std::string unflow(std::string_view text, bool delsp) {
  std::string out;
  bool open = false;
  std::size_t open_depth = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::size_t depth = 0;
    while (depth < line.size() && line[depth] == '>') ++depth;
    std::string_view body = line.substr(depth);
    const bool stuffed = body.starts_with(' ');
    if (stuffed) body.remove_prefix(1);
    if (stuffed && depth == 0 && body.starts_with('>')) out += kLiteralLine;  // typed, no quote
    const bool signature = body == "-- ";
    if (open && (signature || depth != open_depth)) {
      out += '\n';
      open = false;
    }
    if (!open && depth > 0) out.append(depth, '>').append(" ");
    open = body.ends_with(' ') && !signature;
    open_depth = depth;
    if (open && delsp) body.remove_suffix(1);
    out += body;
    if (!open) out += '\n';
  }
  return out;
}

struct Words {
  std::string plain;   ///< of text/plain
  std::string html;    ///< text of text/html
  std::string quoted;  ///< what the markup itself marks as a quote
  std::vector<std::string> links;
  bool has_html = false;
};

class Walker {
 public:
  Walker(Post& post, std::vector<std::string>& warnings) : post_(post), warnings_(warnings) {}

  Words words;

  void walk(GMimeObject* object, int depth) {
    if (object == nullptr || stopped_) return;
    if (++parts_ > kMostParts || depth > kDeepest) {
      stopped_ = parts_ > kMostParts;
      warn(stopped_ ? "more than 500 parts: the rest was not read"
                    : "parts nested deeper than 20 levels were not read");
      return;
    }
    if (GMIME_IS_MULTIPART(object)) return walk_multipart(GMIME_MULTIPART(object), depth);
    if (GMIME_IS_PART(object)) return leaf(GMIME_PART(object));
    attach(object, 0);  // message/rfc822 and message/partial: somebody else's words
  }

  std::size_t parts() const { return parts_; }

 private:
  void warn(std::string text) {
    if (std::find(warnings_.begin(), warnings_.end(), text) == warnings_.end())
      warnings_.push_back(std::move(text));
  }

  static std::string_view subtype(GMimeObject* object) {
    GMimeContentType* type = g_mime_object_get_content_type(object);
    const char* text = type != nullptr ? g_mime_content_type_get_media_subtype(type) : nullptr;
    return text != nullptr ? text : "";
  }

  /// A multipart whose boundary is missing or never comes: all of it is before the first part. Its
  /// words are read as they stand, without lines that look like boundaries and part headers.
  void lost_parts(GMimeMultipart* multipart) {
    const char* all = g_mime_multipart_get_prologue(multipart);
    std::string_view rest = all != nullptr ? all : "";
    std::string text;
    bool header = false;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const bool boundary = line.starts_with("--") && line.size() > 2 && line[2] != '-' &&
                            trim(line).find(' ') == std::string_view::npos;
      if (boundary) header = true;
      if (!header) text.append(line).append("\n");
      if (header && !boundary && trim(line).empty()) header = false;
    }
    if (text.size() > kMostText) text.resize(kMostText);
    warn("the parts of the message cannot be told apart: it was read as one text");
    add_paragraph(words.plain, mail_to_utf8(text, ""));
  }

  void walk_multipart(GMimeMultipart* multipart, int depth) {
    const std::string kind = to_lower_ascii(subtype(GMIME_OBJECT(multipart)));
    const int count = g_mime_multipart_get_count(multipart);
    if (kind == "alternative") return alternative(multipart, count, depth);
    if (count == 0) return lost_parts(multipart);
    const bool signed_parts = kind == "signed";
    for (int i = 0; i < count && !stopped_; ++i) {
      if (signed_parts && i > 0) break;  // the signature
      walk(g_mime_multipart_get_part(multipart, i), depth + 1);
    }
  }

  /// All forms say the same: the words of the first plain one that is not blank, else of the
  /// markup.
  void alternative(GMimeMultipart* multipart, int count, int depth) {
    Words before = std::move(words);
    Words best;
    for (int i = 0; i < count && !stopped_; ++i) {
      words = {};
      walk(g_mime_multipart_get_part(multipart, i), depth + 1);
      const bool plain = !trim(words.plain).empty();
      if (plain && trim(best.plain).empty()) best.plain = std::move(words.plain);
      if (words.has_html && !best.has_html) {
        best.html = std::move(words.html);
        best.quoted = std::move(words.quoted);
        best.has_html = true;
      }
      if (best.links.empty()) best.links = std::move(words.links);
    }
    words = std::move(before);
    if (!trim(best.plain).empty()) {
      add_paragraph(words.plain, best.plain);
      words.links.insert(words.links.end(), best.links.begin(), best.links.end());
    } else if (best.has_html) {
      add_html(best.html, best.quoted, best.links);
    }
  }

  void add_html(const std::string& text, const std::string& quoted,
                const std::vector<std::string>& links) {
    words.has_html = true;
    add_paragraph(words.html, text);
    add_paragraph(words.quoted, quoted);
    words.links.insert(words.links.end(), links.begin(), links.end());
  }

  void leaf(GMimePart* part) {
    auto* object = GMIME_OBJECT(part);
    GMimeContentType* type = g_mime_object_get_content_type(object);
    const char* media = type != nullptr ? g_mime_content_type_get_media_type(type) : nullptr;
    const std::string main = media != nullptr ? to_lower_ascii(media) : "text";
    const std::string sub = to_lower_ascii(subtype(object));
    const char* raw_type = g_mime_object_get_header(object, "Content-Type");
    const bool untyped =
        raw_type == nullptr || std::string_view{raw_type}.find('/') == std::string_view::npos;
    const char* disposition = g_mime_object_get_disposition(object);
    const bool attached = disposition != nullptr && equals_ignoring_case(disposition, "attachment");
    const char* name = g_mime_part_get_filename(part);
    const bool named = name != nullptr && *name != '\0';
    const bool html = main == "text" && (sub == "html" || sub == "xhtml");
    const bool plain = untyped || (main == "text" && (sub == "plain" || sub.empty() ||
                                                      sub == "markdown" || sub == "unknown"));
    const bool inline_text =
        (html || plain) && !attached &&
        (!named || (disposition == nullptr && words.plain.empty() && !words.has_html));
    if (!inline_text) {
      // Delivery reports describe the mail; they are no files.
      if ((main == "message" || main == "text") && !named && !attached) return;
      return attach(object, content_size(part));
    }
    const char* label =
        type != nullptr && !untyped ? g_mime_content_type_get_parameter(type, "charset") : nullptr;
    const std::string bytes = content(part);
    if (html) return read_html(bytes, label != nullptr ? label : "");
    std::string text = mail_to_utf8(bytes, label != nullptr ? label : "");
    const char* format =
        type != nullptr ? g_mime_content_type_get_parameter(type, "format") : nullptr;
    const char* delsp =
        type != nullptr ? g_mime_content_type_get_parameter(type, "delsp") : nullptr;
    if (format != nullptr && equals_ignoring_case(format, "flowed"))
      text = unflow(text, delsp != nullptr && equals_ignoring_case(delsp, "yes"));
    add_paragraph(words.plain, text);
  }

  void read_html(const std::string& bytes, std::string label) {
    if (label.empty()) label = meta_charset(bytes);
    const std::string markup = mail_to_utf8(bytes, label);
    HtmlText read = html_to_text(markup, {.base_url = "", .split_quotes = true});
    if (read.truncated) warn("markup was too long or too deep: the rest was not read");
    add_html(read.text, read.quoted, read.links);
  }

  static std::string meta_charset(std::string_view bytes) {
    const std::string head = to_lower_ascii(bytes.substr(0, 4096));
    const std::size_t at = head.find("charset=");
    if (at == std::string::npos) return {};
    std::size_t from = at + 8;
    while (from < head.size() && (head[from] == '"' || head[from] == '\'')) ++from;
    return head.substr(from, head.find_first_of("\"' />;", from) - from);
  }

  /// Decoded bytes, at most kMostText.
  std::string content(GMimePart* part) {
    GMimeDataWrapper* wrapper = g_mime_part_get_content(part);
    if (wrapper == nullptr) return {};
    GMimeStream* raw = g_mime_data_wrapper_get_stream(wrapper);
    if (raw == nullptr) return {};
    g_mime_stream_reset(raw);
    Ref<GMimeStream> filtered{g_mime_stream_filter_new(raw)};
    if (GMimeFilter* filter = decoder(g_mime_data_wrapper_get_encoding(wrapper))) {
      g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered.get()), filter);
      g_object_unref(filter);
    }
    std::string out;
    char chunk[16384];
    while (out.size() < kMostText) {
      const ssize_t got = g_mime_stream_read(filtered.get(), chunk, sizeof chunk);
      if (got <= 0) return out;
      out.append(chunk, static_cast<std::size_t>(got));
    }
    out.resize(kMostText);
    post_.truncated = true;
    return out;
  }

  static GMimeFilter* decoder(GMimeContentEncoding encoding) {
    switch (encoding) {
      case GMIME_CONTENT_ENCODING_BASE64:
      case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
      case GMIME_CONTENT_ENCODING_UUENCODE:
        return g_mime_filter_basic_new(encoding, FALSE);
      default:
        return nullptr;
    }
  }

  /// Decoded size as far as the encoding tells it without decoding.
  static std::uint64_t content_size(GMimePart* part) {
    GMimeDataWrapper* wrapper = g_mime_part_get_content(part);
    GMimeStream* raw = wrapper != nullptr ? g_mime_data_wrapper_get_stream(wrapper) : nullptr;
    if (raw == nullptr) return 0;
    const gint64 length = g_mime_stream_length(raw);
    if (length <= 0) return 0;
    const auto size = static_cast<std::uint64_t>(length);
    // Base64 lines are 76 characters and an end of two: 78 bytes carry 57.
    return g_mime_data_wrapper_get_encoding(wrapper) == GMIME_CONTENT_ENCODING_BASE64
               ? size * 57 / 78
               : size;
  }

  void attach(GMimeObject* object, std::uint64_t size) {
    GMimeContentType* type = g_mime_object_get_content_type(object);
    Attachment file;
    const char* name = GMIME_IS_PART(object)
                           ? g_mime_part_get_filename(GMIME_PART(object))
                           : g_mime_object_get_content_disposition_parameter(object, "filename");
    if (name != nullptr) file.name = decode_words(name, "");
    if (!GMIME_IS_PART(object) && file.name.empty()) return;
    if (type != nullptr) {
      char* text = g_mime_content_type_get_mime_type(type);
      if (text != nullptr) file.type = clean_utf8(to_lower_ascii(text));
      g_free(text);
    }
    file.bytes = size;
    post_.attachments.push_back(std::move(file));
  }

  Post& post_;
  std::vector<std::string>& warnings_;
  std::size_t parts_ = 0;
  bool stopped_ = false;
};

/// GMime knows RFC 5322; the feeds' reader knows what else people write ("09.00.00", "GMT+0100").
std::optional<Instant> read_date(std::string_view value) {
  if (value.empty() || value.size() > 200) return std::nullopt;
  if (const auto at = parse_feed_date(value)) return at;
  const std::string text{value};
  GDateTime* date = g_mime_utils_header_decode_date(text.c_str());
  if (date == nullptr) return parse_rfc3339(trim(value));
  const gint64 at = g_date_time_to_unix(date);
  g_date_time_unref(date);
  return from_unix(at);
}

void read_headers(const MailHeaders& headers, std::string_view bytes, Post& post,
                  std::vector<std::string>& warnings) {
  const std::string type = to_lower_ascii(headers.first("content-type"));
  std::string charset;  // a guess for raw bytes in the header
  if (const std::size_t at = type.find("charset="); at != std::string::npos)
    charset = type.substr(at + 8, type.find(';', at) - at - 8);
  for (const char* name : {"subject", "message-id", "from", "date", "in-reply-to"}) {
    if (headers.count(name) > 1)
      warnings.push_back(std::string{"header "} + name + " stands " +
                         std::to_string(headers.count(name)) + " times: the first counts");
  }
  post.title = decode_words(headers.first("subject"), charset);
  for (const char* name : {"from", "sender", "return-path"}) {
    for (Mailbox& box : parse_addresses(headers.first(name), charset)) {
      if (!post.author.handle.empty() || box.address.find('@') == std::string::npos) continue;
      post.author = {to_lower_ascii(box.address), std::move(box.name), box.address, std::nullopt};
    }
    if (!post.author.handle.empty()) break;
  }
  for (const char* name : {"to", "cc"}) {
    for (const Mailbox& box : parse_addresses(headers.all(name), charset)) {
      if (box.address.find('@') != std::string::npos)
        add_once(post.addressed, to_lower_ascii(box.address));
    }
  }
  post.created_at = read_date(headers.first("date"));
  if (!post.created_at && headers.has("date")) warnings.push_back("header date cannot be read");
  const auto ids = parse_message_ids(headers.first("message-id"));
  const auto parents = parse_message_ids(headers.first("in-reply-to"));
  const auto references = parse_message_ids(headers.first("references"));
  post.id = ids.empty() ? to_hex(sha256(bytes)) : ids.front();
  if (ids.empty()) warnings.push_back("no Message-ID: the id is the message's SHA-256");
  post.in_reply_to = !parents.empty()      ? parents.front()
                     : !references.empty() ? references.back()
                                           : "";
  if (!references.empty())
    post.conversation = references.front();
  else if (!parents.empty())
    post.conversation = parents.front();
  else if (!ids.empty())
    post.conversation = ids.front();
  const std::string language{trim(headers.first("content-language"))};
  if (language.size() <= 35 && language.find(',') == std::string::npos && is_utf8(language))
    post.language = language;
  post.automatic = automatic_kind(headers, post.title, post.author.handle);
}

/// GMime reads the caller's bytes in place; the array struct is ours and lets go of them before it
/// is freed.
struct BorrowedStream {
  explicit BorrowedStream(std::string_view bytes)
      : array(g_byte_array_new_take(reinterpret_cast<guint8*>(const_cast<char*>(bytes.data())),
                                    bytes.size())),
        stream(g_mime_stream_mem_new_with_byte_array(array)) {
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream.get()), FALSE);
  }
  ~BorrowedStream() {
    stream.reset();
    gsize length = 0;
    static_cast<void>(g_byte_array_steal(array, &length));
    g_byte_array_free(array, FALSE);
  }
  BorrowedStream(const BorrowedStream&) = delete;
  BorrowedStream& operator=(const BorrowedStream&) = delete;
  GByteArray* array;
  Ref<GMimeStream> stream;
};

void read_body(std::string_view bytes, Post& post, std::vector<std::string>& warnings) {
  const BorrowedStream borrowed{bytes};
  const Ref<GMimeParser> parser{g_mime_parser_new_with_stream(borrowed.stream.get())};
  const Ref<GMimeMessage> message{g_mime_parser_construct_message(parser.get(), nullptr)};
  if (!message) {
    warnings.push_back("the body cannot be read");
    return;
  }
  Walker walker{post, warnings};
  walker.walk(g_mime_message_get_mime_part(message.get()), 0);
  const Words& words = walker.words;
  std::string body = words.plain;
  if (words.has_html) add_paragraph(body, words.html);
  if (body.size() > kMostSplit) {
    body = std::string{cut_utf8(body, kMostSplit)};
    post.truncated = true;
  }
  MailText split = split_mail(body);
  post.quoted = std::move(split.quoted);
  add_paragraph(post.quoted, words.quoted);
  post.quoted = std::string{cut_utf8(post.quoted, std::size_t{256} << 10U)};
  for (const std::string& link : words.links) add_once(post.links, link);
  const std::string readable = split.words;
  finish_text(post, std::move(split.words), readable);
}

}  // namespace

Result<Parsed> parse_mail(std::string_view bytes) {
  start_gmime();
  Parsed parsed;
  Post post;
  post.channel = Channel::email;
  post.is_public = false;
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const MailHeaders headers{bytes};
  if (!headers.has("from") && !headers.has("subject") && !headers.has("to") &&
      !headers.has("date") && !headers.has("message-id") && !headers.has("received")) {
    return permanent(
        "no mail: it has none of the header fields From, To, Subject, Date, Message-ID");
  }
  std::string_view readable = bytes;
  if (readable.size() > kMostBytes) {
    readable = readable.substr(0, kMostBytes);
    parsed.warnings.push_back("longer than 32 MiB: the rest was not read");
    post.truncated = true;
  }
  if (const std::size_t most = affordable(readable); most < readable.size()) {
    readable = readable.substr(0, most);
    parsed.warnings.push_back("too many parts: the rest was not read");
    post.truncated = true;
  }
  read_headers(headers, bytes, post, parsed.warnings);
  read_body(readable, post, parsed.warnings);
  parsed.posts.push_back(std::move(post));
  return parsed;
}

}  // namespace earshot
