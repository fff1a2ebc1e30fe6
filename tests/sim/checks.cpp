// What must hold when a seed has ended: read from the store, the truth lists of the feeds and the
// lists of the receivers; the daemon's own words are not asked.
#include <fmt/format.h>

#include <algorithm>

#include "checks.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "earshot/store/ledger.hpp"
#include "seen.hpp"
#include "world.hpp"

namespace earshot::sim {
namespace {

/// I1: what the feeds showed is stored or set aside, each once.
void check_items(World& world, const House& house) {
  for (const auto& feed : world.feeds) {
    for (const auto& [id, item] : feed->truth()) {
      const std::string key = feed->name() + "/" + id;
      const auto stored = house.posts.count(key);
      const auto aside = house.aside.count(key);
      ++world.counts["items"];
      if (stored > 1) world.fail(fmt::format("I1: {} is stored {} times", key, stored));
      if (house.taken_back.contains(key) && item.gone_at == Duration{0})
        world.fail(fmt::format("I1: {} counts as deleted and is there", key));
      if (stored + aside > 0) {
        if (item.late) world.mark("an item came late and was found");
        if (aside > 0) world.mark("an item was set aside");
        continue;
      }
      if (item.gone_at > Duration{0}) continue;  // taken back before anybody read it, perhaps
      if (item.late && house.gaps.contains(feed->name())) continue;  // said to be missing
      world.fail(
          fmt::format("I1: {} ({}, written {} after the start) is neither stored nor set aside",
                      key, item.late ? "late" : "in time", to_text(item.born)));
    }
  }
}

/// A hazard of ours is somebody's matter.
void check_cases_of_items(World& world, const House& house) {
  for (const auto& feed : world.feeds) {
    for (const auto& [id, item] : feed->truth()) {
      const auto found = house.posts.find(feed->name() + "/" + id);
      if (found == house.posts.end() || item.tone != Tone::hazard || !found->second.empty())
        continue;
      if (!item.edited.empty()) continue;
      world.fail(fmt::format("I3: the hazard {} belongs to no case", found->first));
    }
  }
}

/// I4, I5: once at those who know keys; at others once and at most once more for each attempt whose
/// outcome is unknown. What counts as delivered has arrived.
void check_deliveries(World& world, const House& house) {
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> arrived;
  std::map<std::pair<std::string, std::string>, std::uint64_t> by_key;
  for (const Arrival& it : world.arrivals) {
    if (it.key.empty())
      ++arrived[{it.receiver, it.bytes}];
    else
      ++by_key[{it.receiver, it.key}];
  }
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> allowed;
  for (const OutboxRow& row : house.rows) {
    const std::uint64_t bytes = hash64(row.body);
    allowed[{row.receiver, bytes}] += 1U + static_cast<std::uint64_t>(row.possible_repeats);
    const bool push = row.receiver.starts_with("push-");
    const std::uint64_t there =
        push ? by_key[{row.receiver, row.message_id}] : arrived[{row.receiver, bytes}];
    if (row.state == OutboxState::ok && there == 0)
      world.fail(
          fmt::format("P5: row {} ({}) counts as delivered and never arrived", row.id, row.key));
    if (row.possible_repeats > 0) world.mark("an attempt ended without an answer");
  }
  for (const auto& [place, times] : by_key) {
    if (times > 1)
      world.fail(fmt::format("I4: {} took the key {} {} times", place.first, place.second, times));
  }
  for (const auto& [place, times] : arrived) {
    if (times == 0) continue;
    const auto may = allowed.find(place);
    if (may == allowed.end())
      world.fail("I6: something arrived at " + place.first + " that no row of the outbox holds");
    else if (times > may->second)
      world.fail(fmt::format("I5: {} was told the same {} times, {} at most are excused",
                             place.first, times, may->second));
  }
}

/// The life of a case in a line, for whoever looks into a seed.
std::string life_of(const House& house, const std::string& id) {
  std::string out;
  for (const Event& event : house.lives.at(id)) {
    out += fmt::format(" {} {}", to_rfc3339(event.at).substr(11, 12), to_word(event.kind));
    for (const auto& [name, value] : event.data)
      if (name != "case") out += fmt::format(" {}={}", name, value);
    out += ";";
  }
  return out;
}

/// P7: one page for a case, a step, a round, a person and a way.
void check_pages(World& world, const House& house) {
  std::map<std::string, std::set<std::string>> pages;
  for (const OutboxRow& row : house.rows) {
    if (row.lane != Lane::page || row.attempts == 0) continue;
    // page/CASE/VERSION/ROUND/STEP/PERSON/RECEIVER/TARGET
    std::vector<std::string> part;
    for (std::size_t at = 0; at != std::string::npos;) {
      const std::size_t end = row.key.find('/', at);
      part.push_back(row.key.substr(at, end == std::string::npos ? end : end - at));
      at = end == std::string::npos ? end : end + 1;
    }
    if (part.size() < 7) continue;
    if (std::stoi(part[4]) > 2) continue;  // the last resort comes again and again
    pages[part[1] + "/" + part[3] + "/" + part[4] + "/" + part[5] + "/" + part[6]].insert(part[2]);
  }
  for (const auto& [page, versions] : pages) {
    if (versions.size() > 1 && !house.back_again.contains(page.substr(0, page.find('/'))))
      world.fail(fmt::format("P7: the page {} went out {} times:{}", page, versions.size(),
                             life_of(house, page.substr(0, page.find('/')))));
  }
}

/// Liveness: nothing that is due waits.
void check_settled(World& world, const House& house) {
  const Instant now = world.wall();
  for (const OutboxRow& row : house.rows) {
    const bool open = row.state == OutboxState::pending || row.state == OutboxState::uncertain ||
                      row.state == OutboxState::started;
    if (open && row.not_before < now - minutes{2})
      world.fail(fmt::format("liveness: row {} ({}) is {} since {}", row.id, row.key,
                             to_word(row.state), to_rfc3339(row.not_before)));
  }
  for (const TimerRecord& timer : house.timers)
    world.fail(fmt::format("liveness: timer {} was due at {}", timer.id, to_rfc3339(timer.due)));
}

/// "Every page reached somebody or climbed", and an acknowledgement stops the pages.
void check_urgent(World& world, const House& house) {
  for (const Case& it : house.cases) {
    if (it.urgency != Urgency::page) continue;
    ++world.counts["urgent cases"];
    const auto& life = house.lives.at(it.id);
    bool reached = false, tried = false;
    for (const OutboxRow& row : house.rows) {
      if (row.lane != Lane::page || !speaks_of(row, it)) continue;
      tried = true;
      reached = reached || row.state == OutboxState::ok;
    }
    const bool had = std::ranges::any_of(life, [](const Event& event) {
      return event.kind == EventKind::acknowledged || event.kind == EventKind::assigned;
    });
    const auto climbs = std::ranges::count_if(
        life, [](const Event& event) { return event.kind == EventKind::escalated; });
    // In a storm one case stands for all; what is taken waits in no bundle.
    if (!tried && !it.grouped && !had)
      world.fail(fmt::format("I3: nobody was paged for the urgent case {}:{}", it.number,
                             life_of(house, it.id)));
    if (!reached && !had && !it.grouped && !it.ended() && climbs < 2 &&
        world.wall() - it.opened_at > minutes{30})
      world.fail(
          fmt::format("P5: the page of case {} reached nobody and did not climb", it.number));
    if (climbs > 6) world.mark("the last resort was told again");
  }
}

void check_ack_stops(World& world, const House& house) {
  for (const Case& it : house.cases) {
    const auto spans = spans_of_ownership(world, house, it);
    for (const OutboxRow& row : house.rows) {
      if (row.case_id != it.id || row.lane != Lane::page || !row.started_at) continue;
      for (const auto& [from, to] : spans) {
        if (*row.started_at > from + seconds{1} && *row.started_at < to - seconds{1} &&
            !world.clock_jumped)
          world.fail(
              fmt::format("I6: page {} ({}, attempt {}, said {}) began {} after the "
                          "acknowledgement:{}",
                          row.key, to_word(row.state), row.attempts, row.result,
                          to_text(*row.started_at - from), life_of(house, it.id)));
      }
    }
  }
}

Duration excused(const World& world, Instant from, Instant to) {
  Duration sum{0};
  for (const Window& it : world.disturbed) {
    const Instant begin = std::max(it.from, from);
    const Instant end = std::min(it.to, to);
    if (end > begin) sum += end - begin;
  }
  return sum;
}

/// I7: steps are never early, and late only by what the process was away.
void check_steps(World& world, const House& house) {
  if (world.clock_jumped) return;
  constexpr Duration slack = seconds{5};
  for (const Case& it : house.cases) {
    const Event* before = nullptr;
    for (const Event& event : house.lives.at(it.id)) {
      if (event.kind != EventKind::escalated) {
        if (event.kind != EventKind::joined && event.kind != EventKind::words_added &&
            event.kind != EventKind::noted && event.kind != EventKind::told)
          before = nullptr;
        continue;
      }
      if (before != nullptr) {
        const auto next = parse_rfc3339(before->data.at("next_at"));
        const auto number = [](const Event& e, const char* key) {
          return std::stoi(e.data.at(key));
        };
        const auto place = [&](const Event& e) {
          return number(e, "round") * 100 + number(e, "step");
        };
        if (place(event) < place(*before))
          world.fail(fmt::format("I7: case {} stepped back", it.number));
        if (next && event.at < *next - seconds{60})
          world.fail(fmt::format("I7: case {} climbed {} early:{}", it.number,
                                 to_text(*next - event.at), life_of(house, it.id)));
        if (next && event.at > *next + slack + excused(world, *next, event.at) + world.slow_disk)
          world.fail(fmt::format("I7: case {} climbed {} late, at {} (step {} round {})", it.number,
                                 to_text(event.at - *next), to_rfc3339(event.at),
                                 number(event, "step"), number(event, "round")));
      }
      before = &event;
    }
  }
}

/// I10: what was answered "done" stands in the ledger, whatever crashed since.
void check_promises(World& world, const House& house) {
  for (const Promise& it : world.promises) {
    const auto found = house.hashes.find(it.entry);
    if (found == house.hashes.end() || found->second != it.hash)
      world.fail(
          fmt::format("I10: what {1} did to {0} was answered and is lost", it.case_id, it.person));
  }
}

/// I11: the ledger alone gives the case, and its chain holds.
void check_ledger(World& world, const House& house) {
  if (!house.chain.empty()) world.fail("I11: " + house.chain);
  for (const Case& stored : house.cases) {
    const auto first = house.opened.find(stored.id);
    if (first == house.opened.end()) {
      world.fail(fmt::format("I11: case {} was never opened", stored.number));
      continue;
    }
    Case made = first->second;
    const auto& life = house.lives.at(stored.id);
    for (std::size_t i = 1; i < life.size(); ++i) made = fold(std::move(made), life[i]);
    made.version = stored.version;
    made.number = stored.number;
    if (to_json(made) != to_json(stored)) {
      world.fail(fmt::format("I11: case {} is not what its ledger says:\n  {}\n  {}", stored.number,
                             to_json(made), to_json(stored)));
    }
  }
}

}  // namespace

void check_world(World& world) {
  if (!world.running()) return world.fail("liveness: the daemon is not up at the end");
  const House house = read_house(world);
  world.counts["cases"] = house.cases.size();
  world.counts["rows"] = house.rows.size();
  check_items(world, house);
  check_cases_of_items(world, house);
  check_deliveries(world, house);
  check_pages(world, house);
  check_settled(world, house);
  check_told(world, house);
  check_urgent(world, house);
  check_ack_stops(world, house);
  check_steps(world, house);
  check_promises(world, house);
  check_ledger(world, house);
  see_situations(world, house);
  if (const std::string found = world.store().integrity_check(); found != "ok")
    world.fail("I13: " + found);
  for (const AuditReport::Item& it : world.daemon().findings().items) {
    if (it.grave) world.fail(fmt::format("I14: the auditor says {}: {}", it.kind, it.text));
  }
}

}  // namespace earshot::sim
