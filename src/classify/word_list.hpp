#pragma once

/// The words of a text as the lexicon and the watch list read them: folded, without accents and
/// apostrophes, "sc4m" unmasked, elisions split (l'app -> l app), possessive 's taken off. Pure.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace earshot {

struct Word {
  std::uint64_t hash = 0;
  std::uint32_t begin = 0, end = 0;  ///< bytes of the original text
  std::uint32_t at = 0, length = 0;  ///< in the letters of the list
  std::uint32_t sentence = 0;
  std::uint32_t clause = 0;  ///< sentences are cut further at , ; : ( ) and dashes
  bool number = false;
  bool handle = false;  ///< @name: `at` is the name without "@"
  bool link = false;
  bool tag = false;
  bool capital = false;  ///< begins with a capital letter
  bool possessive = false;
};

class WordList {
 public:
  explicit WordList(std::string_view text);
  const std::vector<Word>& words() const { return words_; }
  std::size_t size() const { return words_.size(); }
  const Word& operator[](std::size_t i) const { return words_[i]; }
  std::string_view spelt(const Word& word) const {
    return std::string_view{letters_}.substr(word.at, word.length);
  }
  std::string_view spelt(std::size_t i) const { return spelt(words_[i]); }
  std::string_view text() const { return text_; }
  /// The whole text folded and without accents, for scripts without blanks; "" where no such letter
  /// occurs.
  const std::string& unspaced() const { return unspaced_; }

 private:
  void chunk(std::size_t begin, std::size_t end);
  void read(std::string_view folded, std::size_t begin, std::size_t end, bool exact);
  std::size_t read_plain(std::string_view folded, std::size_t from, std::size_t begin,
                         std::size_t end, bool exact);
  void add(Word word, std::string_view letters);

  std::string_view text_;
  std::string letters_;
  std::string unspaced_;
  std::vector<Word> words_;
  std::uint32_t sentence_ = 0;
  std::uint32_t clause_ = 0;
};

/// True where `word` is one of the words of `list`, which blanks part.
bool is_among(std::string_view word, std::string_view list);
std::uint64_t word_hash(std::string_view word);

/// The words of a list, which blanks part, for look-up by hash. Small: a sieve of 512 bits in front
/// of the sorted hashes.
class WordSet {
 public:
  explicit WordSet(std::string_view list);
  bool has(std::uint64_t hash) const {
    return ((sieve_[(hash >> 6U) & 7U] >> (hash & 63U)) & 1U) != 0 && holds(hash);
  }

 private:
  bool holds(std::uint64_t hash) const;
  std::array<std::uint64_t, 8> sieve_{};
  std::vector<std::uint64_t> hashes_;  ///< sorted
};
/// Folded, accents taken off: how phrases are spelt before they are compared.
std::string plain_spelling(std::string_view text);

}  // namespace earshot
