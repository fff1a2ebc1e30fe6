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

  /// `why` is filled for complaints and urgent posts only: it costs a second pass.
  Assessment assess(const Post& post) const;
  /// Everything that was added up, the strongest first: model words, style facts, phrases of the
  /// lexicon, and "(base)". The weights sum to the log-odds of `complaint`.
  std::vector<Weight> explain(const Post& post) const;

 private:
  struct Parts;
  struct Reading;
  struct Scores;
  Scores score(const Reading& reading) const;
  std::vector<Weight> explain(const Reading& reading, std::size_t most) const;
  std::vector<Weight> strongest(const Reading& reading) const;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace earshot
