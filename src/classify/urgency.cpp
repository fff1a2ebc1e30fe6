#include "urgency.hpp"

#include <algorithm>

namespace earshot {
namespace {

/// News, fiction and the like tell hazards that nobody has to look at.
bool distant(const Facts& f) {
  return f.has(Sign::news) || f.has(Sign::fiction) || f.has(Sign::hypothetical) ||
         f.has(Sign::job_ad) || f.has(Sign::marketing) || f.has(Sign::machine);
}

/// The hazard that the rules see; "" where there is none.
std::string rule_reason(const Facts& f) {
  if (f.automatic) return {};
  if (f.has(Sign::press) && f.has(Sign::deadline)) return "The press asks with a deadline.";
  if (distant(f) || f.has(Sign::how_to)) return {};
  const bool cut_off = f.has(Sign::outage);
  if (f.has(Sign::safety)) return "A hazard is told as present fact.";
  if (f.has(Sign::medical) || (f.has(Sign::vulnerable) && f.has(Sign::vital)))
    return "Somebody's health is at stake.";
  if (f.has(Sign::vulnerable) && cut_off) return "A vulnerable person is cut off.";
  if (f.has(Sign::vital) && cut_off) return "A line that people's safety depends on is dead.";
  if (f.has(Sign::threat)) return "Violence or self-harm is threatened.";
  if (f.has(Sign::fraud)) return "Money has gone by fraud.";
  if (f.has(Sign::breach)) return "Data or an account are in other hands.";
  if (f.has(Sign::legal)) return "A legal or regulatory step is told.";
  if (f.has(Sign::dependence)) return "A trade stands still at this moment.";
  if (f.has(Sign::wide) && cut_off) return "A wide outage is told.";
  return {};
}

/// Below this, words are nobody's trouble, whatever their hazard words: a
/// novel, a match, a quiz. Where we are named, less is let pass.
constexpr double kUrgentFloor = 0.13;
constexpr double kUrgentFloorOurs = 0.08;
/// The same for what notions tell together: requests are told by their form, dangers need more.
constexpr double kAskFloor = 0.05;
constexpr double kTidingsFloor = 0.15;
/// … unless they come this near to a complaint, as a share of the threshold.
constexpr double kRuleFrom = 0.6;
/// The same for money gone and legal steps.
constexpr double kStepFrom = 0.35;
/// A text to nobody is taken for ours from this probability of a complaint on.
constexpr double kOursFrom = 0.12;
/// Where nobody is watched, posts are anybody's small talk: the judge alone must be surer by this.
constexpr double kUnwatched = 1.6;
/// An urgent text counts as a complaint from this share of the threshold on.
constexpr double kHazardFrom = 0.4;

/// What the notions of a text tell, where the urgency judge does not find it nobody's trouble.
std::string told_reason(const Facts& f) {
  if (f.automatic || f.urgent < kAskFloor) return {};
  if (f.tidings.press_asks) return "The press asks with a deadline.";
  if (f.tidings.office_asks) return "An authority wants an answer.";
  if (f.urgent < kTidingsFloor) return {};
  if (f.tidings.remedy) return "What keeps somebody well is missing or fails.";
  if (f.tidings.loose) return "Something gives way where people are.";
  if (f.tidings.abroad) return "Personal data are before strangers.";
  if (f.tidings.despair) return "There are words of self-harm.";
  return {};
}

About about_of(const Facts& f, const Target& target, bool watching, bool tells) {
  if (f.automatic) return target.ours ? About::us : About::none;
  if (!watching) return tells ? About::us : About::none;
  if (target.rival && !target.named && target.addressed.empty()) return About::rival;
  // "so glad I left Dimly, you are miles better": what failed is the rival's. "I am off to Dimly"
  // and "even Dimly is better than you" are told of us.
  if (target.rival && target.rival_as_source) return About::rival;
  if (target.ours) return About::us;
  // Who writes to us names himself: a paper, an authority.
  const bool asks = f.sent_to_us && (f.tidings.press_asks || f.tidings.office_asks ||
                                     (f.has(Sign::press) && f.has(Sign::deadline)));
  if (target.other && !asks) return About::none;
  return tells || (f.learnt && f.complaint >= kOursFrom) || f.sent_to_us ? About::us : About::none;
}

Severity severity_of(const Facts& f) {
  const bool grave = f.has(Sign::safety) || f.has(Sign::medical) || f.has(Sign::fraud) ||
                     f.has(Sign::breach) || f.has(Sign::threat) ||
                     (f.has(Sign::vulnerable) && f.has(Sign::outage));
  if (grave) return Severity::grave;
  const bool serious = f.serious || f.has(Sign::legal) || f.has(Sign::press) ||
                       f.has(Sign::discrimination) || f.has(Sign::repeat_contact) ||
                       f.has(Sign::broken_promise) || f.lasting;
  return serious ? Severity::serious : Severity::mild;
}

/// What the phrases alone call a complaint, in a language that the model does not know.
bool phrases_complain(const Facts& f) {
  constexpr std::array kTroubles{Sign::safety,         Sign::medical,    Sign::fraud,
                                 Sign::breach,         Sign::outage,     Sign::discrimination,
                                 Sign::threat,         Sign::churn,      Sign::repeat_contact,
                                 Sign::broken_promise, Sign::wants_human};
  return !distant(f) &&
         std::any_of(kTroubles.begin(), kTroubles.end(), [&](Sign s) { return f.has(s); });
}

}  // namespace

bool tells_long_time(const WordList& words) {
  static const WordSet kUnits{
      "weeks months wochen monate monaten semanas meses semaines mois settimane mesi weken maanden "
      "tygodni miesiecy veckor manader haftadir aydir hafte mahine"};
  static const std::uint64_t kDays = word_hash("days");
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::uint64_t unit = words[i].hash;
    if (kUnits.has(unit)) {
      if (words[i].length >= 4) return true;
    } else if (unit == kDays && words[i - 1].number) {
      return true;
    }
  }
  return false;
}

