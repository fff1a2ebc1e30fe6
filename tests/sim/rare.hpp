#pragma once

/// Which of the product's rare sites (include/earshot/core/rare.hpp) a seed has, and when they
/// happen: a third of them is on, each draws from a stream of its own.

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "random.hpp"

namespace earshot::sim {

class Rare {
 public:
  /// `rate`: of the times that somebody passes a site that is on.
  Rare(Random random, double rate) : random_(random), rate_(rate) {}
  bool happens(std::string_view site);
  void stop() { rate_ = 0; }
  const std::set<std::string>& happened() const { return happened_; }
  /// Whom the product asks; null: nothing is rare.
  static void use(Rare* rare);

 private:
  struct Site {
    bool on;
    Random random;
  };
  Random random_;
  double rate_;
  std::map<std::string, Site, std::less<>> sites_;
  std::set<std::string> happened_;
};

}  // namespace earshot::sim
