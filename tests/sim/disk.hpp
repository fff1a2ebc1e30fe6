#pragma once

/// A disk that loses power, as SQLite sees it: a VFS whose files lie in memory, with everything
/// that was not synced kept apart. A crash of the process loses nothing of it; a power cut applies,
/// drops or tears each unsynced write on its own (so they are reordered, too). After src/test6.c of
/// SQLite in its idea.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "random.hpp"

namespace earshot::sim {

/// Bytes in pieces of 4 KiB. A copy shares them, and whoever writes into a shared piece has a new
/// one from then on: what a sync keeps costs no copy of it.
class Bytes {
 public:
  std::size_t size() const { return size_; }
  void resize(std::size_t size);  ///< what is new is 0
  void write(std::size_t at, std::string_view bytes);
  void read(std::size_t at, char* to, std::size_t count) const;
  /// The pieces that hold `count` bytes from `at` on, and the size, are those of `other`.
  void share(const Bytes& other, std::size_t at, std::size_t count);
  std::string text() const;

 private:
  static constexpr std::size_t kPiece = 4096;
  struct Piece {
    std::array<char, kPiece> bytes;
  };
  char* own(std::size_t piece, bool whole);
  std::vector<std::shared_ptr<Piece>> pieces_;
  std::size_t size_ = 0;
};

class Disk {
 public:
  enum class Fate { mixed, apply, drop, tear };

  explicit Disk(Random random);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  /// kill -9: the handles of the old process are void, the bytes stay.
  void process_died();
  /// The same without power.
  void power_cut(Fate fate = Fate::mixed);
  /// Power is lost in the middle of the sync `after` syncs from now; 0: none.
  void lose_power_at(std::uint64_t after) { power_at_ = after == 0 ? 0 : syncs_ + after; }
  /// True where that has come to pass: the caller ends the process.
  bool without_power() const { return dark_; }

  bool full = false;      ///< nothing may grow …
  std::size_t spare = 0;  ///< … by more than this: the ballast was given up
  int fail_syncs = 0;     ///< so many syncs end in EIO
  int fail_writes = 0;    ///< so many writes end in EIO
  // The nth one of the disk, from 1 on; 0: none.
  std::uint64_t fail_write_at = 0;
  std::uint64_t fail_sync_at = 0;
  std::uint64_t full_at = 0;  ///< nothing may grow from this write on
  bool lies = false;          ///< says that it has synced, and has not
  std::int64_t wall_ms = 0;   ///< for SQLite's own questions about the time
  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t writes() const { return writes_; }
  std::string bytes_of(const std::string& name) const;
  std::size_t size_of(const std::string& name) const;

  // For the functions of the VFS.
  struct Pending {
    std::int64_t offset = 0;
    std::string bytes;
    bool truncate = false;  ///< to `offset`
  };
  struct File {
    std::string name;
    Bytes now;      ///< what a reader sees
    Bytes durable;  ///< what certainly survives
    std::vector<Pending> pending;
    bool same = true;   ///< but for `pending`, both hold the same
    bool kept = false;  ///< its name has reached the disk
    std::vector<std::unique_ptr<char[]>> shared;
  };
  File* open(const char* name, bool create);
  bool exists(const std::string& name) const { return files_.contains(name); }
  void remove(const std::string& name);
  int write(File& file, const char* bytes, int count, std::int64_t offset);
  int truncate(File& file, std::int64_t size);
  int sync(File& file);
  std::uint64_t generation() const { return generation_; }
  Random& random() { return random_; }

 private:
  void settle(File& file, Fate fate);

  Random random_;
  std::map<std::string, std::unique_ptr<File>> files_;
  std::vector<std::unique_ptr<File>> removed_;  ///< handles may point at them
  std::uint64_t generation_ = 1;
  std::uint64_t syncs_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t power_at_ = 0;
  bool dark_ = false;
};

}  // namespace earshot::sim
