// Acknowledgements racing escalation and delivery on the real store with its real threads: after an
// ack has committed no page starts, and a case has exactly one owner (P7, P11).
#include <unistd.h>

#include <array>
#include <atomic>
#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "house.hpp"

namespace earshot {
namespace {

constexpr int kFew = 500;  // each costs 6 ms of CPU with sanitizers
constexpr int kBatch = 20;

struct Seen {
  std::int64_t ack = 0;         ///< ledger number of the ack that won
  std::int64_t last_start = 0;  ///< ledger head when the last page of the case was claimed
  int owners = 0;
};

/// 10,000 in `scripts/test`, in an optimised build.
int cases_wanted() {
  const char* given = std::getenv("EARSHOT_PAIRS");
  const int wanted = given == nullptr ? kFew : std::atoi(given);
  return std::max(kBatch, wanted / kBatch * kBatch);
}
const int kCases = cases_wanted();

std::string id_of(int n) {
  return "c" + std::to_string(n);
}

class Actor {
 public:
  Actor(Loop& loop, Store& store) : loop_(loop), store_(store) {}
  void write(std::function<void(StoreWriter&)> work) { loop_.run(store_.write(std::move(work))); }

 private:
  Loop& loop_;  // outlives the store, whose thread may still hold its executor
  Store& store_;
};

TEST(AckRace, NoPageStartsAfterTheAckAndOneOwnerRemains) {
  const std::string folder = testing::TempDir() + "earshot-race-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  std::array<Loop, 6> loops;
  {
    SqliteOptions options;
    options.background_check = false;
    const auto store = open_sqlite(folder + "/race.db", options);
    const auto rules = *make_rules(house_config());
    const AckKey key{"k1", std::string(32, 's'), ""};
    const Instant now = *parse_rfc3339("2026-03-02T09:00:00Z");
    std::vector<Seen> seen(static_cast<std::size_t>(kCases));
    std::atomic<std::uint64_t> seed{1};
    // All four set off at the same cases at the same moment; who comes first is the scheduler's
    // dice and ours.
    std::barrier<> line{4};
    bool racing = true;
    const auto ready = [&](std::mt19937& dice) {
      line.arrive_and_wait();
      std::this_thread::sleep_for(std::chrono::microseconds{dice() % 400});
    };
    Actor setter{loops[0], *store};
    for (int from = 0; from < kCases; from += 500) {
      setter.write([&](StoreWriter& writer) {
        for (int n = from; n < std::min(from + 500, kCases); ++n) {
          Effects effects{writer, *rules, key, Chance{now, seed++}};
          Case it;
          it.id = id_of(n);
          it.urgency = Urgency::page;
          it.opened_at = it.posted_at = now;
          std::vector<Event> events{{EventKind::opened, "intake", now, {}}};
          effects.commit(Case{}, it, events);
        }
      });
    }
    // Two people acknowledge, the tick escalates, the outbox claims: each on a thread of its own,
    // all over the same cases in the same order.
    const auto acker = [&](const char* who, Loop& loop) {
      Actor actor{loop, *store};
      std::mt19937 dice{static_cast<unsigned>(seed++)};
      for (int from = 0; from < kCases; from += kBatch) {
        if (racing) ready(dice);
        actor.write([&](StoreWriter& writer) {
          for (int n = from; n < from + kBatch; ++n) {
            const Command ack{Action::ack, who, {}};
            const ActAnswer answer =
                act_on(writer, *rules, key, Chance{now, seed++}, id_of(n), ack, {});
            ASSERT_TRUE(answer.kind == ActAnswer::Kind::done ||
                        (answer.refusal && answer.refusal->code == "taken"));
            if (answer.kind != ActAnswer::Kind::done) continue;
            ++seen[static_cast<std::size_t>(n)].owners;
            seen[static_cast<std::size_t>(n)].ack = writer.ledger_head().first;
          }
        });
      }
    };
    const auto climber = [&](Loop& loop) {
      Actor actor{loop, *store};
      std::mt19937 dice{static_cast<unsigned>(seed++)};
      for (int from = 0; from < kCases; from += kBatch) {
        if (racing) ready(dice);
        actor.write([&](StoreWriter& writer) {
          for (int n = from; n < from + kBatch; ++n) {
            Effects effects{writer, *rules, key, Chance{now, seed++}};
            const Case it = load_case(*writer.case_by_id(id_of(n)));
            effects.take_step(it, StepAt{1, 0, now});
          }
        });
      }
    };
    const auto claimer = [&](Loop& loop) {
      Actor actor{loop, *store};
      std::mt19937 dice{static_cast<unsigned>(seed++)};
      for (int from = 0; from < kCases; from += kBatch) {
        if (racing) ready(dice);
        actor.write([&](StoreWriter& writer) {
          for (int n = from; n < from + kBatch; ++n) {
            for (OutboxRow row : writer.outbox_of(id_of(n))) {
              if (row.state != OutboxState::pending || row.lane != Lane::page) continue;
              row.state = OutboxState::started;
              row.started_at = now;
              ++row.attempts;
              writer.update_outbox(row);
              seen[static_cast<std::size_t>(n)].last_start = writer.ledger_head().first;
            }
          }
        });
      }
    };
    {
      std::vector<std::thread> all;
      all.emplace_back(acker, "jo", std::ref(loops[1]));
      all.emplace_back(climber, std::ref(loops[2]));
      all.emplace_back(acker, "kim", std::ref(loops[3]));
      all.emplace_back(claimer, std::ref(loops[4]));
      for (std::thread& it : all) it.join();
      racing = false;
      claimer(loops[5]);  // once more over everything: nothing may be left to start
    }
    int owned = 0, late = 0, pages_before = 0, by_jo = 0;
    setter.write([&](StoreWriter& writer) {
      for (int n = 0; n < kCases; ++n) {
        const Case it = load_case(*writer.case_by_id(id_of(n)));
        const Seen& one = seen[static_cast<std::size_t>(n)];
        owned +=
            it.state == CaseState::acknowledged && !it.owner.empty() && one.owners == 1 ? 1 : 0;
        late += one.last_start > one.ack ? 1 : 0;
        pages_before += one.last_start > 0 ? 1 : 0;
        by_jo += it.owner == "jo" ? 1 : 0;
      }
    });
    EXPECT_EQ(owned, kCases) << "exactly one owner each";
    EXPECT_EQ(late, 0) << "pages that started after the ack had committed";
    std::printf(
        "figure: %d racing acks and steps: %d with one owner (%d jo's), %d pages started before "
        "the ack, %d after it\n",
        kCases, owned, by_jo, pages_before, late);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace earshot
