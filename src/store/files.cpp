#include "files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "earshot/core/utf8.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot::sqlite {
namespace {

[[noreturn]] void refuse(const std::string& path, std::string_view doing) {
  throw StoreRefused(fmt::format("{}: {}: {}", path, doing, std::strerror(errno)));
}

std::string_view network_name(long type) {
  switch (static_cast<unsigned long>(type) & 0xFFFF'FFFFUL) {
    case 0x6969:
      return "NFS";
    case 0x517B:
      return "SMB";
    case 0xFF53'4D42:
      return "CIFS";
    case 0xFE53'4D42:
      return "SMB2";
    case 0x5346'414F:
      return "AFS";
    case 0x00C3'6400:
      return "Ceph";
    default:
      return {};
  }
}

}  // namespace

LockFile::LockFile(const std::string& path)
    : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (file_ < 0) refuse(path, "the lock file cannot be opened");
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    std::array<char, 32> pid{};
    const ssize_t got = taken ? ::pread(file_, pid.data(), pid.size() - 1, 0) : 0;
    const int why = errno;
    ::close(file_);
    errno = why;
    if (!taken) refuse(path, "the lock cannot be taken");
    const std::string_view who = trim({pid.data(), static_cast<std::size_t>(got > 0 ? got : 0)});
    throw StoreRefused(
        fmt::format("{}: the database is in use by process {}", path, who.empty() ? "?" : who));
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, pid.data(), pid.size(), 0) < 0) {
    // The pid is for people only; a full disk is found out where it matters.
  }
}

LockFile::~LockFile() {
  ::close(file_);
}

void prepare_file(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  struct statfs where {};
  if (::statfs(folder.c_str(), &where) != 0)
    refuse(folder.string(), "the folder of the database cannot be used");
  if (const std::string_view name = network_name(where.f_type); !name.empty()) {
    throw StoreRefused(
        fmt::format("{}: on a network file system ({}); SQLite needs a local disk", path, name));
  }
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const bool full = errno == ENOSPC || errno == EDQUOT;
    if (full) throw StoreError(path + ": disk full", true);
    refuse(path, "the database cannot be opened for writing");
  }
  struct stat status {};
  const bool ours = ::fstat(file, &status) == 0 && status.st_uid == ::geteuid();
  if (ours && (status.st_mode & 0077U) != 0 && ::fchmod(file, 0600) != 0) {
    const int why = errno;
    ::close(file);
    errno = why;
    refuse(path, "others can read the database, and that cannot be changed");
  }
  ::close(file);
}

}  // namespace earshot::sqlite
