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

/// What every opening does before the first transaction: the log is copied into the file, the
/// layout brought up to date, the file checked quickly.
///
/// After a restart the log is read from the kernel's memory, which may differ from the disk: pages
/// whose sync failed count as written there, so no later sync writes them, and the commits that
/// follow them in the log would be lost with them when the power goes (Rebello et al., "Can
/// Applications Recover from fsync Failures?", 2020). A full disk is left to the first commit,
/// which tells of it.
Db& made_ready(Db& db);

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
