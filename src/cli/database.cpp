#include "database.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "configured.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {

std::string database_path(const Args& args) {
  if (args.has("db") == args.has("config")) {
    throw UsageError(args.has("db") ? "--db or --config, not both" : "--db or --config is missing");
  }
  const bool named = args.has("db");
  std::string file = named ? args.need("db") : load_for_question({args.need("config")}).store.path;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    throw Failure(kNo, fmt::format("{}: there is no such database{}", printable(file),
                                   named ? ""
                                         : "; the path is relative to the daemon's working "
                                           "directory, so try --db"));
  }
  return file;
}

void read_database(const std::string& path, const std::function<void(StoreReader&)>& work) {
  try {
    read_sqlite(path, work);
  } catch (const StoreRefused& error) {
    throw Failure(kNo, error.what());
  } catch (const StoreError& error) {
    throw Failure(kTryAgain, error.what());
  }
}

}  // namespace earshot::cli
