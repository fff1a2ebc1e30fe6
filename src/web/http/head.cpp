#include "head.hpp"

#include <algorithm>
#include <charconv>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

HeadScan refused(int status, std::string_view why) {
  HeadScan scan;
  scan.state = HeadScan::State::refused;
  scan.status = status;
  scan.why = why;
  return scan;
}

bool is_token_char(char c) {
  const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return word || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

/// Field values may hold tabs and bytes of 0x80 and more; nothing else that does not print.
bool is_field_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

/// "GET /x HTTP/1.1": three words, single blanks.
bool is_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  const bool clean = std::ranges::all_of(target, [](char c) { return c > ' ' && c != 0x7F; });
  return is_token(line.substr(0, first)) && !target.empty() && clean &&
         (version == "HTTP/1.1" || version == "HTTP/1.0");
}

/// Without the blanks around it: blank and tab only, as the parser behind us does it.
std::string_view bare(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// What the fields say together about the body and the host.
struct Fields {
  std::size_t count = 0;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t codings = 0;
  bool chunked = false;
  bool bad_length = false;
  bool expects_continue = false;
  std::uint64_t length = 0;

  void take(std::string_view name, std::string_view value) {
    ++count;
    if (equals_ignoring_case(name, "host")) ++hosts;
    if (equals_ignoring_case(name, "expect"))
      expects_continue = equals_ignoring_case(value, "100-continue");
    if (equals_ignoring_case(name, "transfer-encoding")) {
      ++codings;
      chunked = equals_ignoring_case(value, "chunked");
    }
    if (equals_ignoring_case(name, "content-length")) {
      ++lengths;
      const char* end = value.data() + value.size();
      const auto [at, error] = std::from_chars(value.data(), end, length);
      const bool digit = !value.empty() && value[0] >= '0' && value[0] <= '9';
      bad_length = bad_length || !digit || at != end || error != std::errc{};
    }
  }
};

HeadScan judge(const Fields& fields, std::size_t size, bool old_version) {
  if (fields.lengths > 0 && fields.codings > 0)
    return refused(400, "Content-Length and Transfer-Encoding do not go together.");
  if (fields.lengths > 1 || fields.bad_length)
    return refused(400, "Content-Length must be one number.");
  if (fields.codings > 1 || (fields.codings == 1 && !fields.chunked))
    return refused(501, "Transfer-Encoding must be chunked and nothing else.");
  if (fields.codings == 1 && old_version) return refused(400, "HTTP/1.0 has no Transfer-Encoding.");
  if (fields.hosts > 1 || (fields.hosts == 0 && !old_version))
    return refused(400, "A request names its Host once.");
  HeadScan scan;
  scan.state = HeadScan::State::whole;
  scan.size = size;
  scan.length = fields.length;
  if (fields.codings == 1) scan.framing = Framing::chunked;
  if (fields.length > 0) scan.framing = Framing::length;
  scan.expects_continue = fields.expects_continue && !old_version;
  return scan;
}

/// One line without its end; nullptr where it is well-formed.
const char* take_line(std::string_view line, bool first, Fields& fields, bool& old_version) {
  if (first) {
    if (!is_request_line(line)) return "This is not an HTTP request.";
    old_version = line.ends_with("HTTP/1.0");
    return nullptr;
  }
  if (line[0] == ' ' || line[0] == '\t') return "Folded header lines are not accepted.";
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return "A header line has no proper name.";
  const std::string_view value = line.substr(colon + 1);
  if (!is_field_text(value)) return "A header holds a control character.";
  fields.take(line.substr(0, colon), bare(value));
  return nullptr;
}

}  // namespace

HeadScan scan_head(std::string_view bytes) {
  Fields fields;
  bool old_version = false;
  bool first = true;
  const std::string_view head = bytes.substr(0, kHeadBytes);
  for (std::size_t at = 0;;) {
    const std::size_t end = head.find_first_of("\r\n", at);
    if (end == std::string_view::npos || end + 1 == head.size()) {
      if (end != std::string_view::npos && head[end] == '\n')
        return refused(400, "Lines end in CR LF.");
      if (bytes.size() >= kHeadBytes) return refused(431, "The headers are too large.");
      return {};
    }
    if (head[end] != '\r' || head[end + 1] != '\n') return refused(400, "Lines end in CR LF.");
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    if (line.empty() && !first) return judge(fields, at, old_version);
    if (const char* why = take_line(line, first, fields, old_version)) return refused(400, why);
    if (fields.count > kHeadFields) return refused(431, "There are too many headers.");
    first = false;
  }
}

}  // namespace earshot
