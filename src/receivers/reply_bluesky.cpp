#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "payload/parts.hpp"
#include "reply_ways.hpp"
#include "service.hpp"

// com.atproto.repo.createRecord under a record key that was chosen when the reply was committed:
// after an unknown outcome getRecord says whether it is there.
namespace earshot {
namespace {

constexpr std::string_view kPost = "app.bsky.feed.post";

class BlueskyReply final : public Service {
 public:
  BlueskyReply(ReceiverConfig config, ReplyWay way, const ReceiverTools& tools)
      : Service(std::move(config), tools), way_(std::move(way)) {}
  bool honours_keys() const override { return true; }

  Result<void> reread_secrets() override {
    auto password = read_secret(way_.password_file, tools_.config_dir);
    if (!password) return password.error();
    password_ = std::move(*password);
    access_.clear();
    return Service::reread_secrets();
  }

  Task<Delivery> deliver(OutboxRow row) override {
    const auto what = parse_json(row.body);
    if (!what) co_return Delivery{DeliveryOutcome::refused, "the reply cannot be read"};
    const std::string parent{string_at(*what, "parent")};
    const std::string query = form_of({{"uris", parent}});
    HttpRequest posts = request("GET", "app.bsky.feed.getPosts?" + query, "");
    const Result<ServiceAnswer> there = co_await signed_in(std::move(posts));
    if (!there) co_return before_sending(there.error());
    const auto document = payload::body_of(*there);
    if (there->status != 200 || !document) co_return not_sent(*there, "the customer's post");
    const JsonValue* list = find(*document, "posts");
    if (list == nullptr || !list->IsArray() || list->Empty())
      co_return Delivery{DeliveryOutcome::refused, "the customer's post is not there any more"};
    if (row.possible_repeats > 0) {
      const std::string key =
          form_of({{"repo", did_}, {"collection", kPost}, {"rkey", string_at(*what, "rkey")}});
      HttpRequest record = request("GET", "com.atproto.repo.getRecord?" + key, "");
      const Result<ServiceAnswer> found = co_await signed_in(std::move(record));
      if (!found) co_return before_sending(found.error());
      if (found->status == 200) co_return read_created_record(*found);
      if (!is_missing(*found)) co_return not_sent(*found, "our earlier attempt");
    }
    HttpRequest create =
        request("POST", "com.atproto.repo.createRecord", record_of(*what, (*list)[0]));
    const Result<ServiceAnswer> made = co_await signed_in(std::move(create));
    co_return made ? read_created_record(*made) : classify_error(made.error());
  }

 private:
  static bool is_missing(const ServiceAnswer& answer) {
    const auto document = payload::body_of(answer);
    return answer.status == 400 && document && string_at(*document, "error") == "RecordNotFound";
  }

  /// Whether a token must be renewed before the request is made again.
  static bool is_stale(const ServiceAnswer& answer) {
    if (answer.status == 401) return true;
    const auto document = payload::body_of(answer);
    const std::string_view word = document ? string_at(*document, "error") : std::string_view{};
    return answer.status == 400 && (word == "ExpiredToken" || word == "InvalidToken");
  }

  HttpRequest request(std::string method, const std::string& path, std::string body) const {
    HttpRequest out =
        json_post(config_, base("https://bsky.social") + "/xrpc/" + path, std::move(body));
    if (method == "GET") out.headers.clear();
    out.method = std::move(method);
    out.max_body = std::size_t{1} << 20U;
    return out;
  }

  static void write_ref(JsonWriter& out, std::string_view name, std::string_view uri,
                        std::string_view cid) {
    out.key(name);
    out.object();
    out.field("uri", uri);
    out.field("cid", cid);
    out.end();
  }

  std::string record_of(const JsonValue& what, const JsonValue& parent) const {
    const JsonValue* record = find(parent, "record");
    const JsonValue* above = record == nullptr ? nullptr : find(*record, "reply");
    const JsonValue* root = above == nullptr ? nullptr : find(*above, "root");
    const JsonValue& top = root != nullptr && root->IsObject() ? *root : parent;
    JsonWriter out;
    out.object();
    out.field("repo", did_);
    out.field("collection", kPost);
    out.field("rkey", string_at(what, "rkey"));
    out.key("record");
    out.object();
    out.field("$type", kPost);
    out.field("text", string_at(what, "text"));
    out.field("createdAt", string_at(what, "at"));
    if (const std::string_view language = string_at(what, "language"); !language.empty())
      out.field("langs", std::vector{std::string{language}});
    out.key("reply");
    out.object();
    write_ref(out, "root", string_at(top, "uri"), string_at(top, "cid"));
    write_ref(out, "parent", string_at(parent, "uri"), string_at(parent, "cid"));
    out.end();
    out.end();
    out.end();
    return out.take();
  }

  /// Signs in where needed, once more where the token had run out.
  Task<Result<ServiceAnswer>> signed_in(HttpRequest what) {
    for (int tries = 0;; ++tries) {
      if (access_.empty()) {
        const Result<void> in = co_await sign_in();
        if (!in) co_return in.error();
      }
      HttpRequest same = what;
      same.bearer = access_;
      Result<ServiceAnswer> answer = co_await ask(std::move(same));
      if (!answer || !is_stale(*answer) || tries > 0) co_return answer;
      access_.clear();
    }
  }

  Task<Result<void>> sign_in() {
    JsonWriter body;
    body.object();
    body.field("identifier", way_.identifier);
    body.field("password", password_.reveal());
    body.end();
    HttpRequest create = request("POST", "com.atproto.server.createSession", body.take());
    const Result<ServiceAnswer> answer = co_await ask(std::move(create));
    if (!answer) {
      Error error = answer.error();
      error.uncertain = false;
      co_return error;
    }
    const auto session = payload::body_of(*answer);
    if (answer->status == 429 || answer->status >= 500) {
      Error error = transient(fmt::format("signing in: HTTP {}", answer->status));
      error.retry_after = answer->retry_after;
      co_return error;
    }
    if (answer->status != 200 || !session || string_at(*session, "accessJwt").empty())
      co_return permanent(fmt::format("signing in: HTTP {}", answer->status));
    access_ = string_at(*session, "accessJwt");
    did_ = string_at(*session, "did");
    co_return Result<void>{};
  }

  ReplyWay way_;
  Secret password_;
  std::string access_;
  std::string did_;
};

}  // namespace

std::shared_ptr<Receiver> make_bluesky_reply(const ReceiverConfig& config, const ReplyWay& way,
                                             const ReceiverTools& tools) {
  return std::make_shared<BlueskyReply>(config, way, tools);
}

}  // namespace earshot
