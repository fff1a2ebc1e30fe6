#pragma once

/// The language of the stories: each line is one sentence, and each sentence is a pattern with what
/// it does. README.md lists them. Further patterns stand in a file of their own (phrases_*.cpp),
/// one function `void add_…(Phrases&)`, called by all_phrases().

#include <functional>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "world.hpp"

namespace earshot::scenario {

/// Groups of the pattern, from 1 as written; "" where one took no part.
using Words = std::vector<std::string>;
using Deed = std::function<void(World&, const Words&)>;

class Phrases {
 public:
  /// `pattern`: ECMAScript, anchored at both ends.
  void add(const std::string& pattern, Deed deed);
  /// Does what the sentence says. Throws Untrue; also where no pattern fits.
  void say(World& world, const std::string& sentence) const;

 private:
  std::vector<std::pair<std::regex, Deed>> phrases_;
};

void add_events(Phrases& phrases);     // what happens
void add_claims(Phrases& phrases);     // "then …": what must be so
void add_quiet(Phrases& phrases);      // silences
void add_schedules(Phrases& phrases);  // who is on call
void add_storms(Phrases& phrases);     // many customers, one cause
void add_desk(Phrases& phrases);       // the executive's side
void add_follow(Phrases& phrases);     // corrective actions, letters

const Phrases& all_phrases();

/// Tells a story to its end; where it breaks, says at which line and why. Returns nullopt where all
/// was so.
struct Broken {
  int line = 0;
  std::string why;
};
std::optional<Broken> tell(const std::string& path);

// ---- Parts of sentences, for phrases_*.cpp
/// "10m" and the like.
Duration span_of(const std::string& text);
/// "2026-10-25T03:10", "2026-10-25T03:10 Asia/Kathmandu", or "09:30": the next time it is so in the
/// story's zone.
Instant time_of(World& world, const std::string& text);
/// An instant in the story's zone, for messages.
std::string shown(const World& world, Instant at);
/// "jo, kim and ana" -> three.
std::vector<std::string> names_of(const std::string& text);
/// "case 2" or "the case" -> 2 or 0.
std::int64_t number_of(const std::string& text);

}  // namespace earshot::scenario
