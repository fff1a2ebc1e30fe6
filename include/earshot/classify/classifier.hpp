#pragma once

/// Post -> Assessment. Pure and const: the same post gives the same assessment for ever, from any
/// number of threads at once.

#include <memory>

#include "earshot/classify/assessment.hpp"
#include "earshot/classify/lexicon.hpp"
#include "earshot/classify/model.hpp"
#include "earshot/classify/watch.hpp"
#include "earshot/core/post.hpp"

namespace earshot {

class Classifier {
 public:
  /// Owns what it is given. A reload makes a new one.
  Classifier(Model model, Lexicon lexicon, Watch watch);
  ~Classifier();
  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;

  Assessment assess(const Post& post) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace earshot
