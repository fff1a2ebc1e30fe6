#include "earshot/oncall/schedule.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "zone.hpp"

namespace earshot {
namespace {

using std::chrono::days;

struct Span {
  Instant start;
  Instant end;
};

/// One person of a layer (or all of them) for a while.
struct Stint {
  Instant start;
  Instant end;
  std::size_t person;
};
constexpr std::size_t kEverybody = SIZE_MAX;

/// A turn in local time. Weeks and days are whole in local time too, so one addition serves every
/// kind of rotation.
seconds period_of(const Layer& layer) {
  const std::int64_t n = std::max(layer.every, 1);
  switch (layer.rotate) {
    case Rotate::hourly:
      return hours{n};
    case Rotate::daily:
      return days{n};
    case Rotate::weekly:
      return days{7 * n};
    case Rotate::custom:
      return std::max<seconds>(std::chrono::floor<seconds>(layer.period), minutes{1});
    case Rotate::none:
      break;
  }
  return days{1};
}

/// The turns of a layer that touch [from, to), without regard to its windows. In order, none empty,
/// none overlapping.
std::vector<Stint> turns(const Layer& layer, const Zone& zone, Instant from, Instant to) {
  std::vector<Stint> out;
  if (layer.people.empty()) return out;
  const Instant begins = layer.start ? zone.instant(*layer.start) : from;
  if (layer.rotate == Rotate::none || !layer.start || layer.people.size() == 1) {
    const std::size_t who =
        layer.people.size() == 1 || layer.rotate == Rotate::none ? kEverybody : 0;
    if (begins < to) out.push_back({std::max(begins, from), to, who});
    return out;
  }
  const seconds period = period_of(layer);
  const auto handoff = [&](std::int64_t turn) {
    return zone.instant(*layer.start + turn * period);
  };
  // The wall clock may have been set back by up to a day, so begin one turn and a day earlier; what
  // is too early is skipped.
  const seconds passed = zone.civil(from) - days{1} - *layer.start;
  std::int64_t turn = std::max<std::int64_t>(passed / period - 1, 0);
  for (Instant start = handoff(turn); start < to; ++turn) {
    const Instant end = handoff(turn + 1);
    // Empty where the clock skipped the whole turn.
    if (end > from && end > start)
      out.push_back({start, end, static_cast<std::size_t>(turn) % layer.people.size()});
    start = end;
  }
  return out;
}

bool covers(const DutyWindow& window, std::chrono::weekday day) {
  return window.days.empty() ||
         std::find(window.days.begin(), window.days.end(), day) != window.days.end();
}

/// When the windows of a layer are open within [from, to): in order, joined where they touch.
std::vector<Span> open_times(const Layer& layer, const Zone& zone, Instant from, Instant to) {
  std::vector<Span> found;
  // A window of the day before may last into the first day; a day more on both sides for clocks
  // that were set across midnight.
  const auto last = std::chrono::floor<days>(zone.civil(to)) + days{1};
  for (auto day = std::chrono::floor<days>(zone.civil(from)) - days{2}; day <= last;
       day += days{1}) {
    for (const DutyWindow& window : layer.during) {
      if (!covers(window, std::chrono::weekday{day})) continue;
      const days until = window.to > window.from ? days{0} : days{1};
      const Span span{zone.instant(day + seconds{window.from}),
                      zone.instant(day + until + seconds{window.to})};
      if (span.start < span.end && span.end > from && span.start < to) found.push_back(span);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Span& a, const Span& b) { return a.start < b.start; });
  std::vector<Span> out;
  for (const Span& span : found) {
    if (!out.empty() && span.start <= out.back().end) {
      out.back().end = std::max(out.back().end, span.end);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

std::vector<Stint> stints(const Layer& layer, const Zone& zone, Instant from, Instant to) {
  std::vector<Stint> all = turns(layer, zone, from, to);
  if (layer.during.empty()) return all;
  const std::vector<Span> open = open_times(layer, zone, from, to);
  std::vector<Stint> out;
  for (std::size_t t = 0, w = 0; t < all.size() && w < open.size();) {
    const Stint both{std::max(all[t].start, open[w].start), std::min(all[t].end, open[w].end),
                     all[t].person};
    if (both.start < both.end) out.push_back(both);
    if (all[t].end < open[w].end) {
      ++t;
    } else {
      ++w;
    }
  }
  return out;
}

void add_once(std::vector<std::string>& people, const std::string& person) {
  if (std::find(people.begin(), people.end(), person) == people.end()) people.push_back(person);
}

bool same_people(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
}

/// A schedule laid out over a window: what begins and ends in it, and who is on at an instant that
/// only moves forward.
class Sweep {
 public:
  Sweep(const Schedule& schedule, Instant from, Instant to)
      : schedule_(schedule), from_(from), to_(to) {
    const Zone zone{schedule.zone};
    edges_.push_back(from);
    for (const Layer& layer : schedule.layers) {
      tracks_.push_back({stints(layer, zone, from, to), 0});
      for (const Stint& stint : tracks_.back().stints) edge(stint.start), edge(stint.end);
    }
    for (const ScheduleOverride& change : schedule.overrides) {
      changes_.push_back({zone.instant(change.start), zone.instant(change.end)});
      edge(changes_.back().start);
      edge(changes_.back().end);
    }
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  }

  const std::vector<Instant>& edges() const { return edges_; }

  std::vector<std::string> people_at(Instant at) {
    std::vector<std::string> people;
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      const Layer& layer = schedule_.layers[i];
      Track& track = tracks_[i];
      while (track.next < track.stints.size() && track.stints[track.next].end <= at) ++track.next;
      if (track.next == track.stints.size() || track.stints[track.next].start > at) continue;
      if (layer.replace) people.clear();
      const std::size_t who = track.stints[track.next].person;
      if (who != kEverybody) {
        add_once(people, layer.people[who]);
      } else {
        for (const std::string& person : layer.people) add_once(people, person);
      }
    }
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      if (at < changes_[i].start || at >= changes_[i].end) continue;
      const ScheduleOverride& change = schedule_.overrides[i];
      for (const std::string& person : change.remove) std::erase(people, person);
      for (const std::string& person : change.add) add_once(people, person);
    }
    return people;
  }

 private:
  struct Track {
    std::vector<Stint> stints;
    std::size_t next;
  };

  void edge(Instant at) {
    if (at > from_ && at < to_) edges_.push_back(at);
  }

  const Schedule& schedule_;
  Instant from_;
  Instant to_;
  std::vector<Track> tracks_;
  std::vector<Span> changes_;
  std::vector<Instant> edges_;
};

/// How far to look for the next change, in steps that keep the usual case cheap.
constexpr std::array<Duration, 5> kReaches{days{2}, days{16}, days{128}, days{3 * 366},
                                           kShiftHorizon};

}  // namespace

std::vector<Shift> shifts(const Schedule& schedule, Instant from, Instant to) {
  std::vector<Shift> out;
  if (from >= to) return out;
  Sweep sweep{schedule, from, to};
  for (const Instant edge : sweep.edges()) {
    std::vector<std::string> people = sweep.people_at(edge);
    if (!out.empty()) {
      if (same_people(out.back().people, people)) continue;
      out.back().end = edge;
    }
    out.push_back({edge, to, std::move(people)});
  }
  return out;
}

WholeShift shift_at(const Schedule& schedule, Instant at) {
  WholeShift whole;
  for (const Duration reach : kReaches) {
    const std::vector<Shift> ahead = shifts(schedule, at, at + reach);
    whole.people = ahead.front().people;
    if (ahead.size() == 1) continue;
    whole.end = ahead.front().end;
    break;
  }
  for (const Duration reach : kReaches) {
    const std::vector<Shift> before = shifts(schedule, at - reach, at + Duration{1});
    if (before.size() == 1) continue;
    whole.start = before.back().start;
    whole.people = before.back().people;  // in the order in which the shift began
    break;
  }
  return whole;
}

std::vector<std::string> people_on_call(const Schedule& schedule, Instant at) {
  return shifts(schedule, at, at + Duration{1}).front().people;
}

std::vector<Shift> gaps(const Schedule& schedule, Instant from, Instant to) {
  std::vector<Shift> out = shifts(schedule, from, to);
  std::erase_if(out, [](const Shift& shift) { return !shift.people.empty(); });
  return out;
}

}  // namespace earshot