void decide(const Facts& f, const Target& target, bool watching, Assessment& out) {
  const bool words_complain =
      (f.learnt ? f.complaint >= f.threshold : phrases_complain(f)) && !f.automatic;
  std::string reason = rule_reason(f);
  // A danger told of us needs no gate: the words of a fire are few, and a missed one costs a
  // person.
  const bool danger =
      target.ours && !reason.empty() && (f.has(Sign::safety) || f.has(Sign::medical));
  // Phrases of money gone, and of steps taken, are seldom said in jest.
  const double share = f.has(Sign::fraud) || f.has(Sign::legal) ? kStepFrom : kRuleFrom;
  if (f.learnt && !danger && f.complaint < share * f.threshold &&
      f.urgent < (target.ours ? kUrgentFloorOurs : kUrgentFloor))
    reason.clear();
  if (reason.empty() && f.learnt) reason = told_reason(f);
  const double alone = std::min(0.9, f.urgent_threshold * (watching ? 1 : kUnwatched));
  if (reason.empty() && f.learnt && !f.automatic && f.urgent >= alone) reason = kUrgentWords;
  out.about = about_of(f, target, watching, words_complain || !reason.empty());
  const bool us = out.about == About::us;
  out.urgent = us && !reason.empty();
  if (out.urgent) out.urgent_reason = std::move(reason);
  // A hazard told of us is a complaint (labels), however calmly it is told; the press and the
  // regulator ask without complaining.
  const bool asks = f.has(Sign::press) || f.has(Sign::media) || f.has(Sign::office) ||
                    f.tidings.press_asks || f.tidings.office_asks;
  const bool hazard =
      out.urgent && !asks && (danger || !f.learnt || f.complaint >= kHazardFrom * f.threshold);
  out.is_complaint = us && (words_complain || hazard);
  out.severity = out.is_complaint ? severity_of(f) : Severity::none;
}

}  // namespace earshot
