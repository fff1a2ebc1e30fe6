#pragma once

/// Assessment: what a post is, as far as its words tell. LABELS says what each word means. Pure
/// data.

#include <string>
#include <vector>

#include "earshot/core/words.hpp"

namespace earshot {

EARSHOT_ENUM(Severity, none, mild, serious, grave);
/// us: the watched company, its products, people or conduct. rival: the failure told is a rival's.
/// none: anything else.
EARSHOT_ENUM(About, none, us, rival);
EARSHOT_ENUM(Cue, safety, medical, fraud, breach, legal, press, outage, discrimination, threat,
             churn, repeat_contact, broken_promise, wants_human);

/// Words and what they added to the score, in log-odds; negative speaks against a complaint.
struct Weight {
  std::string words;
  double weight = 0;
};

struct Assessment {
  double complaint = 0;    ///< calibrated probability, 0..1
  double threshold = 0.5;  ///< from which on is_complaint holds
  bool is_complaint = false;
  double urgency = 0;            ///< calibrated probability of the urgency head, 0..1
  double urgency_threshold = 1;  ///< from which on it alone makes a post urgent
  bool urgent = false;           ///< of the text alone
  std::string urgent_reason;     ///< a sentence; "" where not urgent
  Severity severity = Severity::none;
  About about = About::none;
  std::string principal;            ///< id of the executive who is spoken to; "" where none is
  std::string mentioned_principal;  ///< id of one who is named in the third person
  std::vector<Cue> cues;            ///< those that phrases tell
  std::vector<std::string> topics;  ///< those that phrases tell, then those the model hears
  std::size_t topics_told = 0;      ///< how many of them phrases tell
  std::string product;              ///< name of the product meant; "" where none is named
  std::string language;             ///< BCP 47; "" where unclear
  // Left empty by Classifier::assess:
  std::vector<Cue> cues_heard;       ///< those the model hears in a matter and no phrase tells
  std::vector<Weight> why;           ///< the strongest words, heaviest first
  std::vector<std::string> reasons;  ///< sentences: target, cues, language
};

/// May it open a case? Of most posts the answer is no.
inline bool is_a_matter(const Assessment& it) {
  return it.is_complaint || it.urgent || !it.principal.empty();
}

}  // namespace earshot
