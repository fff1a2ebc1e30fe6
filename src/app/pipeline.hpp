#pragma once

/// The way of a post, in one function over one batch (what one poll returned): normalise, classify,
/// then - inside one transaction - dedupe, triage, case, route, and everything they leave behind.
/// Posts, reasons, cases, ledger, notifications and the source's cursor: all of it or none.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "earshot/app/rules.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/sources/source.hpp"
#include "earshot/store/store.hpp"
#include "earshot/text/near.hpp"
#include "earshot/web/ack_link.hpp"
#include "earshot/web/backend.hpp"
#include "heed.hpp"

namespace earshot {

class Clock;
class Dice;
struct JudgedPost;
class Tombstones;

/// What became of a batch, for metrics and for the door that brought it.
using ByUrgency = std::array<std::uint64_t, kWordsOf<Urgency>.size()>;

struct Accepted {
  std::uint64_t stored = 0;
  std::uint64_t known = 0;
  std::uint64_t edited = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t opened = 0;
  std::uint64_t pages = 0;
  ByUrgency judged{};            ///< posts
  ByUrgency cases{};             ///< opened
  bool gap = false;              ///< a stretch may be missing
  bool told = false;             ///< something was put into the outbox
  std::uint64_t forgotten = 0;   ///< items of people who were erased
  std::vector<Unsure> unsure{};  ///< a second opinion is wanted
};

class Pipeline {
 public:
  /// `current` gives the rules in force. Big batches are read and judged on `workers`.
  Pipeline(Store& store, Clock& clock, Dice& dice, Executor workers,
           std::function<std::shared_ptr<const Rules>()> current, std::function<AckKey()> key);
  ~Pipeline();

  /// A poll that found nothing and left its state as it was commits nothing: its time is written
  /// down every few minutes only, so that a thousand unchanged feeds cost no thousand syncs.
  /// Throws QuarantineFull where its bad items find no room: nothing of it is stored then.
  Task<Accepted> accept(Batch batch);
  /// The next batch of this source is committed even if it brings nothing: a failure was written
  /// down meanwhile.
  void failed(const std::string& source) { committed_.erase(source); }
  /// Refills the near-copy window from the store; until then near copies older than this start are
  /// not recognised.
  Task<> warm_up();
  /// One transaction that may look for near copies and add to them.
  Task<> write_near(std::function<void(StoreWriter&, NearCases&)> work);
  /// Items of erased people are kept out. Touched on the writer alone.
  void use(std::shared_ptr<const Tombstones> stones) { stones_ = std::move(stones); }

 private:
  Store& store_;
  Clock& clock_;
  Dice& dice_;
  Executor workers_;
  std::function<std::shared_ptr<const Rules>()> current_;
  std::function<AckKey()> key_;
  struct Window;
  std::unique_ptr<Window> window_;
  std::shared_ptr<const Tombstones> stones_{};
  struct Committed {
    std::uint64_t state = 0;  ///< hash of the source's state
    std::uint64_t bad =
        0;  ///< and of the items that could not be read: they may stand in it for days
    Instant at;
  };
  Accepted file_all(StoreWriter& writer, const std::vector<JudgedPost>& judged, const Batch& batch,
                    const Rules& rules, Effects& effects, std::vector<BadItem>& bad, Instant now,
                    std::uint64_t seed);
  bool brings_nothing(const Batch& batch, Instant now) const;
  std::map<std::string, Committed> committed_;  ///< by source, since the start
};

}  // namespace earshot
