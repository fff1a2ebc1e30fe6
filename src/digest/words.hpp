#pragma once

/// The sentences that text and HTML share. Private to this room.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/digest/digest.hpp"

namespace earshot {

/// "Thu 26 Nov 2026 07:00", in the zone.
std::string local_words(Instant at, const std::string& zone);
/// "2 h 25 min", "3 d 4 h".
std::string span_words(Duration span);
/// What is in a bucket, for people.
std::string_view bucket_words(DigestBucket bucket);
/// "dismissed", "asked to dismiss", …
std::string deed_words(const ByHand& it);
/// What the digest says of itself: closes, counted twice, what was not read.
std::vector<std::string> verdicts(const Digest& digest);
/// "half 12 min, nine of ten 40 min, worst 2 h (31)".
std::string spread_words(const Spread& spread);
/// "All", "Team care", "Reach under 100".
std::string group_words(const Measured& it);
/// Groups that wait more than twice as long as all, with enough on both sides to say so.
std::vector<std::string> unfair(const Digest& digest);
/// "kim 2, 1 of them late".
std::string owed_words(const Owed& it);
bool wanted(const std::vector<DigestSection>& sections, DigestSection section);
/// "3 cases were opened, …".
std::string cases_words(const Digest& digest);
std::string top_words(const Digest& digest);
/// "case 12 opened to ceo: late first answer, second contact".
std::string entry_words(const TopEntry& it);
/// "satisfied 3, not reached 1"; "none" without any.
std::string counted_words(const std::vector<Counted>& list);
/// Why the line below had failed, and how many came although it had not.
std::string why_words(const std::vector<Counted>& top_why);

/// Entries by hand and at the top that a mail names; the rest is counted there and stands in the
/// API.
inline constexpr std::size_t kNamed = 200;

}  // namespace earshot
