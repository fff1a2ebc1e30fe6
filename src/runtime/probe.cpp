#include "earshot/runtime/probe.hpp"

#include <curl/curl.h>

#include <memory>
#include <string_view>

namespace earshot {
namespace {

constexpr std::string_view kExpires = "Expire date:";

/// Of the server's own certificate, which comes first.
std::optional<Instant> expiry_of(CURL* easy) {
  curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr ||
      chain->num_of_certs < 1)
    return std::nullopt;
  for (const curl_slist* line = chain->certinfo[0]; line != nullptr; line = line->next) {
    const std::string_view text{line->data};
    if (!text.starts_with(kExpires)) continue;
    const std::time_t at = curl_getdate(std::string{text.substr(kExpires.size())}.c_str(), nullptr);
    if (at > 0) return from_unix_ms(static_cast<std::int64_t>(at) * 1000);
  }
  return std::nullopt;
}

}  // namespace

Probed probe(const std::string& url, const std::string& ca_file, Duration limit) {
  const std::unique_ptr<CURL, void (*)(CURL*)> held{curl_easy_init(), curl_easy_cleanup};
  CURL* easy = held.get();
  if (easy == nullptr) return {"no memory", std::nullopt};
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps,imap,imaps");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  if (!ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
  const CURLcode code = curl_easy_perform(easy);
  Probed out;
  if (code != CURLE_OK) out.error = curl_easy_strerror(code);
  out.expires = expiry_of(easy);
  return out;
}

}  // namespace earshot
