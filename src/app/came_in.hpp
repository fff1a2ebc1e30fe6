#pragma once

/// What came in with a batch, for the digest: one ledger entry "came_in" in the batch's own
/// transaction says of every new post which case it is filed with, or which rule set it aside.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/json.hpp"
#include "earshot/store/store.hpp"
#include "earshot/triage/triage.hpp"

namespace earshot {

struct FiledPost;

/// Why nobody is told of a post by itself: "machine_mail", a symbol's name ("about_rival"),
/// "not_a_complaint", "too_few_points", "nothing_new".
std::string_view rule_of(const Post& post, const Assessment& assessment, const Decision& decision);

class CameIn {
 public:
  /// A new post that no case was made of.
  void aside(std::int64_t post, std::string_view rule);
  /// A new post of a case.
  void with(std::int64_t post, const std::string& case_id);
  void filed(const FiledPost& post);
  /// Writes the entry; nothing where nothing came.
  void note(StoreWriter& writer, const std::string& source, Instant now) const;

 private:
  struct Run {
    std::int64_t first;
    std::int64_t last;
  };
  struct Moved {
    std::int64_t post;
    std::string from;
    std::string into;
  };
  using Runs = std::map<std::string, std::vector<Run>, std::less<>>;
  static void add(Runs& runs, std::string_view key, std::int64_t post);
  static void write(JsonWriter& out, std::string_view name, const Runs& runs);

  Runs aside_;
  Runs cases_;
  std::vector<Moved> moved_;  ///< known posts that an edit took into another case
};

}  // namespace earshot
