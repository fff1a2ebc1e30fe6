#include "mail_body.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/html.hpp"
#include "earshot/text/mail_text.hpp"
#include "mail_charset.hpp"
#include "mail_headers.hpp"
#include "mail_links.hpp"
#include "mail_sieve.hpp"
#include "post_parts.hpp"

namespace earshot {
namespace {

constexpr int kDeepest = 20;
constexpr std::size_t kMostSplit = std::size_t{512} << 10U;  // of it, looked through for quotes
constexpr std::size_t kMostOfABody =
    std::size_t{2} << 20U;  // decoded bytes of one text part; a post keeps 256 KiB

template <class T>
struct Unref {
  void operator()(T* object) const { g_object_unref(object); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref<T>>;

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
    if (++parts_ > kMostMailParts || depth > kDeepest) {
      stopped_ = parts_ > kMostMailParts;
      warn(stopped_ ? "more than 500 parts: the rest was not read"
                    : "parts nested deeper than 20 levels were not read");
      return;
    }
    if (GMIME_IS_MULTIPART(object)) return walk_multipart(GMIME_MULTIPART(object), depth);
    if (GMIME_IS_PART(object) && !is_forwarded(object)) return leaf(GMIME_PART(object));
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
    if (text.size() > kMostOfABody) text.resize(kMostOfABody);
    warn("the parts of the message cannot be told apart: it was read as one text");
    add_paragraph(words.plain, mail_to_utf8(text, ""));
  }

  static bool is_forwarded(GMimeObject* object) {
    GMimeContentType* type = g_mime_object_get_content_type(object);
    const char* main = type != nullptr ? g_mime_content_type_get_media_type(type) : nullptr;
    return main != nullptr && main == kForwarded;
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
    const bool html = main == "text" &&
                      (sub == "html" || sub == "xhtml" || sub == "enriched" || sub == "richtext");
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
    const std::vector<std::string> links = own_links(read, kMostSplit);
    add_html(read.text, read.quoted, links);
  }

  static std::string meta_charset(std::string_view bytes) {
    const std::string head = to_lower_ascii(bytes.substr(0, 4096));
    const std::size_t at = head.find("charset=");
    if (at == std::string::npos) return {};
    std::size_t from = at + 8;
    while (from < head.size() && (head[from] == '"' || head[from] == '\'')) ++from;
    std::string label = head.substr(from, head.find_first_of("\"' />;", from) - from);
    // What could be read far enough to find this is no UTF-16.
    return label.starts_with("utf-16") || label.starts_with("utf-32") ? "utf-8" : label;
  }

  /// Decoded bytes, at most kMostOfABody.
  std::string content(GMimePart* part) {
    GMimeDataWrapper* wrapper = g_mime_part_get_content(part);
    if (wrapper == nullptr) return {};
    GMimeStream* raw = g_mime_data_wrapper_get_stream(wrapper);
    if (raw == nullptr) return {};
    const GMimeContentEncoding encoding = encoding_of(part, wrapper);
    std::string out = read(raw, encoding);
    if (encoding == GMIME_CONTENT_ENCODING_BASE64 && out.size() < kMostOfABody)
      out += lost_end(read(raw, GMIME_CONTENT_ENCODING_DEFAULT));
    if (out.size() < kMostOfABody) return out;
    out.resize(kMostOfABody);
    post_.truncated = true;
    return out;
  }

  /// Up to a little more than kMostOfABody decoded bytes.
  static std::string read(GMimeStream* raw, GMimeContentEncoding encoding) {
    g_mime_stream_reset(raw);
    Ref<GMimeStream> filtered{g_mime_stream_filter_new(raw)};
    if (GMimeFilter* filter = decoder(encoding)) {
      g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered.get()), filter);
      g_object_unref(filter);
    }
    std::string out;
    char chunk[16384];
    while (out.size() < 2 * kMostOfABody) {
      const ssize_t got = g_mime_stream_read(filtered.get(), chunk, sizeof chunk);
      if (got <= 0) return out;
      out.append(chunk, static_cast<std::size_t>(got));
    }
    return out;
  }

