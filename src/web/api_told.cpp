// Who was told what, when and how, and did it arrive; what the auditor found; how often people are
// woken; and what they taught.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/config/config.hpp"
#include "earshot/core/json_time.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "page_load.hpp"
#include "parts.hpp"

namespace earshot {
namespace {

constexpr std::size_t kLedgerPage = 2000;
constexpr Duration kUsualSpan = hours{24 * 30};

/// "delivered" is what the receiver's own answer proves; an e-mail server's 250 proves hand-over.
std::string fate_of(const OutboxRow& row) {
  switch (row.state) {
    case OutboxState::ok:
      return "delivered";
    case OutboxState::started:
      return "being sent";
    case OutboxState::uncertain:
      return "perhaps delivered; it is sent again";
    case OutboxState::dead:
      return "given up";
    case OutboxState::cancelled:
      return row.attempts > 0 ? "stopped while it was being sent" : "not needed any more";
    case OutboxState::pending:
      return row.attempts > 0 ? "failed so far; it is sent again" : "waits for its time";
  }
  return {};
}

/// "jo was told by push-jo at 03:10:02 UTC: delivered 03:10:03 UTC."
std::string sentence_of_row(const OutboxRow& row) {
  const std::string whom = row.person.empty() ? row.receiver : row.person + " by " + row.receiver;
  const Instant when = row.started_at.value_or(row.not_before);
  std::string text =
      fmt::format("{}, {} UTC: {}", whom, to_rfc3339(when).substr(0, 19), fate_of(row));
  if (row.state == OutboxState::ok && row.ended_at)
    text += fmt::format(" at {} UTC", to_rfc3339(*row.ended_at).substr(11, 8));
  if (row.possible_repeats > 0) text += ", possibly more than once";
  return text + ".";
}

/// Messages that listed several cases for one person, this one among them: their rows belong to the
/// person, and their body names each case.
void add_bundles(StoreReader& reader, const Config& config, const CaseRecord& record,
                 std::vector<OutboxRow>& out) {
  const std::string named = '"' + record.id + '"';
  for (const Person& person : config.people) {
    for (OutboxRow& row : reader.outbox_of("bundle/" + person.id)) {
      if (row.created_at < record.opened_at || row.body.find(named) == std::string::npos) continue;
      out.push_back(std::move(row));
    }
  }
  std::ranges::sort(out, {}, &OutboxRow::id);
}

}  // namespace

Task<WebResponse> Api::Parts::told(WebRequest, Viewer, std::vector<std::string> taken) {
  std::vector<OutboxRow> rows;
  std::optional<CaseRecord> record;
  const std::string id = taken.front();
  const std::shared_ptr<const Config> config = backend.config();
  auto look = [&](StoreReader& reader) {
    record = reader.case_by_id(id);
    rows = reader.outbox_of(id);
    if (record) add_bundles(reader, *config, *record, rows);
  };
  co_await backend.store().read(look);
  if (!record) co_return refuse(404, "no_case", "There is no such case.");
  JsonWriter out;
  out.object();
  out.field("case", id);
  out.field("number", record->number);
  out.key("items");
  out.array();
  for (const OutboxRow& row : rows) {
    out.object();
    out.field("id", row.id);
    out.text_or_null("person", row.person);
    out.field("via", row.receiver);
    out.text_or_null("target", row.target);
    out.field("lane", to_word(row.lane));
    out.field("kind", row.key.substr(0, row.key.find('/')));
    out.field("step", row.step + 1);
    out.field("state", to_word(row.state));
    out.field("arrived", row.state == OutboxState::ok);
    out.field("attempts", row.attempts);
    instant_or_null(out, "queued_at", row.created_at);
    instant_or_null(out, "due_at", row.not_before);
    instant_or_null(out, "started_at", row.started_at);
    instant_or_null(out, "ended_at", row.ended_at);
    out.field("message_id", row.message_id);
    out.text_or_null("proof", row.result);
    out.field("possible_repeat", row.possible_repeats > 0);
    out.field("text", sentence_of_row(row));
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::findings(WebRequest, Viewer, std::vector<std::string>) {
  const AuditReport report = backend.findings();
  JsonWriter out;
  out.object();
  instant_or_null(out, "at", report.at);
  out.field("passed", std::ranges::none_of(report.items, [](const auto& it) { return it.grave; }));
  out.key("findings");
  out.array();
  for (const AuditReport::Item& it : report.items) {
    out.object();
    out.field("kind", it.kind);
    out.field("subject", it.subject);
    out.field("text", it.text);
    out.field("grave", it.grave);
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::page_load(WebRequest request, Viewer, std::vector<std::string>) {
  const Instant now = clock.now();
  const auto instant_or = [&](std::string_view name, Instant otherwise) -> std::optional<Instant> {
    const std::string given = request.query_or(name);
    return given.empty() ? std::optional{otherwise} : parse_rfc3339(given);
  };
  const auto from = instant_or("from", now - kUsualSpan);
  const auto to = instant_or("to", now);
  if (!from || !to || *to <= *from)
    co_return refuse(400, "from", "from and to are RFC 3339 times, to after from.", "from");
  const std::shared_ptr<const Config> config = backend.config();
  PageLoads loads{config->people};
  LedgerQuery query;
  query.from = from;
  query.to = to;
  query.limit = kLedgerPage;
  for (bool more = true; more;) {
    std::vector<LedgerEntry> entries;
    auto look = [&](StoreReader& reader) { entries = reader.ledger(query); };
    co_await backend.store().read(look);
    for (const LedgerEntry& entry : entries) loads.add(entry);
    more = entries.size() == kLedgerPage;
    if (more) query.after = entries.back().n;
  }
  JsonWriter out;
  out.object();
  out.field("from", to_rfc3339_ms(*from));
  out.field("to", to_rfc3339_ms(*to));
  out.key("people");
  out.array();
  for (const PageLoad& it : loads.result()) {
    out.object();
    out.field("person", it.person);
    out.field("pages", it.pages);
    out.field("at_night", it.at_night);
    out.field("nights", it.nights);
    out.field("most_in_a_night", it.most_in_a_night);
    out.field("not_worth", it.not_worth);
    out.field("false_rate", it.false_rate());
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

/// What people taught, as lines that `earshot train --data` reads: the words of the case's first
/// post with the label. The latest word on a case counts.
Task<WebResponse> Api::Parts::labels(WebRequest, Viewer, std::vector<std::string>) {
  std::string lines;
  std::string after;
  for (bool more = true; more;) {
    std::vector<Record> page;
    auto look = [&](StoreReader& reader) {
      RecordQuery query;
      query.kind = "label";
      query.after = after;
      query.limit = 500;
      page = reader.records(query);
      for (const Record& it : page) {
        const auto body = parse_json(it.body);
        const auto record = reader.case_by_id(it.parent);
        const std::vector<StoredPost> posts = reader.posts_of(it.parent);
        if (!body || !record || posts.empty() || it.state == "withdrawn") continue;
        const Case of = case_of(*record);
        const std::string_view complaint = string_at(*body, "complaint");
        const std::string_view urgent = string_at(*body, "urgent");
        JsonWriter out;
        out.object();
        out.field("text", words_of(posts.front().post));
        out.field("complaint", complaint.empty() ? of.probability >= 0.5 : complaint == "yes");
        if (!urgent.empty()) out.field("urgent", urgent == "yes");
        out.field("source", of.source);
        out.field("channel", to_word(of.channel));
        out.text_or_null("lang", of.language);
        out.field("label", it.state);
        out.text_or_null("note", string_at(*body, "note"));
        out.field("by", it.owner);
        out.field("at", to_rfc3339(it.updated_at));
        out.end();
        lines += out.take() + "\n";
      }
    };
    co_await backend.store().read(look);
    more = page.size() == 500;
    if (more) after = page.back().id;
  }
  co_return WebResponse{200, "application/x-ndjson", std::move(lines), {}};
}

}  // namespace earshot
