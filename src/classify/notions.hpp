#pragma once

/// Notions: what words mean, whatever their language. "burnt", "verbrannt" and "brûlé" are one
/// notion, so that a text in one language teaches how to read the others. config/notions/*.txt has
/// the table; a copy is compiled in, for a model's weights fit one table only. Pure.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/classify/features.hpp"
#include "earshot/core/result.hpp"
#include "word_list.hpp"

namespace earshot {

/// The languages of the table, in the order of its columns.
inline constexpr std::array<std::string_view, 12> kNotionLanguages{
    "en", "de", "nl", "sv", "fr", "es", "pt", "it", "pl", "tr", "hi-Latn", "ja"};

class Notions {
 public:
  /// The one compiled in.
  static const Notions& builtin();
  /// A line a notion: `group.name = words|words|…`, a column per language, words parted by blanks,
  /// their accents do not count; `burn*` any ending, `*geruch` any beginning, `# comment`. Errors
  /// are permanent and name the line.
  static Result<Notions> parse(std::string_view text);

  /// In the order of the text. `language` as far as it is known: then its own column goes before
  /// the English one; else every column counts.
  std::vector<NotionHit> find(const WordList& words, std::string_view language) const;
  std::size_t size() const { return names_.size(); }
  const std::string& name(std::size_t notion) const { return names_[notion]; }
  /// The group's number by its name; the number of groups where there is none.
  std::size_t group(std::string_view name) const;

 private:
  static constexpr std::size_t kMost = 3;  ///< of one word
  struct Found {
    std::array<std::uint16_t, kMost> notions{};
    std::uint8_t count = 0;
    void add(std::uint16_t notion);
    void add(const Found& other);
  };
  /// By hash; most look-ups find nothing, and the sieve says so without a walk through the table.
  class Table {
   public:
    Found& at(std::uint64_t hash);
    const Found* find(std::uint64_t hash) const {
      if ((sieve_[place(hash)] & bit(hash)) == 0) return nullptr;
      for (std::size_t i = hash >> shift_;; i = (i + 1) & (slots_.size() - 1)) {
        if (slots_[i].found.count == 0) return nullptr;
        if (slots_[i].hash == hash) return &slots_[i].found;
      }
    }
    bool empty() const { return used_ == 0; }

   private:
    struct Slot {
      std::uint64_t hash = 0;
      Found found;  ///< count 0: an empty slot
    };
    void grow();
    static std::size_t place(std::uint64_t hash) { return (hash >> 20U) % kSieveWords; }
    static std::uint64_t bit(std::uint64_t hash) { return std::uint64_t{1} << (hash >> 58U); }
    static constexpr std::size_t kSieveWords = 1'024;
    std::vector<std::uint64_t> sieve_ = std::vector<std::uint64_t>(kSieveWords);
    std::vector<Slot> slots_ = std::vector<Slot>(16);
    unsigned shift_ = 60;  ///< 64 less the bits of the number of slots
    std::size_t used_ = 0;
  };
  struct Language {
    Table whole, beginning, ending;
  };
  struct Cached;

  Result<void> read_line(std::string_view line);
  void add(std::size_t language, std::string_view word, std::uint16_t notion);
  Found in_language(std::size_t language, std::string_view word) const;
  Found look_up(std::size_t language, std::string_view word) const;
  void find_unspaced(const WordList& words, std::vector<NotionHit>& out) const;

  std::vector<std::string> names_;
  std::vector<std::string> groups_;
  std::vector<std::uint16_t> group_of_;  ///< of every notion
  std::array<Language, kNotionLanguages.size()> languages_;
};

}  // namespace earshot
