#pragma once

/// Answers that Earshot sees by itself: a public reply by an official account or a principal, an
/// outgoing mail in the thread (Sent folder, blind copy). And what customers take back or edit.
/// Called inside the transaction that stores the post.

#include <optional>
#include <string>

#include "earshot/core/post.hpp"
#include "effects.hpp"

namespace earshot {

/// Who of ours wrote this: an official account ("official"), a principal or a person by id; "" for
/// everybody else. An account of another server counts only where it is written out with it.
std::string spokesman_of(const Post& post, const Rules& rules);

/// Stamps the first answer of the open case that this post answers. Its case id where it did;
/// nullopt where the post is no answer of ours.
std::optional<std::string> take_answer(StoreWriter& writer, const Post& post, const Rules& rules,
                                       Effects& effects);

/// The author deleted it: its words are blanked, its case keeps its facts and says so.
void take_back(StoreWriter& writer, const Rules& rules, Effects& effects, const std::string& source,
               const std::string& native_id);

/// A post of a case has other words now: the ledger of the case says so.
void note_edited(StoreWriter& writer, Effects& effects, const Post& post,
                 const std::string& case_id);

}  // namespace earshot
