// The house by the API: posts pushed in, sources, the ledger, tokens, reloads, who is asking.
#include <algorithm>

#include "earshot/config/config.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/runtime/clock.hpp"
#include "http/posts_body.hpp"
#include "openapi.hpp"
#include "parts.hpp"

namespace earshot {
Task<WebResponse> Api::Parts::push(WebRequest request, Viewer, std::vector<std::string>) {
  const std::shared_ptr<const Config> config = backend.config();
  const std::string source = request.query_or("source", "push");
  const bool configured = std::ranges::any_of(config->sources, [&](const SourceConfig& it) {
    return it.name == source && it.type == "push";
  });
  if (!configured && source != "push")
    co_return refuse(404, "no_source", "No source of type push has this name.", "source");
  std::string key{request.header("Idempotency-Key")};
  if (key.size() > 255)
    co_return refuse(400, "idempotency_key", "The Idempotency-Key is longer than 255 characters.");
  const std::string digest = hash128_hex(request.body);
  if (!key.empty()) {
    std::optional<std::string> before;
    auto look = [&](StoreReader& reader) { before = reader.answer("posts/" + source, key); };
    co_await backend.store().read(look);
    if (before && !before->starts_with(digest))
      co_return refuse(422, "idempotency_key_reused",
                       "This Idempotency-Key came with another body before.");
    if (before) co_return json(202, before->substr(digest.size()));
  }
  auto body = parse_posts(request.body);
  if (!body) co_return refuse(400, "bad_posts", body.error().message);
  const std::vector<RejectedPost> rejected = body->rejected;
  const auto taken =
      co_await backend.push(source, std::move(body->posts), std::move(body->rejected));
  if (!taken) co_return refuse(503, "not_stored", taken.error().message);
  JsonWriter out;
  out.object();
  out.field("accepted", taken->accepted);
  out.field("known", taken->known);
  out.key("quarantined");
  out.array();
  for (const RejectedPost& it : rejected) {
    out.object();
    out.field("line", static_cast<std::uint64_t>(it.line));
    out.field("reason", it.reason);
    out.end();
  }
  out.end_array();
  out.end();
  const std::string text = out.take();
  if (!key.empty()) {
    // A crash before this only means that the posts, known by then, are counted as known the second
    // time.
    const Instant now = clock.now();
    auto keep = [&](StoreWriter& writer) {
      writer.put_answer("posts/" + source, key, digest + text, now);
    };
    co_await backend.store().write(keep);
  }
  co_return json(202, text);
}

Task<WebResponse> Api::Parts::sources(WebRequest, Viewer, std::vector<std::string>) {
  JsonWriter out;
  out.array();
  for (const SourceHealth& it : backend.sources()) {
    out.object();
    out.field("name", it.name);
    out.field("type", it.type);
    out.field("state", it.state);
    out.field("text", it.text);
    out.key("last_success");
    if (it.last_success)
      out.value(to_rfc3339_ms(*it.last_success));
    else
      out.null();
    out.key("next_poll");
    if (it.next_poll)
      out.value(to_rfc3339_ms(*it.next_poll));
    else
      out.null();
    out.field("items", it.items);
    out.field("failures", it.failures);
    out.field("quarantined", it.quarantined);
    out.field("gaps", it.gaps);
    out.key("last_gap");
    if (it.last_gap) {
      out.object();
      out.field("at", to_rfc3339_ms(*it.last_gap));
      out.field("text", it.gap);
      out.end();
    } else {
      out.null();
    }
    out.end();
  }
  out.end_array();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::me(WebRequest, Viewer viewer, std::vector<std::string>) {
  JsonWriter out;
  out.object();
  out.field("id", viewer.who);
  out.field("roles", std::vector{viewer.role});
  out.field("company", backend.config()->watch.company.name);
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::ledger(WebRequest request, Viewer, std::vector<std::string>) {
  LedgerQuery query;
  query.case_id = request.query_or("case");
  query.who = request.query_or("person");
  query.kind = request.query_or("kind");
  query.after = number_of(request.query_or("after")).value_or(0);
  query.limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(number_of(request.query_or("limit")).value_or(100), 1, 1000));
  std::vector<LedgerEntry> entries;
  auto look = [&](StoreReader& reader) { entries = reader.ledger(query); };
  co_await backend.store().read(look);
  JsonWriter out;
  out.object();
  out.key("items");
  out.array();
  for (const LedgerEntry& it : entries) {
    out.object();
    out.field("n", it.n);
    out.field("at", to_rfc3339_ms(it.at));
    out.field("who", it.who);
    out.field("kind", it.kind);
    out.text_or_null("case", it.case_id);
    out.field("data", it.data);
    out.field("hash", it.hash);
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::tokens(WebRequest, Viewer, std::vector<std::string>) {
  std::vector<TokenRecord> all;
  auto look = [&](StoreReader& reader) { all = reader.tokens(); };
  co_await backend.store().read(look);
  JsonWriter out;
  out.array();
  for (const TokenRecord& it : all) {
    out.object();
    out.field("id", it.id);
    out.field("role", it.role);
    out.text_or_null("person", it.person);
    out.text_or_null("label", it.label);
    out.field("created_at", to_rfc3339_ms(it.created_at));
    out.field("revoked", it.revoked_at.has_value());
    out.end();
  }
  out.end_array();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::reload(WebRequest, Viewer, std::vector<std::string>) {
  const auto done = co_await backend.reload();
  if (!done) co_return refuse(422, "config", done.error().message);
  JsonWriter out;
  out.object();
  out.field("text", *done);
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::test(WebRequest request, Viewer, std::vector<std::string> taken) {
  const auto done =
      co_await backend.test_receiver(taken.front(), request.query_or("urgency", "page"));
  if (!done) co_return refuse(404, "no_receiver", done.error().message);
  co_return json(202, R"({"queued":true})");
}

Task<WebResponse> Api::Parts::openapi(WebRequest, Viewer, std::vector<std::string>) {
  co_return json(200, openapi_document(api_paths()));
}

}  // namespace earshot
