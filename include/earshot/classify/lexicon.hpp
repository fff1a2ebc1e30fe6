#pragma once

/// The lexicon: phrases that are cues, topics or signs (news, job ads, thanks …), per language, as
/// data. config/lexicon/*.yaml holds it; a copy is compiled in. Pure.
///
/// A file is plain YAML of one fixed shape, which `parse_lexicon` reads by itself:
///     language: en
///     groups:
///       safety:                       # a cue, a sign, or topic.<name>
///         match: ["caught fire", …]   # one phrase a line, "- phrase"
///         unless: [… "sale"]          # phrases that take back a match they overlap or stand next
///         to
/// A phrase is words: `burn*` any ending, `(a|b)` one of these, `word?` may be missing, `..` up to
/// four words between (never over the end of a sentence), `#` a number. Case, accents and
/// look-alike letters do not count. Phrases in scripts without blanks are found inside words.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

/// Groups of phrases. The first thirteen are the cues, in their order; the others steer the
/// judgement.
EARSHOT_ENUM(Sign, safety, medical, fraud, breach, legal, press, outage, discrimination, threat,
             churn, repeat_contact, broken_promise, wants_human, vulnerable, vital, dependence,
             wide, deadline, negation, fiction, grievance, praise, resolved, how_to, job_ad, news,
             marketing, machine, insider, phishing, ours, hypothetical, heat, current, harm, frail,
             remedy, loose, gone, record, stranger, seer, flaw, court, office, media, hour, trade,
             mute, wide_area, violence, despair, fault, anger, unanswered, kindness, asking);
/// From here on groups are ideas: words that prove nothing alone, told apart by language.
inline constexpr Sign kFirstIdea = Sign::heat;

struct LexiconEntry {
  std::string group;  ///< word of a Sign, or "topic.<name>"
  std::string language;
  std::vector<std::string> match;
  std::vector<std::string> unless;
};

/// Reads one file of the shape above. Errors are permanent and name the line.
Result<std::vector<LexiconEntry>> parse_lexicon(std::string_view text);
/// The files compiled into the program.
const std::vector<LexiconEntry>& builtin_lexicon();

/// A found phrase. `first` and `last` are indexes of words in the text it was found in.
struct Hit {
  Sign sign{};
  int topic = -1;  ///< index into Lexicon::topics(), or -1: then `sign` counts
  std::uint32_t first = 0;
  std::uint32_t last = 0;  ///< inclusive
  bool negated = false;    ///< "no smoke", "never caught fire"
};

class WordList;  // the words of a text as the lexicon reads them: src/classify/word_list.hpp

/// The phrases of all languages, compiled for look-up by word. Immutable; copies share it (owned by
/// every copy).
class Lexicon {
 public:
  /// The built-in one.
  Lexicon();
  /// Errors are permanent: an unknown group, a malformed phrase.
  static Result<Lexicon> compile(const std::vector<LexiconEntry>& entries);

  /// Ideas of other languages than `language` are passed over; with "" none are.
  std::vector<Hit> find(const WordList& words, std::string_view language = {}) const;
  const std::vector<std::string>& topics() const;

 private:
  struct Tables;
  struct Found;
  void look_for(const WordList& words, std::int16_t language, std::vector<Found>& found) const;
  void look_for_pieces(const WordList& words, std::int16_t language,
                       std::vector<Found>& found) const;
  void try_phrase(std::uint32_t index, const WordList& words, std::size_t i,
                  std::vector<Found>& found) const;
  bool taken_back(const Found& one, const std::vector<Found>& found, const WordList& words) const;
  explicit Lexicon(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}
  std::shared_ptr<const Tables> tables_;
};

}  // namespace earshot
