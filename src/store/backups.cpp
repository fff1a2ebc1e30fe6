#include "earshot/store/backups.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "earshot/core/planted.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "earshot-";
constexpr std::string_view kSuffix = ".db";

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it{folder, error}, end; !error && it != end; it.increment(error))
    out.push_back(it->path().filename().string());
  return out;
}

/// What a copy left behind that was killed; only one daemon copies one database.
void sweep(const std::string& folder) {
  for (const std::string& name : names_in(folder)) {
    const std::size_t dot = name.find(".db.partial");
    if (dot == std::string::npos || !backup_time(name.substr(0, dot) + std::string{kSuffix}))
      continue;
    std::error_code error;
    fs::remove(fs::path{folder} / name, error);
  }
}

std::uint64_t size_of(const std::string& path) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(path, error);
  return error ? 0 : bytes;
}

/// Returns what went.
std::vector<std::string> drop_old(const std::string& folder, const BackupKeep& keep, Instant now) {
  std::vector<std::string> out;
  for (std::string& name : backups_to_drop(names_in(folder), keep, now)) {
    std::error_code error;
    if (fs::remove(fs::path{folder} / name, error)) out.push_back(std::move(name));
  }
  return out;
}

Result<void> look_for_room(const std::string& database, const std::string& folder) {
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0)
    return transient(fmt::format("{}: {}", folder, std::strerror(errno)));
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const std::uint64_t need = size_of(database) + size_of(database + "-wal") + kBackupSpare;
  if (free < need)
    return transient(fmt::format("{}: {} MiB are free, {} MiB are wanted for the copy and to spare",
                                 folder, free >> 20U, (need >> 20U) + 1));
  return {};
}

}  // namespace

std::string backup_name(Instant at) {
  return fmt::format("{}{:%Y%m%dT%H%M%S}Z{}", kPrefix, fmt::gmtime(to_unix(at)), kSuffix);
}

std::optional<Instant> backup_time(std::string_view name) {
  constexpr std::size_t kStamp = 16;  // 20261127T140500Z
  if (name.size() != kPrefix.size() + kStamp + kSuffix.size() || !name.starts_with(kPrefix) ||
      !name.ends_with(kSuffix))
    return std::nullopt;
  const std::string_view at = name.substr(kPrefix.size(), kStamp);
  const auto read = parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}Z", at.substr(0, 4),
                                              at.substr(4, 2), at.substr(6, 2), at.substr(9, 2),
                                              at.substr(11, 2), at.substr(13, 2)));
  if (!read || backup_name(*read) != name) return std::nullopt;
  return read;
}

Result<void> make_backup_folder(const std::string& folder) {
  std::error_code error;
  if (fs::create_directory(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return transient(fmt::format("{}: {}", folder, error.message()));
  return {};
}

std::vector<std::string> backups_to_drop(const std::vector<std::string>& names,
                                         const BackupKeep& keep, Instant now) {
  std::vector<std::string> ours;  // their names sort as their times do
  for (const std::string& it : names) {
    const auto at = backup_time(it);
    if (at && *at <= now) ours.push_back(it);
  }
  std::ranges::sort(ours, std::ranges::greater{});
  std::vector<std::string> out;
  std::set<std::chrono::sys_days> seen;
  const auto today = std::chrono::floor<std::chrono::days>(now);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto day = std::chrono::floor<std::chrono::days>(*backup_time(ours[i]));
    const bool last_of_day = seen.insert(day).second;
    const bool kept = i < static_cast<std::size_t>(keep.newest) ||
                      (last_of_day && day > today - std::chrono::days{keep.days});
    if (!kept) out.push_back(ours[i]);
  }
  std::ranges::reverse(out);
  return out;
}

Result<BackupMade> make_backup(const std::string& database, const std::string& folder,
                               const BackupKeep& keep, Instant now, const std::stop_token& stop) {
  if (Result<void> made = make_backup_folder(folder); !made) return made.error();
  sweep(folder);
  if (planted<38>) drop_old(folder, {std::max(0, keep.newest - 1), keep.days}, now);
  if (Result<void> room = look_for_room(database, folder); !room) return room.error();
  BackupMade made;
  made.file = (fs::path{folder} / backup_name(now)).string();
  if (Result<void> done = backup_sqlite(database, made.file, stop); !done) return done.error();
  made.bytes = size_of(made.file);
  made.dropped = drop_old(folder, keep, now);
  return made;
}

Duration next_backup(const BackupPace& pace, Duration every) {
  if (pace.failed) return *pace.failed + std::min<Duration>(every, minutes{1});
  return pace.last ? *pace.last + std::max(every, 2 * pace.took) : Duration{};
}

bool backup_is_late(Duration age, Duration every) {
  return age > 3 * every + minutes{1};
}

std::optional<Instant> newest_backup(const std::string& folder, Instant now) {
  std::optional<Instant> newest;
  for (const std::string& name : names_in(folder)) {
    const auto at = backup_time(name);
    if (at && *at <= now) newest = std::max(newest, at);
  }
  return newest;
}

}  // namespace earshot
