#include "earshot/runtime/companion.hpp"

#include "argv.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace earshot {
namespace {

constexpr Duration kFirstPause = milliseconds{100};  // after it could not be begun
constexpr Duration kLongestPause = seconds{5};
constexpr std::size_t kHead = 5;
constexpr std::size_t kMostNote = 256;

Duration steady() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

Error failed(std::string_view what, int why) {
  return transient(fmt::format("{}: {}", what, std::strerror(why)));
}

std::array<char, kHead> head_of(char letter, std::size_t size) {
  const auto length = static_cast<std::uint32_t>(size);
  std::array<char, kHead> head{letter};
  std::memcpy(head.data() + 1, &length, sizeof length);
  return head;
}

/// Waits for its end for a moment: it is dying.
std::string how_it_ended(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return fmt::format("ended by signal {} ({})", number, ::strsignal(number));
  }
  return fmt::format("ended with code {}", WEXITSTATUS(status));
}

/// Signals for the daemon's whole group - systemd's SIGTERM, a terminal's SIGINT - are not for the
/// companion: it ends when its connection does.
int start(const std::string& program, std::vector<std::string>& words,
          std::vector<std::string>& variables, int link, pid_t& process) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, link, STDIN_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all;
  sigset_t blocked;
  sigfillset(&all);
  sigemptyset(&blocked);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&blocked, number);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  const std::vector<char*> arguments = pointers(words);
  const std::vector<char*> environment = pointers(variables);
  const int why = ::posix_spawn(&process, program.c_str(), &files, &attributes, arguments.data(),
                                environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return why;
}

}  // namespace

Result<void> Companion::spawn() {
  std::array<int, 2> link{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link.data()) != 0)
    return failed("socketpair", errno);
  const int why =
      start(options_.program, options_.arguments, options_.environment, link[1], process_);
  ::close(link[1]);
  if (why != 0) {
    ::close(link[0]);
    process_ = -1;
    return failed("it cannot be started", why);
  }
  ::fcntl(link[0], F_SETFL, O_NONBLOCK);
  link_ = link[0];
  return {};
}

Result<void> Companion::begin() {
  if (process_ > 0 && still_there()) return {};
  end();
  if (steady() < not_before_) return transient("it could not be begun a moment ago");
  Result<void> done = spawn();
  if (done) {
    Result<Frame> hello = receive(4096, steady() + options_.begin_deadline);
    if (hello && hello->letter == 'h') {
      greeting_ = std::move(hello->bytes);
      failures_ = 0;
      ++begins_;
      return {};
    }
    done = transient(hello && hello->letter == 'x'
                         ? hello->bytes
                         : last_words(hello ? "no greeting" : hello.error().message));
  }
  end();
  ++failures_;
  not_before_ =
      steady() + std::min(kLongestPause, kFirstPause * (1 << std::min(failures_ - 1, 10)));
  return done;
}

/// Nothing is to be heard of it between two questions; its end can be.
bool Companion::still_there() const {
  char byte = 0;
  return ::recv(link_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EINTR);
}

void Companion::end() {
  if (link_ >= 0) ::close(link_);
  link_ = -1;
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

/// Ended by itself: how; else why it is ended now.
std::string Companion::last_words(const std::string& why) {
  if (process_ <= 0) return why;
  ::kill(process_, SIGKILL);  // what has died of something else keeps its own cause
  std::string how = how_it_ended(process_);
  process_ = -1;
  return why.empty() ? how : why;
}

Companion::Answer Companion::died(std::string why) {
  why = last_words(why);
  end();
  return {Told::died, {}, std::move(why)};
}

Companion::Answer Companion::ask(std::initializer_list<std::string_view> question,
                                 const std::function<bool(std::string_view)>& note) {
  if (Result<void> begun = begin(); !begun) return {Told::no_begin, {}, begun.error().message};
  const Duration until = steady() + options_.deadline;
  if (const Result<void> sent = send('q', question, until); !sent)
    return died(sent.error().message);
  for (std::size_t notes = 0; notes <= options_.most_notes; ++notes) {
    Result<Frame> frame = receive(options_.most_answer, until);
    if (!frame) return died(frame.error().message);
    if (frame->letter == 'a') return {Told::answer, std::move(frame->bytes), {}};
    if (frame->letter != 'm' || frame->bytes.size() > kMostNote || !note(frame->bytes))
      return died("it answered against the rules");
  }
  return died("it answered without end");
}

Result<void> Companion::send(char letter, std::initializer_list<std::string_view> parts,
                             Duration until) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::array<char, kHead> head = head_of(letter, size);
  Result<void> done = move(head.data(), head.size(), true, until);
  for (const std::string_view part : parts) {
    if (done) done = move(const_cast<char*>(part.data()), part.size(), true, until);
  }
  return done;
}

Result<Companion::Frame> Companion::receive(std::size_t most, Duration until) {
  std::array<char, kHead> head{};
  if (Result<void> got = move(head.data(), head.size(), false, until); !got) return got.error();
  std::uint32_t size = 0;
  std::memcpy(&size, head.data() + 1, sizeof size);
  if (size > most) return transient("it said more than it may");
  Frame frame{head[0], std::string(size, '\0')};
  if (Result<void> got = move(frame.bytes.data(), size, false, until); !got) return got.error();
  return frame;
}

/// All of the bytes one way. An Error without words: the other side is gone, and its end says why.
Result<void> Companion::move(char* bytes, std::size_t size, bool out, Duration until) {
  while (size > 0) {
    const ssize_t n =
        out ? ::send(link_, bytes, size, MSG_NOSIGNAL) : ::recv(link_, bytes, size, 0);
    if (n > 0) {
      bytes += n;
      size -= static_cast<std::size_t>(n);
      continue;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) return transient("");
    const Duration left = until - steady();
    if (left <= Duration{0}) return transient("it took too long");
    pollfd wait{link_, static_cast<short>(out ? POLLOUT : POLLIN), 0};
    ::poll(&wait, 1, static_cast<int>(left.count()) + 1);
  }
  return {};
}

void CompanionLink::read(std::string& question) const {
  const auto all = [this](char* to, std::size_t size) {
    while (size > 0) {
      const ssize_t n = ::read(link_, to, size);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) ::_exit(0);
      to += n;
      size -= static_cast<std::size_t>(n);
    }
  };
  std::array<char, kHead> head{};
  all(head.data(), head.size());
  std::uint32_t size = 0;
  std::memcpy(&size, head.data() + 1, sizeof size);
  question.resize(size);
  all(question.data(), size);
}

void CompanionLink::say(char letter, std::string_view bytes) const {
  const std::array<char, kHead> head = head_of(letter, bytes.size());
  std::string_view parts[] = {{head.data(), head.size()}, bytes};
  for (std::string_view& part : parts) {
    while (!part.empty()) {
      const ssize_t n = ::write(link_, part.data(), part.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) ::_exit(0);
      part.remove_prefix(static_cast<std::size_t>(n));
    }
  }
}

}  // namespace earshot
