#pragma once

/// Corrective actions: the side that caused a failure owes what makes it not happen again. Opened
/// by the feedback that names the cause, reminded of, climbing to the head; the same cause again
/// soon after it was said to be done opens it again. Pure: API, CLI, cases and tick come through
/// here.

#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/cases/question.hpp"

namespace earshot {

/// The kind of its records and of its timers.
inline constexpr std::string_view kAction = "action";

/// open and late are owed. declined: "will not change, because …".
EARSHOT_ENUM(CorrectiveState, open, late, done, declined);
EARSHOT_ENUM(CorrectiveDeed, opened, added, recurred, done, declined, postponed, given, noted,
             reminded, late, climbed);

struct CorrectiveWords {
  Instant at{};
  std::string who;
  CorrectiveDeed kind = CorrectiveDeed::noted;
  std::string text;
  std::string case_id;  ///< "" where it is of no case
};

/// A case whose feedback wants the product changed.
struct ChangeWanted {
  std::string case_id;
  std::int64_t case_number = 0;
  std::string by;  ///< who wrote the feedback, and hears the answer
  std::string text;
};

struct Corrective {
  std::string id;  ///< "a1a2b3c4d"
  std::string cause;
  std::string department;
  std::string owner;              ///< who owes it
  std::vector<std::string> line;  ///< owner first, then those it climbed to
  CorrectiveState state = CorrectiveState::open;
  Instant opened_at{};
  Instant due{};
  std::optional<Instant> reminded_at{}, climbed_at{}, ended_at{};
  int recurrences = 0;
  std::string answer;              ///< "fixed in 4.2", "will not change, because …"
  std::vector<std::string> cases;  ///< ids, each once, the newest last, at most 200
  std::uint64_t counted = 0;       ///< all that named the cause
  std::vector<ChangeWanted> wanted;
  std::vector<CorrectiveWords> talk;  ///< the newest 200

  bool owed() const { return state == CorrectiveState::open || state == CorrectiveState::late; }
};

struct CorrectiveCommand {
  std::string what;  ///< done decline postpone give note
  std::string who;
  Arguments args{};  ///< text; until; person
  bool manager = false;
};

struct CorrectiveDone {
  Corrective after;
  std::optional<Refusal> refusal{};
  bool changed = false;
  std::vector<QuestionLetter> letters;
  std::vector<CorrectiveWords> entries;  ///< what the ledger keeps
};

/// The feedback of `it` named a cause of a known department. `before`: the newest action of this
/// cause there; `id`: of a new one.
CorrectiveDone cause_named(const std::optional<Corrective>& before, const Case& it,
                           const std::string& id, Instant now, const CauseRules& rules,
                           const Parties& parties);
CorrectiveDone apply_corrective(const Corrective& before, const CorrectiveCommand& command,
                                Instant now, const CauseRules& rules, const Parties& parties);
/// The timer: a reminder, late, or one up.
CorrectiveDone corrective_due(const Corrective& before, Instant now, const CauseRules& rules,
                              const Parties& parties);
/// When there is something to say next; nullopt where nothing falls due.
std::optional<Instant> next_of(const Corrective& action, const CauseRules& rules);

std::string to_json(const Corrective& it);
Result<Corrective> corrective_from_json(std::string_view json);

/// One feedback: which cause, whose.
struct CauseNamed {
  Instant at{};
  std::string cause;
  std::string department;
};
struct CauseTrend {
  std::string cause;
  std::string department;
  std::uint64_t total = 0;
  std::vector<std::uint64_t> buckets;  ///< as long as `step` fits between from and to
};
/// The most frequent first.
std::vector<CauseTrend> cause_trend(const std::vector<CauseNamed>& named, Instant from, Instant to,
                                    Duration step);

}  // namespace earshot
