// Who was told and who was not: read from the store and from what arrived.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "../../src/sources/mastodon_place.hpp"
#include "checks.hpp"
#include "earshot/core/json.hpp"
#include "world.hpp"

namespace earshot::sim {
namespace {

constexpr std::size_t kLookedAt = 200;  // the place of a timeline remembers 400 ids

/// I4: what arrived under a key belongs to a row.
void check_keys(World& world, const House& house) {
  std::set<std::pair<std::string, std::string>> ours;
  for (const OutboxRow& row : house.rows) ours.emplace(row.receiver, row.message_id);
  for (const Arrival& it : world.arrivals) {
    if (!it.key.empty() && !ours.contains({it.receiver, it.key}))
      world.fail(fmt::format("I4: {} took the key {}, which no row holds", it.receiver, it.key));
  }
}

/// I3: whom a step told, the outbox tells: both were committed together.
void check_steps_told(World& world, const House& house) {
  std::set<std::string> rows;  // CASE/PERSON/STEP of page/CASE/VERSION/ROUND/STEP/PERSON/…
  for (const OutboxRow& row : house.rows)
    if (row.key.starts_with("page/"))
      rows.insert(fmt::format("{}/{}/{}", row.case_id, row.person, row.step));
  for (const Case& it : house.cases) {
    for (const Event& event : house.lives.at(it.id)) {
      if (event.kind != EventKind::escalated) continue;
      std::istringstream told{event.data.at("told")};
      for (std::string person; std::getline(told, person, ',');) {
        const std::string page = fmt::format("{}/{}/{}", it.id, person, event.data.at("step"));
        if (!rows.contains(page) && !house.bundled.contains(page))
          world.fail(fmt::format("I3: step {} of case {} told {}, and the outbox knows nothing",
                                 event.data.at("step"), it.number, person));
      }
    }
  }
}

/// P5: what ended without having arrived was told.
void check_dead(World& world, const House& house) {
  for (const OutboxRow& row : house.rows) {
    if (row.state != OutboxState::dead) continue;
    world.mark("a message could not be delivered");
    if (!house.troubled.contains(row.id))
      world.fail(fmt::format("P5: row {} ({}) is dead and nobody was told", row.id, row.key));
  }
}

/// I6: a page put together of several cases does not begin once each of them has somebody.
void check_bundles(World& world, const House& house) {
  for (const OutboxRow& row : house.rows) {
    if (!row.case_id.starts_with("bundle/") || !row.started_at || world.clock_jumped) continue;
    bool all = false;
    for (const Case& it : house.cases) {
      if (!speaks_of(row, it)) continue;
      const auto spans = spans_of_ownership(world, house, it);
      all = std::ranges::any_of(spans, [&](const auto& span) {
        return *row.started_at > span.first + seconds{1} &&
               *row.started_at < span.second - seconds{1};
      });
      if (!all) break;
    }
    if (all)
      world.fail(fmt::format("I6: page {} ({}, attempt {}) began when somebody had all its cases",
                             row.key, to_word(row.state), row.attempts));
  }
}

/// Whose day it is in house.yaml: jo and kim take turns at 9 in Berlin since 2026-01-12. Reckoned
/// without the product's zones: summer time began on 2026-03-29 at 01:00 UTC.
std::string on_call(Instant at, bool turned) {
  constexpr std::int64_t kFirst = 1'768'208'400;   // 2026-01-12T09:00 on the wall
  constexpr std::int64_t kSummer = 1'774'746'000;  // 2026-03-29T01:00Z
  const std::int64_t utc = to_unix(at);
  const std::int64_t wall = utc + (utc >= kSummer ? 7'200 : 3'600);
  return ((wall - kFirst) / 86'400 % 2 == 0) != turned ? "jo" : "kim";
}

/// Whether the rotation was turned round then; nullopt while that was being changed.
std::optional<bool> turned(const World& world, Instant at) {
  bool out = false;
  for (const Turn& it : world.turns) {
    if (at < it.saved) break;
    if (!it.settled || at < *it.settled) return std::nullopt;
    out = it.turned;
  }
  return out;
}

/// I9: the first step tells whoever was on call when it was taken.
void check_on_call(World& world, const House& house) {
  if (world.clock_jumped && !world.turns.empty()) return;  // which came first is not known
  constexpr std::int64_t kWinterBegins = 1'792'890'000;    // 2026-10-25T01:00Z
  for (const auto& [id, life] : house.lives) {
    for (const Event& event : life) {
      if (event.kind != EventKind::escalated || event.data.at("step") != "0") continue;
      if (to_unix(event.at) >= kWinterBegins) continue;
      const std::optional<bool> order = turned(world, event.at);
      if (!order) continue;
      const std::string there = on_call(event.at, *order);
      if (event.data.at("told") != there)
        world.fail(fmt::format("I9: {} was told at {}, {} was on call", event.data.at("told"),
                               to_rfc3339(event.at), there));
    }
  }
}

}  // namespace

bool speaks_of(const OutboxRow& row, const Case& it) {
  if (row.case_id == it.id) return true;
  if (!row.case_id.starts_with("bundle/")) return false;
  const std::string name = fmt::format("ase {}", it.number);
  for (std::size_t at = row.body.find(name); at != std::string::npos;
       at = row.body.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (end == row.body.size() || row.body[end] < '0' || row.body[end] > '9') return true;
  }
  return false;
}

std::vector<std::pair<Instant, Instant>> spans_of_ownership(World& world, const House& house,
                                                            const Case& it) {
  std::vector<std::pair<Instant, Instant>> out;
  std::optional<Instant> since;
  for (const Event& event : house.lives.at(it.id)) {
    if (event.kind == EventKind::acknowledged && !since) since = event.at;
    const bool again = event.kind == EventKind::ack_undone ||
                       event.kind == EventKind::ack_decayed || event.kind == EventKind::reopened;
    if (again && since) {
      out.emplace_back(*since, event.at);
      since.reset();
      world.mark("an acknowledgement decayed and the case climbed again");
    }
  }
  if (since) out.emplace_back(*since, world.wall() + hours{48});
  return out;
}

void check_told(World& world, const House& house) {
  check_keys(world, house);
  check_steps_told(world, house);
  check_dead(world, house);
  check_bundles(world, house);
  check_on_call(world, house);
}

void check_places(World& world, std::int64_t& seen) {
  std::vector<StoredPost> posts;
  std::map<std::string, MastodonPlace> places;
  world.store().look([&](StoreReader& reader) {
    for (auto more = reader.posts_after(seen, kLookedAt); !more.empty();
         more = reader.posts_after(seen, kLookedAt)) {
      seen = more.back().seq;
      posts = std::move(more);  // the last ones count
    }
    for (const auto& feed : world.feeds) {
      const auto state = reader.source(feed->name());
      const auto document = parse_json(state && !state->state.empty() ? state->state : "{}");
      const JsonValue* place = document ? find(*document, "#brightwave") : nullptr;
      if (place != nullptr) places.emplace(feed->name(), read_mastodon_place(*place));
    }
  });
  for (const StoredPost& it : posts) {
    const auto place = places.find(it.post.source);
    if (place == places.end() || !place->second.ids.has(it.post.id))
      world.fail(fmt::format("I2: {}/{} is stored, and its feed's place does not know it",
                             it.post.source, it.post.id));
  }
}

}  // namespace earshot::sim
