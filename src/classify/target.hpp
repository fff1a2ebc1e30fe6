#pragma once

/// Whom a text addresses and is about: the watch list compiled for look-up in the words of a text.
/// Pure.

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "earshot/classify/assessment.hpp"
#include "earshot/classify/watch.hpp"
#include "earshot/core/post.hpp"
#include "word_list.hpp"

namespace earshot {

struct Target {
  bool ours = false;   ///< brand, product, handle or principal is named, or the channel is ours
  bool named = false;  ///< brand, product or handle of ours stands in the text
  bool rival = false;
  bool rival_as_source = false;  ///< the rival is told of, not gone to or compared with
  bool other = false;            ///< another firm is named or addressed, as far as its shape tells
  std::string rival_name;
  std::string product;
  std::string addressed;      ///< principal's id
  std::string mentioned;      ///< principal's id, third person
  std::string addressed_how;  ///< "by handle", "in the salutation" …
};

class Targets {
 public:
  explicit Targets(Watch watch);
  bool watching() const { return watching_; }
  Target find(const Post& post, const WordList& words) const;

 private:
  enum class What : std::uint8_t { brand, product, rival, principal, first_name, title };
  struct Name {
    std::vector<std::uint64_t> words;
    What what;
    std::uint32_t index;
  };
  struct Handle {
    std::string name;
    What what;
    std::uint32_t index;
  };
  void add_name(const std::string& name, What what, std::size_t index);
  void add_handle(const std::string& handle, What what, std::size_t index);
  const Handle* handle_of(std::string_view mention) const;
  const Name* longest_at(const WordList& words, std::size_t i) const;
  std::size_t name_at(const Name& name, const WordList& words, std::size_t i) const;
  void judge_principal(Target& target, std::uint32_t index, bool spoken_to, const char* how) const;
  void read_handles(const WordList& words, Target& target) const;
  void read_names(const WordList& words, Target& target) const;
  void read_unspaced(const WordList& words, Target& target) const;
  void read_name(const Name& name, std::size_t i, const WordList& words, Target& target) const;

  Watch watch_;
  bool watching_ = false;
  std::vector<Name> names_;
  std::vector<Handle> handles_;
  /// First word -> names, the longest first; and name before "@" -> handles, in their order.
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> names_by_word_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> handles_by_name_;
  std::array<std::uint64_t, 1024> sieve_{};  ///< which first words there are
};

}  // namespace earshot
