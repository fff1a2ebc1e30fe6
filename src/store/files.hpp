#pragma once

/// The files beside the database: the lock that keeps a second process out, and the poison guard's
/// notes.

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace earshot::sqlite {

/// Held as long as the object lives; the kernel lets go of it when the process dies, however it
/// dies.
class LockFile {
 public:
  /// Throws StoreRefused that names the process which has it.
  explicit LockFile(const std::string& path);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  int file_ = -1;
};

/// Throws StoreRefused where the folder is missing, not writable, or on a network file system,
/// whose locks SQLite cannot trust. Creates the file with mode 0600 where there is none, and takes
/// away others' rights where they had some.
void prepare_file(const std::string& path);

/// What is being parsed, source by source, in fixed places of a small file. Written without fsync:
/// the page cache survives the death of the process, and a power cut is not the parser's fault.
class PoisonGuard {
 public:
  /// "" keeps everything in memory.
  explicit PoisonGuard(const std::string& path);
  ~PoisonGuard();
  PoisonGuard(const PoisonGuard&) = delete;
  PoisonGuard& operator=(const PoisonGuard&) = delete;

  void parsing(std::string_view source, std::string_view digest);
  void parsed(std::string_view source);
  std::map<std::string, std::pair<std::string, int>> interrupted() const { return interrupted_; }

 private:
  struct Note {
    std::size_t place = 0;
    std::string digest;
    bool open = false;
    int crashes = 0;
  };
  void read();
  void write(const std::string& source, const Note& note) const;

  int file_ = -1;
  std::size_t next_place_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, Note, std::less<>> notes_;
  std::map<std::string, std::pair<std::string, int>> interrupted_;
};

}  // namespace earshot::sqlite
