#include "api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "auth.hpp"
#include "earshot/config/config.hpp"
#include "earshot/config/parties.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/text/normalise.hpp"
#include "http/posts_body.hpp"
#include "openapi.hpp"
#include "page.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {

constexpr std::size_t kBulk = 200;
constexpr std::size_t kStory = 500;

/// A page of another site must not act here with what the browser adds by itself.
bool same_site(const WebRequest& request) {
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (site == "cross-site" || site == "same-site") return false;
  const std::string_view origin = request.header("Origin");
  if (origin.empty()) return true;
  const std::size_t host = origin.find("://");
  return host != std::string_view::npos &&
         equals_ignoring_case(origin.substr(host + 3), request.header("Host"));
}

}  // namespace

Api::Api(Backend& backend, Clock& clock, std::function<std::vector<AckKey>()> keys)
    : parts_(std::make_unique<Parts>(backend, clock, std::move(keys))) {}
Api::~Api() = default;

Task<WebResponse> Api::handle(WebRequest request) {
  if (request.method == "HEAD") request.method = "GET";
  const bool unsafe = request.method != "GET" && request.method != "OPTIONS";
  if (unsafe && !same_site(request))
    co_return refuse(403, "cross_site", "A request of another site is not carried out.");
  if (request.path == "/-/healthy" && !unsafe)
    co_return WebResponse{200, "text/plain; charset=utf-8", "Earshot is healthy.\n", {}};
  if (request.path == "/-/ready" && !unsafe) {
    const bool ready = parts_->backend.ready();
    const std::string safe = parts_->backend.safe_mode();
    std::string said = ready          ? "Earshot is ready.\n"
                       : safe.empty() ? "Earshot is starting.\n"
                                      : safe + "\n";
    // Still ready: whoever acknowledges must reach us.
    for (const AuditReport::Item& it : parts_->backend.findings().items)
      if (ready && (it.kind == "disk_full" || it.kind == "no_reader")) said += it.text + "\n";
    co_return WebResponse{ready ? 200 : 503, "text/plain; charset=utf-8", std::move(said), {}};
  }
  if (request.path == "/metrics" && request.method == "GET")
    co_return WebResponse{
        200, "text/plain; version=0.0.4; charset=utf-8", parts_->backend.metrics(), {}};
  if (const std::string safe = parts_->backend.safe_mode(); unsafe && !safe.empty())
    co_return request.path.starts_with("/ack/") ? ack_problem(503, safe)
                                                : refuse(503, "safe_mode", safe);
  if (request.path == "/hooks/sms" && request.method == "POST")
    co_return co_await parts_->sms_reply(std::move(request));
  if (const auto token = match_path("/ack/{token}", request.path))
    co_return co_await parts_->ack_page(std::move(request), token->front());
  if (auto asset = plain_asset(request.path); asset && request.method == "GET")
    co_return std::move(*asset);

  std::string allowed;
  for (const ApiPath& open : open_paths()) {
    if (open.path == request.path) allowed = open.method;
  }
  for (const Door& route : doors()) {
    auto taken = match_path(route.pattern, request.path);
    if (!taken) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string{route.method};
    if (route.method != request.method) continue;
    std::string in_address = request.path.ends_with(".ics") ? request.query_or("token") : "";
    if (!in_address.empty())
      request.headers.emplace_back("Authorization", "Bearer " + std::move(in_address));
    const bool from_address = request.path.ends_with(".ics") && !request.query_or("token").empty();
    const std::optional<Viewer> viewer =
        co_await authenticate(parts_->backend, request, parts_->clock.now());
    if (viewer && from_address && viewer->role != "viewer")
      co_return refuse(403, "role", "Only a viewer's token may stand in an address.");
    if (!viewer) {
      WebResponse answer = refuse(
          401, "sign_in", "Send a token: Authorization: Bearer … (earshot token add makes one).");
      answer.headers.emplace_back("WWW-Authenticate", "Bearer");
      co_return answer;
    }
    if (!role_may(viewer->role, std::string{route.role}))
      co_return refuse(
          403, "role",
          fmt::format("This needs the role {}; yours is {}.", route.role, viewer->role));
    if (route.touches == Touches::one) {
      taken->front() = co_await parts_->resolve(taken->front());
      std::string id = taken->front();
      auto barred = co_await parts_->barred(std::move(id), *viewer, &route);
      if (barred) co_return std::move(*barred);
    }
    if (route.touches == Touches::all &&
        !reach_of(viewer->role, route.method, route.role, route.touches).own)
      co_return refuse(403, "role", "This shows every team's cases; your role does not.");
    co_return co_await (parts_.get()->*route.handler)(request, *viewer, std::move(*taken));
  }
  if (!allowed.empty()) {
    WebResponse answer = refuse(405, "method", "This path does not take " + request.method + ".");
    answer.headers.emplace_back("Allow", allowed);
    co_return answer;
  }
  co_return refuse(404, "not_found", "There is nothing at this path.");
}

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

