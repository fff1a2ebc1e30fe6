#pragma once

/// What is past its time goes, in small steps, by a timer like everything else that falls due.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "earshot/config/config.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

inline constexpr std::string_view kRetention = "retention";  ///< kind of the timer
inline constexpr std::string_view kKeptPost = "kept_post";   ///< records: posts of cases that go on

/// Arms the timer where none is, and after a change of the configuration.
void arm_retention(StoreWriter& writer, const RetentionConfig& config, Instant now);

/// One step: a few hundred posts lose author and words, some ended cases go, some entries of the
/// ledger lose what they say. A legal hold on a case or a customer keeps all of theirs. Counts by
/// class: posts, cases, audit; what went stands in the ledger. Arms the timer again: soon where
/// more is due, else in an hour.
void retain(StoreWriter& writer, const RetentionConfig& config, Instant now,
            std::map<std::string, std::uint64_t>& gone);

}  // namespace earshot
