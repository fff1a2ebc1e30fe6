// The stream of events: what the ledger says of cases, as it is written.
#include <fmt/format.h>

#include <algorithm>

#include "auth.hpp"
#include "earshot/config/config.hpp"
#include "earshot/runtime/clock.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
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