namespace {
/// A word that means nothing here would look like "no such cases"; the first one is named.
std::optional<WebResponse> bad_list_query(const WebRequest& request) {
  constexpr std::array<std::string_view, 5> kViews{"needs", "unowned", "mine", "late", "all"};
  const auto unknown = [&](std::string_view name, const auto& words) {
    const std::string given = request.query_or(std::string{name});
    return !given.empty() && std::ranges::find(words, given) == std::ranges::end(words);
  };
  if (unknown("view", kViews))
    return refuse(400, "view", "view is needs, unowned, mine, late or all.", "view");
  if (request.query_or("state") != "all" && unknown("state", kWordsOf<CaseState>))
    return refuse(400, "state", "state is a state of a case, or all.", "state");
  if (unknown("urgency", kWordsOf<Urgency>))
    return refuse(400, "urgency", "urgency is page, queue, digest or ignore.", "urgency");
  const std::string limit = request.query_or("limit");
  if (!limit.empty() && !number_of(limit))
    return refuse(400, "limit", "limit is a number from 1 to 500.", "limit");
  return std::nullopt;
}
}  // namespace

Task<WebResponse> Api::Parts::list(WebRequest request, Viewer viewer, std::vector<std::string>) {
  if (auto bad = bad_list_query(request)) co_return std::move(*bad);
  CaseQuery query;
  const Instant now = clock.now();
  query.now = now;
  query.scope = scope_of(*backend.config(), viewer);
  const std::string view = request.query_or("view");
  if (view == "mine") query.owner = viewer.who;
  if (view == "unowned" || view == "needs") query.unowned = true;
  if (view == "late") query.late = true;
  if (const std::string state = request.query_or("state"); !state.empty()) query.states = {state};
  if (request.query_or("state") == "all")
    query.states.assign(kWordsOf<CaseState>.begin(), kWordsOf<CaseState>.end());
  query.team = request.query_or("team");
  if (query.owner.empty()) query.owner = request.query_or("owner");
  query.urgency = request.query_or("urgency");
  query.principal = request.query_or("principal");
  query.source = request.query_or("source");
  query.storm = request.query_or("storm");
  query.words = fold(request.query_or("q"));
  query.after = request.query_or("before");
  query.limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(number_of(request.query_or("limit")).value_or(60), 1, 500));
  CasePage page;
  StormNames storms;
  std::map<std::string, std::uint64_t> counts;
  auto look = [&](StoreReader& reader) {
    page = reader.cases(query);
    storms = storm_names(reader, page.items);
    counts = reader.case_counts(now, query.scope);
  };
  co_await backend.store().read(look);
  const std::shared_ptr<const Config> config = backend.config();
  JsonWriter out;
  out.object();
  out.key("items");
  out.array();
  for (const CaseRecord& record : page.items)
    write_case_row(out, case_of(record), *config, viewer, now, false, {}, {}, {}, storms);
  out.end_array();
  out.text_or_null("next", page.next);
  out.field("total", page.total);
  out.key("counts");
  out.object();
  for (const auto& [name, count] : counts) out.field(name, count);
  out.end();
  out.field("as_of", to_rfc3339_ms(now));
  out.end();
  co_return json(200, out.take());
}

/// A case is named by its id or by its number.
Task<std::string> Api::Parts::resolve(std::string id) {
  const auto as_number = number_of(id);
  if (!as_number) co_return id;
  std::string found;
  auto look = [&](StoreReader& reader) {
    if (const auto record = reader.case_by_number(*as_number)) found = record->id;
  };
  co_await backend.store().read(look);
  co_return found;
}

