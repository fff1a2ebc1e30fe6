#include "earshot/classify/lexicon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <optional>
#include <span>

#include "earshot/core/utf8.hpp"
#include "lexicon_index.hpp"
#include "lexicon_phrase.hpp"
#include "word_list.hpp"

namespace earshot {
namespace {

using namespace phrases;

constexpr std::size_t kVetoReach = 3;  ///< words between a match and a phrase that takes it back
constexpr std::size_t kMaxSteps =
    4'000;  ///< of matching one text against one phrase: no text makes it slow
constexpr std::size_t kMaxHits = 256;

constexpr std::int16_t kAnyLanguage = -1;
constexpr std::int16_t kUnknownLanguage = -2;

struct Phrase {
  std::vector<Step> steps;
  std::uint32_t target = 0;  ///< index into Tables::targets
  std::int16_t language = kAnyLanguage;
  bool veto = false;
};
struct Target {
  Sign sign{};
  int topic = -1;
  std::int16_t language = kAnyLanguage;  ///< of an idea
};
struct Piece {  ///< of a script without blanks
  std::string letters;
  std::uint32_t target = 0;
  bool veto = false;
};

bool fits(const Step& step, const WordList& words, std::size_t i) {
  const Word& word = words[i];
  if (word.handle || word.link) return false;
  if (step.number && word.number) return true;
  return std::any_of(step.choices.begin(), step.choices.end(), [&](const Choice& choice) {
    return choice.prefix ? words.spelt(word).starts_with(choice.letters) : choice.hash == word.hash;
  });
}

/// The word after the match of steps[s…] from word i on, all in one sentence.
std::optional<std::size_t> match(const std::vector<Step>& steps, std::size_t s,
                                 const WordList& words, std::size_t i, std::uint32_t sentence,
                                 std::size_t& budget) {
  if (s == steps.size()) return i;
  if (budget == 0) return std::nullopt;
  --budget;
  const Step& step = steps[s];
  if (step.gap) {
    for (std::size_t skip = 0; skip <= kGap; ++skip) {
      if (i + skip < words.size() && words[i + skip].sentence != sentence) break;
      if (auto end = match(steps, s + 1, words, i + skip, sentence, budget)) return end;
    }
    return std::nullopt;
  }
  if (i < words.size() && words[i].sentence == sentence && fits(step, words, i)) {
    if (auto end = match(steps, s + 1, words, i + 1, sentence, budget)) return end;
  }
  return step.optional ? match(steps, s + 1, words, i, sentence, budget) : std::nullopt;
}

/// The first word after the first one that a phrase cannot do without.
Follow follow_of(const std::vector<Step>& steps) {
  static_assert(kGap + 1 + 2 < kFar, "a gap and two optional words lie within what is looked at");
  Follow out;
  std::size_t gaps = 0;
  std::size_t optional = 0;
  std::size_t k = 1;
  for (; k < steps.size() && (steps[k].gap || steps[k].optional); ++k)
    ++(steps[k].gap ? gaps : optional);
  if (k == steps.size() || gaps > 1 || optional > 2 || steps[k].number) return out;
  out.any = false;
  out.far = k > 1;
  for (const Choice& choice : steps[k].choices) {
    if (choice.prefix)
      out.add_letter(choice.letters.front());
    else
      out.add_word(choice.hash);
  }
  return out;
}

/// The words that follow word `i` in its sentence, `most` of them.
Follow follows(const WordList& words, std::size_t i, std::size_t most) {
  Follow out;
  for (std::size_t k = i + 1; k < words.size() && k <= i + most; ++k) {
    if (words[k].sentence != words[i].sentence) break;
    out.add_word(words[k].hash);
    out.add_letter(words.spelt(k).front());
  }
  return out;
}

/// "no smoke", "it never caught fire": a negation up to three words before, in the same clause,
/// with no turn of the sentence between.
bool is_negated(const WordList& words, std::size_t first) {
  static const WordSet kNot{
      "no not never without isnt wasnt didnt doesnt dont arent werent hasnt havent hadnt wont "
      "nothing zero nicht kein keine keinen nie ohne "
      "sin nunca jamas pas jamais aucun aucune sans non senza mai nao nunca sem geen niet nooit "
      "nahi nahin"};
  static const WordSet kTurn{
      "but after because since when until and aber nachdem weil und pero desde y mais depuis et ma "
      "e mas maar want en only just if"};
  for (std::size_t back = 1; back <= 3 && back <= first; ++back) {
    const Word& word = words[first - back];
    if (word.clause != words[first].clause) return false;
    if (kTurn.has(word.hash)) return false;
    if (kNot.has(word.hash)) return true;
  }
  return false;
}

}  // namespace

struct Lexicon::Tables {
  std::vector<Target> targets;
  std::vector<std::string> topics;
  std::vector<Phrase> phrases;
  std::vector<Piece> pieces;
  std::vector<std::string> languages;
  PhraseIndex by_word;                   ///< first word -> phrases
  PhraseIndex by_prefix;                 ///< its first kPrefix letters -> phrases told by no more
  PhraseIndex by_long_prefix;            ///< its first kLongPrefix letters -> all others
  std::vector<std::uint32_t> by_number;  ///< phrases that may begin with a number

