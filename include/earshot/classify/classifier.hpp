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

struct Facts;
struct LaneSums;
struct Target;

class Classifier {
 public:
  /// Owns what it is given. A reload makes a new one.
  Classifier(Model model, Lexicon lexicon, Watch watch);
  ~Classifier();
  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;

  /// The verdict, without its words: `why` and `reasons` stay empty. Most posts open no case, and
  /// nobody asks why.
  Assessment assess(const Post& post) const;
  /// The same verdict with its reasons, and for complaints and urgent posts `why`, which costs a
  /// second pass.
  Assessment account(const Post& post) const;
  /// What most callers want: with reasons where they will be asked for (is_a_matter()), without
  /// elsewhere.
  Assessment judge(const Post& post) const;
  /// What the judges say of a post.
  struct Scores {
    double complaint = 0, threshold = 0.5;
    double urgent = 0, urgent_threshold = 1;
    double serious = 0;  ///< above 0: more than an annoyance
  };
  /// The same with judges of one's own, for cross-validation: rules and target as ever.
  Assessment assess(const Post& post, const Scores& scores) const;
  /// Everything that was added up, the strongest first: model words, style facts, phrases of the
  /// lexicon, and "(base)". The weights sum to the log-odds of `complaint`.
  std::vector<Weight> explain(const Post& post) const;

 private:
  struct Parts;
  struct Reading;
  LaneSums sums(const Reading& reading) const;
  Scores score(const Reading& reading, const LaneSums& sums) const;
  static Facts facts_of(const Reading& reading, const Post& post, const Scores& scores);
  /// A long text's verdict, once its passages are heard.
  void heed(const Reading& reading, const Post& post, const Facts& facts, const Target& target,
            Assessment& out) const;
  Assessment decided(const Reading& reading, const Post& post, const Scores& scores,
                     const Target& target) const;
  void tell(const Reading& reading, const Post& post, const LaneSums& sums, const Target& target,
            Assessment& out) const;
  static void tell_of_passages(const Reading& reading, const Post& post, Assessment& out);
  std::vector<Weight> explain(const Reading& reading, const LaneSums& sums, std::size_t most) const;
  std::vector<Weight> strongest(const Reading& reading, const LaneSums& sums) const;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace earshot
