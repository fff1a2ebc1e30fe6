#pragma once

/// A person's mail in answer to one of ours: it acknowledges, is kept as a note, or becomes a
/// label; it never opens a case. Called inside the transaction that stores the mail.

#include "earshot/core/post.hpp"
#include "effects.hpp"

namespace earshot {

/// True where the mail answered a message of ours to the person it comes from: then everything it
/// asks for is written. Machine mail (absence notes, bounces) never counts, and neither does mail
/// of an address that is nobody's contact.
bool take_reply(StoreWriter& writer, const Post& post, const Rules& rules, Effects& effects);

}  // namespace earshot
