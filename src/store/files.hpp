#pragma once

/// The files beside the database: the lock that keeps a second process out, and the poison guard's
/// marks.

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/runtime/poison.hpp"

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

/// Marks and deaths in fixed places of a small file. Written without fsync: the page cache survives
/// the death of the process.
class PoisonFile final : public PoisonGuard {
 public:
  /// "" keeps everything in memory. What was marked when the last process died counts as a death.
  explicit PoisonFile(const std::string& path);
  /// An orderly end: nothing that is still marked is to blame.
  ~PoisonFile() override;

  void mark(std::string_view place, std::string_view digest) override;
  void clear(std::string_view place) override;
  void died(std::string_view place) override;
  std::vector<std::string> deadly(std::string_view place, int limit) const override;
  int deaths(std::string_view place, std::string_view digest) const override;
  bool suspects(std::string_view place) const override;
  void forgive(std::string_view digest) override;
  /// Closes every mark: the process ends for a reason of its own.
  void clear_all();

 private:
  struct Mark {
    std::size_t row = 0;
    std::string digest;  ///< "" while nothing is read there
  };
  struct Deaths {
    std::size_t row = 0;
    int count = 0;
  };
  using Key = std::pair<std::string, std::string>;  // place, digest
  void read();
  void blame(const std::string& place, const std::string& digest, int deaths);
  void survived(const std::string& place, const std::string& digest);
  std::size_t free_row();
  void write(std::size_t row, std::string_view place, std::string_view digest, char kind,
             int deaths) const;

  int file_ = -1;
  std::size_t rows_ = 0;
  std::vector<std::size_t> free_;
  mutable std::mutex mutex_;
  std::map<std::string, Mark, std::less<>> marks_;
  std::map<Key, Deaths> deaths_;
};

}  // namespace earshot::sqlite
