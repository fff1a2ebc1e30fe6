#pragma once

/// Case: one matter of one customer, and everything that was decided about it. A value; it changes
/// only by folding events (cases/machine.hpp). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "earshot/classify/assessment.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/post.hpp"
#include "earshot/triage/urgency.hpp"

namespace earshot {

/// open -> acknowledged -> answered -> verifying -> closed; dismissed and merged end it elsewhere
/// (DESIGN 4).
EARSHOT_ENUM(CaseState, open, acknowledged, answered, verifying, closed, dismissed, merged);
/// The closed list of reasons to dismiss.
EARSHOT_ENUM(Dismissal, not_a_complaint, not_about_us, spam, duplicate, test, handled_elsewhere);
EARSHOT_ENUM(CallOutcome, satisfied, not_satisfied, not_reached);

struct Feedback {
  std::string said;  ///< what was said to the customer
  std::string done;  ///< what was done
  std::string cost;
  std::string cause;           ///< root cause
  std::string department;      ///< that caused it
  bool change_wanted = false;  ///< product change: yes or no must be answered
  std::string change;          ///< what will change, where wanted
  std::string change_owner;
  std::optional<Instant> change_due{};
  std::string by;
  Instant at{};
};

struct CallTry {
  Instant at{};
  CallOutcome outcome = CallOutcome::not_reached;
  std::string words;  ///< the customer's; required where not satisfied
  std::string by;
};

/// What was given to the customer beyond words.
struct Grant {
  std::string kind;    ///< "refund"
  std::string amount;  ///< "180 EUR"
  std::string limit;   ///< what its giver may grant without asking; "" = nothing
  bool beyond = false;
  std::string reason;
  std::string by;
  Instant at{};
};

struct FormerOwner {
  std::string person;
  Instant until{};
  std::string why;
};

/// While the customer was waited for.
struct Wait {
  Instant from{};
  Instant to{};
};

/// Which symbol gave how many points, kept for "why did this wake me?".
struct CasePoint {
  std::string symbol;
  int points = 0;
  std::string floor;  ///< word of the floor; "" without
  std::string sentence;
};

struct Case {
  std::string id;
  std::int64_t number = 0;   ///< for people; the store's
  std::int64_t version = 0;  ///< the store's
  CaseState state = CaseState::open;
  Urgency urgency = Urgency::queue;
  Severity severity = Severity::none;
  std::string kind = "customer";  ///< or "blindness", "self": incidents of our own

  std::string customer;  ///< id
  std::string customer_name;
  std::string customer_handle;
  std::optional<std::uint64_t> reach{};
  std::string source;
  Channel channel = Channel::post;
  bool is_public = true;
  std::string conversation;  ///< key of the thread; "" where there is none
  std::string url;           ///< of the first post
  std::string title;
  std::string excerpt;  ///< the customer's words, at most 400 characters
  std::string language;
  std::string principal;                  ///< addressed; "" where none is
  std::optional<Instant> principal_at{};  ///< when later words did, and not the first post
  std::string product;
  std::vector<std::string> cues;        ///< of its first post; those that phrases tell
  std::vector<std::string> cues_heard;  ///< those the model hears besides
  std::vector<std::string> topics;
  double probability = 0;
  std::vector<CasePoint> points;
  std::vector<std::string> reasons;
  int points_sum = 0;

  std::string team;
  std::string escalation;  ///< name of the policy
  std::vector<std::string> receivers;
  std::string storm;     ///< id of the storm it is part of; "" where it is none's
  bool grouped = false;  ///< nobody is told of it: the case that stands for the storm was told

  Instant posted_at{};  ///< of the first post, as far as it can be believed: never after opened_at
  Instant opened_at{};
  Instant updated_at{};
  std::uint64_t posts = 0;
  std::uint64_t joined = 0;  ///< further customers whose copies were joined

  std::string owner;  ///< exactly one from acknowledged on, until it ends; "" while open
  std::vector<FormerOwner> former_owners;
  std::vector<std::string> told;  ///< people who are being told while it is open (the assignees)
  int acks_needed = 1;            ///< so many people must acknowledge before it stops climbing
  std::vector<std::string> confirmed;  ///< who have, the owner first
  std::optional<Instant> acknowledged_at{};
  std::optional<Instant>
      decays_at{};  ///< an acknowledgement without progress returns then, one step up
  std::optional<Instant> answered_at{};     ///< the customer's first answer
  std::optional<Instant> last_answer_at{};  ///< the newest one
  std::optional<Instant> waiting_since{};   ///< the customer is waited for since then
  std::vector<Wait> waits{};                ///< earlier times of the same kind, in order
  std::string answer_link;
  std::optional<Feedback> feedback{};
  bool verification_needed = true;
  std::optional<Instant> call_due{};
  std::optional<Instant> call_from{};  ///< the call-back's time runs since then
  std::string caller;  ///< who rings: the word of the policy, then the id of a person or principal
  bool caller_named = false;  ///< caller is an id
  std::string call_why;       ///< why there is a call-back, or none
  std::vector<CallTry> calls;
  std::string outcome;       ///< word of CallOutcome or "not_needed" once closed
  std::string dismissal;     ///< word of Dismissal
  std::string dismissal_by;  ///< who asked first (a page wants a second person)
  std::string merged_into;
  std::optional<Instant> ended_at{};
  int reopened = 0;
  std::optional<Instant> reopened_at{};  ///< the last time
  int level = 0;  ///< raised by reopening: escalation begins this many steps up

  std::vector<std::string> helpers;  ///< asked in; the owner stays the owner
  std::optional<Instant>
      snoozed_until{};  ///< the acknowledgement lasts this long, by the owner's word
  std::string hold;     ///< legal hold: why; no drafts, no call-backs, kept from erasure. "" = none

  int step = -1;  ///< last escalation step taken; -1 before the first
  int round = 0;
  std::optional<Instant> next_step_at{};
  std::string failed;                      ///< why it counts as a failed case; "" where it does not
  std::vector<std::string> failures;       ///< words of FailureKind, each once
  std::optional<Instant> last_words_at{};  ///< the customer's newest words; absent: only the first
  std::vector<Grant> grants;

  /// Nobody has it, or not all who must have said so.
  bool climbs() const {
    return state == CaseState::open ||
           (state == CaseState::acknowledged && std::ssize(confirmed) < acks_needed);
  }
  bool ended() const {
    return state == CaseState::closed || state == CaseState::dismissed ||
           state == CaseState::merged;
  }
};

/// Whole, for the store; reads what it wrote (unknown fields ignored, missing ones take their
/// defaults).
std::string to_json(const Case& value);
Result<Case> case_from_json(std::string_view json);

}  // namespace earshot