Task<WebResponse> Api::Parts::whole_case(std::string id, Viewer viewer) {
  std::optional<CaseRecord> record;
  std::vector<StoredPost> posts;
  std::vector<LedgerEntry> story;
  std::vector<OutboxRow> told;
  StormNames storms;
  std::vector<Question> asked;
  std::optional<Draft> draft;
  JsonWriter customer;
  bool known = false;
  const std::shared_ptr<const Config> config = backend.config();
  auto look = [&](StoreReader& reader) {
    record = reader.case_by_id(id);
    if (!record) return;
    if (const auto person = reader.customer(record->customer)) {
      write_customer_record(customer, reader, *config, viewer, *person);
      known = true;
    }
    asked = questions_of_case(reader, id);
    draft = draft_of_case(reader, id);
    posts = reader.posts_of(id);
    LedgerQuery query;
    query.case_id = id;
    query.limit = kStory;
    story = reader.ledger(query);
    told = reader.outbox_of(id);
    storms = storm_names(reader, {*record});
  };
  co_await backend.store().read(look);
  if (!record) co_return refuse(404, "no_case", "There is no such case.");
  JsonWriter out;
  write_case_row(out, case_of(*record), *config, viewer, clock.now(), true, posts, story, told,
                 storms, asked, known ? customer.take() : std::string{}, draft);
  WebResponse answer = json(200, out.take());
  answer.headers.emplace_back("ETag", fmt::format("\"{}\"", record->version));
  co_return answer;
}

Task<WebResponse> Api::Parts::show(WebRequest, Viewer viewer, std::vector<std::string> taken) {
  co_return co_await whole_case(std::move(taken.front()), std::move(viewer));
}

WebResponse Api::Parts::answer_of(const ActAnswer& answer) {
  if (answer.kind == ActAnswer::Kind::not_found)
    return refuse(404, "no_case", "There is no such case.");
  if (answer.kind == ActAnswer::Kind::conflict)
    return refuse(412, "version", "The case has changed meanwhile. Read it again.");
  return json(status_of(*answer.refusal),
              problem(answer.refusal->code, answer.refusal->text, answer.refusal->field,
                      refusal_detail(*answer.refusal)));
}

Task<WebResponse> Api::Parts::act(WebRequest request, Viewer viewer,
                                  std::vector<std::string> taken) {
  const auto action = from_word<Action>(taken[1]);
  const bool of_people = action && *action != Action::escalate && *action != Action::decay &&
                         *action != Action::words && *action != Action::join &&
                         *action != Action::answer_seen && *action != Action::enter_storm &&
                         *action != Action::leave_storm && *action != Action::retract &&
                         *action != Action::fail;
  if (!of_people) co_return refuse(404, "no_action", "There is no such action.");
  if (const std::string least = role_for(*action); !role_may(viewer.role, least))
    co_return refuse(403, "role",
                     fmt::format("This needs the role {}; yours is {}.", least, viewer.role));
  auto args = arguments_of(request.body);
  if (!args) co_return refuse(400, "bad_body", args.error().message);
  std::optional<std::int64_t> version;
  if (std::string_view match = request.header("If-Match"); !match.empty()) {
    while (!match.empty() && match.front() == '"') match.remove_prefix(1);
    while (!match.empty() && match.back() == '"') match.remove_suffix(1);
    version = number_of(match);
    if (!version)
      co_return refuse(400, "if_match", "If-Match must be the version of the case in quotes.");
  }
  std::string id = taken.front();
  if (*action == Action::merge) {
    std::string into = co_await resolve((*args)["into"]);
    (*args)["into"] = into;
    auto no = co_await barred(std::move(into), viewer, &door_of_actions());
    if (no) co_return std::move(*no);
  }
  const std::string person = (*args)["person"];
  const std::shared_ptr<const Config> config = backend.config();
  if ((*action == Action::assign || *action == Action::help) && !person.empty() &&
      find_person(config->people, person) == nullptr) {
    co_return refuse(400, "no_person", "Nobody has the id \"" + printable(person) + "\".",
                     "person");
  }
  if (*action == Action::call_to && !person.empty() && parties_of(*config)(person).name.empty())
    co_return refuse(400, "no_person", "Nobody has the id \"" + printable(person) + "\".",
                     "person");
  Command command{*action, viewer.who, std::move(*args)};
  const ActAnswer answer = co_await backend.act(id, std::move(command), version);
  if (answer.kind != ActAnswer::Kind::done) co_return answer_of(answer);
  co_return co_await whole_case(std::move(id), std::move(viewer));
}

