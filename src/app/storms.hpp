#pragma once

/// Storms as the intake meets them, inside one transaction: counts what is filed under a cause,
/// opens a storm where the pure rules (triage/storm.hpp) say so, groups its cases under the one
/// that stands for all. Nothing that stands alone - a hazard, somebody at the top - is grouped.

#include <map>
#include <string>
#include <vector>

#include "earshot/app/rules.hpp"
#include "earshot/cases/intake.hpp"
#include "earshot/cases/storm.hpp"
#include "earshot/store/store.hpp"
#include "earshot/triage/storm.hpp"
#include "effects.hpp"

namespace earshot {

/// Kinds of records: the storm, what is counted of a cause (parent: its storm), a case in a storm
/// (parent: the storm; state grouped own owned ended).
inline constexpr std::string_view kStorm = "storm";
inline constexpr std::string_view kCause = "cause";
inline constexpr std::string_view kStormCase = "storm_case";

class Storms {
 public:
  Storms(StoreWriter& writer, const Rules& rules, Effects& effects);

  /// Is there a storm of this cause now?
  bool rages(const Assessment& assessment);
  /// A case is about to be opened: it enters the storm of its cause, or of the words it copies
  /// (`copied`: the storm of the case with the same words).
  void enter(const Assessment& assessment, const std::string& copied, Filed& filed);
  /// It was opened: counted, and perhaps the one that makes it a storm.
  void opened(const Assessment& assessment, const Case& stored);
  /// Another customer's copy was joined to a case.
  void joined(const Case& stored);
  /// Words were added: what is a hazard now stands alone.
  void added(const Assessment& assessment, const Case& stored);
  /// Writes what was counted; the last call before the transaction ends.
  void flush();

 private:
  struct Book {
    CauseCounts counts;
    Record record;
    bool changed = false;
  };
  struct Open {
    Storm storm;
    bool changed = false;
  };
  Book& book_of(const std::string& cause);
  Open* open_storm(const std::string& id);
  Open* storm_of(const std::string& cause);
  /// `lately`: copies joined within the window, for a case that was in a storm before.
  void open(Storm storm, const std::vector<std::string>& ids, std::uint64_t lately);
  void count(Open& it, const Case& stored);
  Instant since();

  StoreWriter& writer_;
  const Rules& rules_;
  Effects& effects_;
  const StormPolicy& policy_;
  std::map<std::string, Book> books_;  ///< by cause
  std::map<std::string, Open> open_;   ///< by id
};

/// The open case of this author to which a further post of theirs belongs, because they have opened
/// so many within the window already; nullopt where it may open its own. A hazard or an address to
/// somebody at the top that none of their cases holds opens its own.
std::optional<Case> crowded_case(StoreReader& reader, const Assessment& assessment,
                                 const std::string& customer, const StormPolicy& policy,
                                 Instant now);

/// May another case be told for it? Not a hazard, not an address to the top, not what somebody has.
bool may_be_grouped(const Case& it);
/// A storm by its id; nullopt where there is none.
std::optional<Storm> load_storm(StoreReader& reader, const std::string& id);
void store_storm(StoreWriter& writer, Storm& storm, Instant now);
/// Ends it: by a person, or "" because it cooled down.
void end_storm(StoreWriter& writer, Effects& effects, Storm storm, const std::string& by,
               Instant now);
/// The timer of a storm: has it cooled down?
void cool_down(StoreWriter& writer, const Rules& rules, Effects& effects, const TimerRecord& timer,
               Instant now);
/// True where the case that stands for it does: there, not ended, not grouped itself.
bool is_led(StoreReader& reader, const Storm& storm);

}  // namespace earshot
