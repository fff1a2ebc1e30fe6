// A request as our server reads it: the head is refused or whole whichever way its bytes are cut,
// what was admitted is read the same by the parser behind it, and targets and pushed posts never
// break anything.
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>

#include "../../src/web/http/head.hpp"
#include "../../src/web/http/posts_body.hpp"
#include "../../src/web/http/request.hpp"
#include "check.hpp"
#include "earshot/core/utf8.hpp"

namespace {

using earshot::HeadScan;
namespace http = boost::beast::http;

/// More bytes never turn a refusal or a whole head into something else.
void check_pieces(std::string_view bytes, const HeadScan& all) {
  for (std::size_t cut = 0; cut < bytes.size(); cut += 1 + bytes.size() / 16) {
    const HeadScan part = earshot::scan_head(bytes.substr(0, cut));
    if (part.state != HeadScan::State::more) check(part.state == all.state);
    if (part.state == HeadScan::State::whole) check(part.size == all.size);
  }
}

void check_parser(std::string_view bytes, const HeadScan& scan) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(earshot::kHeadBytes);
  parser.body_limit(std::uint64_t{1} << 20U);
  boost::system::error_code failed;
  parser.put(boost::asio::buffer(bytes.data(), scan.size), failed);
  if (failed && failed != http::error::need_more && failed != http::error::body_limit) return;
  if (!parser.is_header_done()) return;
  check(parser.chunked() == (scan.framing == earshot::Framing::chunked));
  const auto length = parser.content_length();
  check(length.value_or(0) == (scan.framing == earshot::Framing::length ? scan.length : 0));
  const auto target = earshot::parse_target(parser.get().target());
  if (!target) return;
  check(earshot::is_utf8(target->path) && target->path.starts_with('/'));
  check(target->path.find("/../") == std::string::npos);
  static_cast<void>(earshot::match_path("/api/v1/cases/{id}/{action}", target->path));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const HeadScan scan = earshot::scan_head(bytes);
  check_pieces(bytes, scan);
  static_cast<void>(earshot::parse_target(bytes.substr(0, 9000)));
  if (scan.state == HeadScan::State::refused) {
    check(scan.status >= 400 && !scan.why.empty());
    return 0;
  }
  if (scan.state != HeadScan::State::whole) return 0;
  check(scan.size <= earshot::kHeadBytes && bytes.substr(0, scan.size).ends_with("\r\n\r\n"));
  check_parser(bytes, scan);
  const auto body = earshot::parse_posts(bytes.substr(scan.size));
  if (!body) return 0;
  for (const earshot::Post& post : body->posts) check(earshot::is_utf8(post.text));
  return 0;
}
