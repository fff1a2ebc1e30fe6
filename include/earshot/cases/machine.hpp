#pragma once

/// The life of a case as a pure function: apply(case, command, now) gives events or a refusal with
/// its reason; fold(case, event) gives the next case. Every door (API, CLI, mail, bulk, tick) comes
/// through here, so no door can go around a gate.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/cases/case.hpp"
#include "earshot/cases/policy.hpp"
#include "earshot/core/instant.hpp"

namespace earshot {

/// What people and the tick may ask of a case. `open`, `join`, `words` come from intake;
/// `escalate`, `decay` from the tick; `enter_storm`, `leave_storm` from storms (cases/storm.hpp).
/// retract: the customer took words back where they stood. fail: signs of a failed case were seen.
EARSHOT_ENUM(Action, ack, undo_ack, assign, take_over, answer, feedback, verify, close, dismiss,
             reopen, merge, note, escalate, decay, words, join, raise, answer_seen, help, snooze,
             hold, release, teach, enter_storm, leave_storm, retract, wait, go_on, call_to, grant,
             ask_grant, fail);

/// Arguments by name, as they come in over the API: person, reason, text, link, said, done, cost,
/// cause, department, product_change ("yes"/"no"), change, change_owner, change_due, outcome,
/// words, into, level.
using Arguments = std::map<std::string, std::string, std::less<>>;

struct Command {
  Action action = Action::note;
  std::string who;  ///< person id; "tick" or "customer" for what no person did
  Arguments args{};
};

/// Kinds of events, each an entry of the ledger.
EARSHOT_ENUM(EventKind, opened, told, acknowledged, confirmed, ack_undone, ack_decayed, assigned,
             taken_over, answered, feedback_given, verification_due, called, closed,
             dismissal_asked, dismissed, reopened, merged, noted, escalated, words_added, joined,
             raised, helper_added, snoozed, held, released, taught, entered_storm, left_storm,
             retracted, waiting, went_on, call_given, granted, grant_asked, failed);

struct Event {
  EventKind kind = EventKind::noted;
  std::string who;
  Instant at{};
  Arguments data{};  ///< everything fold() needs: the ledger alone rebuilds the case
};

/// Why not, for people; `missing` names the gates: owner answer said done cause department
/// product_change verify.
struct Refusal {
  std::string code;  ///< "feedback_missing"
  std::string text;  ///< "Still owed: what was said, what was done."
  std::vector<std::string> missing{};
  std::string field{};  ///< the argument that is wrong
};

struct Applied {
  std::vector<Event> events;
  std::optional<Refusal> refusal{};
  bool ok() const { return !refusal; }
};

/// Why nothing may be said to this customer now; nullopt without a legal hold. For every door that
/// drafts, sends or rings.
std::optional<Refusal> held_back(const Case& it);

Applied apply(const Case& it, const Command& command, Instant now, const CasePolicy& policy);
Case fold(Case it, const Event& event);
Case fold_all(Case before, const std::vector<Event>& events);

/// The sentence of an event, for stories and the ledger.
std::string sentence_of(const Event& event);
std::string to_json(
    const Event& event);  ///< {"data":{…}}: kind, who and at are the ledger's columns
Result<Event> event_from_json(std::string_view kind, std::string_view who, Instant when,
                              std::string_view data);

/// Which actions a person may take now, with the reason where not: what the console draws.
struct Permission {
  Action action{};
  std::optional<Refusal> refusal;
};
std::vector<Permission> permissions(const Case& it, std::string_view who, Instant now,
                                    const CasePolicy& policy);

/// The gates on the way to the end, in order.
struct Gate {
  std::string key;  ///< owner answer said done cause change verify
  bool done = false;
  std::string by;
  std::optional<Instant> at{};
  std::string text;
};
std::vector<Gate> gates(const Case& it);

}  // namespace earshot
