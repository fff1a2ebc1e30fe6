// Landlock by its three system calls: Debian 12's libc has no functions for them
// (https://docs.kernel.org/userspace-api/landlock.html).
#include "landlock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "earshot/runtime/confine.hpp"

namespace earshot {
namespace {

constexpr std::uint64_t kTruncate = 1ULL << 14U;  // LANDLOCK_ACCESS_FS_TRUNCATE, version 3

constexpr std::uint64_t kWrites = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                  LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                  LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr std::uint64_t kReads =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kOfFiles = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;

std::uint64_t known_to(int version, std::uint64_t access) {
  if (version >= 2) access |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) access |= kTruncate;
  return access;
}

Error failed(std::string_view what) {
  return permanent(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// The fence of this process while it is built.
class Fence {
 public:
  Fence() = default;
  ~Fence() {
    if (file_ >= 0) ::close(file_);
  }
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;

  Result<void> forbid(std::uint64_t access) {
    access_ = access;
    const landlock_ruleset_attr attributes{.handled_access_fs = access};
    file_ =
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
    return file_ < 0 ? failed("Landlock makes no rules") : Result<void>{};
  }
  Result<void> allow_below(const std::string& path) const {
    const int place = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (place < 0) return errno == ENOENT ? Result<void>{} : failed(path);
    struct stat about {};
    const bool folder = ::fstat(place, &about) == 0 && S_ISDIR(about.st_mode);
    const landlock_path_beneath_attr rule{.allowed_access = folder ? access_ : access_ & kOfFiles,
                                          .parent_fd = place};
    const auto added =
        ::syscall(SYS_landlock_add_rule, file_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    Result<void> done = added == 0 ? Result<void>{} : failed("Landlock refuses " + path);
    ::close(place);
    return done;
  }
  Result<void> close_in() const {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
    if (::syscall(SYS_landlock_restrict_self, file_, 0) != 0) return failed("Landlock");
    return {};
  }

 private:
  int file_ = -1;
  std::uint64_t access_ = 0;
};

}  // namespace

int landlock_version() {
  const auto version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? static_cast<int>(version) : 0;
}

Result<int> write_only_below(const std::vector<std::string>& paths) {
  const int version = landlock_version();
  if (version == 0) return 0;
  Fence fence;
  if (Result<void> made = fence.forbid(known_to(version, kWrites)); !made) return made.error();
  for (const std::string& path : paths) {
    if (Result<void> allowed = fence.allow_below(path); !allowed) return allowed.error();
  }
  if (Result<void> closed = fence.close_in(); !closed) return closed.error();
  return version;
}

Result<int> name_no_file() {
  const int version = landlock_version();
  if (version == 0) return 0;
  Fence fence;
  if (Result<void> made = fence.forbid(known_to(version, kWrites | kReads)); !made)
    return made.error();
  if (Result<void> closed = fence.close_in(); !closed) return closed.error();
  return version;
}

}  // namespace earshot
