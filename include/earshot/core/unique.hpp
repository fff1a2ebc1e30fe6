#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace earshot {

/// Adds to a list what it does not hold yet: a scan while it is short, a set once it is long (a
/// hostile post holds thousands). Nobody else may change the list meanwhile.
class Unique {
 public:
  explicit Unique(std::vector<std::string>& list) : list_(list) {}
  void add(std::string_view word) {
    if (list_.size() < 32) {
      if (std::find(list_.begin(), list_.end(), word) == list_.end()) list_.emplace_back(word);
      return;
    }
    if (seen_.empty()) seen_.insert(list_.begin(), list_.end());
    if (seen_.emplace(word).second) list_.emplace_back(word);
  }

 private:
  std::vector<std::string>& list_;
  std::unordered_set<std::string> seen_;
};

}  // namespace earshot
