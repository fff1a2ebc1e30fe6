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
  std::set<std::string> taken_back;               ///< "feed/id" that count as deleted
  std::set<std::string> aside;                    ///< "feed/id" in quarantine
  std::set<std::string> gaps;                     ///< feeds of which a gap was told
  std::vector<Case> cases;
  std::map<std::string, Case> opened;               ///< as the ledger's first entry says
  std::map<std::string, std::vector<Event>> lives;  ///< by case, in order
  std::map<std::int64_t, std::string> hashes;       ///< of the ledger's entries
  std::set<std::string>
      back_again;     ///< cases that were acknowledged and came back, were raised, or lead a storm
  std::string chain;  ///< what is wrong with it; "" nothing
  std::vector<OutboxRow> rows;
  std::set<std::string> bundled;    ///< "case/person/step" that waited for a bundle
  std::set<std::int64_t> troubled;  ///< rows of whose trouble the ledger tells
  std::vector<TimerRecord> timers;  ///< overdue
};

House read_house(World& world);

/// A page of the case, or one that was put together for a person and lists it.
bool speaks_of(const OutboxRow& row, const Case& it);
/// From acknowledgement to what ended it.
std::vector<std::pair<Instant, Instant>> spans_of_ownership(World& world, const House& house,
                                                            const Case& it);
/// checks_told.cpp
void check_told(World& world, const House& house);

}  // namespace earshot::sim
