#include "earshot/runtime/confine.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "landlock.hpp"

namespace earshot {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
#error "The reader's list of system calls names x86-64 and aarch64."
#endif

Error failed(std::string_view what) {
  return permanent(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// A list of system calls as a BPF program (seccomp(2)).
class CallList {
 public:
  CallList() {
    load(offsetof(seccomp_data, arch));
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0));
    kill();
    load(offsetof(seccomp_data, nr));
  }
  void allow(long call) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  /// While none of these bits is set in its argument `n`; `otherwise` is what happens then.
  void without(long call, std::size_t n, std::uint32_t bits, std::uint32_t wanted) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4));
    load(offsetof(seccomp_data, args) + n * sizeof(std::uint64_t));  // its low half
    add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0));
    add(BPF_STMT(BPF_RET | BPF_K, wanted));
    kill();
  }
  /// With this value as its first argument.
  void only(long call, std::uint32_t value) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4));
    load(offsetof(seccomp_data, args));
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    kill();
  }
  bool install() {
    kill();
    sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  void add(sock_filter one) { code_.push_back(one); }
  void load(std::size_t at) {
    add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at)));
  }
  void kill() { add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)); }
  std::vector<sock_filter> code_;
};

bool filter_calls() {
  CallList calls;
  for (const long call : {SYS_read, SYS_write, SYS_futex, SYS_brk, SYS_munmap, SYS_mremap,
                          SYS_madvise, SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom,
                          SYS_sysinfo, SYS_sched_yield, SYS_setitimer, SYS_rt_sigreturn,
                          SYS_rt_sigprocmask, SYS_getpid, SYS_gettid, SYS_exit, SYS_exit_group})
    calls.allow(call);
  calls.without(SYS_mmap, 2, PROT_EXEC, SECCOMP_RET_ALLOW);
  calls.without(SYS_mprotect, 2, PROT_EXEC, SECCOMP_RET_ALLOW);
  calls.only(SYS_tgkill, static_cast<std::uint32_t>(::getpid()));  // abort() says what it was
  constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EACCES;
  calls.without(SYS_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, kRefused);
  return calls.install();
}

bool limit(__rlimit_resource_t what, rlim_t most) {
  const rlimit limits{most, most};
  return ::setrlimit(what, &limits) == 0;
}

}  // namespace

Result<Confined> confine(const Confinement& how) {
  Confined done;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return failed("dumpable");
  const Result<int> landlock = name_no_file();
  // A container may forbid the calls of Landlock itself: the list below says the same.
  done.landlock = landlock ? *landlock : 0;
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, 0)) return failed("limits");
  if (kSanitized) return done;
  if (!limit(RLIMIT_NOFILE, 1)) return failed("limit of files");
  if (how.memory > 0 && !limit(RLIMIT_AS, how.memory)) return failed("limit of memory");
  if (!filter_calls()) return failed("seccomp");
  done.filter = true;
  return done;
}

}  // namespace earshot
