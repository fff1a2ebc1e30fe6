#pragma once

/// Digests in the store: gathered from the ledger, counted a second time, sent by the outbox in the
/// transaction of the timer that fires them, once for each period whatever restarts.

#include "earshot/digest/digest.hpp"
#include "earshot/web/backend.hpp"
#include "effects.hpp"

namespace earshot {

/// Kind of its timers and of the records of those that were sent.
inline constexpr std::string_view kDigest = "digest";

void arm_digests(StoreWriter& writer, const Rules& rules, Instant now);
void digest_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                      const TimerRecord& timer, Instant now);

/// The part of the ledger that [from, to) is.
DigestSpan span_of(StoreReader& reader, std::string name, Instant from, Instant to);
/// Without the second count: the ledger alone.
Digest gather(StoreReader& reader, const DigestSpan& span, DigestFilter filter = {});
/// One that was sent, as it was then: span and second count are those of the time. nullopt where
/// none of this name was.
std::optional<Digest> sent_digest(StoreReader& reader, std::string_view name);

/// Answers what the doors ask.
DigestReply answer_digest(StoreReader& reader, const Rules& rules, const DigestAsk& ask,
                          Instant now);

}  // namespace earshot
