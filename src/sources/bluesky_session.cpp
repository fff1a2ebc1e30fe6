#include "bluesky_session.hpp"

#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "poll_parts.hpp"

namespace earshot {

namespace {
constexpr std::string_view kSessionReset = "RateLimit-Reset";
// The server allows 30 in five minutes and 300 a day (its entryway fewer); a healthy life needs one
// a month.
constexpr std::size_t kSignInsBurst = 10;
constexpr Duration kBurst = minutes{5};
constexpr std::size_t kSignInsDay = 60;
constexpr Duration kDay = hours{24};

/// Words that say "sign in again" to a refresh token.
bool is_stale(std::string_view error) {
  return error == "ExpiredToken" || error == "InvalidToken";
}

Error describe(std::string_view what, const HttpResponse& answer, Instant now) {
  Error error = answer_error("bluesky", answer, kSessionReset, now);
  const std::string word = xrpc_error(answer.body);
  error.message =
      fmt::format("bluesky: {}: HTTP {}{}{}", what, answer.status, word.empty() ? "" : " ", word);
  return error;
}
}  // namespace

std::string xrpc_error(std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return {};
  return printable(cut_utf8(string_at(*document, "error"), 60));
}

Result<void> BlueskySession::reread_secrets() {
  auto password = read_secret(config_.password_file, tools_.config_dir);
  if (!password) return password.error();
  password_ = std::move(*password);
  return {};
}

void BlueskySession::read(const JsonValue& state) {
  if (refresh_.empty()) {
    refresh_ = string_at(state, "refresh");
    did_ = string_at(state, "did");
  }
  if (const JsonValue* times = find(state, "sign_ins");
      sign_ins_.empty() && times != nullptr && times->IsArray()) {
    for (const JsonValue& at : times->GetArray()) {
      if (at.IsInt64()) sign_ins_.push_back(from_unix_ms(at.GetInt64()));
    }
  }
}

void BlueskySession::write(JsonWriter& out) const {
  out.field("refresh", refresh_);
  out.field("did", did_);
  out.key("sign_ins");
  out.array();
  for (const Instant at : sign_ins_) out.value(to_unix_ms(at));
  out.end_array();
}

Task<Result<HttpResponse>> BlueskySession::call(std::string method, std::string path,
                                                std::string body, std::string bearer) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = join_url(config_.url, "/xrpc/" + path);
  request.bearer = std::move(bearer);
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  request.ca_file = config_.ca_file;
  request.network = config_.network;
  auto answer = co_await tools_.http.send(std::move(request));
  if (!answer) co_return answer.error().in("bluesky");
  co_return std::move(*answer);
}

Result<void> BlueskySession::take_session(const std::string& body) {
  const auto document = parse_json(body);
  if (!document || string_at(*document, "accessJwt").empty() ||
      string_at(*document, "refreshJwt").empty()) {
    return transient("bluesky: the session answer cannot be read");
  }
  access_ = string_at(*document, "accessJwt");
  refresh_ = string_at(*document, "refreshJwt");
  did_ = string_at(*document, "did");
  return {};
}

Result<void> BlueskySession::may_sign_in() {
  const Instant now = tools_.clock.now();
  while (!sign_ins_.empty() && sign_ins_.front() <= now - kDay) sign_ins_.pop_front();
  const auto wait_for = [&](std::size_t most, Duration span) -> std::optional<Duration> {
    if (sign_ins_.size() < most) return std::nullopt;
    const Instant free = sign_ins_[sign_ins_.size() - most] + span;
    return free > now ? std::optional{free - now} : std::nullopt;
  };
  for (const auto& wait : {wait_for(kSignInsBurst, kBurst), wait_for(kSignInsDay, kDay)}) {
    if (!wait) continue;
    Error error = transient(
        "bluesky: signed in too often lately; waiting so that the server does not lock the "
        "account");
    error.retry_after = *wait;
    return error;
  }
  return {};
}

Task<Result<void>> BlueskySession::sign_in() {
  const Result<void> allowed = may_sign_in();
  if (!allowed) co_return allowed.error();
  sign_ins_.push_back(tools_.clock.now());
  JsonWriter body;
  body.object();
  body.field("identifier", config_.identifier);
  body.field("password", password_.reveal());
  body.end();
  std::string method = "POST";
  std::string path = "com.atproto.server.createSession";
  std::string text = body.take();
  std::string bearer;
  auto answer =
      co_await call(std::move(method), std::move(path), std::move(text), std::move(bearer));
  if (!answer) co_return answer.error();
  if (answer->status != 200) co_return describe("signing in", *answer, tools_.clock.now());
  co_return take_session(answer->body);
}

Task<Result<void>> BlueskySession::refresh() {
  std::string method = "POST";
  std::string path = "com.atproto.server.refreshSession";
  std::string text;
  std::string bearer = refresh_;
  auto answer =
      co_await call(std::move(method), std::move(path), std::move(text), std::move(bearer));
  if (!answer) co_return answer.error();
  if (answer->status == 200) co_return take_session(answer->body);
  if (answer->status == 401 || (answer->status == 400 && is_stale(xrpc_error(answer->body)))) {
    refresh_.clear();
    const Result<void> signed_in = co_await sign_in();
    co_return signed_in;
  }
  co_return describe("refreshing the session", *answer, tools_.clock.now());
}

Task<Result<void>> BlueskySession::open() {
  if (refresh_.empty()) {
    const Result<void> signed_in = co_await sign_in();
    co_return signed_in;
  }
  const Result<void> refreshed = co_await refresh();
  co_return refreshed;
}

Task<Result<std::string>> BlueskySession::get(std::string path_and_query) {
  for (int tries = 0;; ++tries) {
    if (access_.empty()) {
      const Result<void> opened = co_await open();
      if (!opened) co_return opened.error();
    }
    std::string method = "GET";
    std::string path = path_and_query;
    std::string text;
    std::string bearer = access_;
    auto answer =
        co_await call(std::move(method), std::move(path), std::move(text), std::move(bearer));
    if (!answer) co_return answer.error();
    if (answer->status == 200) co_return std::move(answer->body);
    const std::string word = xrpc_error(answer->body);
    const bool expired = (answer->status == 400 && is_stale(word)) || answer->status == 401;
    if (expired) access_.clear();
    if (!expired || tries > 0) {
      const std::string what = path_and_query.substr(0, path_and_query.find('?'));
      co_return describe(what, *answer, tools_.clock.now());
    }
  }
}

}  // namespace earshot
