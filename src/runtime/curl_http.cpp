#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "curl_multi.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {

namespace {

constexpr std::size_t kHeaderBytes = std::size_t{64} << 10U;
constexpr std::size_t kRatioFrom = std::size_t{1} << 20U;
constexpr std::size_t kRatio = 100;

/// Where the callbacks put the answer.
struct Answer {
  HttpResponse response;
  CURL* easy = nullptr;
  std::size_t max_body = 0;
  std::size_t header_bytes = 0;
  std::string refused;  ///< why we broke the transfer off
};

// Counts what comes out of the decoder: the cap is the guard against compression bombs, too.
std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto& answer = *static_cast<Answer*>(self);
  std::string& body = answer.response.body;
  const std::size_t total = body.size() + size;
  if (total > answer.max_body) {
    answer.refused = "the answer is larger than " + std::to_string(answer.max_body) + " bytes";
    return size + 1;
  }
  if (total > kRatioFrom) {
    curl_off_t received = 0;
    curl_easy_getinfo(answer.easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    if (received > 0 && total / kRatio > static_cast<std::size_t>(received)) {
      answer.refused = "the answer unpacks to more than 100 times its size";
      return size + 1;
    }
  }
  body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
  auto& answer = *static_cast<Answer*>(self);
  answer.header_bytes += size;
  if (answer.header_bytes > kHeaderBytes) {
    answer.refused = "the answer has more than 64 KiB of headers";
    return size + 1;
  }
  const std::string_view line{data, size};
  auto& headers = answer.response.headers;
  if (line.substr(0, 5) == "HTTP/") {
    headers.clear();  // what came before was an interim answer
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !answer.response.body.empty())
    return size;  // blank line, trailer
  headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  return size;
}

bool is_token(std::string_view text) {
  const auto good = [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), good);
}

/// Everything that can be wrong with a request before a socket is opened. The names of headers are
/// ours, their values may be secret.
std::optional<Error> refuse(const HttpRequest& request, const UrlParts& url, bool insecure) {
  if (url.scheme == "http" && !insecure) {
    return permanent(url.origin +
                     ": plain http is refused; use https, or allow insecure_http for this place");
  }
  if (!is_token(request.method)) return permanent(url.origin + ": the method is not a word");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return permanent(url.origin + ": the name of a header is not a word");
    if (breaks_lines(value))
      return permanent(url.origin + ": the header " + name + " holds a line end or NUL");
  }
  if (breaks_lines(request.bearer))
    return permanent(url.origin + ": the token holds a line end or NUL");
  if (breaks_lines(request.user) || breaks_lines(request.password) ||
      request.user.find(':') != std::string::npos) {
    return permanent(url.origin + ": the user or password holds a character that cannot be sent");
  }
  return std::nullopt;
}

/// Whether a second delivery does no harm: by its method (RFC 9110 9.2.2), or because it carries
/// the receiver's key.
bool is_repeatable(const HttpRequest& request) {
  if (request.once) return false;
  for (const std::string_view method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) {
    if (request.method == method) return true;
  }
  return std::any_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
    return equals_ignoring_case(header.first, "idempotency-key") ||
           equals_ignoring_case(header.first, "webhook-id");
  });
}

