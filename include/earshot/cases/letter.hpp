#pragma once

/// Letters: a seeded, stratified sample of what customers wrote, for executives to read and answer
/// themselves. Nobody chooses what the top sees: the seed does, and anybody can draw again. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

/// The kinds of records: a letter, and the pool that a lot was drawn from.
inline constexpr std::string_view kLetter = "letter";
inline constexpr std::string_view kLetterLot = "letter_lot";

/// What became of the words before the draw: no case was made of them, somebody dismissed it, it
/// was solved, it is being worked on.
EARSHOT_ENUM(LetterFate, suppressed, dismissed, solved, open);
EARSHOT_ENUM(LetterPeriod, daily, weekly, monthly);
EARSHOT_ENUM(LetterState, due, late, done, swapped);

struct LetterReader {
  std::string to;  ///< a person, a principal, or schedule:NAME: whoever is on call at the draw
  int count = 2;   ///< in a period
};

/// `letters:` of the configuration.
struct LetterPolicy {
  std::vector<LetterReader> readers;  ///< empty: none are drawn
  LetterPeriod period = LetterPeriod::weekly;
  std::string zone = "UTC";
  Duration due = hours{24 * 3};
  int swaps = 1;  ///< letters of a lot that a reader may give back for another, with a reason
  std::map<LetterFate, double> strata{{LetterFate::suppressed, 0.2},
                                      {LetterFate::dismissed, 0.2},
                                      {LetterFate::solved, 0.3},
                                      {LetterFate::open, 0.3}};  ///< what is empty is shared out
};

/// What may be drawn.
struct LetterCandidate {
  std::string id;  ///< of a case ("c…"), or "post/SEQ"
  LetterFate fate = LetterFate::open;
  std::string channel;          ///< "post", "email", "review"
  std::string band;             ///< of the complaint's score: "low", "middle", "high"
  std::string urgency;          ///< word of Urgency
  std::string stratum() const;  ///< "solved email high queue"
  friend bool operator==(const LetterCandidate&, const LetterCandidate&) = default;
};
/// "low" below 0.4, "high" from 0.8.
std::string score_band(double score);

/// Draws `count` letters without putting back, in the order of the lots: first the fate by the
/// shares of those that are not empty, then channel, score band and urgency with the same chance
/// for each that is there, then the candidate. The order of `pool` does not matter.
std::vector<LetterCandidate> draw_letters(std::vector<LetterCandidate> pool,
                                          const std::map<LetterFate, double>& strata,
                                          std::string_view seed, std::string_view reader,
                                          std::string_view period, std::size_t count);

/// One candidate a line, as JSON: what `earshot letter draw --pool` reads.
std::string to_json_line(const LetterCandidate& candidate);
Result<LetterCandidate> candidate_from_json(std::string_view line);

/// "2026-W48", "2026-11", "2026-11-26": the period that an instant is in, in the policy's zone.
struct LetterSpan {
  std::string name;
  Instant from{};
  Instant to{};
};
LetterSpan letter_period(Instant at, const LetterPolicy& policy);

}  // namespace earshot
