#include "files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>

namespace earshot::config {
namespace {

std::string join(const std::string& directory, const std::string& name) {
  return name.starts_with('/') || directory.empty() ? name : directory + "/" + name;
}

std::optional<struct stat> look(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return found;
}

void check_found(Context& context, const NamedFile& file, const std::string& path,
                 const struct stat& found) {
  if (!S_ISREG(found.st_mode)) {
    context.error(file.mark, file.path, fmt::format("{} is not a plain file", quoted(path)));
  } else if ((found.st_mode & 077U) != 0) {
    context.error(file.mark, file.path, fmt::format("{} can be read by others", quoted(path)),
                  fmt::format("chmod 600 {}", path));
  } else if (found.st_size == 0) {
    context.error(file.mark, file.path, fmt::format("{} is empty", quoted(path)),
                  "write the secret into it");
  }
}

void check_secret(Context& context, const NamedFile& file, const std::string& directory) {
  const bool plain = file.file.find('/') == std::string::npos;
  const bool credentials = !context.options.credentials_directory.empty();
  // systemd has made its folder safe by itself.
  if (plain && credentials && look(join(context.options.credentials_directory, file.file))) return;
  const std::string path = join(directory, file.file);
  if (const auto found = look(path)) {
    check_found(context, file, path, *found);
    return;
  }
  if (plain && !credentials) {
    context.warning(
        file.mark, file.path, fmt::format("there is no file {}", quoted(path)),
        fmt::format("fine where the unit has LoadCredential={}:…; else make it, with mode 600",
                    file.file));
    return;
  }
  context.error(file.mark, file.path, fmt::format("there is no file {}", quoted(path)),
                "make it, with mode 600");
}

}  // namespace

void check_files(Context& context, const std::string& directory) {
  for (const NamedFile& file : context.files) {
    if (file.secret) {
      check_secret(context, file, directory);
    } else if (const std::string path = join(directory, file.file); !look(path)) {
      context.error(file.mark, file.path, fmt::format("there is no file {}", quoted(path)),
                    "names are relative to the configuration's folder");
    }
  }
}

}  // namespace earshot::config
