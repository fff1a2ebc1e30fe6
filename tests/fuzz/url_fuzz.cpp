// Addresses of servers: what the configuration takes for the host of a URL is the host that curl
// will connect to (two readers that disagree are how requests reach where they must not), and the
// policy of addresses opens exactly the ranges it was given.
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "../../src/config/address.hpp"
#include "check.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/network.hpp"
#include "earshot/text/html.hpp"

namespace {

struct CurlUrl {
  CURLU* url = curl_url();
  ~CurlUrl() { curl_url_cleanup(url); }
  std::string part(CURLUPart which) const {
    char* text = nullptr;
    std::string out;
    if (curl_url_get(url, which, &text, 0) == CURLUE_OK) out = text;
    curl_free(text);
    return out;
  }
};

/// curl writes numbers of any base as an IPv4 address and takes the brackets along.
bool same_host(std::string ours, std::string theirs) {
  if (theirs.starts_with('[')) {
    theirs = theirs.substr(1, theirs.size() - 2);
    const auto a = earshot::parse_range(ours);
    const auto b = earshot::parse_range(theirs);
    if (a.ok() && b.ok()) return a->address == b->address;
  }
  if (earshot::parse_range(theirs).ok() &&
      ours.find_first_not_of("0123456789abcdefx.") == std::string::npos)
    return true;
  return earshot::to_lower_ascii(theirs) == ours;
}

void check_url(const std::string& text) {
  const auto ours = earshot::config::split_url(text);
  if (!ours || (ours->scheme != "https" && ours->scheme != "http") || ours->user) return;
  const CurlUrl curl;
  if (curl_url_set(curl.url, CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return;
  check(curl.part(CURLUPART_SCHEME) == ours->scheme);
  check(same_host(ours->host, curl.part(CURLUPART_HOST)));
  check(curl.part(CURLUPART_USER).empty());
}

void check_policy(const std::uint8_t* data, std::size_t size, std::string_view text) {
  std::array<std::uint8_t, 16> address{};
  std::copy_n(data, std::min<std::size_t>(size, 16), address.begin());
  const auto range = earshot::parse_range(text.substr(0, 60));
  if (!range) return;
  const earshot::NetworkPolicy open{{*range}, false};
  const bool before = earshot::may_connect(address, {});
  check(earshot::may_connect(address, open) == (before || earshot::contains(*range, address)));
  check(earshot::may_connect(range->address, open));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const std::string text{bytes.substr(0, bytes.find('\0'))};
  check_url(text);
  check_url("http://" + text);
  check_policy(data, size, size > 16 ? bytes.substr(16) : bytes);
  const std::string joined = earshot::resolve_url("https://a.example/b/c?d", std::string{bytes});
  check(joined.size() <= size + 64);
  return 0;
}
