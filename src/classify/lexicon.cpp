#include "earshot/classify/lexicon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_map>

#include "earshot/core/utf8.hpp"
#include "word_list.hpp"

namespace earshot {
namespace {

constexpr std::size_t kGap = 4;        ///< words that ".." may skip
constexpr std::size_t kVetoReach = 3;  ///< words between a match and a phrase that takes it back
constexpr std::size_t kPrefix = 3;     ///< letters by which "burn*" is looked up
constexpr std::size_t kMaxSteps =
    4'000;  ///< of matching one text against one phrase: no text makes it slow
constexpr std::size_t kMaxHits = 256;

struct Choice {
  std::uint64_t hash = 0;
  std::string letters;  ///< of a prefix
  bool prefix = false;
};
struct Step {
  std::vector<Choice> choices;
  bool number = false;
  bool optional = false;
  bool gap = false;
};
struct Phrase {
  std::vector<Step> steps;
  std::uint32_t target = 0;  ///< index into Tables::targets
  bool veto = false;
};
struct Target {
  Sign sign{};
  int topic = -1;
  std::string language;  ///< of an idea; "" = of any text
};
struct Piece {  ///< of a script without blanks
  std::string letters;
  std::uint32_t target = 0;
  bool veto = false;
};

bool holds_unspaced(std::string_view phrase) {
  for (std::size_t i = 0; i < phrase.size();) {
    const CodePoint at = decode_utf8(phrase, i);
    if ((at.value >= 0x3040 && at.value <= 0x30FF) || (at.value >= 0x3400 && at.value <= 0x9FFF))
      return true;
    i += at.length;
  }
  return false;
}

Result<Choice> read_choice(std::string_view text) {
  Choice choice;
  if (text.ends_with('*')) {
    choice.prefix = true;
    text.remove_suffix(1);
  }
  for (const char c : text) {
    const auto b = static_cast<unsigned char>(c);
    if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b >= 0x80 || b == '_')) {
      return permanent(
          fmt::format("\"{}\" is no word: letters and digits, then * or ? at most", text));
    }
  }
  if (text.empty() || (choice.prefix && text.size() < kPrefix))
    return permanent("a word with * needs three letters in front of it");
  choice.letters = std::string{text};
  choice.hash = word_hash(text);
  return choice;
}

Result<Step> read_step(std::string_view word) {
  Step step;
  if (word == "..") {
    step.gap = true;
    return step;
  }
  if (word.ends_with('?')) {
    step.optional = true;
    word.remove_suffix(1);
  }
  if (word == "#") {
    step.number = true;
    return step;
  }
  if (word.starts_with('(')) {
    if (!word.ends_with(')')) return permanent("\"(\" without \")\" in one word");
    word = word.substr(1, word.size() - 2);
  }
  for (;;) {
    const std::size_t end = word.find('|');
    if (word.substr(0, end) == "#") {
      step.number = true;
    } else {
      auto choice = read_choice(word.substr(0, end));
      if (!choice) return choice.error();
      step.choices.push_back(std::move(*choice));
    }
    if (end == std::string_view::npos) break;
    word = word.substr(end + 1);
  }
  return step;
}

/// The spelling a text has in a WordList: folded, no accents; apostrophes vanish ("can't" ->
/// "cant").
std::string phrase_spelling(std::string_view phrase) {
  std::string out;
  for (const char c : plain_spelling(phrase)) {
    if (c == '\'') continue;
    out += c == '-' || c == ',' ? ' ' : c;
  }
  return out;
}

Result<std::vector<Step>> read_phrase(std::string_view phrase) {
  std::vector<Step> steps;
  std::string_view rest = trim(phrase);
  while (!rest.empty()) {
    const std::size_t end = rest.find(' ');
    auto step = read_step(rest.substr(0, end));
    if (!step) return step.error();
    steps.push_back(std::move(*step));
    rest = end == std::string_view::npos ? std::string_view{} : trim(rest.substr(end + 1));
  }
  if (steps.empty()) return permanent("an empty phrase");
  if (steps.front().gap || steps.front().optional || steps.back().gap) {
    return permanent("a phrase begins with a word and does not end with \"..\"");
  }
  return steps;
}

bool fits(const Step& step, const WordList& words, std::size_t i) {
  const Word& word = words[i];
  if (word.handle || word.link) return false;
  if (step.number && word.number) return true;
  for (const Choice& choice : step.choices) {
    if (choice.prefix ? words.spelt(word).starts_with(choice.letters) : choice.hash == word.hash)
      return true;
  }
  return false;
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

/// "no smoke", "it never caught fire": a negation up to three words before, in the same clause,
/// with no turn of the sentence between.
bool is_negated(const WordList& words, std::size_t first) {
  static constexpr std::string_view kNot =
      "no not never without isnt wasnt didnt doesnt dont arent werent hasnt havent hadnt wont "
      "nothing zero nicht kein keine keinen nie ohne "
      "sin nunca jamas pas jamais aucun aucune sans non senza mai nao nunca sem geen niet nooit "
      "nahi nahin";
  static constexpr std::string_view kTurn =
      "but after because since when until and aber nachdem weil und pero desde y mais depuis et ma "
      "e mas maar want en only just if";
  for (std::size_t back = 1; back <= 3 && back <= first; ++back) {
    const Word& word = words[first - back];
    if (word.clause != words[first].clause) return false;
    const std::string_view spelt = words.spelt(word);
    if (is_among(spelt, kTurn)) return false;
    if (is_among(spelt, kNot)) return true;
  }
  return false;
}

}  // namespace

