#pragma once

/// What changes a rota while the daemon runs: overrides, absences, swaps, proved contacts. They are
/// joined with the configured ones by merged(), and from there on the one function of schedule.hpp
/// answers for display and engine alike. Pure; the store keeps them as records.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {

struct LiveOverride {
  std::string id;
  std::string schedule;
  Instant start{};
  Instant end{};
  std::vector<std::string> add;
  std::vector<std::string> remove;
  std::string reason;
  std::string by;
  Instant made_at{};
};
std::string to_json(const LiveOverride& it);
Result<LiveOverride> override_from_json(std::string_view json);

struct LiveAbsence {
  std::string id;
  std::string person;
  Instant start{};
  Instant end{};
  std::string substitute;
  std::string reason;
  std::string by;
};
std::string to_json(const LiveAbsence& it);
Result<LiveAbsence> absence_from_json(std::string_view json);

/// `from` asks `with` to take [start, end) of theirs.
struct Swap {
  std::string id;
  std::string schedule;
  std::string from;
  std::string with;
  Instant start{};
  Instant end{};
  std::string reason;
  std::string state = "asked";  ///< asked accepted declined withdrawn
};
std::string to_json(const Swap& it);
Result<Swap> swap_from_json(std::string_view json);

struct LiveRota {
  std::vector<LiveOverride> overrides;  ///< in the order in which they were made
  std::vector<LiveAbsence> absences;
  std::set<std::string> proved;  ///< "person/way/value" of contacts whose owner has proved them
};

/// The schedule as it is in force. Live absences come before configured ones: who falls ill says so
/// later than who plans a holiday.
Schedule merged(const Schedule& schedule, const LiveRota& live);

/// Why not, for people; `field` is the argument that is wrong.
struct RotaRefusal {
  std::string code;
  std::string text;
  std::string field;
};
using Known = std::function<bool(std::string_view)>;

std::optional<RotaRefusal> check(const LiveOverride& it, const Known& person, Instant now);
std::optional<RotaRefusal> check(const LiveAbsence& it, const Schedule& any, const LiveRota& live,
                                 const Known& person, Instant now);
std::optional<RotaRefusal> check(const Swap& it, const Schedule& schedule, const LiveRota& live,
                                 const Known& person, Instant now);
/// What an accepted swap becomes: for each part of its time in which `from` is on by rotation, the
/// other takes their place. Ids are made of the swap's.
std::vector<LiveOverride> overrides_of(const Swap& it, const Schedule& schedule,
                                       const LiveRota& live, Instant now);
/// An override that is taken back: what has been stays as it was (P10). nullopt: nothing of it has
/// been, it goes.
std::optional<LiveOverride> cut_at(LiveOverride it, Instant now);
std::optional<LiveAbsence> cut_at(LiveAbsence it, Instant now);

}  // namespace earshot
