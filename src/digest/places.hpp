#pragma once

/// Where each post of the period stands: with which case, or why with none. Private to this room.

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "earshot/cases/case.hpp"
#include "earshot/digest/digest.hpp"

namespace earshot {

/// A case with what the digest needs beside it.
struct DigestCase {
  Case it;
  bool earlier = false;             ///< opened before the period: its first post is none of ours
  std::vector<std::int64_t> posts;  ///< of the period
  std::int64_t before =
      std::numeric_limits<std::int64_t>::max();  ///< lowest post of earlier periods
  std::string quiet_by;                          ///< "silence/ID" while it is kept quiet; else ""
  std::string quiet_why;
  std::string ended_by;  ///< who dismissed it
};

class Places {
 public:
  explicit Places(std::map<std::string, DigestCase>& cases) : cases_(cases) {}
  /// A "came_in" entry of the period.
  void take(const Fact& fact);
  /// The posts of a case went over to another.
  void merge(const std::string& from, const std::string& into);
  /// Fills in, buckets, rules, people, items, moved.
  void count(Digest& out) const;

 private:
  struct Run {
    std::int64_t first;
    std::int64_t last;
    std::string rule;
  };
  bool leave(std::int64_t post, const std::string& from);
  void move(std::int64_t post, const std::string& from, const std::string& into);
  void count_aside(Digest& out) const;

  std::map<std::string, DigestCase>& cases_;
  std::vector<Run> aside_;  ///< in the order of the posts
  std::set<std::int64_t> moved_out_;
  std::uint64_t in_ = 0;
  std::uint64_t moved_ = 0;
};

}  // namespace earshot
