#include "story.hpp"

#include <fmt/format.h>

#include <fstream>

namespace earshot::scenario {
namespace {

/// A story while it is told.
struct Telling {
  std::string config;  ///< YAML of the blocks so far
  std::unique_ptr<World> world;

  void open(const std::string& when) {
    static const std::regex kWhen{R"((\S+)(?: (\S+/\S+|UTC))?)"};
    std::smatch found;
    if (!std::regex_match(when, found, kWhen))
      throw Untrue("a story begins with a date and a time");
    const auto local = parse_civil(found[1].str());
    if (!local) throw Untrue("no date and time: " + found[1].str());
    const std::string zone = found[2].matched ? found[2].str() : "Europe/Berlin";
    if (!known_zone(zone)) throw Untrue("no zone: " + zone);
    world = std::make_unique<World>(rules_of(config), to_instant(*local, zone));
    world->zone = zone;
  }

  void say(const std::string& sentence) {
    static const std::regex kAt{
        R"(at (\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?: (?:[A-Z]\w+/[\w/+-]+|UTC))?|\d\d:\d\d(?::\d\d)?)(?:,? (.+))?)"};
    static const std::regex kAfter{R"(after (\d\w+)(?:,? (.+))?)"};
    std::smatch found;
    std::string rest = sentence;
    if (std::regex_match(sentence, found, kAt)) {
      if (!world) {
        open(found[1]);
      } else {
        const Instant at = time_of(*world, found[1]);
        if (at < world->clock.now())
          throw Untrue("that is past: it is " + shown(*world, world->clock.now()));
        world->pass(at - world->clock.now());
      }
      rest = found[2];
    } else if (std::regex_match(sentence, found, kAfter)) {
      if (!world) throw Untrue("a story begins with \"at DATE ZONE\"");
      world->pass(span_of(found[1]));
      rest = found[2];
    }
    if (rest.empty()) return;
    if (!world) throw Untrue("a story begins with \"at DATE ZONE\"");
    all_phrases().say(*world, rest);
  }

  void configure(const std::string& yaml) {
    config += yaml;
    if (world) world->use(rules_of(config));
    if (world) world->settle();
  }
};

std::string trimmed(std::string text) {
  const std::size_t end = text.find_last_not_of(" \t\r");
  return end == std::string::npos ? "" : text.substr(0, end + 1);
}

}  // namespace

void Phrases::add(const std::string& pattern, Deed deed) {
  phrases_.emplace_back(std::regex{pattern}, std::move(deed));
}

void Phrases::say(World& world, const std::string& sentence) const {
  for (const auto& [pattern, deed] : phrases_) {
    std::smatch found;
    if (!std::regex_match(sentence, found, pattern)) continue;
    Words words(found.begin(), found.end());
    return deed(world, words);
  }
  throw Untrue("nobody understands: " + sentence);
}

const Phrases& all_phrases() {
  static const Phrases kAll = [] {
    Phrases out;
    add_events(out);
    add_claims(out);
    add_quiet(out);
    add_schedules(out);
    add_storms(out);
    add_desk(out);
    add_follow(out);
    return out;
  }();
  return kAll;
}

std::optional<Broken> tell(const std::string& path) {
  std::ifstream file{path};
  if (!file) return Broken{0, "cannot be read"};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(trimmed(line));
  Telling telling;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int number = static_cast<int>(i) + 1;
    if (lines[i].empty() || lines[i][0] == '#') continue;
    try {
      if (lines[i] != "config") {
        telling.say(lines[i]);
        continue;
      }
      std::string yaml;
      while (i + 1 < lines.size() && (lines[i + 1].empty() || lines[i + 1].starts_with("  "))) {
        ++i;
        yaml += lines[i].empty() ? "\n" : lines[i].substr(2) + "\n";
      }
      telling.configure(yaml);
    } catch (const std::exception& why) {
      return Broken{number, why.what()};
    }
  }
  if (!telling.world) return Broken{0, "nothing happens in this story"};
  return std::nullopt;
}

Duration span_of(const std::string& text) {
  const auto span = parse_duration(text);
  if (!span) throw Untrue("no span of time: " + text);
  return *span;
}

Instant time_of(World& world, const std::string& text) {
  const std::size_t blank = text.find(' ');
  if (const auto local = parse_civil(text.substr(0, blank))) {
    if (blank != std::string::npos) world.zone = text.substr(blank + 1);
    if (!known_zone(world.zone)) throw Untrue("no zone: " + world.zone);
    return to_instant(*local, world.zone);
  }
  const auto clock = parse_time_of_day(text.substr(0, 5));
  if (!clock) throw Untrue("no time: " + text);
  const seconds tail{text.size() > 6 ? std::stoi(text.substr(6)) : 0};
  auto day = std::chrono::floor<std::chrono::days>(to_civil(world.clock.now(), world.zone));
  for (;; day += std::chrono::days{1}) {
    const Instant at = to_instant(day + seconds{*clock} + tail, world.zone);
    if (at >= world.clock.now()) return at;
  }
}

std::string shown(const World& world, Instant at) {
  const CivilTime local = to_civil(at, world.zone);
  return to_rfc3339(Instant{local.time_since_epoch()}).substr(0, 19) + " " + world.zone;
}

std::vector<std::string> names_of(const std::string& text) {
  static const std::regex kBetween{R"(, and |, | and )"};
  return {std::sregex_token_iterator{text.begin(), text.end(), kBetween, -1}, {}};
}

std::int64_t number_of(const std::string& text) {
  const std::size_t digit = text.find_first_of("0123456789");
  return digit == std::string::npos ? 0 : std::stoll(text.substr(digit));
}

}  // namespace earshot::scenario
