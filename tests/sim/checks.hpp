#pragma once

/// Everything the store holds at the end of a seed, laid out for the checks.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "world.hpp"

namespace earshot::sim {

struct House {
  std::multimap<std::string, std::string> posts;  ///< "feed/id" -> case
  std::set<std::string> aside;                    ///< "feed/id" in quarantine
  std::set<std::string> gaps;                     ///< feeds of which a gap was told
  std::vector<Case> cases;
  std::map<std::string, Case> opened;               ///< as the ledger's first entry says
  std::map<std::string, std::vector<Event>> lives;  ///< by case, in order
  std::map<std::int64_t, std::string> hashes;       ///< of the ledger's entries
  std::set<std::string> back_again;  ///< cases that were acknowledged and came back, or were raised
  std::string chain;                 ///< what is wrong with it; "" nothing
  std::vector<OutboxRow> rows;
  std::vector<TimerRecord> timers;  ///< overdue
};

House read_house(World& world);

}  // namespace earshot::sim
