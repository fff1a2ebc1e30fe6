#include <fmt/format.h>

#include <chrono>

#include "command.hpp"
#include "configured.hpp"
#include "earshot/core/nearest.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/oncall/schedule.hpp"
#include "earshot/store/sqlite.hpp"
#include "earshot/web/live.hpp"

namespace earshot::cli {
namespace {

constexpr Duration kLongestWindow = hours{24 * 366 * 100};

Instant read_instant(const Args& args, std::string_view option) {
  const std::string text = args.need(option);
  if (text == "now") return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const auto at = parse_rfc3339(text);
  if (!at) {
    throw UsageError(fmt::format("--{} \"{}\" is no RFC 3339 time such as 2026-11-23T17:25:00Z",
                                 option, printable(text)));
  }
  return *at;
}

const Schedule& pick_schedule(const Config& config, const Args& args) {
  if (!args.has("schedule") && config.schedules.size() == 1) return config.schedules.front();
  const std::string wanted = args.need("schedule");
  std::vector<std::string> names;
  for (const Schedule& schedule : config.schedules) {
    if (schedule.name == wanted) return schedule;
    names.push_back(schedule.name);
  }
  const std::string hint = nearest(wanted, names);
  throw Failure(
      kNo, fmt::format("no schedule is named \"{}\"{}", printable(wanted),
                       hint.empty() ? "" : fmt::format(", did you mean \"{}\"?", printable(hint))));
}

void print_shift(std::optional<Instant> start, std::optional<Instant> end,
                 const std::vector<std::string>& people) {
  JsonWriter out;
  out.object();
  out.field("start", start);
  out.field("end", end);
  out.field("people", people);
  out.end();
  print_line(out.take());
}

}  // namespace

std::string_view help_oncall() {
  return "usage: earshot oncall --config C --schedule S --at T | --from A --to B\n"
         "Prints who is on call as {\"start\",\"end\",\"people\"}, a shift a line, people [] where "
         "nobody is.\n"
         "  --at T           the whole shift that contains T; start or end is null where nobody "
         "changes for 20 years\n"
         "  --from A --to B  the shifts from A until before B, clipped\n"
         "Times are RFC 3339 (2026-11-23T17:25:00Z, any offset) or \"now\".\n"
         "--store FILE adds the overrides and absences of a daemon's database.\n"
         "--schedule may be left out where there is one only.\n";
}

int run_oncall(std::span<const std::string> words) {
  const Args args{words, {"config=", "store=", "schedule=", "at=", "from=", "to=", "json"}};
  if (!args.rest().empty())
    throw UsageError(fmt::format("\"{}\" is too much", printable(args.rest().front())));
  if (args.has("at") == (args.has("from") || args.has("to")))
    throw UsageError("give either --at, or --from and --to");
  const bool one = args.has("at");
  const Instant from = read_instant(args, one ? "at" : "from");
  const Instant to = one ? from : read_instant(args, "to");
  if (!one && to <= from) throw UsageError("--to must be after --from");
  if (to - from > kLongestWindow) throw UsageError("the window is longer than 100 years");

  const Config config = load_for_question({args.need("config")});
  LiveRota live;
  if (const auto store = args.value("store"))
    read_sqlite(*store, [&](StoreReader& reader) { live = read_live(reader); });
  const Schedule schedule = merged(pick_schedule(config, args), live);
  if (one) {
    const WholeShift shift = shift_at(schedule, from);
    print_shift(shift.start, shift.end, shift.people);
    return kOk;
  }
  for (const Shift& shift : shifts(schedule, from, to))
    print_shift(shift.start, shift.end, shift.people);
  return kOk;
}

}  // namespace earshot::cli
