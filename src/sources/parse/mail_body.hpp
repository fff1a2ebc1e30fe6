#pragma once

/// The words of a message: its parts walked, decoded and split into new words and quotes. GMime
/// must have been started. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/post.hpp"

namespace earshot {

constexpr std::size_t kMostMailParts = 500;  // P14

/// Fills text, quoted, links, attachments, truncated and what the words mention. `bytes` is the
/// whole message; what had to be forgiven is appended to `warnings`.
void read_mail_body(std::string_view bytes, Post& post, std::vector<std::string>& warnings);

}  // namespace earshot
