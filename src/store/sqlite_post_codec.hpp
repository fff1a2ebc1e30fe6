#pragma once

/// A post as bytes: what the `body` column holds. Smaller and several times faster than JSON (no
/// names, no escapes), and every post is written once. The first byte is the version of this
/// format; readers understand all older ones. Source, native id and `deleted` have columns of their
/// own and are not repeated. Pure.

#include <string>
#include <string_view>

#include "earshot/core/post.hpp"

namespace earshot::sqlite {

/// Appends to `out`, which the caller reuses.
void encode_post(const Post& post, std::string& out);
/// False where the bytes are damaged; then `post` is unspecified.
bool decode_post(std::string_view bytes, Post& post);

}  // namespace earshot::sqlite
