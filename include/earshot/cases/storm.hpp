#pragma once

/// Storm: many cases, one cause. One of its cases stands for all: it is told and climbs, the others
/// are grouped and tell nobody until they stand for it themselves, are taken, or leave. A value,
/// stored as a Record; its cases know it by its id. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

struct Storm {
  std::string id;
  std::int64_t version = 0;  ///< the store's
  std::string name;
  std::vector<std::string> words;  ///< of the cause
  std::string cause;               ///< key of triage/storm.hpp; "" for copies of one text
  std::string lead;                ///< case that stands for it; "" = the next one that comes
  std::string why;                 ///< the sentence that opened it
  std::string by;                  ///< who made it; "" = Earshot
  Instant since{};
  Instant last_at{};
  std::optional<Instant> ended_at{};
  std::string ended_by;     ///< "" = it cooled down
  std::uint64_t count = 0;  ///< customers: cases, and copies joined to them
  std::uint64_t cases = 0;
  std::uint64_t to_principal = 0;  ///< never grouped away
  std::uint64_t hazards = 0;       ///< neither
  std::uint64_t tell_at = 0;       ///< the count at which its growth is told next
  std::vector<std::pair<Instant, std::uint64_t>>
      rate;  ///< customers per ten minutes; a day at most
};

/// One customer more. The rate's buckets begin at whole ten minutes.
void count_customer(Storm& storm, Instant now, bool to_principal, bool hazard);
/// Customers whose bucket begins at or after `from`.
std::uint64_t count_since(const Storm& storm, Instant from);
/// True, and the next threshold set, where its growth is worth a message: five times what was told.
bool has_grown(Storm& storm);

std::string to_json(const Storm& it);
Result<Storm> storm_from_json(std::string_view json);

/// Actions enter_storm (storm, grouped "yes" or "no", reason) and leave_storm (reason) of the case
/// machine, and what their events do.
Applied apply_storm(const Case& it, const Command& command, Instant now);
void fold_storm(Case& it, const Event& event);

}  // namespace earshot
