#include <fmt/format.h>

#include <algorithm>

#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

constexpr int kMostTurns = 1000;  // a turn of a thousand weeks is a slip of the pen

void check_windows(const Layer& layer, const std::string& path, std::vector<ScheduleProblem>& out) {
  for (std::size_t i = 0; i < layer.during.size(); ++i) {
    const DutyWindow& window = layer.during[i];
    const std::string where = fmt::format("{}.during[{}]", path, i);
    if (window.from < minutes{0} || window.from >= hours{24}) {
      out.push_back({where + ".from", "a window begins between 00:00 and 23:59"});
    }
    if (window.to < minutes{0} || window.to > hours{24}) {
      out.push_back({where + ".to", "a window ends between 00:00 and 24:00"});
    }
  }
}

void check_layer(const Layer& layer, const std::string& path, std::vector<ScheduleProblem>& out) {
  if (layer.people.empty())
    out.push_back({path + ".people", "a layer without people puts nobody on call"});
  if (layer.rotate != Rotate::none && !layer.start) {
    out.push_back(
        {path + ".start", "a rotation needs the local time at which its first person begins"});
  }
  if (layer.every < 1 || layer.every > kMostTurns) {
    out.push_back(
        {path + ".every",
         fmt::format("hand over every 1 to {} hours, days, weeks or months", kMostTurns)});
  }
  if (layer.rotate == Rotate::custom && layer.period < minutes{1}) {
    out.push_back({path + ".period", "a custom rotation needs the length of a turn, at least 1m"});
  }
  if (layer.rotate != Rotate::custom && layer.period != Duration{}) {
    out.push_back(
        {path + ".period",
         "only a custom rotation has a period; others hand over \"every\" n hours, days, weeks or "
         "months"});
  }
  check_windows(layer, path, out);
}

}  // namespace

std::vector<std::string> substitute_circle(const std::vector<Absence>& all,
                                           const Absence& absence) {
  // A circle that forms later than this absence begins is found from the absence that closes it.
  std::vector<std::string> chain{absence.person};
  std::string who = absence.substitute;
  while (!who.empty()) {
    const bool again = std::find(chain.begin(), chain.end(), who) != chain.end();
    chain.push_back(who);
    if (again) return who == absence.person ? chain : std::vector<std::string>{};
    const auto away = std::find_if(all.begin(), all.end(), [&](const Absence& it) {
      return it.person == who && it.start <= absence.start && absence.start < it.end;
    });
    who = away == all.end() ? std::string{} : away->substitute;
  }
  return {};
}

std::vector<ScheduleProblem> problems_of(const Schedule& schedule) {
  std::vector<ScheduleProblem> out;
  if (!known_zone(schedule.zone)) {
    out.push_back(
        {"zone", fmt::format("no time zone is named \"{}\"; names look like Europe/Berlin",
                             schedule.zone)});
  }
  if (schedule.layers.empty() && schedule.overrides.empty()) {
    out.push_back({"layers", "a schedule without layers puts nobody on call"});
  }
  for (std::size_t i = 0; i < schedule.layers.size(); ++i) {
    check_layer(schedule.layers[i], fmt::format("layers[{}]", i), out);
  }
  for (const Absence& absence : schedule.absences) {
    if (absence.end <= absence.start)
      out.push_back({"absences", fmt::format("{}'s absence ends after it begins", absence.person)});
    if (absence.substitute == absence.person)
      out.push_back({"absences", fmt::format("{} cannot stand in for themselves", absence.person)});
  }
  for (std::size_t i = 0; i < schedule.overrides.size(); ++i) {
    const ScheduleOverride& change = schedule.overrides[i];
    const std::string path = fmt::format("overrides[{}]", i);
    if (change.end <= change.start)
      out.push_back({path + ".end", "an override ends after it begins"});
    if (change.add.empty() && change.remove.empty())
      out.push_back({path, "an override adds or removes somebody"});
  }
  return out;
}

}  // namespace earshot
