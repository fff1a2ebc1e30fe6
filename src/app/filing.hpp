#pragma once

/// Filing: one judged post against what is known, inside the transaction. Which customer, which
/// case, which urgency.

#include <deque>
#include <string>
#include <unordered_map>

#include "earshot/app/rules.hpp"
#include "earshot/cases/intake.hpp"
#include "earshot/store/store.hpp"
#include "earshot/text/near.hpp"

namespace earshot {

class Effects;
class Storms;

/// A post with everything that could be found out about it without the store.
struct JudgedPost {
  Post post;
  Assessment assessment;
  std::uint64_t copy_hash = 0;
  MinHash signature{};
  bool signed_words =
      false;  ///< enough words for near copies to mean something; then `signature` is set
  bool by_opinion =
      false;  ///< stored already; filed again because a second opinion calls it urgent
};

/// Sets the signature, where there are enough words.
void sign_words(JudgedPost& judged);
/// Nobody has taken, answered, ended or judged it: it is as the machine left it.
bool is_untouched(const Case& it);

/// Where near copies of a text have been filed: the cases of the last 65,536 posts of cases.
class NearCases {
 public:
  void add(std::int64_t seq, const MinHash& signature, const std::string& case_id, Instant at);
  /// The case of the most similar post since then; "" where there is none.
  std::string find(const MinHash& signature, Instant since) const;

 private:
  struct Place {
    std::string case_id;
    Instant at{};
  };
  NearWindow window_;
  std::unordered_map<std::uint64_t, Place> places_;
  std::deque<std::uint64_t> order_;
};

struct FiledPost {
  bool known = false;
  bool edited = false;
  bool opened = false;
  bool paged = false;
  std::optional<Urgency> urgency{};    ///< of the post; none where it was not judged
  std::optional<Urgency> opened_as{};  ///< of the case
  std::int64_t seq = 0;                ///< of the stored post; 0 where nothing was stored
  std::string case_id{};               ///< it is filed with now; "" with none
  std::string had_case{};              ///< before; of a known post
  std::string_view rule{};             ///< why with none (came_in.hpp)
};

/// Stores the post (or its new version) and whatever it means for a case. `seed` makes the ids.
FiledPost file_one(StoreWriter& writer, const JudgedPost& judged, const Rules& rules,
                   Effects& effects, Storms& storms, NearCases& near, Instant now,
                   std::uint64_t seed);

/// The assessment as it is stored and shown.
std::string to_json(const Assessment& it);

}  // namespace earshot
