#include <fmt/format.h>

#include "../../src/app/effects.hpp"
#include "checks.hpp"
#include "earshot/core/json.hpp"
#include "earshot/store/ledger.hpp"

namespace earshot::sim {
namespace {

constexpr std::size_t kAtOnce = 500;

void read_ledger(StoreReader& reader, House& out) {
  LedgerCheck chain;
  LedgerQuery query;
  query.limit = kAtOnce;
  for (;;) {
    const auto entries = reader.ledger(query);
    for (const LedgerEntry& it : entries) {
      if (const auto bad = chain.next(it); bad && out.chain.empty()) out.chain = *bad;
      out.hashes[it.n] = it.hash;
      query.after = it.n;
      if (it.kind == "gap") {
        if (const auto data = parse_json(it.data)) out.gaps.emplace(string_at(*data, "source"));
      }
      if (it.kind == "bundled") {
        if (const auto data = parse_json(it.data))
          out.bundled.insert(fmt::format("{}/{}/{}", it.case_id, string_at(*data, "person"),
                                         integer_at(*data, "step").value_or(-1)));
      }
      if (it.kind == "delivery_trouble") {
        if (const auto data = parse_json(it.data))
          out.troubled.insert(integer_at(*data, "row").value_or(0));
      }
      if (it.case_id.empty()) continue;
      Result<Event> event = event_from_json(it.kind, it.who, it.at, it.data);
      if (!event) continue;  // delivery_trouble and others: no event of the case's life
      if (event->kind == EventKind::opened) {
        if (auto first = case_from_json(event->data["case"])) out.opened[it.case_id] = *first;
      }
      const bool again =
          event->kind == EventKind::ack_undone || event->kind == EventKind::ack_decayed ||
          event->kind == EventKind::reopened || event->kind == EventKind::raised ||
          // It stands for its storm now, or by itself again.
          event->kind == EventKind::entered_storm || event->kind == EventKind::left_storm;
      if (again) out.back_again.insert(it.case_id);
      out.lives[it.case_id].push_back(std::move(*event));
    }
    if (entries.size() < kAtOnce) break;
  }
  if (const auto bad = chain.finish(); bad && out.chain.empty()) out.chain = *bad;
}

void read_cases(StoreReader& reader, House& out) {
  CaseQuery query;
  query.states.assign(kWordsOf<CaseState>.begin(), kWordsOf<CaseState>.end());
  query.limit = kAtOnce;
  for (;;) {
    const CasePage page = reader.cases(query);
    for (const CaseRecord& it : page.items) {
      out.cases.push_back(load_case(it));
      out.lives[it.id];
      for (OutboxRow& row : reader.outbox_of(it.id)) out.rows.push_back(std::move(row));
    }
    if (page.next.empty()) return;
    query.after = page.next;
  }
}

void read_posts(StoreReader& reader, House& out) {
  std::int64_t after = 0;
  for (;;) {
    const auto posts = reader.posts_after(after, kAtOnce);
    for (const StoredPost& it : posts) {
      out.posts.emplace(it.post.source + "/" + it.post.id, it.case_id);
      if (it.post.deleted) out.taken_back.insert(it.post.source + "/" + it.post.id);
      after = it.seq;
    }
    if (posts.size() < kAtOnce) return;
  }
}

}  // namespace

House read_house(World& world) {
  House out;
  world.store().look([&](StoreReader& reader) {
    read_ledger(reader, out);
    read_cases(reader, out);
    read_posts(reader, out);
    for (const Quarantined& it : reader.quarantined("", 10'000))
      out.aside.insert(it.source + "/" + it.native_id);
    // Rows of no one case: what is told to the operators, notices of groups, pages put together.
    for (const char* parent : {"", "bundle/jo", "bundle/kim", "bundle/ana"}) {
      for (OutboxRow& row : reader.outbox_of(parent)) out.rows.push_back(std::move(row));
    }
    out.timers = reader.due_timers(world.wall() - minutes{2}, 1'000);
  });
  return out;
}

}  // namespace earshot::sim
