#include "fence.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "earshot/core/utf8.hpp"
#include "earshot/runtime/confine.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/runtime/systemd.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

std::string folder_of(const std::string& file) {
  const fs::path folder = fs::path{file}.parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace

std::vector<std::string> written_paths(const Config& config, const std::string& store) {
  std::vector<std::string> out{folder_of(store), "/dev/null"};
  if (std::string runtime = runtime_directory(); !runtime.empty())
    out.push_back(std::move(runtime));
  bool programs = false;
  for (const ReceiverConfig& it : config.receivers) {
    if (!it.path.empty()) out.push_back(folder_of((fs::path{config.directory} / it.path).string()));
    programs = programs || it.type == "exec";
  }
  std::error_code none;
  if (config.store.backup && fs::is_directory(config.store.backup->directory, none))
    out.push_back(config.store.backup->directory);
  if (programs) {
    out.emplace_back("/tmp");
    out.emplace_back("/var/tmp");
  }
  return out;
}

bool raise_fence(const Config& config, const std::string& store) {
  const std::vector<std::string> paths = written_paths(config, store);
  const Result<int> version = write_only_below(paths);
  if (!version) {
    fmt::print(stderr, "earshotd: --landlock: {}\n", printable(version.error().message));
    return false;
  }
  if (*version == 0) {
    log(LogLevel::info, "this kernel has no Landlock: --landlock forbids nothing");
    return true;
  }
  std::string below;
  for (const std::string& it : paths) below += (below.empty() ? "" : " ") + it;
  log(LogLevel::info, "nothing is written elsewhere from now on",
      {{"below", below}, {"landlock", std::to_string(*version)}});
  return true;
}

}  // namespace earshot
