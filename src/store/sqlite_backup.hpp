#pragma once

/// What backups and restores have in common. All throw StoreError.

#include <stop_token>
#include <string>

namespace earshot::sqlite {

/// Copies a database, in use or not, over the file `to`, as a plain file without a log beside it.
/// As it was at one moment, whoever writes meanwhile.
void copy_whole(const std::string& path, const std::string& to, const std::stop_token& stop = {});
void check_integrity(const std::string& path, const std::stop_token& stop = {});
/// fsync of a file or a folder.
void sync_file(const std::string& path);

}  // namespace earshot::sqlite
