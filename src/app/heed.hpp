#pragma once

/// What a second opinion does to a post that was filed already, inside one transaction: it raises
/// the post's case, or opens one. It never lowers anything, and where a person has decided or the
/// words have changed meanwhile it leaves all as it is.

#include <cstdint>
#include <string>

#include "earshot/app/rules.hpp"
#include "earshot/classify/second_opinion.hpp"
#include "earshot/core/words.hpp"
#include "earshot/store/store.hpp"
#include "effects.hpp"

namespace earshot {

class NearCases;
struct FiledPost;
struct JudgedPost;

/// In the ledger as who did it.
inline constexpr std::string_view kOpinion = "second opinion";

/// A stored post that the judge of urgency is not sure of.
struct Unsure {
  std::int64_t seq = 0;
  std::uint64_t words = 0;  ///< copy hash of what is asked about
  std::string text;         ///< words_asked(): fit to leave the house
  std::string language;
};

/// What became of an answer.
EARSHOT_ENUM(Heard, raised, opened, left, unsure, not_urgent);

/// Is a second opinion asked about what was filed? nullopt: no.
std::optional<Unsure> unsure_of(const JudgedPost& judged, const FiledPost& filed,
                                const Rules& rules);

/// Asked again before the question leaves: false where an answer would change nothing any more, or
/// the words are no longer there to be asked about (taken back, edited, erased).
bool is_still_wanted(StoreReader& reader, const Unsure& about);

struct Heeded {
  Heard heard = Heard::left;
  std::optional<Urgency> opened_as{};  ///< of a case that was opened
};
/// Does what an answer says, with its entry in the ledger.
Heeded heed(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
            NearCases& near, const Unsure& about, const Opinion& opinion);

}  // namespace earshot
