#pragma once

/// What the web room asks of the daemon. The app implements it; the web room knows no wiring. Reads
/// go to the store directly.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/core/post.hpp"
#include "earshot/core/result.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

struct Config;

/// One line of a push that could not be taken; kept in quarantine.
struct RejectedPost {
  std::size_t line = 0;  ///< 1-based: line of JSON Lines, or position in the array
  std::string raw;
  std::string reason;
};

struct IntakeAnswer {
  std::uint64_t accepted = 0;
  std::uint64_t known = 0;
};

/// What became of a command on a case.
struct ActAnswer {
  enum class Kind { done, refused, not_found, conflict };
  Kind kind = Kind::done;
  std::optional<Case>
      now_case{};  ///< after the command (done), or as it stands (refused, conflict)
  std::optional<Refusal> refusal{};
};

/// A person's command on the rota: overrides, absences, swaps, contacts (docs/oncall.md).
struct RotaCommand {
  std::string what;  ///< override_add override_end absence_add absence_end swap_ask swap_accept …
  std::string who;
  bool manager = false;  ///< may answer for others
  Arguments args{};
};
struct RotaAnswer {
  bool done = false;
  bool found = true;  ///< false: what it names is not there
  std::string code;   ///< of the refusal
  std::string text;
  std::string field;
  std::string body;  ///< JSON of what it left
};

/// Commands on questions, letters and the like come and are answered in the same form.
using DeskCommand = RotaCommand;
using DeskAnswer = RotaAnswer;

/// What the doors ask of digests: `what` is digest, items, list, report or reports.
struct DigestAsk {
  std::string what;
  std::string name;      ///< of a digest that was sent, or of a report
  std::string day;       ///< local day "2026-11-26"
  std::string from, to;  ///< RFC 3339
  std::string bucket;
  std::string format;                                    ///< json text html csv; "" = json
  std::string team{}, source{}, severity{}, language{};  ///< a report of these cases only
};
struct DigestReply {
  bool found = true;
  std::string code;  ///< of the refusal; "" = none
  std::string text;
  std::string field;
  std::string type = "application/json";
  std::string body;
};

struct SourceHealth {
  std::string name;
  std::string type;
  std::string state;  ///< well slow quiet deaf paused quarantine
  std::string text;   ///< one sentence
  std::optional<Instant> last_success{}, next_poll{};
  std::uint64_t items = 0;
  int failures = 0;
  std::uint64_t quarantined = 0;      ///< since the start
  std::uint64_t gaps = 0;             ///< since the start: times a stretch may be missing
  std::optional<Instant> last_gap{};  ///< when, the last time
  std::string gap;                    ///< and why
};

/// A rate limit makes a lane of a receiver wait.
struct OutboxDelay {
  std::string receiver;
  Lane lane = Lane::notice;
  Instant until{};  ///< the next one goes then
  int per_minute = 0;
};

/// What the auditor found the last time it looked.
struct AuditReport {
  struct Item {
    std::string kind, subject, text;
    bool grave = true;  ///< the heartbeat waits for it
  };
  std::optional<Instant> at{};
  std::vector<Item> items;
};

class Backend {
 public:
  virtual ~Backend() = default;
  /// The configuration in force; stays valid while held.
  virtual std::shared_ptr<const Config> config() = 0;
  virtual Store& store() = 0;

  /// Takes pushed posts; returns once they are committed. `source` is the name under which they are
  /// stored.
  virtual Task<Result<IntakeAnswer>> push(std::string source, std::vector<Post> posts,
                                          std::vector<RejectedPost> rejected) = 0;
  /// Applies a command in one transaction: events, ledger, timers, outbox. `version`: refuse
  /// (conflict) where the case has moved on.
  virtual Task<ActAnswer> act(std::string case_id, Command command,
                              std::optional<std::int64_t> version) = 0;

  /// Reads an item of the quarantine again, as if its source had brought it now. An Error (status
  /// 404 where there is no such item): it stays where it is.
  virtual Task<Result<IntakeAnswer>> replay_quarantined(std::int64_t id, std::string who) = 0;
  /// Forgets it; the ledger keeps who did so.
  virtual Task<Result<IntakeAnswer>> drop_quarantined(std::int64_t id, std::string who) = 0;

  /// Carries out a command on the rota in one transaction.
  virtual Task<RotaAnswer> change_rota(RotaCommand) { co_return RotaAnswer{}; }
  /// Carries out a command on a question in one transaction: ask answer add remind withdraw accept
  /// again.
  virtual Task<DeskAnswer> change_question(DeskCommand) { co_return DeskAnswer{}; }
  /// A command on a corrective action, a letter or a customer: `action` done decline postpone give
  /// note, `letter` draw done swap, `customer` merge split flag.
  virtual Task<DeskAnswer> change_desk(std::string, DeskCommand) { co_return DeskAnswer{}; }
  /// A digest, what is behind it, or a report: made anew from the ledger, nothing is stored.
  virtual Task<DigestReply> tell_digest(DigestAsk) { co_return DigestReply{}; }
  /// What is held on a person: export, erase, hold, release (docs/privacy.md), with what the ledger
  /// keeps of it, in one transaction.
  virtual Task<DeskAnswer> change_person(DeskCommand) { co_return DeskAnswer{}; }
  /// The whole decision about a post at an instant, JSON; nothing is stored or sent.
  virtual Task<std::string> explain(Post, Instant) { co_return std::string{}; }

  virtual std::vector<SourceHealth> sources() = 0;
  /// Loads the configuration again; the text says what happened. An Error holds the diagnostics and
  /// nothing has changed.
  virtual Task<Result<std::string>> reload() = 0;
  virtual std::vector<OutboxDelay> outbox_delays() { return {}; }
  virtual AuditReport findings() { return {}; }
  virtual std::string metrics() = 0;
  virtual bool ready() = 0;
  /// Why nothing may be changed (P19); "" while all is well.
  virtual std::string safe_mode() { return {}; }
  /// Queues a test message to a receiver; not_found is a permanent error.
  virtual Task<Result<void>> test_receiver(std::string name, std::string urgency) = 0;
  /// Returns when the ledger has grown beyond `seen`, or at the limit.
  virtual Task<> wait_for_ledger(std::int64_t seen, Duration limit) = 0;
};

}  // namespace earshot
