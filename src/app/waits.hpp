#pragma once

/// How long customers waited of late, for the gauges: kept in memory and fed with what is new in
/// the ledger, so that neither a scrape nor a minute goes through the store. One thread at a time.

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "earshot/digest/digest.hpp"
#include "earshot/digest/waited.hpp"
#include "earshot/runtime/metrics.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

class Waits {
 public:
  /// Reads on where it stopped, at most kAtOnce answers and as many closed cases. True where none
  /// is left to read.
  bool read_on(StoreReader& reader, Instant now);
  /// Everything of the window was read.
  bool caught_up() const { return caught_up_; }
  /// Of the last 28 days, at most the newest kMost of each kind.
  std::vector<Measured> measure(Instant now);
  /// Sets the gauges; groups that are no more lose theirs.
  void show(const std::vector<Measured>& list, Metrics& metrics);

  static constexpr Duration kWindow = hours{24 * 28};
  static constexpr std::size_t kAtOnce = 100;
  static constexpr std::size_t kMost = 10'000;
  static constexpr std::size_t kMostGroups = 100;  ///< of one kind; the others are "other"

 private:
  struct Sample {
    Instant at{};
    Duration span{};
    std::array<const std::string*, kWaitedBy.size()> groups{};
  };
  struct Found {
    std::int64_t n = 0;  ///< of the ledger's entry
    std::string what;
    Sample sample;
  };
  using Wanted = std::map<std::string, std::set<std::int64_t>>;  ///< entries, by case
  static bool read_kind(StoreReader& reader, const char* kind, std::int64_t& after, Wanted& wanted);
  void fold_case(StoreReader& reader, const std::string& case_id, const std::set<std::int64_t>& at,
                 std::vector<Found>& out);
  const std::string* named(std::size_t by, std::string name);

  bool began_ = false;
  bool caught_up_ = false;
  std::int64_t answered_after_ = 0;
  std::int64_t closed_after_ = 0;
  std::map<std::string, std::deque<Sample>> samples_;  ///< by what, oldest first
  std::array<std::set<std::string>, kWaitedBy.size()> names_;
  std::set<std::array<std::string, 3>> shown_;  ///< what, by, group
};

}  // namespace earshot
