#include "earshot/runtime/child.hpp"

#include "argv.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

namespace earshot {
namespace {

namespace asio = boost::asio;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Error failed(std::string_view what, int why) {
  return transient(fmt::format("{}: {}", what, std::strerror(why)));
}

/// The bytes as a file without a name: no pipe that could fill up, no writer that must be waited
/// for.
int file_of(const std::string& bytes) {
  const int fd = ::memfd_create("earshot-input", MFD_CLOEXEC);
  std::size_t done = 0;
  while (fd >= 0 && done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n <= 0) {
      ::close(fd);
      return -1;
    }
    done += static_cast<std::size_t>(n);
  }
  if (fd >= 0) ::lseek(fd, 0, SEEK_SET);
  return fd;
}

int spawn(ChildProgram& program, int input, pid_t& child) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all;
  sigset_t none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);  // a group of its own, so that all of it can be ended
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments = pointers(program.arguments);
  std::vector<char*> environment = pointers(program.environment);
  const int why = ::posix_spawnp(&child, arguments.front(), &files, &attributes, arguments.data(),
                                 environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return why;
}

/// Waits until the process has ended or the time is over; false at the limit or when cancelled.
Task<bool> ended_in_time(asio::posix::stream_descriptor& process, Duration limit) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer{process.get_executor(), limit};
  constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
  const auto which =
      co_await (process.async_wait(asio::posix::stream_descriptor::wait_read, kToken) ||
                timer.async_wait(kToken));
  co_return which.index() == 0 && !std::get<0>(std::get<0>(which));
}

}  // namespace

Task<Result<int>> run_child(Executor executor, ChildProgram program) {
  if (program.arguments.empty()) co_return permanent("there is no program to run");
  const Descriptor input{file_of(program.input)};
  if (input.get() < 0) co_return failed("memfd_create", errno);
  pid_t child = -1;
  if (const int why = spawn(program, input.get(), child); why != 0) {
    Error error = failed("the program cannot be started", why);
    if (why == ENOENT || why == EACCES || why == ENOEXEC || why == ENOTDIR)
      error.kind = Error::Kind::permanent;
    co_return error;
  }
  // glibc 2.36 declares pidfd_open without C linkage.
  Descriptor handle{static_cast<int>(::syscall(SYS_pidfd_open, child, 0))};
  bool in_time = false;
  if (handle.get() >= 0) {
    asio::posix::stream_descriptor process{executor, handle.release()};
    co_await asio::this_coro::throw_if_cancelled(false);  // the child is waited for in any case
    in_time = co_await ended_in_time(process, program.timeout);
  }
  if (!in_time) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (in_time && WIFEXITED(status)) co_return WEXITSTATUS(status);
  Error error = transient(in_time ? fmt::format("ended by signal {}", WTERMSIG(status))
                                  : "did not end in time and was killed");
  error.uncertain = true;
  co_return error;
}

}  // namespace earshot
