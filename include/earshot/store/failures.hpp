#pragma once

/// When the store has failed of late (P19): what a process that ends over an I/O error leaves for
/// the next one. A text file, a line each: RFC 3339, a blank, why.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"

namespace earshot {

/// A second failure within this time, and the database is not written any more.
inline constexpr Duration kFailuresApart = minutes{10};

struct StoreFailure {
  Instant at{};
  std::string why;
};

/// Two failures lie so near to `now`, before or (the clock was set back) after it, that to write
/// again would be to hope.
bool failed_too_often(std::span<const StoreFailure> failures, Instant now);

/// Where they are noted: in `runtime`, a folder in memory, where there is one, because the disk is
/// what fails; else beside the database. "" for a database in memory.
std::string failures_file(const std::string& database, const std::string& runtime);

/// The failures in the file, oldest first; lines that are none are left out. None where there is no
/// file.
std::vector<StoreFailure> read_failures(const std::string& file);
/// Adds one, and keeps the last ten. What cannot be written is not noted: there is nobody to tell.
void note_failure(const std::string& file, Instant now, std::string_view why);
void forget_failures(const std::string& file);

}  // namespace earshot
