#include "earshot/store/ballast.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

namespace earshot {
namespace {

class FileBallast final : public Ballast {
 public:
  FileBallast(const std::string& database, std::uint64_t most)
      : path_(database + "-ballast"),
        folder_(std::filesystem::absolute(database).parent_path().string()),
        most_(most) {}

  DiskRoom look() override {
    const std::scoped_lock lock{mutex_};
    struct statvfs disk {};
    if (::statvfs(folder_.c_str(), &disk) != 0) return {0, 0, tight_};
    const std::uint64_t whole = std::uint64_t{disk.f_blocks} * disk.f_frsize;
    const std::uint64_t full = std::clamp(whole / 20, kMiB, most_);
    DiskRoom now{std::uint64_t{disk.f_bavail} * disk.f_frsize, size(), tight_};
    const BallastStep step = judge_room(now, full, given_up_);
    tight_ = step.tight;
    if (step.give_up) empty();
    // A quota is not seen until it is met: then it stays given up.
    if (step.make && !make(full) && given_up_) tight_ = true;
    now.held = size();
    now.tight = tight_;
    return now;
  }

  void give_up() override {
    const std::scoped_lock lock{mutex_};
    empty();
    tight_ = true;
  }

 private:
  std::uint64_t size() {
    struct stat file {};
    if (::stat(path_.c_str(), &file) != 0) return 0;
    if (file.st_size == 0) given_up_ = true;
    return static_cast<std::uint64_t>(file.st_size);
  }

  void empty() {
    given_up_ = true;
    const int file = ::open(path_.c_str(), kHow, 0600);
    if (file < 0) return;
    if (::ftruncate(file, 0) == 0) ::fsync(file);
    ::close(file);
  }

  /// False leaves nothing of it.
  bool make(std::uint64_t bytes) {
    const int file = ::open(path_.c_str(), kHow, 0600);
    if (file < 0) return false;
    const bool made = ::posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0;
    if (made)
      given_up_ = false;
    else if (given_up_ && ::ftruncate(file, 0) != 0)
      ::unlink(path_.c_str());
    ::close(file);
    if (!made && !given_up_) ::unlink(path_.c_str());
    return made;
  }

  static constexpr int kHow = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  std::string path_;
  std::string folder_;
  std::uint64_t most_;
  std::mutex mutex_;
  bool tight_ = false;
  bool given_up_ = false;
};

}  // namespace

BallastStep judge_room(const DiskRoom& now, std::uint64_t full, bool given_up) {
  const std::uint64_t enough = now.tight ? full / 2 : full / 4;
  if (now.held > 0 && now.held >= full / 2) {  // of another size: the file system was resized
    const bool give_up = now.free < full / 16;
    return {give_up, false, give_up || now.free < enough};
  }
  const bool make = now.free >= full + full / 2;
  return {false, make, !make && (given_up || now.free < enough)};
}

std::unique_ptr<Ballast> make_ballast(const std::string& database, std::uint64_t most) {
  if (most < kMiB || database == ":memory:") return nullptr;
  return std::make_unique<FileBallast>(database, most);
}

}  // namespace earshot
