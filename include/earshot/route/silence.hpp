#pragma once

/// Silences: for a while nothing is said of the cases that match, by a person's word and with a
/// reason. And inhibition: while a case of one kind is open, those of another kind are kept quiet.
/// As in Prometheus Alertmanager, with labels that may have several values. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/route/matcher.hpp"

namespace earshot {

struct Silence {
  std::string id;
  std::vector<Matcher> matchers;  ///< all must hold
  std::string by;                 ///< person id
  std::string reason;
  Instant from{};
  Instant to{};  ///< does not belong to it
  Instant made_at{};
  std::string expired_by{};  ///< who ended it before its time; "" nobody

  /// future, active or ended.
  std::string_view state_at(Instant now) const;
};
std::string to_json(const Silence& it);
Result<Silence> silence_from_json(std::string_view json);

inline constexpr Duration kLongestSilence = std::chrono::hours{24 * 90};

/// Why not, for people; `field` is the argument that is wrong.
struct SilenceRefusal {
  std::string code;
  std::string text;
  std::string field;
};
/// A silence has an author, a reason, an end, and a matcher that not everything matches.
std::optional<SilenceRefusal> check(const Silence& it, Instant now);

/// The first of the active ones that matches; null where none does.
const Silence* silencing(const std::vector<Silence>& all, const Labels& labels, Instant now);

struct InhibitRule {
  std::vector<Matcher> source;     ///< an open case that matches …
  std::vector<Matcher> target;     ///< … keeps these quiet …
  std::vector<std::string> equal;  ///< … where these labels have the same values
};

/// Which sources a target listens to. A case that matches both sides of a rule is not kept quiet by
/// another that does, so no case inhibits itself.
enum class InhibitSide { neither, source, target, both };
InhibitSide side_of(const InhibitRule& rule, const Labels& labels);
/// The rule and the values of its equal labels; missing and empty ones are the same.
std::string inhibit_key(const InhibitRule& rule, const Labels& labels);

}  // namespace earshot
