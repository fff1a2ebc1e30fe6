#pragma once

/// The style facts and the phrase facts of a text, for the slow and the fast way to its features
/// alike.

#include <array>
#include <bit>
#include <cstdint>

#include "tokenizer.hpp"
#include "word_classes.hpp"
#include "word_list.hpp"

namespace earshot {

inline constexpr std::uint64_t kStyleSeed = 0x51ED270B7F4A7C15ULL;
inline constexpr std::uint64_t kPhraseSeed = 0x2545F4914F6CDD1DULL;
inline constexpr std::uint64_t kNotionSeed = 0x6A09E667F3BCC909ULL;
inline constexpr std::uint64_t kPieceSeed = 0x84222325CBF29CE4ULL;

using ClassCounts = std::array<std::uint32_t, kWordClasses>;

inline void count_classes(std::uint32_t classes, ClassCounts& count) {
  for (; classes != 0; classes &= classes - 1)
    ++count[static_cast<std::size_t>(std::countr_zero(classes))];
}

/// Small counts as they are, larger ones in steps.
inline std::uint64_t in_steps(std::uint64_t v) {
  return v < 3 ? v : (v < 5 ? 3 : (v < 9 ? 4 : 5));
}

/// Calls sink(hash, name) for every style fact: named values that are cut into steps, and what
/// stands together.
template <class Sink>
void style_features(const TextCounts& n, const ClassCounts& count, Channel channel,
                    const Sink& sink) {
  const auto fact = [&](const char* name, std::uint64_t id, std::uint64_t value) {
    sink(mix_hash((kStyleSeed ^ (id * kPairFactor)) + value * 0xD6E8FEB86659FD93ULL), name);
  };
  const std::uint64_t share = n.letters == 0 ? 0 : std::uint64_t{n.capitals} * 10 / n.letters;
  const auto length = static_cast<std::uint64_t>(std::bit_width(n.words));
  fact("capital letters", 1, share);
  fact("exclamation marks", 2, in_steps(n.exclamations));
  fact("question marks", 3, in_steps(n.questions));
  fact("an @name", 4, in_steps(n.handles));
  fact("a link", 5, in_steps(n.links));
  fact("an @name in front", 6, n.leading_handle ? 1 : 0);
  fact("the length of the text", 7, length);
  fact("digits", 8, in_steps(n.digits));
  fact("emoji", 9, in_steps(n.emoji));
  fact("a currency sign", 10, std::min<std::uint64_t>(n.currency, 2));
  fact("dots", 11, std::min<std::uint64_t>(n.dots, 2));
  fact("hashtags", 12, std::min<std::uint64_t>(n.tags, 3));
  fact("words in capitals", 13, in_steps(n.shouted));
  fact("the channel", 14, static_cast<std::uint64_t>(channel));
  // A face beside many words says less; in few words it is the message, and more of them are
  // louder.
  const auto face = [length](std::uint32_t many) {
    return std::uint64_t{length < 3 ? (many > 1 ? 3U : 1U) : 2U};
  };
  if (n.grudges > 0) fact("an angry emoji", 15, face(n.grudges));
  if (n.delights > 0) fact("a glad emoji", 16, face(n.delights));
  for (std::size_t k = 0; k < kWordClasses; ++k)
    fact(kClassNames[k], 20 + k, std::min<std::uint64_t>(count[k], 3));
  for (std::size_t a = 0; a < kWordClasses; ++a) {
    if (count[a] == 0) continue;
    for (std::size_t b = a + 1; b < kWordClasses; ++b) {
      if (count[b] > 0) fact(kClassNames[a], 100 + a * 16 + b, 1);
    }
    if (n.questions > 0) fact(kClassNames[a], 400 + a, 1);
    if (n.leading_handle) fact(kClassNames[a], 420 + a, 1);
    if (n.links > 0) fact(kClassNames[a], 440 + a, 1);
  }
}

/// Calls sink(hash, begin, end) for every phrase fact: a sign, its second match, its negated match,
/// and two signs in one text.
template <class Sink>
void phrase_features(const FeatureText& text, const Sink& sink) {
  constexpr std::size_t kSigns = kWordsOf<Sign>.size();
  std::array<std::uint8_t, 2 * kSigns> seen{};
  std::array<std::uint8_t, 24> present{};
  std::size_t many = 0;
  for (const Hit& hit : text.hits) {
    if (hit.topic >= 0) continue;
    const auto sign = static_cast<std::size_t>(hit.sign);
    const std::size_t at = counts(hit) ? sign : kSigns + sign;
    if (seen[at] >= 2) continue;
    const std::uint64_t id = at * 2 + seen[at]++;
    std::uint32_t begin = (*text.words)[hit.first].begin;
    std::uint32_t end = (*text.words)[hit.last].end;
    end = std::max(begin, end);
    sink(mix_hash(kPhraseSeed ^ (id * kPairFactor)), begin, end);
    if (at >= kSigns || seen[at] > 1) continue;
    for (std::size_t k = 0; k < many; ++k) {
      const std::uint64_t low = std::min<std::uint64_t>(present[k], sign);
      const std::uint64_t high = std::max<std::uint64_t>(present[k], sign);
      sink(mix_hash(kPhraseSeed ^ ((1024 + low * 64 + high) * kPairFactor)), begin, end);
    }
    if (many < present.size()) present[many++] = static_cast<std::uint8_t>(sign);
  }
}

inline constexpr std::uint32_t kPairReach = 7;  ///< words between two notions of a pair, at most
inline constexpr std::size_t kPairsOfOne = 8;
inline constexpr std::size_t kMostNotions = 120;
/// Distinct features that a text's notions make, at most.
inline std::size_t most_notion_features(const FeatureText& text) {
  return std::min(text.notions.size(), kMostNotions) * 2 * (kPairsOfOne + 1);
}

inline constexpr std::uint64_t kGroups = 2048;  ///< from this number on it is a group
inline std::uint64_t pair_hash(std::uint64_t a, std::uint64_t b) {
  return mix_hash(kNotionSeed + (std::min(a, b) * 4096 + std::max(a, b) + 65'536) * kPairFactor);
}

/// Calls one(hash, begin, end) for every notion and its group and two(…) for every two that
/// stand near each other in one sentence, in either order; a notion or pair may come twice.
template <class One, class Two>
void notion_features(const FeatureText& text, const One& one, const Two& two) {
  const auto all = text.notions.first(std::min(text.notions.size(), kMostNotions));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const NotionHit& hit = all[i];
    one(mix_hash(kNotionSeed + hit.notion * kPairFactor), hit.begin, hit.end);
    one(mix_hash(kNotionSeed + (hit.group + kGroups) * kPairFactor), hit.begin, hit.end);
    std::size_t pairs = 0;
    for (std::size_t k = i; k-- > 0 && pairs < kPairsOfOne; ++pairs) {
      const NotionHit& before = all[k];
      if (before.sentence != hit.sentence || hit.place - before.place > kPairReach) break;
      if (before.notion == hit.notion || before.place == hit.place) continue;
      const std::uint32_t end = std::max(before.end, hit.end);
      two(pair_hash(before.notion, hit.notion), before.begin, end);
      two(pair_hash(before.group + kGroups, hit.group + kGroups), before.begin, end);
    }
  }
}

/// Calls sink(hash) for the pieces of a word: 3, 4 and 5 bytes of " word ".
template <class Sink>
void piece_features(std::string_view letters, const Sink& sink) {
  std::array<unsigned char, kWordBytes + 4> padded{};
  padded[0] = ' ';
  std::copy(letters.begin(), letters.end(), padded.begin() + 1);
  padded[letters.size() + 1] = ' ';
  const std::size_t size = letters.size() + 2;
  const auto step = [](std::uint64_t hash, unsigned char byte) {
    return (hash ^ byte) * 0x100000001B3ULL;
  };
  for (std::size_t i = 0; i + 3 <= size; ++i) {
    std::uint64_t hash = step(step(step(kPieceSeed, padded[i]), padded[i + 1]), padded[i + 2]);
    sink(mix_hash(hash));
    if (i + 4 > size) continue;
    hash = step(hash, padded[i + 3]);
    sink(mix_hash(hash));
    if (i + 5 > size) continue;
    sink(mix_hash(step(hash, padded[i + 4])));
  }
}

inline bool has_pieces(const Token& token) {
  return token.kind == Kind::word && token.length >= 2;
}

/// A set of hashes that is emptied in no time. Its size follows the text's, so that a short text
/// stays in the first-level cache.
class DistinctHashes {
 public:
  void clear(std::size_t expected) {
    std::size_t slots = 256;
    while (slots < 3 * expected) slots *= 2;
    mask_ = slots - 1;
    if (cells_.size() < slots) cells_.resize(slots);
    if (++epoch_ == 0) {
      for (Cell& cell : cells_) cell.epoch = 0;
      epoch_ = 1;
    }
  }
  /// True the first time.
  bool insert(std::uint64_t hash) {
    for (std::size_t at = (hash >> 20U) & mask_;; at = (at + 1) & mask_) {
      Cell& cell = cells_[at];
      if (cell.epoch != epoch_) {
        cell = {hash, epoch_};
        return true;
      }
      if (cell.hash == hash) return false;
    }
  }

 private:
  struct Cell {
    std::uint64_t hash = 0;
    std::uint32_t epoch = 0;
  };
  std::vector<Cell> cells_;
  std::size_t mask_ = 0;
  std::uint32_t epoch_ = 0;
};

}  // namespace earshot
