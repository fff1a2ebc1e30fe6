#include "earshot/oncall/schedule.hpp"
#include "earshot/core/planted.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "windows.hpp"
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
/// kind of rotation but months.
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
    case Rotate::monthly:  // the longest; only the estimate of turn_before() takes it
      return days{31 * n};
    case Rotate::none:
      break;
  }
  return days{1};
}

/// When a turn begins, on the wall.
CivilTime turn_start(const Layer& layer, std::int64_t turn) {
  if (layer.rotate != Rotate::monthly) return *layer.start + turn * period_of(layer);
  const auto day = std::chrono::floor<days>(*layer.start);
  const std::chrono::year_month_day first{day};
  const auto month =
      first.year() / first.month() + std::chrono::months{turn * std::max(layer.every, 1)};
  const auto last = std::chrono::year_month_day{month / std::chrono::last}.day();
  return std::chrono::local_days{month / std::min(first.day(), last)} + (*layer.start - day);
}

/// A turn that has begun at `local`, at most a few too early; never negative.
std::int64_t turn_before(const Layer& layer, CivilTime local) {
  // The wall clock may have been set back by up to a day, so begin one turn and a day earlier; what
  // is too early is skipped.
  const seconds passed = local - days{1} - *layer.start;
  return std::max<std::int64_t>(passed / period_of(layer) - 1, 0);
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
  const auto handoff = [&](std::int64_t turn) {
    if (planted<16>) return Instant{turn_start(layer, turn).time_since_epoch()};
    return zone.instant(turn_start(layer, turn));
  };
  std::int64_t turn = turn_before(layer, zone.civil(from));
  for (Instant start = handoff(turn); start < to; ++turn) {
    const Instant end = handoff(turn + 1);
    // Empty where the clock skipped the whole turn.
    if (end > from && end > start)
      out.push_back({start, end, static_cast<std::size_t>(turn) % layer.people.size()});
    start = end;
  }
  return out;
}

/// When one person of an imported rota is on: their events, joined where they touch or overlap.
std::vector<Stint> imported(const Layer& layer, std::size_t person, const std::string& own_zone,
                            Instant from, Instant to) {
  std::vector<Stint> found;
  for (const CalendarEvent& event : layer.events) {
    if (event.person != layer.people[person]) continue;
    const Zone zone{event.zone.empty() ? own_zone : event.zone};
    const CivilTime first = zone.civil(from) - event.length - days{2};
    for (const CivilTime start : occurrences(event, first, zone.civil(to) + days{2})) {
      const Stint stint{zone.instant(start), zone.instant(start + event.length), person};
      if (stint.start < stint.end && stint.end > from && stint.start < to) found.push_back(stint);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Stint& a, const Stint& b) { return a.start < b.start; });
  std::vector<Stint> out;
  for (const Stint& stint : found) {
    if (!out.empty() && stint.start <= out.back().end) {
      out.back().end = std::max(out.back().end, stint.end);
    } else {
      out.push_back(stint);
    }
  }
  return out;
}

std::vector<Stint> within(std::vector<Stint> all, const Layer& layer, const Zone& zone,
                          Instant from, Instant to) {
  if (layer.during.empty()) return all;
  const std::vector<OpenSpan> open = open_spans(layer.during, zone, from, to);
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
    for (std::size_t i = 0; i < schedule.layers.size(); ++i) lay_out(i, zone);
    for (const ScheduleOverride& change : schedule.overrides)
      changes_.push_back(span_of(change.start, change.end, change.zone, zone));
    for (const Absence& absence : schedule.absences)
      absences_.push_back(span_of(absence.start, absence.end, absence.zone, zone));
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  }

  const std::vector<Instant>& edges() const { return edges_; }

  std::vector<std::string> people_at(Instant at) {
    std::vector<std::string> people;
    std::size_t cleared = SIZE_MAX;
    for (Track& track : tracks_) {
      const Layer& layer = schedule_.layers[track.layer];
      while (track.next < track.stints.size() && track.stints[track.next].end <= at) ++track.next;
      if (track.next == track.stints.size() || track.stints[track.next].start > at) continue;
      if (layer.replace && cleared != track.layer) people.clear();
      cleared = track.layer;
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
    if (absences_.empty()) return people;
    std::vector<std::string> there;
    for (const std::string& person : people) {
      const std::string who = stand_in(person, at);
      if (!who.empty()) add_once(there, who);
    }
    return there;
  }

 private:
  struct Track {
    std::size_t layer;
    std::vector<Stint> stints;
    std::size_t next;
  };

  void edge(Instant at) {
    if (at > from_ && at < to_) edges_.push_back(at);
  }

  void lay_out(std::size_t index, const Zone& zone) {
    const Layer& layer = schedule_.layers[index];
    const std::size_t tracks = layer.events.empty() ? 1 : layer.people.size();
    for (std::size_t person = 0; person < tracks; ++person) {
      std::vector<Stint> all = layer.events.empty()
                                   ? turns(layer, zone, from_, to_)
                                   : imported(layer, person, schedule_.zone, from_, to_);
      tracks_.push_back({index, within(std::move(all), layer, zone, from_, to_), 0});
      for (const Stint& stint : tracks_.back().stints) edge(stint.start), edge(stint.end);
    }
  }

  Span span_of(CivilTime start, CivilTime end, const std::string& name, const Zone& own) {
    const Zone zone = name.empty() ? own : Zone{name};
    const Span span{zone.instant(start), zone.instant(end)};
    edge(span.start);
    edge(span.end);
    return span;
  }

  /// The absence of a person at an instant; null where they are there.
  const Absence* away(const std::string& person, Instant at) const {
    for (std::size_t i = 0; i < absences_.size(); ++i) {
      if (schedule_.absences[i].person == person && at >= absences_[i].start &&
          at < absences_[i].end)
        return &schedule_.absences[i];
    }
    return nullptr;
  }

  std::string stand_in(const std::string& person, Instant at) const {
    std::string who = person;
    for (std::size_t steps = 0; steps <= absences_.size(); ++steps) {
      const Absence* absence = away(who, at);
      if (absence == nullptr) return who;
      who = absence->substitute;
      if (who.empty()) return {};
    }
    return {};  // a circle: everybody of it is away
  }

  const Schedule& schedule_;
  Instant from_;
  Instant to_;
  std::vector<Track> tracks_;
  std::vector<Span> changes_;
  std::vector<Span> absences_;
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

std::vector<Shift> overlaps(const Schedule& schedule, Instant from, Instant to) {
  std::vector<Shift> out = shifts(schedule, from, to);
  std::erase_if(out, [](const Shift& shift) { return shift.people.size() < 2; });
  return out;
}

std::vector<Shift> gaps(const Schedule& schedule, Instant from, Instant to) {
  std::vector<Shift> out = shifts(schedule, from, to);
  std::erase_if(out, [](const Shift& shift) { return !shift.people.empty(); });
  return out;
}

}  // namespace earshot
