// "then …": what must be so. Each delivery is spoken of once: a page that no sentence expected
// fails the next "nobody is paged".
#include <fmt/format.h>

#include <algorithm>

#include "story.hpp"

namespace earshot::scenario {
namespace {

bool is_for(const Told& it, const std::string& name) {
  return it.row.person == name || (it.row.person.empty() && it.row.receiver == name);
}

/// "sms" means the receiver of that name or any "sms-…".
bool is_by(const Told& it, const std::string& way) {
  return way.empty() || it.row.receiver == way || it.row.receiver.starts_with(way + "-");
}

std::string list(const World& world, bool pages_only) {
  std::string out;
  for (const Told& it : world.told) {
    if (it.claimed || (pages_only && it.row.lane != Lane::page)) continue;
    out += fmt::format("\n    {} {} to {}{} by {}", shown(world, it.at),
                       it.row.lane == Lane::page ? "page" : "notice", it.row.person,
                       it.row.person.empty() ? "nobody" : "", it.row.receiver);
  }
  return out.empty() ? " nothing" : out;
}

struct Expected {
  bool page = true;
  std::string name, way, at, words;
};

/// Claims the oldest delivery of which all this is true.
void claim(World& world, const Expected& said) {
  std::string why;
  for (Told& it : world.told) {
    const bool page = it.row.lane == Lane::page && !it.row.person.empty();
    if (it.claimed || !is_for(it, said.name) || !is_by(it, said.way)) continue;
    if (said.page ? it.row.lane != Lane::page : page) continue;
    if (it.row.body.find(said.words) == std::string::npos) {
      why += "\n    It says: " + it.row.body;
      continue;
    }
    if (!said.at.empty() && !shown(world, it.at).substr(11, 8).starts_with(said.at))
      throw Untrue("that was at " + shown(world, it.at));
    it.claimed = true;
    return;
  }
  throw Untrue(fmt::format("{} was not told so. Not yet spoken of:{}{}", said.name,
                           list(world, false), why));
}

void nothing(World& world, const std::string& name, bool pages_only) {
  for (const Told& it : world.told) {
    if (it.claimed || (pages_only && it.row.lane != Lane::page)) continue;
    if (pages_only && name.empty() && it.row.person.empty()) continue;  // a room, nobody's phone
    if (!name.empty() && !is_for(it, name)) continue;
    throw Untrue("not so:" + list(world, pages_only));
  }
}

void add_deliveries(Phrases& phrases) {
  phrases.add("then nobody(?: else)? is paged",
              [](World& w, const Words&) { nothing(w, "", true); });
  phrases.add("then nothing(?: else)? is sent",
              [](World& w, const Words&) { nothing(w, "", false); });
  phrases.add(R"(then ([\w-]+) is (paged|told)(?: by ([\w-]+))?(?: at (\d\d:\d\d(?::\d\d)?))?)"
              R"~((?: saying "(.*)")?)~",
              [](World& w, const Words& it) {
                claim(w, {it[2] == "paged", it[1], it[3], it[4], it[5]});
              });
  phrases.add(R"(then ([\w-]+) is not paged)",
              [](World& w, const Words& it) { nothing(w, it[1], true); });
  phrases.add(R"(then ([\w-]+) is not told)",
              [](World& w, const Words& it) { nothing(w, it[1], false); });
  // Begins the account anew.
  phrases.add("whatever was sent so far", [](World& w, const Words&) {
    for (Told& it : w.told) it.claimed = true;
  });
}

std::size_t entries(World& world, const std::string& kind, const std::string& who,
                    const std::string& words) {
  std::size_t n = 0;
  world.read([&](StoreReader& reader) {
    LedgerQuery query;
    query.kind = kind;
    query.who = who;
    query.limit = 10'000;
    for (const LedgerEntry& it : reader.ledger(query))
      n += it.data.find(words) != std::string::npos ? 1U : 0U;
  });
  return n;
}

}  // namespace

void add_claims(Phrases& phrases) {
  add_deliveries(phrases);
  phrases.add(R"(then there (?:is|are) (no|\d+) cases?)", [](World& w, const Words& it) {
    const std::size_t n = w.all_cases().size();
    if (n != static_cast<std::size_t>(number_of(it[1])))
      throw Untrue(fmt::format("there are {} cases", n));
  });
  phrases.add(R"(then (the case|case \d+) is (?:a |in the )?(\w+))", [](World& w, const Words& it) {
    const Case found = w.find_case(number_of(it[1]));
    if (to_word(found.state) != it[2] && to_word(found.urgency) != it[2])
      throw Untrue(fmt::format("it is {}, {}", to_word(found.state), to_word(found.urgency)));
  });
  phrases.add(R"(then (\w+) owns (the case|case \d+))", [](World& w, const Words& it) {
    const std::string owner = w.find_case(number_of(it[2])).owner;
    if (owner != (it[1] == "nobody" ? "" : it[1]))
      throw Untrue(owner.empty() ? "nobody owns it" : owner + " owns it");
  });
  phrases.add(R"~(then the ledger says (\w+)(?: by (\w+))?(?: with "(.*)")?(?: (\d+) times?)?)~",
              [](World& w, const Words& it) {
                const std::size_t n = entries(w, it[1], it[2], it[3]);
                const bool right =
                    it[4].empty() ? n > 0 : n == static_cast<std::size_t>(std::stoul(it[4]));
                if (!right) throw Untrue(fmt::format("it says so {} times", n));
              });
  phrases.add(R"~(then the ledger does not say (\w+)(?: with "(.*)")?)~",
              [](World& w, const Words& it) {
                if (const std::size_t n = entries(w, it[1], "", it[2]); n > 0)
                  throw Untrue(fmt::format("it says so {} times", n));
              });
}

}  // namespace earshot::scenario
