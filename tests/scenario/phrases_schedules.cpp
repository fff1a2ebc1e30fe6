// Who is on call.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "story.hpp"

namespace earshot::scenario {

void add_schedules(Phrases& phrases) {
  phrases.add(R"(then (.+) (?:is|are) on call for ([\w-]+))", [](World& w, const Words& it) {
    const auto schedule = w.rules->schedules.find(it[2]);
    if (schedule == w.rules->schedules.end()) throw Untrue("no schedule: " + it[2]);
    std::vector<std::string> expected = names_of(it[1]);
    if (it[1] == "nobody") expected.clear();
    std::vector<std::string> found = people_on_call(*schedule->second, w.clock.now());
    std::ranges::sort(expected);
    std::ranges::sort(found);
    if (expected != found)
      throw Untrue(
          fmt::format("at {} there is [{}]", shown(w, w.clock.now()), fmt::join(found, ", ")));
  });
}

}  // namespace earshot::scenario
