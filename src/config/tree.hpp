#pragma once

/// Strict YAML: libyaml's events become a tree in which every node knows its place. Anchors,
/// aliases, tags, duplicate keys, several documents, control characters and what is too deep or too
/// large are refused with their place. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace earshot::config {

inline constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
inline constexpr int kMaxDepth = 32;
inline constexpr std::size_t kMaxKeys = 1000;  ///< of one map
inline constexpr std::size_t kMaxNodes = 100'000;

inline constexpr std::size_t kMaxMistakes = 200;  ///< of form; nobody reads more

/// A place in one of the files; line and column count from 0.
struct Mark {
  std::size_t file = 0;
  std::size_t line = 0;
  std::size_t column = 0;
  // clang-tidy takes the zero that the compiler writes into it for a pointer.
  friend auto operator<=>(const Mark&, const Mark&) = default;  // NOLINT(modernize-use-nullptr)
};

struct Entry;

struct Node {
  /// broken: a mistake that has been reported; whoever meets it keeps silent.
  enum class Kind { empty, text, list, map, broken };
  Kind kind = Kind::empty;
  Mark mark{};
  std::string text{};  ///< of a scalar, as written
  bool quoted = false;
  std::vector<Node> items{};
  std::vector<Entry> entries;
};

struct Entry {
  std::string key;
  Mark mark{};  ///< of the key
  Node value;
};

/// A mistake of form, before anybody knows what the keys mean.
struct FormMistake {
  Mark mark{};
  std::string problem;
  std::string hint;
};

struct Tree {
  Node root;
  std::vector<FormMistake> mistakes;
  bool complete =
      true;  ///< false: the text stops being YAML somewhere; root holds what came before
};

Tree parse_tree(std::string_view bytes, std::size_t file);

}  // namespace earshot::config
