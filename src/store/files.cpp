#include "files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
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

// One note in the file: source and digest as text padded with zeros, then open ('0' or '1') and
// crashes (a digit).
constexpr std::size_t kSource = 160;
constexpr std::size_t kDigest = 80;
constexpr std::size_t kNote = kSource + kDigest + 2;

std::string field(std::string_view bytes) {
  return std::string{bytes.substr(0, bytes.find('\0'))};
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

PoisonGuard::PoisonGuard(const std::string& path) {
  if (path.empty()) return;
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) refuse(path, "the file of the poison guard cannot be opened");
  read();
}

PoisonGuard::~PoisonGuard() {
  if (file_ >= 0) ::close(file_);
}

void PoisonGuard::read() {
  std::array<char, kNote> bytes{};
  for (std::size_t place = 0;
       ::pread(file_, bytes.data(), kNote, static_cast<off_t>(place * kNote)) ==
       static_cast<ssize_t>(kNote);
       ++place) {
    next_place_ = place + 1;
    const std::string source = field({bytes.data(), kSource});
    if (source.empty()) continue;
    Note note{.place = place, .digest = field({bytes.data() + kSource, kDigest})};
    note.crashes = std::max(0, bytes[kSource + kDigest + 1] - '0');
    if (bytes[kSource + kDigest] == '1') {
      note.crashes = std::min(note.crashes + 1, 9);
      write(source, note);
    }
    if (note.crashes > 0) interrupted_[source] = {note.digest, note.crashes};
    notes_[source] = std::move(note);
  }
}

void PoisonGuard::write(const std::string& source, const Note& note) const {
  if (file_ < 0) return;
  std::array<char, kNote> bytes{};
  source.copy(bytes.data(), kSource);
  note.digest.copy(bytes.data() + kSource, kDigest);
  bytes[kSource + kDigest] = note.open ? '1' : '0';
  bytes[kSource + kDigest + 1] = static_cast<char>('0' + note.crashes);
  if (::pwrite(file_, bytes.data(), kNote, static_cast<off_t>(note.place * kNote)) < 0) {
    // Without room on the disk there is no guard, but the source can still be read.
  }
}

void PoisonGuard::parsing(std::string_view source, std::string_view digest) {
  const std::scoped_lock lock{mutex_};
  const std::string name{source.substr(0, kSource)};
  const std::string mark{digest.substr(0, kDigest)};
  const auto [it, added] = notes_.try_emplace(name);
  Note& note = it->second;
  if (added) note.place = next_place_++;
  if (note.digest != mark) note.crashes = 0;
  note.digest = mark;
  note.open = true;
  write(name, note);
}

void PoisonGuard::parsed(std::string_view source) {
  const std::scoped_lock lock{mutex_};
  const auto it = notes_.find(source.substr(0, kSource));
  if (it == notes_.end() || !it->second.open) return;
  it->second.open = false;
  it->second.crashes = 0;
  write(it->first, it->second);
}

}  // namespace earshot::sqlite
