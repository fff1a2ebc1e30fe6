#include <sys/socket.h>

#include "curl_multi.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {

namespace {

Error::Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_PEER_FAILED_VERIFICATION:  // wrong name, expired, unknown authority
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_USE_SSL_FAILED:
    case CURLE_LOGIN_DENIED:
      return Error::Kind::permanent;
    default:
      return Error::Kind::transient;
  }
}

}  // namespace

Error curl_error(CURLcode result, const char* error_text, const std::string& origin) {
  // What curl wrote about it names hosts, ports and certificates, never what we sent.
  std::string_view text{error_text};
  if (text.empty()) text = curl_easy_strerror(result);
  Error error;
  error.kind = kind_of(result);
  error.message = origin + ": " + printable(cut_utf8(collapse_space(text), 200));
  return error;
}

Error denied_error(const std::string& address, const std::string& origin) {
  return permanent(origin + ": the address " + address +
                   " may not be connected to; where that is meant, add it to the allowed networks");
}

Error curl_error(const Transfer& transfer, const std::string& origin) {
  if (transfer.was_denied()) return denied_error(transfer.denied, origin);
  if (transfer.repeat_refused) {
    return transient(origin + ": the connection was lost after the request had been sent");
  }
  return curl_error(transfer.result, transfer.error_text.data(), origin);
}

bool breaks_lines(std::string_view value) {
  using namespace std::string_view_literals;
  return value.find_first_of("\r\n\0"sv) != std::string_view::npos;
}

Result<UrlParts> read_url(const std::string& url, std::initializer_list<std::string_view> schemes) {
  const auto free_url = [](CURLU* u) { curl_url_cleanup(u); };
  const std::unique_ptr<CURLU, decltype(free_url)> parsed(curl_url(), free_url);
  const auto part = [&parsed](CURLUPart which) {
    char* text = nullptr;
    std::string out;
    if (curl_url_get(parsed.get(), which, &text, 0) == CURLUE_OK) out = text;
    curl_free(text);
    return out;
  };
  if (breaks_lines(url) || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return permanent("this is not a URL that can be fetched");  // it may hold a token, so it is not
                                                                // repeated here
  }
  UrlParts parts;
  parts.scheme = part(CURLUPART_SCHEME);
  const std::string port = part(CURLUPART_PORT);
  parts.origin =
      parts.scheme + "://" + printable(part(CURLUPART_HOST)) + (port.empty() ? "" : ":" + port);
  parts.path = part(CURLUPART_PATH);
  bool known = false;
  for (const std::string_view scheme : schemes) known = known || scheme == parts.scheme;
  if (!known)
    return permanent(parts.origin + ": the scheme " + parts.scheme + " is not spoken here");
  if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    return permanent(
        parts.origin +
        ": credentials do not belong into a URL; use the settings for user and password");
  }
  return parts;
}

}  // namespace earshot