  /// What GMime does not decode: the last one or two bytes of base64 whose "=" are missing.
  static std::string lost_end(std::string_view encoded) {
    std::string last;
    for (const char c : encoded) {
      if (c == '=') return {};
      const bool digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                         (c >= '0' && c <= '9') || c == '+' || c == '/';
      if (!digit) continue;
      if (last.size() == 4) last.clear();
      last += c;
    }
    if (last.size() < 2 || last.size() > 3) return {};
    last.resize(4, '=');
    return from_base64(last).value_or("");
  }

  /// GMime does not know encodings in quotes.
  static GMimeContentEncoding encoding_of(GMimePart* part, GMimeDataWrapper* wrapper) {
    const GMimeContentEncoding known = g_mime_data_wrapper_get_encoding(wrapper);
    const char* raw = g_mime_object_get_header(GMIME_OBJECT(part), "Content-Transfer-Encoding");
    if (known != GMIME_CONTENT_ENCODING_DEFAULT || raw == nullptr) return known;
    std::string word;
    for (const char c : std::string_view{raw}) {
      if (c != '"' && c != '\'' && c != ' ' && c != ';') word += c;
    }
    return g_mime_content_encoding_from_string(word.c_str());
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

  /// A message that came as a file: who wrote it, and its words, stand with the quotes. What it
  /// encloses itself is not looked into.
  void read_forwarded(GMimePart* part);

  void attach(GMimeObject* object, std::uint64_t size) {
    GMimeContentType* type = g_mime_object_get_content_type(object);
    Attachment file;
    const char* name = GMIME_IS_PART(object)
                           ? g_mime_part_get_filename(GMIME_PART(object))
                           : g_mime_object_get_content_disposition_parameter(object, "filename");
    if (name != nullptr) file.name = decode_words(name, "");
    const bool forwarded = is_forwarded(object);
    if (forwarded && GMIME_IS_PART(object)) read_forwarded(GMIME_PART(object));
    if ((forwarded || !GMIME_IS_PART(object)) && file.name.empty()) return;
    if (type != nullptr) {
      char* text = g_mime_content_type_get_mime_type(type);
      if (text != nullptr) file.type = clean_utf8(to_lower_ascii(text));
      if (forwarded) file.type.replace(0, kForwarded.size(), "message");
      g_free(text);
    }
    file.bytes = size;
    post_.attachments.push_back(std::move(file));
  }

  Post& post_;
  std::vector<std::string>& warnings_;
  std::size_t parts_ = 0;
  bool stopped_ = false;
  bool enclosed_ = false;
};

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

void Walker::read_forwarded(GMimePart* part) {
  if (enclosed_ || words.quoted.size() > kMostOfABody) return;
  const bool cut = post_.truncated;
  const std::string bytes = content(part);
  post_.truncated = cut;
  const MailHeaders headers{bytes};
  if (!headers.has("from") && !headers.has("subject")) return;
  const std::string sieved = sieve_mail(bytes);
  const BorrowedStream borrowed{sieved};
  const Ref<GMimeParser> parser{g_mime_parser_new_with_stream(borrowed.stream.get())};
  const Ref<GMimeMessage> message{g_mime_parser_construct_message(parser.get(), nullptr)};
  Post inner;
  std::vector<std::string> unread;
  Walker walker{inner, unread};
  walker.enclosed_ = true;
  walker.parts_ = parts_;
  if (message) walker.walk(g_mime_message_get_mime_part(message.get()), kDeepest / 2);
  parts_ = walker.parts_;
  std::string out;
  for (const auto& [name, field] :
       {std::pair{"From", "from"}, std::pair{"Date", "date"}, std::pair{"Subject", "subject"}}) {
    if (headers.has(field))
      out += std::string{name} + ": " + decode_words(headers.first(field), "") + "\n";
  }
  const Words& of = walker.words;
  add_paragraph(out, trim(of.plain).empty() ? of.html + "\n\n" + of.quoted : of.plain);
  add_paragraph(words.quoted, out);
}

}  // namespace

void read_mail_body(std::string_view bytes, Post& post, std::vector<std::string>& warnings) {
  const std::string sieved = sieve_mail(bytes);
  const BorrowedStream borrowed{sieved};
  const Ref<GMimeParser> parser{g_mime_parser_new_with_stream(borrowed.stream.get())};
  const Ref<GMimeMessage> message{g_mime_parser_construct_message(parser.get(), nullptr)};
  if (!message) {
    warnings.emplace_back("the body cannot be read");
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

}  // namespace earshot
