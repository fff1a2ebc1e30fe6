#include "client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "configured.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/curl.hpp"
#include "earshot/runtime/secrets.hpp"

namespace earshot::cli {

ApiClient::ApiClient(const Args& args) {
  base_ = args.value_or("server", "");
  if (base_.empty()) {
    const auto config = args.value("config");
    base_ = config ? load_for_question({*config}).web.listen : "127.0.0.1:8460";
  }
  if (base_.find("://") == std::string::npos) base_ = "http://" + base_;
  while (base_.ends_with('/')) base_.pop_back();
  std::string file = args.value_or("token-file", "");
  if (const char* name = std::getenv("EARSHOT_TOKEN_FILE"); file.empty() && name != nullptr)
    file = name;
  if (!file.empty()) {
    auto token = read_secret(file, ".");
    if (!token) throw Failure(kNo, token.error().message);
    token_ = token->reveal();
  }
  as_ = args.value_or("as", "");
}

ApiAnswer ApiClient::request(const std::string& method, const std::string& path,
                             const std::string& body) const {
  boost::asio::io_context io{1};
  CurlOptions options;
  // The operator names the server: it may be anywhere, loopback and plain http included.
  for (const char* range : {"0.0.0.0/0", "::/0"}) {
    if (auto parsed = parse_range(range)) options.network.allow.push_back(*parsed);
  }
  options.network.insecure_http = true;
  const auto pool = make_curl_pool(io.get_executor(), options);
  const auto http = make_http_client(*pool);
  HttpRequest request;
  request.method = method;
  request.url = base_ + path;
  request.body = body;
  request.bearer = token_;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (!as_.empty()) request.headers.emplace_back("X-Earshot-Person", as_);
  request.timeout = seconds{30};
  std::optional<Result<HttpResponse>> got;
  boost::asio::co_spawn(
      io, [&]() -> Task<> { got = co_await http->send(request); },
      [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
      });
  io.run();
  if (!got || !*got)
    throw Failure(kTryAgain,
                  fmt::format("{}: {}", base_, got ? got->error().message : "no answer"));
  return {(*got)->status, (*got)->body};
}

std::string ApiClient::need(const std::string& method, const std::string& path,
                            const std::string& body) const {
  const ApiAnswer answer = request(method, path, body);
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  std::string text = fmt::format("HTTP {}", answer.status);
  if (const auto document = parse_json(answer.body)) {
    if (const JsonValue* error = find(*document, "error"))
      text = printable(string_at(*error, "text"));
  }
  throw Failure(answer.status == 503 ? kTryAgain : kNo, text);
}

std::string url_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

std::string query_of(const Args& args, const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (const auto value = args.value(name))
      out += fmt::format("{}{}={}", out.empty() ? '?' : '&', name, url_escaped(*value));
  }
  return out;
}

std::string body_of(const Args& args, const std::vector<std::string>& names) {
  JsonWriter out;
  out.object();
  for (std::string key : names) {
    const auto value = args.value(key);
    if (!value) continue;
    std::ranges::replace(key, '-', '_');
    out.field(key, *value);
  }
  out.end();
  return out.take();
}

void print_items(const std::string& body) {
  const auto document = parse_json(body);
  const JsonValue* items = document && document->IsObject() ? find(*document, "items")
                           : document                       ? &*document
                                                            : nullptr;
  if (items == nullptr || !items->IsArray()) return print_line(body);
  for (const JsonValue& item : items->GetArray()) {
    JsonWriter line;
    line.value(item);
    print_line(line.take());
  }
}

}  // namespace earshot::cli
