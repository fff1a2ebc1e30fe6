#pragma once

/// `digest:` of the configuration: who gets it, when, in which zone, and what stands in it beside
/// the counts and the list of what people set aside, which nobody can leave out. Pure.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

EARSHOT_ENUM(DigestEvery, daily, weekly);
EARSHOT_ENUM(DigestSection, top, times, verification, letters, owed);

struct DigestTurn {
  DigestEvery every = DigestEvery::daily;
  std::vector<std::string> to;                     ///< people and principals; empty: nobody
  minutes at{7 * 60};                              ///< local time of day
  std::chrono::weekday day = std::chrono::Monday;  ///< of a weekly one
};

struct DigestPolicy {
  std::string zone = "UTC";
  std::vector<DigestTurn> turns;
  std::vector<DigestSection> sections{DigestSection::top, DigestSection::times,
                                      DigestSection::verification, DigestSection::letters,
                                      DigestSection::owed};
};

/// A time that a digest tells of: [from, to).
struct DigestPeriod {
  std::string name;  ///< "daily/2026-11-26": the local day on which it ends
  Instant from{};
  Instant to{};
};

/// The period that runs at `at`.
DigestPeriod digest_period(Instant at, const DigestTurn& turn, const std::string& zone);
/// The local day "2026-11-26", from midnight to midnight; nullopt where it is no date.
std::optional<DigestPeriod> digest_day(std::string_view day, const std::string& zone);

}  // namespace earshot
