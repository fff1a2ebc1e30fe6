// Silences: what keeps cases quiet, and what a new one would match.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/config/config.hpp"
#include "earshot/config/people.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/route/labels.hpp"
#include "earshot/route/silence.hpp"
#include "earshot/runtime/clock.hpp"
#include "parts.hpp"

namespace earshot {
namespace {

constexpr std::size_t kSilencesPage = 500;
constexpr std::size_t kLookedAt = 5'000;  // cases; beyond them the counts are at least these
constexpr std::size_t kShown = 20;        // rows of a preview
constexpr Duration kSilencesWeek = hours{24 * 7};

/// One case as silences see it.
struct Seen {
  Case it;
  Labels labels;
};

/// Open cases and those of the last week that this viewer may see.
std::vector<Seen> cases_seen(StoreReader& reader, const CaseScope& scope, Instant now) {
  std::vector<Seen> out;
  CaseQuery query;
  query.scope = scope;
  query.now = now;
  query.states.assign(kWordsOf<CaseState>.begin(), kWordsOf<CaseState>.end());
  query.limit = kSilencesPage;
  for (std::size_t looked = 0; looked < kLookedAt; looked += kSilencesPage) {
    const CasePage page = reader.cases(query);
    for (const CaseRecord& record : page.items) {
      if (record.ended && record.opened_at < now - kSilencesWeek) continue;
      Seen one{case_of(record), {}};
      one.labels = labels_of(one.it);
      out.push_back(std::move(one));
    }
    query.after = page.next;
    if (page.next.empty()) break;
  }
  return out;
}

struct Matches {
  std::int64_t now = 0;
  std::int64_t week = 0;
  std::optional<Instant> last{};
};

Matches matches_of(const Silence& silence, const std::vector<Seen>& all, Instant now) {
  Matches out;
  for (const Seen& one : all) {
    if (!all_match(silence.matchers, one.labels)) continue;
    if (!one.it.ended()) ++out.now;
    if (one.it.opened_at >= now - kSilencesWeek) ++out.week;
    if (!out.last || *out.last < one.it.opened_at) out.last = one.it.opened_at;
  }
  return out;
}

void write_text(JsonWriter& out, const Silence& it) {
  std::string words;
  for (const Matcher& matcher : it.matchers)
    words += (words.empty() ? "" : " and ") + matcher.text();
  out.key("text");
  out.object();
  out.field("code", "silence");
  out.field("text",
            fmt::format("Nothing is said of cases with {}. Hazards and principals' pages go "
                        "out all the same.",
                        printable(words)));
  out.end();
}

void write_silence(JsonWriter& out, const Silence& it, const std::vector<Seen>& all,
                   const Config& config, const Viewer& viewer, Instant now) {
  const Matches found = matches_of(it, all, now);
  out.object();
  out.field("id", it.id);
  out.key("matchers");
  out.array();
  for (const Matcher& matcher : it.matchers) out.value(matcher.text());
  out.end_array();
  write_text(out, it);
  out.key("by");
  const Person* person = find_person(config.people, it.by);
  out.object();
  out.field("id", it.by);
  out.field("name", person != nullptr && !person->name.empty() ? person->name : it.by);
  out.end();
  out.field("reason", it.reason);
  out.field("from", to_rfc3339_ms(it.from));
  out.field("to", to_rfc3339_ms(it.to));
  out.field("matches_now", found.now);
  out.field("matches_week", found.week);
  const Duration idle = now - found.last.value_or(std::min(it.from, now));
  out.field("idle_days", static_cast<std::int64_t>(idle / hours{24}));
  out.field("state", it.state_at(now));
  out.text_or_null("expired_by", it.expired_by);
  out.key("actions");
  out.object();
  out.key("expire");
  out.object();
  const bool role = role_may(viewer.role, "responder");
  const bool may = role && may_take_back(config, viewer.who, is_operator(viewer), it.by, "");
  const bool over = it.state_at(now) == "ended";
  out.field("ok", may && !over);
  if (!may || over) {
    out.field("code", over ? "ended" : role ? "not_yours" : "role");
    out.field("text", over   ? "It has ended."
                      : role ? "Its author ends it, or whoever answers for them."
                             : "Your role may look, not act.");
  }
  out.end();
  out.end();
  out.end();
}

/// Matchers as a list of texts or as one text, in one line.
std::string matchers_text(const JsonValue& body) {
  std::string out;
  for (const std::string& one : strings_at(body, "matchers"))
    out += (out.empty() ? "" : ", ") + one;
  return out.empty() ? std::string{string_at(body, "matchers")} : out;
}

}  // namespace

Task<WebResponse> Api::Parts::silences(WebRequest request, Viewer viewer,
                                       std::vector<std::string>) {
  const bool all = request.query_or("all") == "yes";
  const std::shared_ptr<const Config> config = backend.config();
  const CaseScope scope = scope_of(*config, viewer);
  const Instant now = clock.now();
  std::vector<Record> records;
  std::vector<Seen> seen;
  auto look = [&](StoreReader& reader) {
    RecordQuery query;
    query.kind = "silence";
    query.limit = 1'000;
    if (!all) query.states = {"active"};
    records = reader.records(query);
    if (!records.empty()) seen = cases_seen(reader, scope, now);
  };
  co_await backend.store().read(look);
  JsonWriter out;
  out.array();
  for (const Record& record : records) {
    const auto it = silence_from_json(record.body);
    if (it && (all || it->to > now)) write_silence(out, *it, seen, *config, viewer, now);
  }
  out.end_array();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::silence_add(WebRequest request, Viewer viewer,
                                          std::vector<std::string>) {
  auto args = arguments_of(request.body);
  const auto body = parse_json(request.body);
  if (!args || !body) co_return refuse(400, "bad_body", "The body is a JSON object.");
  args->insert_or_assign("matchers", matchers_text(*body));
  RotaCommand command{"silence_add", viewer.who, false, std::move(*args)};
  const RotaAnswer done = co_await backend.change_rota(std::move(command));
  if (done.done) co_return json(201, done.body);
  co_return refuse(400, done.code, done.text, done.field);
}

/// What a silence with these matchers would keep quiet, and what of it would be told all the same.
Task<WebResponse> Api::Parts::silence_preview(WebRequest request, Viewer viewer,
                                              std::vector<std::string>) {
  const auto body = parse_json(request.body);
  if (!body) co_return refuse(400, "bad_body", body.error().message);
  ParsedMatchers parsed = parse_matchers(matchers_text(*body));
  if (parsed.problem || parsed.matchers.empty())
    co_return refuse(400, "matchers_wrong",
                     parsed.problem ? printable(parsed.problem->problem) : "Say which cases.",
                     "matchers");
  const std::shared_ptr<const Config> config = backend.config();
  const CaseScope scope = scope_of(*config, viewer);
  const Instant now = clock.now();
  std::vector<Seen> seen;
  auto look = [&](StoreReader& reader) { seen = cases_seen(reader, scope, now); };
  co_await backend.store().read(look);
  Silence silence;
  silence.matchers = std::move(parsed.matchers);
  const Matches found = matches_of(silence, seen, now);
  JsonWriter out;
  out.object();
  out.field("matches_now", found.now);
  out.field("matches_week", found.week);
  out.field("all_looked_at", seen.size() < kLookedAt);
  out.key("cases");
  out.array();
  std::size_t shown = 0;
  for (const Seen& one : seen) {
    if (one.it.ended() || !all_match(silence.matchers, one.labels)) continue;
    if (shown++ == kShown) break;
    out.object();
    out.field("id", one.it.id);
    out.field("number", one.it.number);
    out.field("urgency", to_word(one.it.urgency));
    out.field("excerpt", cut_utf8(one.it.excerpt, 160));
    out.field("told_all_the_same", speaks_anyway(one.it));
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::silence_expire(WebRequest, Viewer viewer,
                                             std::vector<std::string> taken) {
  RotaCommand command{"silence_expire", viewer.who, is_operator(viewer), {{"id", taken.front()}}};
  const RotaAnswer done = co_await backend.change_rota(std::move(command));
  if (done.done) co_return json(200, done.body);
  const int status = !done.found ? 404 : done.code == "not_yours" ? 403 : 409;
  co_return refuse(status, done.code, done.text, done.field);
}

}  // namespace earshot
