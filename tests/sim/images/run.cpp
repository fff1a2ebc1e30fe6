#include "run.hpp"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "../../../src/store/sqlite_check.hpp"
#include "../../../src/store/sqlite_engine.hpp"
#include "../../../src/store/sqlite_schema.hpp"
#include "../random.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/store/ledger.hpp"
#include "earshot/store/store.hpp"

namespace earshot::sim {
namespace {

constexpr const char* kPath = "/images/earshot.db";
constexpr const char* kSource = "feed";
constexpr std::size_t kCheckpoint = 9;  // transactions between two copies of the log into the file
constexpr std::size_t kCacheKib = 512;  // small: pages are written before the commit, too

struct Opened {
  sqlite::Health health;
  sqlite::Db db{kPath, sqlite::Access::read_write, kCacheKib};
  sqlite::WriteEngine engine;
  sqlite::Tables tables;
  Opened() : engine(ready(db), health, [] { return Duration{0}; }), tables(db) {}
  static sqlite::Db& ready(sqlite::Db& db) {
    sqlite::migrate(db, sqlite::migrations());
    sqlite::check_quickly(db);
    return db;
  }
};

/// What one transaction holds; the same numbers, whenever it is asked.
struct Plan {
  std::size_t posts = 0;
  std::vector<std::size_t> bytes;
  Plan(std::uint64_t seed, std::size_t number) {
    Random random = Random{seed}.branch(fmt::format("plan {}", number));
    posts = 1 + random.below(6);
    for (std::size_t i = 0; i < posts; ++i)
      bytes.push_back(static_cast<std::size_t>(random.skewed(20, 30'000)));
  }
};

std::string post_id(std::size_t number, std::size_t i) {
  return fmt::format("p{}-{}", number, i);
}
std::string case_id(std::size_t number) {
  return fmt::format("c{:06}", number);
}
Instant at(std::size_t number) {
  return from_unix(1'772'442'000) + seconds{number};
}

bool accepted(const std::vector<sqlite::WriteJob>& jobs) {
  for (const sqlite::WriteJob& job : jobs) {
    if (job.error) return false;
  }
  return true;
}

}  // namespace

void Run::write(StoreWriter& writer, std::size_t number) const {
  const Plan plan{seed_, number};
  CaseRecord record;
  record.id = case_id(number);
  record.state = "open", record.urgency = "page", record.team = "care", record.source = kSource;
  record.opened_at = record.updated_at = at(number);
  record.body = fmt::format(R"({{"n":{}}})", number);
  writer.put_case(record);
  for (std::size_t i = 0; i < plan.posts; ++i) {
    Post post;
    post.source = kSource;
    post.id = post_id(number, i);
    post.text = std::string(plan.bytes[i], static_cast<char>('a' + i));
    writer.add_post({&post, hash64(post.id), record.id, "{}", nullptr}, at(number));
  }
  LedgerEntry entry;
  entry.at = at(number);
  entry.who = "tick", entry.kind = "opened", entry.case_id = record.id, entry.data = record.body;
  writer.append_ledger(entry);
  OutboxRow row;
  row.key = "page/" + record.id;
  row.case_id = record.id;
  row.receiver = "push";
  row.body = record.body;
  row.created_at = row.not_before = at(number);
  writer.add_outbox(row);
  writer.arm({record.id + "/escalate", record.id, "escalate", at(number) + minutes{5}, "{}"});
  if (number >= 3) {  // what came before goes on its way
    for (OutboxRow sent : writer.outbox_of(case_id(number - 3))) {
      sent.state = OutboxState::ok;
      writer.update_outbox(sent);
    }
    writer.disarm(case_id(number - 3) + "/escalate");
  }
  SourceState state;
  state.name = kSource;
  state.state = std::to_string(number + 1);
  writer.put_source(state);
}

std::size_t Run::go(std::size_t first) {
  std::size_t done = first;
  try {
    Opened store;
    if (careless) store.db.run("PRAGMA synchronous=NORMAL");
    Random random = Random{seed_}.branch(fmt::format("groups from {}", first));
    while (done < transactions_) {
      const std::size_t end = std::min(transactions_, done + 1 + random.below(3));
      std::size_t next = done;
      const auto job = [&]() -> std::optional<sqlite::WriteJob> {
        if (next == end) return std::nullopt;
        return sqlite::WriteJob{[this, number = next++](StoreWriter& w) { write(w, number); }, {}};
      };
      sqlite::WriteJob one = *job();
      if (!accepted(store.engine.run_group(std::move(one), job))) return done;
      if (end / kCheckpoint != done / kCheckpoint) store.db.checkpoint();
      done = end;
    }
  } catch (const StoreError&) {
    // at the opening, or as the log was copied
  }
  return done;
}

/// `whole` where all of the transaction is there; "" unless it is there in part.
std::string Run::look(StoreReader& reader, std::size_t number, bool& whole) const {
  const Plan plan{seed_, number};
  const std::string id = case_id(number);
  const auto record = reader.case_by_id(id);
  const auto posts = reader.posts_of(id);
  LedgerQuery query;
  query.case_id = id;
  const auto told = reader.ledger(query);
  const auto rows = reader.outbox_of(id);
  const auto source = reader.source(kSource);
  const std::size_t cursor = source ? std::stoul(source->state) : 0;
  whole = record.has_value();
  const std::size_t once = whole ? 1 : 0;
  if (posts.size() != (whole ? plan.posts : 0))
    return fmt::format("{} posts of {}", posts.size(), id);
  for (std::size_t i = 0; i < posts.size(); ++i) {
    if (posts[i].post.text != std::string(plan.bytes[i], static_cast<char>('a' + i)))
      return fmt::format("the words of {} are others", post_id(number, i));
  }
  if (told.size() != once) return fmt::format("{} ledger entries of {}", told.size(), id);
  if (rows.size() != once) return fmt::format("{} outbox rows of {}", rows.size(), id);
  if (whole != (cursor > number)) return fmt::format("the cursor {} and {}", cursor, id);
  if (!whole) return {};
  const bool followed = cursor > number + 3;
  if ((rows.front().state == OutboxState::ok) != followed)
    return fmt::format("the outbox row of {} is {}", id, to_word(rows.front().state));
  if (reader.timers_of(id).empty() != followed) return fmt::format("the timer of {}", id);
  return {};
}

std::string Run::check(std::size_t answered, std::size_t& there) {
  there = 0;
  try {
    Opened store;
    const std::string sound = store.db.text("PRAGMA integrity_check");
    if (sound != "ok") return "integrity: " + sound;
    std::string wrong;
    sqlite::ReadJob job{[&](StoreReader& reader) {
                          bool before = true;
                          for (std::size_t i = 0; i < transactions_ && wrong.empty(); ++i) {
                            bool whole = false;
                            wrong = look(reader, i, whole);
                            if (whole && !before) wrong = case_id(i) + " without the one before it";
                            before = whole;
                            there += whole ? 1 : 0;
                          }
                          LedgerCheck chain;
                          LedgerQuery query;
                          query.limit = 10'000;
                          for (const LedgerEntry& entry : reader.ledger(query)) {
                            if (const auto broken = chain.next(entry); broken && wrong.empty())
                              wrong = "the ledger: " + *broken;
                          }
                        },
                        {}};
    sqlite::run_read(store.tables, job);
    if (job.error) std::rethrow_exception(job.error);
    if (wrong.empty() && there < answered)
      wrong = fmt::format("{} transactions were answered, {} are there", answered, there);
    return wrong;
  } catch (const std::exception& error) {
    return fmt::format("it cannot be read: {}", error.what());
  }
}

}  // namespace earshot::sim