  std::int16_t language_number(const std::string& language);
  Result<std::uint32_t> target_of(const std::string& group, const std::string& language);
  Result<void> add(const std::string& text, std::uint32_t target, bool veto);
};

std::int16_t Lexicon::Tables::language_number(const std::string& language) {
  auto it = std::find(languages.begin(), languages.end(), language);
  if (it == languages.end()) it = languages.insert(languages.end(), language);
  return static_cast<std::int16_t>(it - languages.begin());
}

Result<std::uint32_t> Lexicon::Tables::target_of(const std::string& group,
                                                 const std::string& language) {
  Target target;
  if (group.starts_with("topic.") && group.size() > 6) {
    const std::string topic = group.substr(6);
    auto it = std::find(topics.begin(), topics.end(), topic);
    if (it == topics.end()) it = topics.insert(topics.end(), topic);
    target.topic = static_cast<int>(it - topics.begin());
  } else if (const auto sign = from_word<Sign>(group)) {
    target.sign = *sign;
    if (*sign >= kFirstIdea && !language.empty()) target.language = language_number(language);
  } else {
    return permanent(fmt::format("\"{}\" is no group of the lexicon", group));
  }
  targets.push_back(target);
  return static_cast<std::uint32_t>(targets.size() - 1);
}

Result<void> Lexicon::Tables::add(const std::string& text, std::uint32_t target, bool veto) {
  const std::string spelt = phrase_spelling(text);
  if (holds_unspaced(spelt)) {
    pieces.push_back({spelt, target, veto});
    return {};
  }
  auto steps = read_phrase(spelt);
  if (!steps) return steps.error().in(fmt::format("phrase \"{}\"", text));
  const auto index = static_cast<std::uint32_t>(phrases.size());
  const Follow follow = follow_of(*steps);
  for (const Choice& choice : steps->front().choices) {
    PhraseIndex::Entry entry;
    entry.follow = follow;
    entry.phrase = index;
    entry.language = targets[target].language;
    const std::string_view letters = choice.letters;
    if (choice.prefix && letters.size() >= kLongPrefix)
      by_long_prefix.add(word_hash(letters.substr(0, kLongPrefix)), letters, entry);
    else if (choice.prefix)
      by_prefix.add(word_hash(letters), letters, entry);
    else
      by_word.add(choice.hash, {}, entry);
  }
  if (steps->front().number) by_number.push_back(index);
  phrases.push_back({std::move(*steps), target, targets[target].language, veto});
  return {};
}

Result<Lexicon> Lexicon::compile(const std::vector<LexiconEntry>& entries) {
  auto tables = std::make_shared<Tables>();
  for (const LexiconEntry& entry : entries) {
    auto target = tables->target_of(entry.group, entry.language);
    if (!target) return target.error().in(entry.language);
    for (const bool veto : {false, true}) {
      for (const std::string& phrase : veto ? entry.unless : entry.match) {
        if (auto ok = tables->add(phrase, *target, veto); !ok)
          return ok.error().in(entry.language + ", " + entry.group);
      }
    }
  }
  tables->by_word.seal();
  tables->by_prefix.seal();
  tables->by_long_prefix.seal();
  return Lexicon{std::move(tables)};
}

Lexicon::Lexicon() {
  auto built = compile(builtin_lexicon());
  EARSHOT_CHECK(built.ok());
  tables_ = std::move(built->tables_);
}

const std::vector<std::string>& Lexicon::topics() const {
  return tables_->topics;
}

/// A phrase that stands in the text, from word `first` to `last`.
struct Lexicon::Found {
  std::uint32_t target;
  std::uint32_t first, last;
  bool veto;
};

/// The rest of a phrase whose first word is word `i`.
void Lexicon::try_phrase(std::uint32_t index, const WordList& words, std::size_t i,
                         std::vector<Found>& found) const {
  const Phrase& phrase = tables_->phrases[index];
  std::size_t budget = kMaxSteps;
  const auto end = match(phrase.steps, 1, words, i + 1, words[i].sentence, budget);
  if (end)
    found.push_back({phrase.target, static_cast<std::uint32_t>(i),
                     static_cast<std::uint32_t>(*end - 1), phrase.veto});
}

void Lexicon::look_for(const WordList& words, std::int16_t language,
                       std::vector<Found>& found) const {
  const Tables& tables = *tables_;
  const auto foreign = [language](std::int16_t own) {
    return own != kAnyLanguage && language != kAnyLanguage && own != language;
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (word.handle || word.link) continue;
    std::optional<Follow> next;
    std::optional<Follow> far;
    const auto may_go_on = [&](const Follow& wanted) {
      if (wanted.any) return true;
      std::optional<Follow>& there = wanted.far ? far : next;
      if (!there) there = follows(words, i, wanted.far ? kFar : 1);
      return wanted.may_follow(*there);
    };
    const auto attempt = [&](std::span<const PhraseIndex::Entry> candidates) {
      if (candidates.empty()) return;
      const std::uint64_t letters = first_letters(words.spelt(word));
      for (const PhraseIndex::Entry& one : candidates) {
        if (found.size() >= kMaxHits) return;
        if ((letters & one.mask) != one.letters || foreign(one.language)) continue;
        if (!may_go_on(one.follow)) continue;
        if (one.sure || fits(tables.phrases[one.phrase].steps.front(), words, i))
          try_phrase(one.phrase, words, i, found);
      }
    };
    attempt(tables.by_word.of(word.hash));
    if (word.number) {
      for (const std::uint32_t index : tables.by_number) {
        if (found.size() < kMaxHits && !foreign(tables.phrases[index].language))
          try_phrase(index, words, i, found);
      }
    }
    const std::string_view spelt = words.spelt(word);
    if (spelt.size() >= kPrefix) attempt(tables.by_prefix.of(word_hash(spelt.substr(0, kPrefix))));
    if (spelt.size() >= kLongPrefix)
      attempt(tables.by_long_prefix.of(word_hash(spelt.substr(0, kLongPrefix))));
  }
}

namespace {
/// Which three bytes stand one after the other in a text, by 4,096 bits: most pieces are not there,
/// and this says so at once.
class Trigrams {
 public:
  explicit Trigrams(std::string_view text) {
    for (std::size_t i = 0; i + 3 <= text.size(); ++i) in_.set(place(text.substr(i, 3)));
  }
  bool may_hold(std::string_view piece) const {
    return piece.size() < 3 || in_.test(place(piece.substr(0, 3)));
  }

