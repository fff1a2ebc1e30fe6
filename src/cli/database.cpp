#include "database.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "earshot/core/utf8.hpp"

namespace earshot::cli {

std::string database_path(const Args& args) {
  const auto file = args.value("db");
  if (!file) throw UsageError("--db is missing");
  std::error_code error;
  if (!std::filesystem::is_regular_file(*file, error)) {
    throw Failure(kNo, fmt::format("{}: there is no such database", printable(*file)));
  }
  return *file;
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
