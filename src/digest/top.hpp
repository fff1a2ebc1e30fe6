#pragma once

/// What entered at the top, and why the line below had failed. Private to this room.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/digest/digest.hpp"
#include "places.hpp"

namespace earshot {

class Top {
 public:
  /// An event of a case as it stands after it; `within` the period.
  void event(const Event& event, const DigestCase& after, std::int64_t n, bool within);
  /// An entry that is none of a case's events: clock_missed, question_ask.
  void fact(const Fact& fact, const std::map<std::string, DigestCase>& cases, bool within);
  /// Fills in top_entries and top_why.
  void finish(const DigestFilter& filter, const std::map<std::string, DigestCase>& cases,
              Digest& out) const;

 private:
  void sign(const std::string& case_id, std::string word, Instant when);
  void enter(TopEntry entry, const Case* it);

  /// By case: what had gone wrong below, and since when.
  std::map<std::string, std::map<std::string, Instant>> signs_;
  std::vector<TopEntry> entries_;
};

}  // namespace earshot