 private:
  static std::size_t place(std::string_view three) {
    const auto byte = [&](std::size_t i) {
      return std::size_t{static_cast<unsigned char>(three[i])};
    };
    return (byte(0) * 1021 + byte(1) * 113 + byte(2)) % 4096;
  }
  std::bitset<4096> in_;
};
}  // namespace

void Lexicon::look_for_pieces(const WordList& words, std::int16_t language,
                              std::vector<Found>& found) const {
  const Trigrams there{words.unspaced()};
  for (const Piece& piece : tables_->pieces) {
    if (!there.may_hold(piece.letters)) continue;
    const std::int16_t own = tables_->targets[piece.target].language;
    const bool foreign = own != kAnyLanguage && language != kAnyLanguage && own != language;
    if (foreign || words.unspaced().find(piece.letters) == std::string::npos) continue;
    found.push_back({piece.target, 0, static_cast<std::uint32_t>(words.size() - 1), piece.veto});
  }
}

/// A veto of its group overlaps the match or stands near it.
bool Lexicon::taken_back(const Found& one, const std::vector<Found>& found,
                         const WordList& words) const {
  const Target& a = tables_->targets[one.target];
  return std::any_of(found.begin(), found.end(), [&](const Found& other) {
    if (!other.veto) return false;
    const Target& b = tables_->targets[other.target];
    return a.sign == b.sign && a.topic == b.topic &&
           words[other.first].sentence == words[one.first].sentence &&
           other.first <= one.last + kVetoReach && one.first <= other.last + kVetoReach;
  });
}

std::vector<Hit> Lexicon::find(const WordList& words, std::string_view language) const {
  std::int16_t number = kAnyLanguage;
  if (!language.empty()) {
    const auto& all = tables_->languages;
    const auto it = std::find(all.begin(), all.end(), language);
    number = it == all.end() ? kUnknownLanguage : static_cast<std::int16_t>(it - all.begin());
  }
  thread_local std::vector<Found> found;
  found.clear();
  look_for(words, number, found);
  if (!words.unspaced().empty() && words.size() > 0) look_for_pieces(words, number, found);
  std::vector<Hit> hits;
  for (const Found& one : found) {
    if (one.veto || taken_back(one, found, words)) continue;
    const Target& target = tables_->targets[one.target];
    // Phrases of one group that overlap tell one thing.
    const bool told = std::any_of(hits.begin(), hits.end(), [&](const Hit& hit) {
      return hit.sign == target.sign && hit.topic == target.topic && hit.first <= one.last &&
             one.first <= hit.last;
    });
    if (told) continue;
    hits.push_back({target.sign, target.topic, one.first, one.last, is_negated(words, one.first)});
  }
  return hits;
}

}  // namespace earshot
