#pragma once

/// What cannot be read is set aside, never dropped (P16): posts that killed the process, items no
/// parser understood. Runs inside the transaction of their batch.

#include <stdexcept>
#include <string>
#include <vector>

#include "earshot/app/rules.hpp"
#include "earshot/core/post.hpp"
#include "earshot/runtime/poison.hpp"
#include "earshot/sources/parse/parsed.hpp"
#include "effects.hpp"

namespace earshot {

/// Items and bytes of one source that may wait in quarantine.
inline constexpr std::uint64_t kQuarantineItems = 1'000;
inline constexpr std::uint64_t kQuarantineBytes = std::uint64_t{64} << 20U;

/// Why posts that were parsed were not judged or filed; their raw bytes are our own JSON.
inline constexpr std::string_view kPoisonPost = "Earshot died several times while it judged this";

/// No room for one item more: the batch is undone and its source stops until somebody has looked.
struct QuarantineFull : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The poison guard over the posts of a batch: marked as a whole; where the process died over one
/// of this source, post by post.
class BatchMark {
 public:
  BatchMark(PoisonGuard& guard, const std::string& source, std::string stage, std::uint64_t digest);
  /// False: the post goes to `bad` untouched.
  bool may_take(const Post& post, std::vector<BadItem>& bad);

 private:
  PoisonMark mark_;
  std::string stage_;
  bool careful_;
};

std::string digest_of(const Post& post);

/// Stores the items; returns how many are new. A new item of a watched account pages as an
/// unreadable post, one incident a source at a time; others are told to the operators. Throws
/// QuarantineFull.
std::uint64_t set_aside(StoreWriter& writer, const Rules& rules, Effects& effects,
                        const std::string& source, const std::vector<BadItem>& bad, Instant now);

/// True where customers write to a watched account here, or the bytes name a watched person.
bool may_be_urgent(const BadItem& item, const SourceConfig* source, const Watch& watch);

}  // namespace earshot
