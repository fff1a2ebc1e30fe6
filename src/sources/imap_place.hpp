#pragma once

/// What is remembered of a mailbox between two polls.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace earshot {

struct ImapPlace {
  std::uint32_t validity = 0;
  std::uint32_t last = 0;             ///< every UID up to here was passed
  std::vector<std::uint32_t> recent;  ///< highest UIDs read, so that the overlap costs no transfer
};

/// None where the state is not one of ours.
std::optional<ImapPlace> read_imap_place(const std::string& state);
std::string write_imap_place(const ImapPlace& place);

}  // namespace earshot
