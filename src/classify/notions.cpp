#include "notions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "earshot/core/check.hpp"
#include "earshot/core/utf8.hpp"
#include "embedded.hpp"

namespace earshot {
namespace {

constexpr std::size_t kShortestNotion = 3;  ///< letters of a beginning or an ending
constexpr std::size_t kLongestPiece = 18;   ///< bytes of a word in a script without blanks
constexpr std::size_t kMostHits = 400;
constexpr std::size_t kJapanese = kNotionLanguages.size() - 1;
constexpr std::uint64_t kStart = 0xCBF29CE484222325ULL;

std::uint64_t step(std::uint64_t hash, char c) {
  return (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
}

std::uint64_t hash_backwards(std::string_view word) {
  return std::accumulate(word.rbegin(), word.rend(), kStart, step);
}

std::size_t index_of(std::string_view language) {
  const auto* it = std::find(kNotionLanguages.begin(), kNotionLanguages.end(), language);
  return static_cast<std::size_t>(it - kNotionLanguages.begin());
}

/// Calls each(part) for the parts of `text` between `sign`s, the empty ones, too.
template <class F>
void each_part(std::string_view text, char sign, const F& each) {
  for (;;) {
    const std::size_t end = text.find(sign);
    each(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text = text.substr(end + 1);
  }
}

}  // namespace

void Notions::Found::add(std::uint16_t notion) {
  const auto* end = notions.begin() + count;
  if (count < kMost && std::find(notions.cbegin(), end, notion) == end) notions[count++] = notion;
}

void Notions::Found::add(const Found& other) {
  for (std::size_t i = 0; i < other.count; ++i) add(other.notions[i]);
}

/// Who calls this adds a notion: a slot without one is empty.
Notions::Found& Notions::Table::at(std::uint64_t hash) {
  if (2 * (used_ + 1) > slots_.size()) grow();
  std::size_t i = hash >> shift_;
  while (slots_[i].found.count != 0 && slots_[i].hash != hash) i = (i + 1) & (slots_.size() - 1);
  if (slots_[i].found.count == 0) ++used_;
  slots_[i].hash = hash;
  sieve_[place(hash)] |= bit(hash);
  return slots_[i].found;
}

void Notions::Table::grow() {
  std::vector<Slot> old(2 * slots_.size());
  old.swap(slots_);
  --shift_;
  for (const Slot& slot : old) {
    if (slot.found.count == 0) continue;
    std::size_t i = slot.hash >> shift_;
    while (slots_[i].found.count != 0) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = slot;
  }
}

void Notions::add(std::size_t language, std::string_view word, std::uint16_t notion) {
  Language& of = languages_[language];
  if (word.ends_with('*'))
    of.beginning.at(word_hash(word.substr(0, word.size() - 1))).add(notion);
  else if (word.starts_with('*'))
    of.ending.at(hash_backwards(word.substr(1))).add(notion);
  else
    of.whole.at(word_hash(word)).add(notion);
}

Result<void> Notions::read_line(std::string_view line) {
  const std::size_t equals = line.find('=');
  const std::string_view name = trim(line.substr(0, equals));
  const std::size_t dot = name.find('.');
  if (equals == std::string_view::npos || dot == std::string_view::npos || dot == 0)
    return permanent("expected \"group.name = words|words|…\"");
  if (std::find(names_.begin(), names_.end(), name) != names_.end())
    return permanent(fmt::format("\"{}\" stands there twice", name));
  const auto notion = static_cast<std::uint16_t>(names_.size());
  names_.emplace_back(name);
  const std::size_t known = group(name.substr(0, dot));
  if (known == groups_.size()) groups_.emplace_back(name.substr(0, dot));
  group_of_.push_back(static_cast<std::uint16_t>(known));
  std::size_t column = 0;
  std::string_view bad;
  each_part(line.substr(equals + 1), '|', [&](std::string_view cell) {
    each_part(cell, ' ', [&](std::string_view word) {
      if (word.empty() || column >= kNotionLanguages.size()) return;
      const bool open = word.starts_with('*') || word.ends_with('*');
      if (open && word.size() <= kShortestNotion) bad = word;
      add(column, plain_spelling(word), notion);
    });
    ++column;
  });
  if (column != kNotionLanguages.size())
    return permanent(fmt::format("{} columns, {} wanted", column, kNotionLanguages.size()));
  if (!bad.empty()) return permanent(fmt::format("\"{}\" is too short", bad));
  return {};
}

std::size_t Notions::group(std::string_view name) const {
  return static_cast<std::size_t>(std::find(groups_.begin(), groups_.end(), name) -
                                  groups_.begin());
}

Result<Notions> Notions::parse(std::string_view text) {
  Notions out;
  std::size_t number = 0;
  Result<void> told;
  each_part(text, '\n', [&](std::string_view line) {
    ++number;
    line = trim(line.substr(0, line.find('#')));
    if (line.empty() || !told) return;
    if (auto ok = out.read_line(line); !ok) told = ok.error().in(fmt::format("line {}", number));
  });
  if (!told) return told.error();
  return out;
}

const Notions& Notions::builtin() {
  static const Notions kBuiltin = [] {
    std::string all;
    for (const EmbeddedText& file : embedded_notions()) all.append(file.text);
    auto read = parse(all);
    EARSHOT_CHECK(read.ok());  // a test reads the table before it is shipped
    return std::move(*read);
  }();
  return kBuiltin;
}

Notions::Found Notions::in_language(std::size_t language, std::string_view word) const {
  const Language& of = languages_[language];
  Found found;
  if (const Found* whole = of.whole.find(word_hash(word))) found = *whole;
  const Found* best = nullptr;
  std::uint64_t hash = kStart;
  for (std::size_t i = 0; i < word.size(); ++i) {
    hash = step(hash, word[i]);
    if (i + 1 < kShortestNotion) continue;
    if (const Found* it = of.beginning.find(hash)) best = it;
  }
  if (best != nullptr) found.add(*best);
  if (of.ending.empty()) return found;
  best = nullptr;
  hash = kStart;
  for (std::size_t i = word.size(); i-- > 0;) {
    hash = step(hash, word[i]);
    if (word.size() - i < kShortestNotion) continue;
    if (const Found* it = of.ending.find(hash)) best = it;
  }
  if (best != nullptr) found.add(*best);
  return found;
}

Notions::Found Notions::look_up(std::size_t language, std::string_view word) const {
  Found found;
  if (language < kNotionLanguages.size()) {
    found = in_language(language, word);
    if (found.count == 0 && language != 0 && word.size() > 3) found = in_language(0, word);
    return found;
  }
  for (std::size_t l = 0; l < kJapanese; ++l) found.add(in_language(l, word));
  return found;
}

/// Words that were looked up lately, of this thread.
struct Notions::Cached {
  std::uint64_t hash = 0;
  const Notions* of = nullptr;
  std::uint32_t language = 0;
  Found found;
};

std::vector<NotionHit> Notions::find(const WordList& words, std::string_view language) const {
  constexpr std::size_t kEntries = 8192;
  thread_local std::vector<Cached> cache(kEntries);
  std::vector<NotionHit> hits;
  const auto index = static_cast<std::uint32_t>(index_of(language));
  for (std::size_t i = 0; i < words.size() && hits.size() < kMostHits; ++i) {
    const Word& word = words[i];
    if (word.handle || word.link || word.number) continue;
    Cached& entry = cache[((word.hash ^ (word.hash >> 23U)) + index) % kEntries];
    if (entry.hash != word.hash || entry.of != this || entry.language != index)
      entry = {word.hash, this, index, look_up(index, words.spelt(word))};
    for (std::size_t k = 0; k < entry.found.count; ++k)
      hits.push_back({entry.found.notions[k], group_of_[entry.found.notions[k]], word.begin,
                      word.end, word.sentence, static_cast<std::uint32_t>(i)});
  }
  if (!words.unspaced().empty()) find_unspaced(words, hits);
  return hits;
}

/// The longest word of the table at every place, none inside another.
void Notions::find_unspaced(const WordList& words, std::vector<NotionHit>& out) const {
  const std::string& text = words.unspaced();
  const auto& whole = languages_[kJapanese].whole;
  const auto all = static_cast<std::uint32_t>(words.text().size());
  std::uint32_t sentence = 0x10000;
  for (std::size_t i = 0; i < text.size() && out.size() < kMostHits;) {
    const CodePoint at = decode_utf8(text, i);
    if (at.value == 0x3002 || at.value == 0xFF01 || at.value == '\n' || at.value == '!') ++sentence;
    const Found* best = nullptr;
    std::size_t length = at.length;
    std::uint64_t hash = kStart;
    for (std::size_t k = i; at.value >= 0x3000 && k < text.size() && k < i + kLongestPiece; ++k) {
      hash = step(hash, text[k]);
      const bool inside =
          k + 1 < text.size() && (static_cast<unsigned char>(text[k + 1]) & 0xC0U) == 0x80U;
      if (inside) continue;  // a letter
      if (const Found* it = whole.find(hash)) best = it, length = k + 1 - i;
    }
    for (std::size_t k = 0; best != nullptr && k < best->count; ++k)
      out.push_back({best->notions[k], group_of_[best->notions[k]], 0, all, sentence,
                     static_cast<std::uint32_t>(i / 9)});
    i += length;
  }
}

}  // namespace earshot
