#include "files.hpp"

#include <fcntl.h>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "address.hpp"
#include "earshot/core/utf8.hpp"

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

/// The first 4 KiB without blanks at the ends; an address is no longer.
std::optional<std::string> beginning_of(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::string bytes(4096, '\0');
  const ssize_t size = ::read(file, bytes.data(), bytes.size());
  ::close(file);
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size));
  return std::string{trim(bytes)};
}

/// A file that holds an address: what could be told nobody at night is said now. Never shows it.
void check_address(Context& context, const NamedFile& file, const std::string& path) {
  if (!file.path.ends_with("url_file")) return;
  const auto text = beginning_of(path);
  if (!text) return;
  const auto url = split_url(*text);
  if (!url || (url->scheme != "https" && url->scheme != "http")) {
    context.error(file.mark, file.path, fmt::format("{} does not hold an address", in_quotes(path)),
                  "write https://host/path into it, and nothing else");
  } else if (is_retired_connector(*url)) {
    context.error(file.mark, file.path, kRetired, kWorkflow);
  }
}

void check_found(Context& context, const NamedFile& file, const std::string& path,
                 const struct stat& found) {
  if (!S_ISREG(found.st_mode)) {
    context.error(file.mark, file.path, fmt::format("{} is not a plain file", in_quotes(path)));
  } else if ((found.st_mode & 077U) != 0) {
    context.error(file.mark, file.path, fmt::format("{} can be read by others", in_quotes(path)),
                  fmt::format("chmod 600 {}", path));
  } else if (found.st_size == 0) {
    context.error(file.mark, file.path, fmt::format("{} is empty", in_quotes(path)),
                  "write the secret into it");
  } else {
    check_address(context, file, path);
  }
}

void check_secret(Context& context, const NamedFile& file, const std::string& directory) {
  const bool plain = file.file.find('/') == std::string::npos;
  const bool credentials = !context.options.credentials_directory.empty();
  // systemd has made its folder safe by itself.
  if (plain && credentials) {
    const std::string safe = join(context.options.credentials_directory, file.file);
    if (look(safe)) return check_address(context, file, safe);
  }
  const std::string path = join(directory, file.file);
  if (const auto found = look(path)) {
    check_found(context, file, path, *found);
    return;
  }
  if (plain && !credentials) {
    context.warning(
        file.mark, file.path, fmt::format("there is no file {}", in_quotes(path)),
        fmt::format("fine where the unit has LoadCredential={}:…; else make it, with mode 600",
                    file.file));
    return;
  }
  context.error(file.mark, file.path, fmt::format("there is no file {}", in_quotes(path)),
                "make it, with mode 600");
}

}  // namespace

void check_files(Context& context, const std::string& directory) {
  for (const NamedFile& file : context.files) {
    if (file.secret) {
      check_secret(context, file, directory);
    } else if (const std::string path = join(directory, file.file); !look(path)) {
      context.error(file.mark, file.path, fmt::format("there is no file {}", in_quotes(path)),
                    "names are relative to the configuration's folder");
    }
  }
}

}  // namespace earshot::config
