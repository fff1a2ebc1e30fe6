#include "ledger_verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "database.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/store/ledger.hpp"

namespace earshot::cli {
namespace {

constexpr std::int64_t kPart = 20'000;  // below this a thread costs more than it saves
constexpr std::size_t kPage = 1'000;

/// Runs work(0) … work(n-1), each on a thread of its own; what one throws comes out.
void side_by_side(std::size_t n, const std::function<void(std::size_t)>& work) {
  std::vector<std::exception_ptr> errors(n);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < n; ++i) {
      threads.emplace_back([&, i] {
        try {
          work(i);
        } catch (...) {
          errors[i] = std::current_exception();
        }
      });
    }
  }
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

std::int64_t part_end(std::int64_t all, std::size_t part, std::size_t parts) {
  return all * static_cast<std::int64_t>(part) / static_cast<std::int64_t>(parts);
}

void verify_chain(const std::string& path, std::int64_t last, unsigned threads, Verified& out) {
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(1, last / kPart));
  const std::size_t parts = std::clamp<std::size_t>(threads, 1, most);
  std::vector<ChainPart> found(parts);
  side_by_side(parts, [&](std::size_t i) {
    found[i] = check_chain(path, part_end(last, i, parts), part_end(last, i + 1, parts));
  });
  for (const ChainPart& part : found) {  // in order: what comes after the first break says nothing
    out.entries += part.entries;
    if (part.entries > 0) out.head = part.head;
    if (!part.wrong) continue;
    out.wrong_entry = part.wrong;
    out.problem = part.problem;
    return;
  }
  ErasureCheck erasures;
  for (const ChainPart& part : found) erasures.join(part.erasures);
  out.erased = erasures.count();
  out.wrong_entry = erasures.unnamed();
  if (out.wrong_entry) out.problem = unnamed_text(*out.wrong_entry);
}

/// What the events of a case make of it, as JSON; "" where it was never opened.
std::string folded(StoreReader& reader, const Case& stored) {
  Case made;
  LedgerQuery query;
  query.case_id = stored.id;
  query.limit = kPage;
  for (;;) {
    const std::vector<LedgerEntry> page = reader.ledger(query);
    for (const LedgerEntry& entry : page) {
      const auto event = event_from_json(entry.kind, entry.who, entry.at, entry.data);
      if (event) made = fold(std::move(made), *event);
    }
    if (page.size() < kPage) break;
    query.after = page.back().n;
  }
  made.version = stored.version;  // the store's own
  made.number = stored.number;
  return to_json(made);
}

struct StatePart {
  std::int64_t cases = 0;
  std::string wrong;
  std::string problem;
};

StatePart verify_states(const std::string& path, std::size_t part, std::size_t parts) {
  StatePart out;
  read_database(path, [&](StoreReader& reader) {
    CaseQuery query;
    query.states.assign(kWordsOf<CaseState>.begin(), kWordsOf<CaseState>.end());
    query.limit = 500;
    query.counted = false;
    for (;;) {
      const CasePage page = reader.cases(query);
      for (const CaseRecord& record : page.items) {
        if (static_cast<std::size_t>(record.number) % parts != part) continue;
        const Result<Case> it = case_from_json(record.body);
        ++out.cases;
        Case stored = it ? *it : Case{};
        stored.version = record.version;
        stored.number = record.number;
        if (it && record.state == to_word(stored.state) && record.owner == stored.owner &&
            folded(reader, stored) == to_json(stored))
          continue;
        out.wrong = record.id;
        out.problem = fmt::format("case {} is not what its entries say", record.number);
        return;
      }
      if (page.next.empty()) return;
      query.after = page.next;
    }
  });
  return out;
}

}  // namespace

Verified verify_ledger(const std::string& path, bool states, unsigned threads) {
  Verified out;
  std::int64_t last = 0;
  read_database(path, [&](StoreReader& reader) { last = reader.ledger_head().first; });
  verify_chain(path, last, threads, out);
  if (!states || !out.problem.empty()) return out;
  const std::size_t parts = std::max(1U, threads);
  std::vector<StatePart> found(parts);
  side_by_side(parts, [&](std::size_t i) { found[i] = verify_states(path, i, parts); });
  for (const StatePart& part : found) {
    out.cases += part.cases;
    if (part.problem.empty() || !out.problem.empty()) continue;
    out.wrong_case = part.wrong;
    out.problem = part.problem;
  }
  return out;
}

}  // namespace earshot::cli