struct Lexicon::Tables {
  std::vector<Target> targets;
  std::vector<std::string> topics;
  std::vector<Phrase> phrases;
  std::vector<Piece> pieces;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_word;  ///< first word -> phrases
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>
      by_prefix;                         ///< its first letters -> phrases
  std::vector<std::uint32_t> by_number;  ///< phrases that may begin with a number

  Result<std::uint32_t> target_of(const std::string& group, const std::string& language);
  Result<void> add(const std::string& phrase, std::uint32_t target, bool veto);
};

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
    if (*sign >= kFirstIdea) target.language = language;
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
  for (const Choice& choice : steps->front().choices) {
    auto& list = choice.prefix
                     ? by_prefix[word_hash(std::string_view{choice.letters}.substr(0, kPrefix))]
                     : by_word[choice.hash];
    if (list.empty() || list.back() != index) list.push_back(index);
  }
  if (steps->front().number) by_number.push_back(index);
  phrases.push_back({std::move(*steps), target, veto});
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

std::vector<Hit> Lexicon::find(const WordList& words, std::string_view language) const {
  const auto foreign = [&](std::uint32_t target) {
    const std::string& own = tables_->targets[target].language;
    return !own.empty() && !language.empty() && own != language;
  };
  struct Found {
    std::uint32_t target;
    std::uint32_t first, last;
    bool veto;
  };
  std::vector<Found> found;
  const auto attempt = [&](const std::vector<std::uint32_t>& candidates, std::size_t i) {
    for (const std::uint32_t index : candidates) {
      if (found.size() >= kMaxHits) return;
      const Phrase& phrase = tables_->phrases[index];
      if (foreign(phrase.target) || !fits(phrase.steps.front(), words, i)) continue;
      std::size_t budget = kMaxSteps;
      const auto end = match(phrase.steps, 0, words, i, words[i].sentence, budget);
      if (end)
        found.push_back({phrase.target, static_cast<std::uint32_t>(i),
                         static_cast<std::uint32_t>(*end - 1), phrase.veto});
    }
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].handle || words[i].link) continue;
    if (const auto it = tables_->by_word.find(words[i].hash); it != tables_->by_word.end())
      attempt(it->second, i);
    if (words[i].number) attempt(tables_->by_number, i);
    if (words[i].length < kPrefix) continue;
    if (const auto it = tables_->by_prefix.find(word_hash(words.spelt(i).substr(0, kPrefix)));
        it != tables_->by_prefix.end())
      attempt(it->second, i);
  }
  if (!words.unspaced().empty() && words.size() > 0) {
    for (const Piece& piece : tables_->pieces) {
      if (foreign(piece.target) || words.unspaced().find(piece.letters) == std::string::npos)
        continue;
      found.push_back({piece.target, 0, static_cast<std::uint32_t>(words.size() - 1), piece.veto});
    }
  }
  std::vector<Hit> hits;
  for (const Found& one : found) {
    if (one.veto) continue;
    const bool taken_back = std::any_of(found.begin(), found.end(), [&](const Found& other) {
      const Target& a = tables_->targets[one.target];
      const Target& b = tables_->targets[other.target];
      return other.veto && a.sign == b.sign && a.topic == b.topic &&
             words[other.first].sentence == words[one.first].sentence &&
             other.first <= one.last + kVetoReach && one.first <= other.last + kVetoReach;
    });
    if (taken_back) continue;
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

namespace {

std::string unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    text = text.substr(1, text.size() - 2);
  return std::string{text};
}

/// Without a comment: " #" outside quotes, or a line that begins with "#".
std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote != 0) {
      if (line[i] == quote) quote = 0;
    } else if ((line[i] == '"' || line[i] == '\'') && (i == 0 || line[i - 1] == ' ')) {
      quote = line[i];
    } else if (line[i] == '#' && (i == 0 || line[i - 1] == ' ')) {
      return line.substr(0, i);
    }
  }
  return line;
}

}  // namespace

Result<std::vector<LexiconEntry>> parse_lexicon(std::string_view text) {
  std::vector<LexiconEntry> entries;
  std::string language;
  std::vector<std::string>* list = nullptr;
  bool groups = false;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = without_comment(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    const auto refuse = [&](std::string_view why) {
      return permanent(fmt::format("line {}: {}", number, why));
    };
    const std::string_view body = trim(line);
    if (body.empty() || body == "---") continue;
    if (line.find('\t') < line.find(body)) return refuse("tabs do not indent");
    const std::size_t indent = line.find(body);
    if (body.starts_with("- ")) {
      if (list == nullptr || indent < 4) return refuse("a phrase stands under match: or unless:");
      list->push_back(unquoted(body.substr(2)));
      continue;
    }
    const std::size_t colon = body.find(':');
    if (colon == std::string_view::npos) return refuse("expected \"key:\" or \"- phrase\"");
    const std::string key = unquoted(body.substr(0, colon));
    const std::string value = unquoted(body.substr(colon + 1));
    if (indent == 0 && key == "language" && !value.empty()) {
      language = value;
    } else if (indent == 0 && key == "groups" && value.empty()) {
      groups = true;
    } else if (groups && indent == 2 && value.empty()) {
      if (!key.starts_with("topic.") && !from_word<Sign>(key))
        return refuse(fmt::format("\"{}\" is no group of the lexicon", key));
      entries.push_back({key, language, {}, {}});
      list = nullptr;
    } else if (indent == 4 && value.empty() && !entries.empty() &&
               (key == "match" || key == "unless")) {
      list = key == "match" ? &entries.back().match : &entries.back().unless;
    } else {
      return refuse(fmt::format("\"{}\" is not expected here", key));
    }
  }
  if (language.empty()) return permanent("\"language\" is missing");
  return entries;
}

}  // namespace earshot
