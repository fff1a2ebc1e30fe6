#include "earshot/runtime/systemd.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "earshot/core/utf8.hpp"

namespace earshot {

namespace {

std::optional<long long> number_in(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text < '0' || *text > '9') return std::nullopt;
  char* end = nullptr;
  const long long value = std::strtoll(text, &end, 10);
  return *end == '\0' ? std::optional{value} : std::nullopt;
}

std::string status_line(std::string_view status) {
  return "\nSTATUS=" + printable(cut_utf8(status, 512));
}

}  // namespace

bool notify_systemd(std::string_view lines) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return false;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof to.sun_path) return false;
  std::memcpy(to.sun_path, path, length);
  if (path[0] == '@') to.sun_path[0] = '\0';  // an abstract socket
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  const ssize_t sent = ::sendto(fd, lines.data(), lines.size(), MSG_NOSIGNAL,
                                reinterpret_cast<sockaddr*>(&to), size);
  ::close(fd);
  return sent == static_cast<ssize_t>(lines.size());
}

void notify_ready(std::string_view status) {
  notify_systemd("READY=1" + status_line(status));
}

void notify_reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long usec = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  notify_systemd("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec));
}

void notify_stopping(std::string_view status) {
  notify_systemd("STOPPING=1" + status_line(status));
}
void notify_status(std::string_view status) {
  notify_systemd(status_line(status).substr(1));
}
void notify_watchdog() {
  notify_systemd("WATCHDOG=1");
}

std::optional<Duration> watchdog_interval() {
  const auto usec = number_in("WATCHDOG_USEC");
  if (!usec || *usec < 1000) return std::nullopt;
  const auto pid = number_in("WATCHDOG_PID");
  if (pid && *pid != getpid()) return std::nullopt;  // meant for our parent
  return Duration{*usec / 1000};
}

std::string runtime_directory() {
  const char* const folders = std::getenv("RUNTIME_DIRECTORY");
  const std::string_view all = folders == nullptr ? "" : folders;
  return std::string{all.substr(0, all.find(':'))};
}

}  // namespace earshot
