#pragma once

/// Post <-> JSON. One shape everywhere: `earshot parse`, replay files, push intake, the store.
/// Fields as DESIGN 5 lists them: id url author{id,name,handle,followers} title text created_at
/// updated_at language mentions hashtags cashtags links in_reply_to conversation automatic; then
/// our own: source channel public addressed quoted attachments truncated deleted.

#include <string>

#include "earshot/core/json.hpp"
#include "earshot/core/post.hpp"

namespace earshot {

/// Writes the post as an object. Absent values are null, absent lists []. `whole` adds our own
/// fields.
void write_post(JsonWriter& out, const Post& post, bool whole);
std::string to_json(const Post& post, bool whole = true);

/// Whether a post may come without words: a mail of quotes only, a picture. Judging one is no
/// mistake; sending one in is.
enum class Wordless { refused, allowed };

/// Reads a post. Only "text" or "title" is needed (`allowed`: as a member, be it empty or null);
/// other fields may be missing or null; unknown
/// fields are ignored; wrong types are errors that name the field. Text is cleaned and cut at 256
/// KiB. `source` is not read: the caller knows it.
Result<Post> post_from_json(const JsonValue& value, Wordless wordless = Wordless::refused);

}  // namespace earshot
