#pragma once

/// From a decided post to a case: does it open one, add words to one, or join one as a further
/// customer? Pure.

#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/triage/triage.hpp"

namespace earshot {

/// The key of a conversation, scoped by source type; "" where the post has none.
std::string conversation_key(const Post& post);
/// The stable identity of an author: "mail:ann@example.org", "mentions/1093" (source and id); never
/// a display name.
std::string identity_of(const Post& post);

/// What is known about the matter when a post arrives.
struct Matter {
  std::optional<Case>
      same_case{};  ///< same customer, and same conversation or near-same words within 48 h
  std::optional<Case> copied_case{};  ///< another author's copy of these words
};

struct Filed {
  enum class Kind { nothing, opened, added, joined, reopened };
  Kind kind = Kind::nothing;
  Case after;  ///< meaningless for `nothing`
  std::vector<Event> events;
};

/// `id` is the new case's id, should one be opened. `ignore` decisions open nothing, but words on
/// an open case are always added, and new words of the customer on an ended case reopen it unless
/// they are thanks (not a complaint).
Filed file_post(const Post& post, const Assessment& assessment, const Decision& decision,
                const Matter& matter, const std::string& customer, const std::string& id,
                Instant now, const CasePolicy& policy);

}  // namespace earshot
