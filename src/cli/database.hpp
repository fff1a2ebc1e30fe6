#pragma once

/// The commands that open the database themselves, beside a daemon or without one.

#include <functional>
#include <string>

#include "command.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot::cli {

/// The file named by --db, or by the store section of --config. UsageError where neither or both
/// are given, Failure(kNo) where there is no such file.
std::string database_path(const Args& args);

/// read_sqlite with exit codes: 75 where trying again may help, 1 where the file cannot be used.
void read_database(const std::string& path, const std::function<void(StoreReader&)>& work);

}  // namespace earshot::cli
