#pragma once

/// Is the file in order? A cheap check before the first post, the whole check in the background:
/// reading every page of a file with a million posts takes seconds, and a daemon that pages people
/// must be back before that (P20, P23).

#include <functional>
#include <string>
#include <thread>

#include "sqlite_db.hpp"

namespace earshot::sqlite {

class Health;

/// Throws StoreRefused where the file is not ours or its layout is not the one this program knows.
void check_ours(Db& db);
/// Milliseconds: the file is as long as it says, the newest entries of the ledger form a chain, the
/// newest post can be read. Throws StoreRefused.
void check_quickly(Db& db);

/// The meta key under which the time of the last good check is kept, in seconds since 1970.
inline constexpr const char* kCheckedAt = "checked_at";
/// Stores that time; called on the checking thread.
using NoteCheck = std::function<void(std::string when)>;

/// PRAGMA quick_check on a connection of its own, where the last one that went well is older than a
/// day; damage makes the store refuse further work. Ends at once when destroyed.
class BackgroundCheck {
 public:
  BackgroundCheck(const std::string& path, Health& health, NoteCheck note);

 private:
  std::jthread thread_;
};

}  // namespace earshot::sqlite
