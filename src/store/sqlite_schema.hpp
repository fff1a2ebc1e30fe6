#pragma once

/// The layout of the database, as a numbered list of migrations. `user_version` says how far a file
/// has come.

#include <span>
#include <string>

#include "sqlite_db.hpp"

namespace earshot::sqlite {

/// "EARS" in ASCII: says that the file is ours.
inline constexpr std::int64_t kApplicationId = 0x45415253;

/// Each SQL text leads from version i to i + 1. A migration works with the previous release running
/// beside it, is never edited after a release, and ends in a layout that the code below it
/// understands.
std::span<const char* const> migrations();

/// Brings the file to the newest layout in one transaction, after a copy of an older file was made
/// beside it
/// ("<path>-before-v<N>"). Throws StoreRefused where the file is not ours, newer than this program,
/// or of the newest layout by its number but not by its tables.
void migrate(Db& db, std::span<const char* const> list);

/// The transaction in it: from the layout `version` to the newest of the list.
void apply_migrations(Db& db, std::int64_t version, std::span<const char* const> list);

}  // namespace earshot::sqlite
