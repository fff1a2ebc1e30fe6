#pragma once

/// What a text tells (danger, illness, money gone, the press …): a judge for each cue. One judge of
/// all urgent matters has to average over things that share no words: urgency hears those of
/// hazards together. In what is a matter each is heard by itself, too.

#include <span>
#include <string_view>
#include <vector>

#include "small_judges.hpp"

namespace earshot {

/// From this score of the urgency judge on they are asked; below it a text is anybody's small talk.
inline constexpr double kHazardsAsked = -3.5;
/// What they say where they are not asked, or are not there.
inline constexpr double kNoHazard = -6;

/// Judges in front of the topics' in the same table, the hazards' first; their names begin with
/// kCuePrefix.
inline constexpr std::string_view kCuePrefix = "cue:";

LearntJudges learn_cues(const TrainingRows& rows, const TrainOptions& options);

/// Per row of `rows`, from judges that did not see its fold: log-odds that some hazard is told.
/// `urgent` are the urgency judge's scores.
std::vector<double> hazards_out_of_fold(const TrainingRows& rows, std::span<const double> urgent,
                                        const TrainOptions& options);

/// The same of a text; `urgent` is the urgency judge's score.
double hazard_of(const Model& model, const FeatureText& text, double urgent);
/// How many judges of a model are of hazards, and how many of cues altogether; they come first.
std::size_t hazards_in(const Model& model);
std::size_t cues_in(const Model& model);

/// The cues whose judges are sure enough, in the order of the judges.
std::vector<Cue> cues_of(const Model& model, const FeatureText& text);

}  // namespace earshot
