#include "mail.hpp"

#include <gmime/gmime.h>

#include <optional>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "feed_dates.hpp"
#include "mail_automatic.hpp"
#include "mail_body.hpp"
#include "mail_charset.hpp"
#include "mail_headers.hpp"
#include "mail_sieve.hpp"
#include "post_parts.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostBytes = std::size_t{32} << 20U;

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
    if ((boundary || type) && ++marks > 3 * kMostMailParts) return at;
    const std::size_t end = bytes.find('\n', at);
    at = end == std::string_view::npos ? bytes.size() : end + 1;
  }
  return bytes.size();
}

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

/// Whether plain ASCII means itself in a charset.
bool holds_ascii(const std::string& charset) {
  constexpr std::string_view kProbe = "From: a1 +- Z";
  return mail_to_utf8(kProbe, charset) == kProbe;
}

void read_headers(const MailHeaders& headers, std::string_view bytes, Post& post,
                  std::vector<std::string>& warnings) {
  const std::string type = to_lower_ascii(headers.first("content-type"));
  std::string charset;  // a guess for raw bytes in the header
  if (const std::size_t at = type.find("charset="); at != std::string::npos)
    charset = type.substr(at + 8, type.find(';', at) - at - 8);
  if (!holds_ascii(charset)) charset.clear();  // header fields are never UTF-16 or UTF-7
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
  if (!post.created_at && headers.has("date")) warnings.emplace_back("header date cannot be read");
  const auto ids = parse_message_ids(headers.first("message-id"));
  const auto parents = parse_message_ids(headers.first("in-reply-to"));
  const auto references = parse_message_ids(headers.first("references"));
  post.id = ids.empty() ? to_hex(sha256(bytes)) : ids.front();
  if (ids.empty()) warnings.emplace_back("no Message-ID: the id is the message's SHA-256");
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
}

}  // namespace

Result<Parsed> parse_mail(std::string_view bytes, const std::vector<std::string>& own_lists) {
  make_gmime_ready();
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
    parsed.warnings.emplace_back("longer than 32 MiB: the rest was not read");
    post.truncated = true;
  }
  if (const std::size_t most = affordable(readable); most < readable.size()) {
    readable = readable.substr(0, most);
    parsed.warnings.emplace_back("too many parts: the rest was not read");
    post.truncated = true;
  }
  read_headers(headers, bytes, post, parsed.warnings);
  post.automatic = automatic_kind(headers, post.title, post.author.handle, own_lists);
  read_mail_body(readable, post, parsed.warnings);
  parsed.posts.push_back(std::move(post));
  return parsed;
}

}  // namespace earshot
