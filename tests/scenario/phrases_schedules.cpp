// Who is on call, and what people change about it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "story.hpp"

namespace earshot::scenario {
namespace {

const Schedule& named(World& w, const std::string& name) {
  const auto schedule = w.rules->schedules.find(name);
  if (schedule == w.rules->schedules.end()) throw Untrue("no schedule: " + name);
  return *schedule->second;
}

/// "for 3h", or "from 2026-12-24T09:00 to 2026-12-27T09:00", as arguments.
void add_span(World& w, Arguments& args, const std::string& text) {
  static const std::regex kFor{R"(for (\w+))"};
  static const std::regex kFrom{R"(from (\S+) to (\S+))"};
  std::smatch found;
  if (std::regex_match(text, found, kFor)) {
    args["to"] = to_rfc3339(w.guard.now() + span_of(found[1]));
  } else if (std::regex_match(text, found, kFrom)) {
    args["from"] = to_rfc3339(time_of(w, found[1]));
    args["to"] = to_rfc3339(time_of(w, found[2]));
  } else {
    throw Untrue("no span: " + text);
  }
}

std::string ids(const std::string& text) {
  return fmt::format("{}", fmt::join(names_of(text), ","));
}

void may_not(World& w, const RotaCommand& command, const std::string& why) {
  try {
    w.change(command);
  } catch (const Untrue& refused) {
    if (std::string_view{refused.what()}.find(why) == std::string_view::npos) throw;
    return;
  }
  throw Untrue("it was allowed");
}

/// A phrase that carries a command out, and its twin "… is refused because \"WHY\"".
void add_command(Phrases& phrases, const std::string& pattern,
                 std::function<RotaCommand(World&, const Words&)> make) {
  phrases.add(pattern, [make](World& w, const Words& it) { w.change(make(w, it)); });
  phrases.add(pattern + R"~( is refused because "(.+)")~",
              [make](World& w, const Words& it) { may_not(w, make(w, it), it.back()); });
}

constexpr const char* kSpan = R"((for \w+|from \S+ to \S+))";

void add_changes(Phrases& phrases) {
  add_command(
      phrases,
      fmt::format(R"((\w+) overrides ([\w-]+) {}(?: adding ([\w, ]+?))?(?: removing ([\w, ]+?))?)",
                  kSpan),
      [](World& w, const Words& it) {
        RotaCommand out{"override_add", it[1], false, {}};
        out.args = {{"schedule", it[2]}, {"add", ids(it[4])}, {"remove", ids(it[5])}};
        add_span(w, out.args, it[3]);
        return out;
      });
  add_command(phrases, fmt::format(R"((\w+) is away {}(?:, (\w+) stands in)?)", kSpan),
              [](World& w, const Words& it) {
                RotaCommand out{"absence_add", it[1], false, {}};
                out.args = {{"person", it[1]}, {"substitute", it[3]}};
                add_span(w, out.args, it[2]);
                return out;
              });
  add_command(phrases, fmt::format(R"((\w+) asks (\w+) to take ([\w-]+) {})", kSpan),
              [](World& w, const Words& it) {
                RotaCommand out{"swap_ask", it[1], false, {}};
                out.args = {{"schedule", it[3]}, {"with", it[2]}};
                add_span(w, out.args, it[4]);
                return out;
              });
  add_command(phrases, R"((\w+) (accept|decline|withdraw)s the swap)",
              [](World& w, const Words& it) {
                return RotaCommand{"swap_" + it[2], it[1], false, {{"id", w.rota_id}}};
              });
  add_command(phrases, R"((\w+) takes the (override|absence) back)", [](World& w, const Words& it) {
    return RotaCommand{it[2] + "_end", it[1], false, {{"id", w.rota_id}}};
  });
}

/// Asks for a code, reads it where it was sent, and gives it back.
void prove(World& w, const std::string& person, const std::string& n) {
  w.change({"contact_code", person, false, {{"n", n}}});
  static const std::regex kCode{R"(code: (\d{6}))"};
  for (auto it = w.told.rbegin(); it != w.told.rend(); ++it) {
    std::smatch found;
    if (it->row.person != person || !std::regex_search(it->row.body, found, kCode)) continue;
    it->claimed = true;
    w.change({"contact_prove", person, false, {{"n", n}, {"code", found[1]}}});
    return;
  }
  throw Untrue("no code was sent");
}

}  // namespace

void add_schedules(Phrases& phrases) {
  phrases.add(R"(then (.+) (?:is|are) on call for ([\w-]+))", [](World& w, const Words& it) {
    std::vector<std::string> expected = names_of(it[1]);
    if (it[1] == "nobody") expected.clear();
    std::vector<std::string> found =
        people_on_call(merged(named(w, it[2]), w.live()), w.guard.now());
    std::ranges::sort(expected);
    std::ranges::sort(found);
    if (expected != found)
      throw Untrue(
          fmt::format("at {} there is [{}]", shown(w, w.guard.now()), fmt::join(found, ", ")));
  });
  add_changes(phrases);
  phrases.add(R"((\w+) proves their contact (\d))",
              [](World& w, const Words& it) { prove(w, it[1], it[2]); });
}

}  // namespace earshot::scenario
