#include "by_hand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kReasonBytes = 200;

/// A kind of entry, and where in its data stand what it is about and why.
struct Kind {
  std::string_view kind;
  std::string_view noun;    ///< "" = the case
  std::string_view id;      ///< field
  std::string_view reason;  ///< field
};
constexpr std::array kKinds{
    Kind{"dismissed", "", "", "reason"},
    Kind{"dismissal_asked", "", "", "reason"},
    Kind{"merged", "", "", "reason"},
    Kind{"snoozed", "", "", "reason"},
    Kind{"held", "", "", "reason"},
    Kind{"customer_erased", "", "", "reason"},
    Kind{"waiting", "", "", "reason"},
    Kind{"taught", "", "", "note"},
    Kind{"silence_added", "silence", "id", "reason"},
    Kind{"storm_joined", "storm", "storm", "text"},
    Kind{"quarantine_dropped", "item of", "source", "reason"},
    Kind{"question_withdraw", "question", "question", "text"},
    Kind{"letter_swapped", "letter", "id", "reason"},
    Kind{"action_declined", "corrective action", "action", "text"},
    Kind{"action_postponed", "corrective action", "action", "text"},
};

/// "This was no complaint", "this was not worth waking somebody": it is less than it was taken for.
bool says_less(const JsonValue& data) {
  return string_at(data, "complaint") == "no" || string_at(data, "urgent") == "no";
}

}  // namespace

std::optional<ByHand> by_hand_of(const Fact& fact, const std::string& about) {
  const auto kind = std::ranges::find(kKinds, std::string_view{fact.kind}, &Kind::kind);
  if (kind == kKinds.end()) return std::nullopt;
  const auto data = parse_json(fact.data);
  if (!data) return std::nullopt;
  if (kind->kind == "taught" && !says_less(*data)) return std::nullopt;
  ByHand out;
  out.n = fact.n;
  out.at = fact.at;
  out.who = fact.who;
  out.what = fact.kind;
  out.about =
      kind->noun.empty() ? about : fmt::format("{} {}", kind->noun, string_at(*data, kind->id));
  out.reason = cut_utf8(collapse_space(string_at(*data, kind->reason)), kReasonBytes);
  if (out.what.starts_with("dismiss"))
    std::ranges::replace(out.reason, '_', ' ');  // a word of ours
  return out;
}

}  // namespace earshot
