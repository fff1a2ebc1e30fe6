#pragma once

/// Triage turns "what is this message?" into "how fast must someone look?": named symbols with
/// points, floors and ceilings.
///
/// Pure: no I/O, no clock, no logging. The same input gives the same decision for ever, which is
/// what makes `earshot explain` possible.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "earshot/classify/assessment.hpp"
#include "earshot/core/post.hpp"
#include "earshot/triage/urgency.hpp"

namespace earshot {

/// What a symbol may ask for before it counts; the words of `when:` in the configuration ("public"
/// is is_public).
EARSHOT_ENUM(Condition, complaint, is_public, about_us, urgent);

struct SymbolRule {
  int add = 0;                       ///< points, may be negative
  std::optional<Urgency> floor{};    ///< at least this, whatever the points
  std::optional<Urgency> ceiling{};  ///< at most this, whatever points and floors
  std::vector<Condition> when{};     ///< all must hold
};

/// The defaults of DESIGN 6, written out. Ops change points, caps, floors and thresholds.
struct TriagePolicy {
  int page_at = 60;
  int queue_at = 30;
  int digest_at = 10;
  int complaint_up_to = 40;  ///< times the calibrated probability, for a complaint
  SymbolRule principal_addressed{
      15, Urgency::page, {}, {Condition::complaint, Condition::is_public}};
  SymbolRule principal_addressed_privately{15, Urgency::queue, {}, {Condition::complaint}};
  SymbolRule principal_mentioned{5, Urgency::queue, {}, {Condition::complaint}};
  SymbolRule urgent{0, Urgency::page, {}, {Condition::about_us}};
  int severity_serious = 10;
  int severity_grave = 25;
  int reach_per_decade = 4;  ///< points per factor of ten of followers; points only, never a floor
  int reach_cap = 20;
  SymbolRule repeat_contact{12, {}, {}, {}};
  SymbolRule broken_promise{8, {}, {}, {}};
  SymbolRule failed_case{15, {}, {}, {}};
  SymbolRule storm{10, {}, {}, {}};
  SymbolRule about_rival{0, {}, Urgency::ignore, {}};
};

/// What is known besides the post itself.
struct TriageContext {
  std::uint64_t earlier_contacts = 0;  ///< of the same customer on an open matter
  bool failed_case = false;  ///< an earlier case of this matter failed (reopened, clocks missed)
  bool storm = false;
};

struct Symbol {
  std::string name;  ///< "principal_addressed"
  int points = 0;
  std::optional<Urgency> floor{};
  std::optional<Urgency> ceiling{};
  std::string sentence;  ///< "The chief executive is addressed by name, in public."
};

struct Decision {
  Urgency urgency = Urgency::ignore;
  int points = 0;
  std::vector<Symbol> symbols;       ///< in order of weight: floors first, then points
  std::vector<std::string> reasons;  ///< their sentences; never empty
};

Decision triage(const Post& post, const Assessment& assessment, const TriageContext& context,
                const TriagePolicy& policy);

/// Points for an audience: per_decade times log10, rounded down, at most the cap; 0 where nothing
/// is known.
int reach_points(std::optional<std::uint64_t> followers, const TriagePolicy& policy);

}  // namespace earshot
