#pragma once

/// All that is known of one post on the way to its assessment.

#include <array>
#include <string>
#include <vector>

#include "earshot/classify/classifier.hpp"
#include "target.hpp"
#include "training_rows.hpp"
#include "word_list.hpp"

namespace earshot {

struct Classifier::Parts {
  Model model;
  Lexicon lexicon;
  Targets targets;
  NameTable names;
};

struct Classifier::Reading {
  std::string owned;  ///< the text where it had to be put together
  std::string_view text;
  WordList words;
  std::string language;
  std::vector<Hit> hits;
  std::vector<NotionHit> notions;
  Place place;
  Channel channel;
  const Delta* delta;
  bool learnt;  ///< the model knows the language, the source has labels, or nobody can tell
  std::array<std::uint8_t, kWordsOf<Sign>.size()> count{};

  Reading(const Post& post, const Parts& parts);
  /// A passage of a text, in the text's language and place.
  Reading(const Reading& whole, std::string_view passage, const Parts& parts);
  void count_signs();
  bool has(Sign sign) const { return count[static_cast<std::size_t>(sign)] > 0; }
  FeatureText features(const Parts& parts) const {
    return {text, &words, hits, &parts.names, channel, keeps_handles(channel), notions};
  }
};

/// The log-odds of every judge.
HeadScores head_scores(const Model& model, const LaneSums& sums);
/// What the labels of a source add to them; 0 without a delta.
double delta_score(const Delta& delta, const FeatureText& text);

}  // namespace earshot
