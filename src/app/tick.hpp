#pragma once

/// Tick: everything that falls due - escalation steps, decayed acknowledgements, groups. Due times
/// are rows of the store; after an outage only the current step of a case is taken (P8).

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "earshot/app/rules.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/store/nothing_due.hpp"
#include "earshot/store/store.hpp"
#include "earshot/web/ack_link.hpp"

namespace earshot {

class Clock;
class Dice;

class Tick {
 public:
  Tick(Store& store, Clock& clock, Dice& dice,
       std::function<std::shared_ptr<const Rules>()> current, std::function<AckKey()> key);
  /// Does what is due. Returns how many timers fired.
  Task<std::size_t> run_once();
  /// The clocks whose deadlines the last run found passed: "first_answer", "solution" …
  const std::vector<std::string>& missed_clocks() const { return missed_clocks_; }
  /// What retention took away in the last run, by class.
  const std::map<std::string, std::uint64_t>& retained() const { return retained_; }
  /// How long after its time each escalation step of the last run was taken.
  const std::vector<Duration>& lateness() const { return lateness_; }

 private:
  Store& store_;
  Clock& clock_;
  Dice& dice_;
  std::function<std::shared_ptr<const Rules>()> current_;
  std::function<AckKey()> key_;
  NothingDue nothing_due_{};
  std::shared_ptr<const Rules> armed_{};  ///< whose schedules stand as timers
  std::vector<std::string> missed_clocks_{};
  std::vector<Duration> lateness_{};
  std::map<std::string, std::uint64_t> retained_{};
};

}  // namespace earshot