void set_method(Transfer& transfer, const HttpRequest& request) {
  const bool has_body = !request.body.empty() || request.method == "POST" ||
                        request.method == "PUT" || request.method == "PATCH";
  if (request.method == "HEAD") transfer.set(CURLOPT_NOBODY, 1L);
  if (has_body) {
    transfer.set(CURLOPT_POST, 1L);
    transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    transfer.set(CURLOPT_POSTFIELDS, request.body.data());
  }
  const std::string_view natural = request.method == "HEAD" ? "HEAD" : has_body ? "POST" : "GET";
  if (request.method != natural) transfer.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_headers(Transfer& transfer, const HttpRequest& request) {
  bool has_type = false;
  for (const auto& [name, value] : request.headers) {
    has_type = has_type || equals_ignoring_case(name, "content-type");
    transfer.append(value.empty() ? name + ";"  // curl's spelling of an empty value
                                  : fmt::format("{}: {}", name, value));
  }
  if (!request.bearer.empty()) transfer.append("Authorization: Bearer " + request.bearer);
  // curl would say that every body is a form, and would wait a second for "100 Continue" before a
  // large one.
  if (!has_type) transfer.append("Content-Type:");
  transfer.append("Expect:");
  transfer.set(CURLOPT_HTTPHEADER, transfer.list());
  if (!request.user.empty()) {
    transfer.set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    transfer.set(CURLOPT_USERNAME, request.user.c_str());
    transfer.set(CURLOPT_PASSWORD, request.password.c_str());
  }
}

void prepare(Transfer& transfer, const HttpRequest& request, const UrlParts& url, Answer& answer) {
  transfer.set(CURLOPT_URL, request.url.c_str());
  transfer.set(CURLOPT_PROTOCOLS_STR, "http,https");
  transfer.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  transfer.set(CURLOPT_FOLLOWLOCATION, 0L);
  transfer.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (url.scheme == "https")
    transfer.set(CURLOPT_PIPEWAIT, 1L);  // else a burst opens a socket each before h2 is known
  transfer.set(CURLOPT_ACCEPT_ENCODING, "");
  transfer.set(CURLOPT_USERAGENT, transfer.multi()->options().user_agent.c_str());
  if (!request.ca_file.empty()) transfer.set(CURLOPT_CAINFO, request.ca_file.c_str());
  transfer.set(CURLOPT_TIMEOUT_MS,
               static_cast<long>(std::max<std::int64_t>(request.timeout.count(), 1)));
  transfer.set(CURLOPT_CONNECTTIMEOUT_MS,
               static_cast<long>(std::max<std::int64_t>(request.connect_timeout.count(), 1)));
  transfer.set(CURLOPT_LOW_SPEED_LIMIT, 1024L);
  transfer.set(CURLOPT_LOW_SPEED_TIME, 20L);
  transfer.set(CURLOPT_WRITEFUNCTION, &on_body);
  transfer.set(CURLOPT_WRITEDATA, static_cast<void*>(&answer));
  transfer.set(CURLOPT_HEADERFUNCTION, &on_header);
  transfer.set(CURLOPT_HEADERDATA, static_cast<void*>(&answer));
  set_method(transfer, request);
  set_headers(transfer, request);
  transfer.may_repeat = is_repeatable(request);
  // A connection the other side is about to give up must not cost such a request its certainty.
  if (!transfer.may_repeat) transfer.set(CURLOPT_MAXAGE_CONN, 15L);
}

class CurlHttpClient final : public HttpClient {
 public:
  explicit CurlHttpClient(std::shared_ptr<CurlMulti> multi) : multi_(std::move(multi)) {}

  Task<Result<HttpResponse>> send(HttpRequest request) override {
    // The transfer lives in this frame; however the coroutine ends, it takes its handle out of the
    // multi.
    const Result<UrlParts> url = read_url(request.url, {"http", "https"});
    if (!url) co_return url.error();
    Transfer transfer(multi_, request.network);
    if (auto refused = refuse(request, *url, transfer.policy().insecure_http))
      co_return std::move(*refused);
    Answer answer;
    answer.easy = transfer.easy();
    answer.max_body = request.max_body;
    prepare(transfer, request, *url, answer);
    transfer.host = url->origin;

    co_await multi_->perform(transfer);

    if (transfer.result == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(transfer.easy(), CURLINFO_RESPONSE_CODE, &status);
      answer.response.status = static_cast<int>(status);
      answer.response.url = std::move(request.url);
      co_return std::move(answer.response);
    }
    Error error = answer.refused.empty() ? curl_error(transfer, url->origin)
                                         : permanent(url->origin + ": " + answer.refused);
    error.uncertain = !transfer.was_denied() && transfer.bytes_were_sent();
    co_return error;
  }

 private:
  std::shared_ptr<CurlMulti> multi_;  // shared with the pool and every transfer under way
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(CurlPool& pool) {
  return std::make_unique<CurlHttpClient>(multi_of(pool));
}

}  // namespace earshot
