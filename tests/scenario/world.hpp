#pragma once

/// The world a story plays in: the real pipeline, tick, outbox and effects over an in-memory
/// SQLite store, time that moves when the story says so, and receivers that do as they are told.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../src/app/effects.hpp"
#include "../../src/app/pipeline.hpp"
#include "../../src/app/rota.hpp"
#include "../../src/app/tick.hpp"
#include "earshot/receivers/outbox.hpp"
#include "earshot/runtime/guarded_clock.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot::scenario {

/// What a story says is not so, or cannot be understood: the text is for its author.
struct Untrue : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One accepted delivery. `claimed`: a sentence of the story has spoken of it.
struct Told {
  Instant at{};
  OutboxRow row;
  bool claimed = false;
};

/// Rules of house.yaml, sections replaced by those of `own` (YAML). Throws Untrue with the
/// diagnostics.
std::shared_ptr<const Rules> rules_of(const std::string& own);

class World {
 public:
  World(std::shared_ptr<const Rules> rules, Instant start);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Lets time pass; everything that falls due on the way happens at its own time.
  void pass(Duration span);
  /// Does what is due now, until nothing is.
  void settle();
  /// Ends the daemon as a crash would (no goodbye) and, where it is down, lets it start again.
  void stop();
  void start();
  bool up() const { return parts_ != nullptr; }
  void use(std::shared_ptr<const Rules> rules);

  /// A post through the intake; returns what became of it.
  Accepted post(const std::string& source, Post post);
  ActAnswer act(const std::string& case_id, const Command& command);
  void read(const std::function<void(StoreReader&)>& work);
  void write(const std::function<void(StoreWriter&)>& work);
  /// The case with this number; 0: the only one. Throws Untrue.
  Case find_case(std::int64_t number);
  std::vector<Case> all_cases();

  /// A command on the rota; throws Untrue where it is refused, else returns its record's JSON.
  std::string change(RotaCommand command);
  LiveRota live();

  Chance chance() { return {guard.now(), dice.bits()}; }

  Loop loop;
  FakeClock clock;            ///< the machine's
  GuardedClock guard{clock};  ///< what the daemon's parts see
  FakeDice dice;
  AckKey key{"k1", std::string(32, 's')};
  std::shared_ptr<const Rules> rules;
  std::unique_ptr<Store> store;
  std::string zone = "Europe/Berlin";  ///< in which the story tells its times

  std::vector<Told> told;                          ///< in order
  std::map<std::string, DeliveryOutcome> answers;  ///< of receivers that do not work
  std::set<std::string> off;                       ///< people who see nothing
  std::string rota_id;                             ///< of the newest override, absence or swap
  std::string refusal;                             ///< why the last command was refused; "" = done

 private:
  struct Parts;
  class Fake;
  bool busy();

  std::unique_ptr<Parts> parts_;
};

}  // namespace earshot::scenario
