// Storms and floods: many customers, one cause; one author who does not stop.
#include <fmt/format.h>

#include <array>

#include "../../src/app/storms.hpp"
#include "story.hpp"

namespace earshot::scenario {
namespace {

/// Own words each: nothing that would be taken for a copy.
constexpr std::array kOutage{
    "@Brightwave your app has been down since this morning and nothing works any more, I am angry",
    "The Brightwave app is down again, I cannot log in, this is unacceptable",
    "@Brightwave another outage, the whole app is down again and I am fed up, what a disgrace",
    "I cannot switch on my lamp, your servers are down again @Brightwave, terrible service",
    "@Brightwave the server is down again, all I get is errors and your support ignores me",
    "Brightwave's servers are down again and your support does not answer, so disappointed",
    "@Brightwave the app does not load, it is down for everyone here, I am fed up, very bad",
    "My Brightwave lamps are useless because the app is down again, I want my money back",
    "@Brightwave I cannot use my lamps, your server is down for days and nobody cares",
    "The Brightwave website is down for three hours now, I am so disappointed and angry",
    "@Brightwave your system is down again, I have been waiting for hours and I am really angry",
    "The Brightwave service is offline for us since noon and the hotline is a joke"};

void say(World& world, const std::string& author, const std::string& text) {
  Post it;
  it.id = fmt::format("p{}", world.dice.bits());
  it.author.id = it.author.handle = author;
  it.text = text;
  it.created_at = world.clock.now();
  world.post("social", std::move(it));
}

/// `how many` posts over a time, each by `text(i)` of `author(i)`.
template <class Author, class Text>
void spread(World& world, std::size_t n, Duration span, Author author, Text text) {
  for (std::size_t i = 0; i < n; ++i) {
    world.pass(span / static_cast<std::int64_t>(n));
    say(world, author(i), text(i));
  }
}

std::vector<Storm> storms_of(World& world) {
  std::vector<Storm> out;
  world.read([&](StoreReader& reader) {
    RecordQuery query;
    query.kind = kStorm;
    for (const Record& it : reader.records(query)) out.push_back(*storm_from_json(it.body));
  });
  return out;
}

Storm newest_storm(World& world) {
  const auto all = storms_of(world);
  if (all.empty()) throw Untrue("there is no storm");
  return all.back();
}

std::size_t customers_so_far(World& world) {
  return world.all_cases().size();
}

void add_crowds(Phrases& phrases) {
  phrases.add(R"(earshot has counted for (\w+))", [](World& w, const Words& it) {
    w.write([&](StoreWriter& writer) {
      writer.put_meta("storms_since", to_rfc3339(w.clock.now() - span_of(it[1])));
    });
  });
  phrases.add(R"((\d+) customers tell of an outage within (\w+))", [](World& w, const Words& it) {
    const std::size_t n = std::stoul(it[1]);
    const std::size_t known = customers_so_far(w);
    if (known + n > kOutage.size()) throw Untrue("there are words for twelve customers");
    spread(
        w, n, span_of(it[2]), [&](std::size_t i) { return fmt::format("customer{}", known + i); },
        [&](std::size_t i) { return kOutage[known + i]; });
  });
  phrases.add(R"((\d+) people spread the words within (\w+): (.+))", [](World& w, const Words& it) {
    spread(
        w, std::stoul(it[1]), span_of(it[2]), [](std::size_t i) { return fmt::format("fan{}", i); },
        [&](std::size_t) { return it[3]; });
  });
  phrases.add(R"((\w+) writes (\d+) different posts within (\w+))", [](World& w, const Words& it) {
    spread(
        w, std::stoul(it[2]), span_of(it[3]), [&](std::size_t) { return it[1]; },
        [](std::size_t i) {
          return fmt::format("{} ({})", kOutage[i % kOutage.size()], i * 7919);
        });
  });
}

void add_storm_claims(Phrases& phrases) {
  phrases.add("then there is no storm", [](World& w, const Words&) {
    if (const auto all = storms_of(w); !all.empty())
      throw Untrue(fmt::format("there is: {} {}", all.back().name, all.back().why));
  });
  phrases.add(R"(then there (?:is|are) (a|\d+) storms?)", [](World& w, const Words& it) {
    const std::size_t want = it[1] == "a" ? 1 : std::stoul(it[1]);
    if (const auto all = storms_of(w); all.size() != want)
      throw Untrue(fmt::format("there are {}", all.size()));
  });
  phrases.add(R"(then the storm counts (\d+) customers)", [](World& w, const Words& it) {
    if (const Storm storm = newest_storm(w); storm.count != std::stoull(it[1]))
      throw Untrue(fmt::format("it counts {}", storm.count));
  });
  phrases.add("then the storm is over", [](World& w, const Words&) {
    if (!newest_storm(w).ended_at) throw Untrue("it lasts");
  });
  phrases.add("then the storm lasts", [](World& w, const Words&) {
    if (newest_storm(w).ended_at) throw Untrue("it is over");
  });
  phrases.add(R"(then (case \d+) stands for the storm)", [](World& w, const Words& it) {
    const Storm storm = newest_storm(w);
    if (storm.lead == w.find_case(number_of(it[1])).id) return;
    for (const Case& other : w.all_cases()) {
      if (other.id == storm.lead) throw Untrue(fmt::format("case {} does", other.number));
    }
    throw Untrue("no case does");
  });
  phrases.add(R"(then (case \d+) is (not )?grouped away)", [](World& w, const Words& it) {
    if (w.find_case(number_of(it[1])).grouped != it[2].empty()) throw Untrue("it is otherwise");
  });
  phrases.add(R"(then (\d+) cases are grouped)", [](World& w, const Words& it) {
    std::size_t n = 0;
    for (const Case& one : w.all_cases()) n += one.grouped ? 1U : 0U;
    if (n != std::stoul(it[1])) throw Untrue(fmt::format("{} are", n));
  });
  phrases.add("then every post is in a case", [](World& w, const Words&) {
    std::uint64_t in_cases = 0;
    for (const Case& one : w.all_cases()) in_cases += one.posts;
    std::uint64_t stored = 0;
    w.read([&](StoreReader& reader) { stored = reader.posts_after(0, 100'000).size(); });
    if (in_cases != stored) throw Untrue(fmt::format("{} of {} are", in_cases, stored));
  });
}

}  // namespace

void add_storms(Phrases& phrases) {
  add_crowds(phrases);
  add_storm_claims(phrases);
}

}  // namespace earshot::scenario
