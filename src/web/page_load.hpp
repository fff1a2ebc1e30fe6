#pragma once

/// How often people were paged, how often at night, and how often for nothing: from the ledger
/// alone. Pure.

#include <map>
#include <string>
#include <vector>

#include "earshot/oncall/roster.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// 22:00 to 07:00 where the person lives (UTC where that is not known).
struct PageLoad {
  std::string person;
  int pages = 0;   ///< one a case and step, however many ways it took
  int nights = 0;  ///< nights with at least one page
  int at_night = 0;
  int most_in_a_night = 0;
  int not_worth = 0;  ///< pages of cases that were dismissed as no matter of ours, or labelled so
  double false_rate() const { return pages == 0 ? 0 : static_cast<double>(not_worth) / pages; }
};

/// Feed it the ledger of a span in order; labels and dismissals may come long after the page.
class PageLoads {
 public:
  explicit PageLoads(const std::vector<Person>& people) : people_(people) {}
  void add(const LedgerEntry& entry);
  /// In the order of the people's names.
  std::vector<PageLoad> result() const;

 private:
  struct Page {
    std::string case_id;
    bool night = false;
    std::string night_of;  ///< the local date on which that night began
  };
  const std::vector<Person>& people_;
  std::map<std::string, std::vector<Page>> pages_;
  std::map<std::string, bool> false_;
};

}  // namespace earshot
