#pragma once

/// From signs, scores and target to the verdict: complaint, about whom, urgent, how grave. Pure
/// rules, apart from the words.

#include <array>
#include <string_view>

#include "earshot/classify/assessment.hpp"
#include "earshot/classify/lexicon.hpp"
#include "target.hpp"
#include "tidings.hpp"

namespace earshot {

struct Facts {
  std::array<std::uint8_t, kWordsOf<Sign>.size()> signs{};  ///< how often each stands in the text
  double complaint = 0, threshold = 0;
  double urgent = 0, urgent_threshold = 0;
  bool serious = false;     ///< by the model
  bool learnt = true;       ///< the model knows the language, or the source has labels of its own
  bool automatic = false;   ///< a machine wrote it
  bool sent_to_us = false;  ///< a mail or a review: it reached us on a way of ours
  bool lasting = false;     ///< "for three weeks"
  Tidings tidings;          ///< what the text's notions tell together

  bool has(Sign sign) const { return signs[static_cast<std::size_t>(sign)] > 0; }
};

/// The reason of an urgency that the judge of words alone tells.
inline constexpr std::string_view kUrgentWords = "The words are those of an urgent matter.";

/// Sets is_complaint, about, urgent, urgent_reason and severity.
void decide(const Facts& f, const Target& target, bool watching, Assessment& out);

/// "for three weeks", "16 days": a failure that lasts.
bool tells_long_time(const WordList& words);

}  // namespace earshot
