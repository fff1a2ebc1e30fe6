#pragma once

/// Hash of a word -> the phrases that begin with it, in the order they were added. A sieve of bits
/// answers for most words that none does; then come an open table and runs of entries. Pure.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace earshot {

/// What must follow the first word of a phrase, as bits: one of 64 for a whole word, one of 64 for
/// a word's first letter. Told of the next word, or (`far`) of the next kFar words.
struct Follow {
  std::uint64_t words = 0;
  std::uint64_t letters = 0;
  bool any = true;
  bool far = false;

  void add_word(std::uint64_t hash) { words |= std::uint64_t{1} << ((hash >> 17U) & 63U); }
  void add_letter(char c) { letters |= std::uint64_t{1} << (static_cast<unsigned char>(c) & 63U); }
  /// Whether a phrase that wants `this` may go on where these words follow.
  bool may_follow(const Follow& there) const {
    return (words & there.words) != 0 || (letters & there.letters) != 0;
  }
};
inline constexpr std::size_t kFar = 8;

/// The first eight bytes of a word, zeros behind; the first one lowest.
inline std::uint64_t first_letters(std::string_view word) {
  std::uint64_t letters = 0;
  for (std::size_t i = std::min<std::size_t>(word.size(), 8); i-- > 0;)
    letters = letters << 8U | static_cast<unsigned char>(word[i]);
  return letters;
}

class PhraseIndex {
 public:
  struct Entry {
    Follow follow;
    std::uint64_t mask = 0;  ///< of the first eight letters that are told
    std::uint64_t letters = 0;
    std::uint32_t phrase = 0;
    std::int16_t language = -1;  ///< of an idea; -1: of any text
    bool sure = false;           ///< what is told here makes the first word fit
  };

  /// Before seal(). A phrase under one hash twice counts once.
  /// `prefix`: the letters by which the first word may begin; "" where the hash is that of the
  /// word.
  void add(std::uint64_t hash, std::string_view prefix, Entry entry) {
    if (!added_.empty() && added_.back().hash == hash &&
        added_.back().entry.phrase == entry.phrase) {
      added_.back().entry = vague(added_.back().entry);
      return;
    }
    const std::size_t told = std::min<std::size_t>(prefix.size(), 8);
    entry.mask = told == 0 ? 0 : ~std::uint64_t{0} >> (64 - 8 * told);
    entry.letters = first_letters(prefix);
    entry.sure = prefix.size() <= 8;
    added_.push_back({hash, entry});
  }
  /// Makes the table; nothing is added afterwards.
  void seal();
  /// The phrases in the order they were added.
  std::span<const Entry> of(std::uint64_t hash) const {
    if (((sieve_[(hash >> 6U) % kSieve] >> (hash & 63U)) & 1U) == 0) return {};
    return found(hash);
  }

 private:
  struct Added {
    std::uint64_t hash = 0;
    Entry entry;
  };
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;  ///< 0: empty
  };
  /// Two first words of one phrase: neither is told.
  static Entry vague(Entry entry) {
    if (entry.mask != 0) entry.sure = false;
    entry.mask = entry.letters = 0;
    return entry;
  }
  std::span<const Entry> found(std::uint64_t hash) const {
    for (std::size_t at = hash >> shift_;; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.count == 0) return {};
      if (slot.hash == hash) return {entries_.data() + slot.first, slot.count};
    }
  }

  static constexpr std::size_t kSieve = 512;  ///< words of 64 bits
  std::array<std::uint64_t, kSieve> sieve_{};
  std::vector<Added> added_;
  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  unsigned shift_ = 63;
};

inline void PhraseIndex::seal() {
  unsigned bits = 4;
  while ((std::size_t{1} << bits) < 2 * added_.size()) ++bits;
  slots_.assign(std::size_t{1} << bits, Slot{});
  shift_ = 64 - bits;
  std::stable_sort(added_.begin(), added_.end(),
                   [](const Added& a, const Added& b) { return a.hash < b.hash; });
  for (std::size_t i = 0; i < added_.size();) {
    const std::uint64_t hash = added_[i].hash;
    Slot slot{hash, static_cast<std::uint32_t>(entries_.size()), 0};
    for (; i < added_.size() && added_[i].hash == hash; ++i, ++slot.count) {
      if (slot.count == 0 || entries_.back().phrase != added_[i].entry.phrase)
        entries_.push_back(added_[i].entry);
      else
        entries_.back() = vague(entries_.back()), --slot.count;
    }
    std::size_t at = hash >> shift_;
    while (slots_[at].count != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
    sieve_[(hash >> 6U) % kSieve] |= std::uint64_t{1} << (hash & 63U);
  }
  added_ = {};
}

}  // namespace earshot
