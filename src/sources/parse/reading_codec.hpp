#pragma once

/// Orders and readings as bytes between the daemon and its reader. What comes from the reader is a
/// stranger's: sizes and counts are bounded, every text is UTF-8 without NUL and of the length the
/// parsers promise, every index is one of the list; anything else is refused as a whole. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reading.hpp"

namespace earshot {

/// An order, and what the reader must know of the poison guard.
struct ReadTask {
  ReadOrder order;                    ///< `bytes` lie in what was decoded
  bool careful = false;               ///< say each item before it is read
  std::vector<std::string> deadly{};  ///< digests of items to leave alone
};

/// Everything but the document itself, which follows it.
std::string encode_head(const ReadTask& task);
/// nullopt where the bytes are no task.
std::optional<ReadTask> decode_task(std::string_view bytes);

std::string encode_answer(const Result<Reading>& read);
/// The answer to an order of this kind; nullopt where the bytes are none.
std::optional<Result<Reading>> decode_answer(std::string_view bytes, ReadKind kind);

}  // namespace earshot
