#include "earshot/runtime/secrets.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "earshot/core/masked.hpp"

namespace earshot {

namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 10U;

void wipe(std::string& text) {
  text.resize(
      text.capacity());  // what lies beyond the end may be the rest of an earlier, longer one
  sodium_memzero(text.data(), text.size());
  text.clear();
}

struct File {
  int fd;
  explicit File(const std::string& path)
      : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

// systemd hands credentials over in a directory only the service can enter, with modes that follow
// its own rules.
enum class Place { credentials, disk };

Result<Secret> read_file(const std::string& path, Place place) {
  const File file(path);
  // Nobody's file: the name may be the secret itself, pasted into the wrong place.
  if (file.fd < 0)
    return permanent("secret file " + mask_random(path) + ": " + std::strerror(errno));
  struct stat at {};
  if (fstat(file.fd, &at) != 0)
    return permanent("secret file " + path + ": " + std::strerror(errno));
  if (!S_ISREG(at.st_mode)) return permanent("secret file " + path + " is not a regular file");
  if (place == Place::disk && (at.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return permanent("secret file " + path +
                     " may be used by others than its owner; run: chmod 600 " + path);
  }

  std::string value(kMostBytes + 1,
                    '\0');  // at its whole size at once: growing would leave copies behind
  std::size_t size = 0;
  while (size < value.size()) {
    const ssize_t n = ::read(file.fd, value.data() + size, value.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return permanent("secret file " + path + ": " + std::strerror(errno));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  std::string_view text{value.data(), size};
  if (text.substr(0, size).ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  std::optional<Error> error;
  if (size > kMostBytes)
    error = permanent("secret file " + path + " is larger than 64 KiB");
  else if (text.empty())
    error = permanent("secret file " + path + " is empty");
  Secret secret{error ? std::string{} : std::string{text}};
  wipe(value);
  if (error) return *error;
  return secret;
}

std::string join(const std::string& directory, const std::string& name) {
  if (directory.empty() || directory.back() == '/') return directory + name;
  return directory + "/" + name;
}

}  // namespace

Secret::~Secret() {
  wipe(value_);
}

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  wipe(value_);
  value_ = other.value_;
  return *this;
}

// Short strings live inside the object and a move leaves their bytes there: hence copy and wipe.
Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
  wipe(other.value_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(value_);
  value_.swap(other.value_);
  wipe(other.value_);
  return *this;
}

Result<Secret> read_secret(const std::string& path, const std::string& base) {
  if (path.empty()) return permanent("the name of a secret file is empty");
  if (path.find('\0') != std::string::npos)
    return permanent("the name of a secret file holds a NUL");
  if (path.front() == '/') return read_file(path, Place::disk);
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (path.find('/') == std::string::npos && credentials != nullptr && *credentials != '\0') {
    const std::string there = join(credentials, path);
    if (::access(there.c_str(), F_OK) == 0) return read_file(there, Place::credentials);
  }
  return read_file(join(base, path), Place::disk);
}

}  // namespace earshot
