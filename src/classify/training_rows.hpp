#pragma once

/// Labelled texts as the solver sees them, once per way of reading them.

#include <vector>

#include "earshot/classify/train.hpp"
#include "solver.hpp"

namespace earshot {

struct TrainingRows {
  std::vector<const Example*> examples;
  std::vector<std::uint64_t> groups;  ///< equal texts have equal groups
  std::vector<Place> places;          ///< where the classifier would judge them with nobody watched
  Matrix natural;  ///< as the classifier reads them: without handles in mails and reviews
  Matrix without_handles;
};

/// `log2_buckets` of the matrices' columns.
TrainingRows read_rows(std::span<const Example> examples, const TrainWith& with,
                       std::uint32_t log2_buckets);

/// As the source tells it, else guessed; "" where unclear.
std::string language_of(const Post& post, const WordList& words);
/// Where a text is judged.
Place place_of(const Post& post, std::string_view words, bool watching);
/// Mails and reviews are read as if no @name stood in them.
inline bool keeps_handles(Channel channel) {
  return channel == Channel::post;
}

/// The features of one text as a sparse row.
std::vector<Matrix::Cell> cells_of(const FeatureText& text, std::uint32_t mask);

}  // namespace earshot
