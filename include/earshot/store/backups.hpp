#pragma once

/// Backups that the daemon makes by itself (P20): a folder of plain databases, each named by the
/// second it was begun, in UTC: earshot-20261127T140500Z.db. Whatever else lies there is left
/// alone.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

std::string backup_name(Instant at);
std::optional<Instant> backup_time(std::string_view name);

/// How many are kept: the newest `newest`, and beyond them the last one of each of `days` days
/// (UTC, today's is the first).
struct BackupKeep {
  int newest = 12;
  int days = 7;
};
/// Which of `names` may go, oldest first. Pure. What is no backup's name or lies in the future (a
/// clock was wrong) is neither counted nor named.
std::vector<std::string> backups_to_drop(const std::vector<std::string>& names,
                                         const BackupKeep& keep, Instant now);

/// Mode 700; what it lies in must be there.
Result<void> make_backup_folder(const std::string& folder);

struct BackupMade {
  std::string file;
  std::uint64_t bytes = 0;
  std::vector<std::string> dropped{};  ///< names of older ones that went
};
/// Copies the database into `folder`, which is made where it is missing (mode 700; not what it lies
/// in), checks the copy, and then deletes what needs not be kept. Begins nothing where less room is
/// there than the copy wants and kBackupSpare: the daemon itself may live on that disk. Blocks;
/// `stop` ends it within a second, as an Error, and nothing of it stays.
Result<BackupMade> make_backup(const std::string& database, const std::string& folder,
                               const BackupKeep& keep, Instant now, const std::stop_token& stop);
inline constexpr std::uint64_t kBackupSpare = std::uint64_t{64} << 20U;

/// What became of the copies; steady times.
struct BackupPace {
  std::optional<Duration> last{};    ///< the newest good one was begun
  Duration took{};                   ///< that one
  std::optional<Duration> failed{};  ///< the last try, where it failed
};
/// When the next one is due: `every`, but a disk copies half of the time at most; a minute after a
/// failure. Pure.
Duration next_backup(const BackupPace& pace, Duration every);
/// Is it to be told? Two may be missed. Pure.
bool backup_is_late(Duration age, Duration every);

/// When the newest one that lies there was begun, none of the future.
std::optional<Instant> newest_backup(const std::string& folder, Instant now);

}  // namespace earshot