Task<WebResponse> Api::Parts::bulk(WebRequest request, Viewer viewer, std::vector<std::string>) {
  auto document = parse_json(request.body);
  if (!document) co_return refuse(400, "bad_body", document.error().message);
  const auto action = from_word<Action>(string_at(*document, "action"));
  const bool allowed = action && (*action == Action::ack || *action == Action::assign ||
                                  *action == Action::dismiss || *action == Action::merge ||
                                  *action == Action::note || *action == Action::take_over ||
                                  *action == Action::close);
  if (!allowed)
    co_return refuse(400, "action",
                     "Together one can ack, assign, take_over, dismiss, merge, note or close; what "
                     "was said and done are each case's own words.",
                     "action");
  const std::vector<std::string> ids = strings_at(*document, "ids");
  if (ids.empty() || ids.size() > kBulk)
    co_return refuse(400, "ids", "Name 1 to 200 cases.", "ids");
  Arguments shared;
  if (const JsonValue* args = find(*document, "args"); args != nullptr && args->IsObject()) {
    for (const auto& member : args->GetObject()) {
      if (member.value.IsString())
        shared.emplace(member.name.GetString(),
                       clean_utf8({member.value.GetString(), member.value.GetStringLength()}));
    }
  }
  if (*action == Action::merge) {
    std::string into = co_await resolve(shared["into"]);
    shared["into"] = into;
    auto no = co_await barred(std::move(into), viewer, &door_of_actions());
    if (no) co_return std::move(*no);
  }
  JsonWriter out;
  out.object();
  out.key("results");
  out.array();
  for (const std::string& given : ids) {
    std::string id = co_await resolve(given);
    Command command{*action, viewer.who, shared};
    ActAnswer answer{ActAnswer::Kind::not_found, {}, {}};
    const auto no = co_await barred(id, viewer, &door_of_actions());
    if (!no) answer = co_await backend.act(id, std::move(command), std::nullopt);
    out.object();
    out.field("id", given);
    out.key("number");
    if (answer.now_case)
      out.value(answer.now_case->number);
    else
      out.null();
    out.field("ok", answer.kind == ActAnswer::Kind::done);
    if (answer.kind == ActAnswer::Kind::done) out.field("version", answer.now_case->version);
    if (answer.kind == ActAnswer::Kind::not_found)
      out.field("code", "no_case"), out.field("text", "There is no such case.");
    if (answer.refusal)
      out.field("code", answer.refusal->code), out.field("text", answer.refusal->text);
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
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

Task<std::optional<WebResponse>> Api::may_stream(WebRequest request, Viewer& who) {
  const std::optional<Viewer> viewer =
      co_await authenticate(parts_->backend, request, parts_->clock.now());
  if (!viewer) co_return refuse(401, "sign_in", "Send a token.");
  if (!role_may(viewer->role, "viewer"))
    co_return refuse(403, "role", "This needs the role viewer.");
  who = *viewer;
  co_return std::nullopt;
}

/// Ledger entries of cases as events; the id of each is its number in the ledger, so a client can
/// go on where it stopped.
Task<std::string> Api::next_events(std::int64_t& cursor, Viewer viewer, Duration limit) {
  std::string out;
  std::int64_t at = cursor;
  if (at < 0) {
    auto head = [&](StoreReader& reader) { at = reader.ledger_head().first; };
    co_await parts_->backend.store().read(head);
    JsonWriter hello;
    hello.object();
    hello.field("server_time", to_rfc3339_ms(parts_->clock.now()));
    hello.field("since", at);
    hello.end();
    cursor = at;
    co_return fmt::format("id: {}\nevent: hello\ndata: {}\n\n", at, hello.take());
  }
  co_await parts_->backend.wait_for_ledger(at, limit);
  std::vector<LedgerEntry> entries;
  std::map<std::string, CaseRecord> cases;
  const std::shared_ptr<const Config> config = parts_->backend.config();
  const bool narrow = !scope_of(*config, viewer).hidden_teams.empty();
  const auto seen = [&](StoreReader& reader, const CaseRecord& record) {
    if (!narrow || is_own(*config, viewer, record, false)) return true;
    const std::vector<OutboxRow> rows = reader.outbox_of(record.id);
    return std::ranges::any_of(rows, [&](const OutboxRow& it) { return it.person == viewer.who; });
  };
  auto look = [&](StoreReader& reader) {
    LedgerQuery query;
    query.after = at;
    query.limit = 200;
    entries = reader.ledger(query);
    for (const LedgerEntry& it : entries) {
      if (it.case_id.empty() || cases.contains(it.case_id)) continue;
      auto record = reader.case_by_id(it.case_id);
      if (record && seen(reader, *record)) cases.emplace(it.case_id, std::move(*record));
    }
  };
  co_await parts_->backend.store().read(look);
  for (const LedgerEntry& it : entries) {
    at = std::max(at, it.n);
    const auto found = cases.find(it.case_id);
    if (found == cases.end()) continue;
    JsonWriter row;
    write_case_row(row, case_of(found->second), *config, viewer, parts_->clock.now(), false);
    out += fmt::format("id: {}\nevent: case\ndata: {}\n\n", it.n, row.take());
    cases.erase(found);  // one picture of each case a round is enough
  }
  cursor = at;
  co_return out;
}

}  // namespace earshot
