// Cases by the API: the list, one with its story, and what people do with one or many.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "earshot/config/config.hpp"
#include "earshot/config/parties.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/text/normalise.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {
constexpr std::size_t kBulk = 200;
constexpr std::size_t kStory = 500;

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

}  // namespace earshot
