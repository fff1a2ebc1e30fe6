#include <fmt/format.h>

#include "payload/parts.hpp"
#include "reply_ways.hpp"
#include "service.hpp"

// POST /api/v1/statuses with an Idempotency-Key, which Mastodon remembers for an hour. After an
// unknown outcome the thread is looked at first.
namespace earshot {
namespace {

class MastodonReply final : public Service {
 public:
  using Service::Service;
  bool honours_keys() const override { return true; }

  Task<Delivery> deliver(OutboxRow row) override {
    auto what = parse_json(row.body);
    if (!what) co_return Delivery{DeliveryOutcome::refused, "the reply cannot be read"};
    const std::string parent{string_at(*what, "parent")};
    const std::string text{string_at(*what, "text")};
    HttpRequest look = get("/api/v1/statuses/" + parent);
    const Result<ServiceAnswer> there = co_await ask(std::move(look));
    if (!there) co_return before_sending(there.error());
    if (there->status != 200) co_return not_sent(*there, "the customer's post");
    const auto post = payload::body_of(*there);
    const std::string visibility{post ? string_at(*post, "visibility") : "public"};
    if (row.possible_repeats > 0) {
      auto found = co_await find(parent, text);
      if (found) co_return std::move(*found);
    }
    std::string key = row.message_id;
    HttpRequest request = posting(parent, text, visibility, *what, std::move(key));
    co_return co_await say(std::move(request), read_posted_status);
  }

 private:
  HttpRequest get(const std::string& path) const {
    HttpRequest request = json_post(config_, base("") + path, "");
    request.method = "GET";
    request.headers.clear();
    request.bearer = token_.reveal();
    request.max_body = std::size_t{4} << 20U;
    return request;
  }

  HttpRequest posting(const std::string& parent, const std::string& text,
                      const std::string& visibility, const JsonValue& what, std::string key) const {
    JsonWriter body;
    body.object();
    body.field("status", text);
    body.field("in_reply_to_id", parent);
    body.field("visibility", visibility);  // never wider than what it answers
    if (const std::string_view language = string_at(what, "language"); !language.empty())
      body.field("language", language);
    body.end();
    HttpRequest request = json_post(config_, base("") + "/api/v1/statuses", body.take());
    request.headers.emplace_back("Idempotency-Key", std::move(key));
    request.bearer = token_.reveal();
    request.once = true;  // not every server remembers keys
    return request;
  }

  /// What became of an earlier attempt: ok where it stands there, again where one cannot look;
  /// nullopt: it is not there.
  Task<std::optional<Delivery>> find(std::string parent, std::string text) {
    HttpRequest who = get("/api/v1/accounts/verify_credentials");
    const Result<ServiceAnswer> me = co_await ask(std::move(who));
    if (!me) co_return before_sending(me.error());
    const auto account = payload::body_of(*me);
    if (me->status != 200 || !account) co_return not_sent(*me, "our account");
    HttpRequest thread = get("/api/v1/statuses/" + parent + "/context");
    const Result<ServiceAnswer> context = co_await ask(std::move(thread));
    if (!context) co_return before_sending(context.error());
    if (context->status != 200) co_return not_sent(*context, "the thread");
    std::string found = reply_in_context(*context, parent, string_at(*account, "id"), text);
    if (found.empty()) co_return std::nullopt;
    co_return Delivery{DeliveryOutcome::ok, "it stood there already", {}, std::move(found)};
  }
};

}  // namespace

Delivery before_sending(const Error& error) {
  Delivery out = classify_error(error);
  if (out.outcome == DeliveryOutcome::uncertain) out.outcome = DeliveryOutcome::again;
  return out;
}

Delivery not_sent(const ServiceAnswer& answer, std::string_view what) {
  Delivery out = read_status(answer);
  if (out.outcome == DeliveryOutcome::uncertain || out.outcome == DeliveryOutcome::ok)
    out.outcome = DeliveryOutcome::again;
  if (out.outcome == DeliveryOutcome::gone) out.outcome = DeliveryOutcome::refused;
  out.detail = fmt::format("{}: HTTP {}{}", what, answer.status,
                           answer.status == 404 ? ", it is not there any more" : "");
  return out;
}

std::shared_ptr<Receiver> make_mastodon_reply(const ReceiverConfig& config,
                                              const ReceiverTools& tools) {
  return std::make_shared<MastodonReply>(config, tools);
}

}  // namespace earshot
