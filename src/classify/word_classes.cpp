#include "word_classes.hpp"

#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer.hpp"

namespace earshot {
namespace {

/// An open table: one probe a word.
class ClassLookup {
 public:
  ClassLookup() : cells_(8192) {
    for (const ClassWords& group : kClassWords) {
      for (std::string_view rest{group.words}; !rest.empty();) {
        const std::size_t end = rest.find(' ');
        if (end != 0) cell(feature_hash(rest.substr(0, end), kWordSeed)).classes |= group.of;
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      }
    }
  }
  std::uint32_t operator()(std::uint64_t hash) const {
    for (std::size_t at = hash % cells_.size(); cells_[at].hash != 0;
         at = (at + 1) % cells_.size()) {
      if (cells_[at].hash == hash) return cells_[at].classes;
    }
    return 0;
  }

 private:
  struct Cell {
    std::uint64_t hash = 0;
    std::uint32_t classes = 0;
  };
  Cell& cell(std::uint64_t hash) {
    std::size_t at = hash % cells_.size();
    while (cells_[at].hash != 0 && cells_[at].hash != hash) at = (at + 1) % cells_.size();
    cells_[at].hash = hash;
    return cells_[at];
  }
  std::vector<Cell> cells_;
};

}  // namespace

std::uint32_t classes_of(std::uint64_t word) {
  static const ClassLookup kLookup;
  return kLookup(word);
}

}  // namespace earshot
