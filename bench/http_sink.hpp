#pragma once

/// An HTTP server that takes any POST and counts it: one process of its own, one thread, epoll,
/// connections kept open. It does as little as can be, so that it is never what is measured.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <new>
#include <string>
#include <string_view>

class HttpSink {
 public:
  HttpSink() {
    void* shared = mmap(nullptr, sizeof(std::atomic<long>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) std::exit(1);
    count_ = new (shared) std::atomic<long>{0};
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 1024) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::exit(1);
    port_ = ntohs(address.sin_port);
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      serve();
    }
  }
  ~HttpSink() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    close(listener_);
  }
  HttpSink(const HttpSink&) = delete;
  HttpSink& operator=(const HttpSink&) = delete;

  int port() const { return port_; }
  long count() const { return count_->load(std::memory_order_relaxed); }
  void reset() { count_->store(0); }

 private:
  /// Whole requests at the front of `bytes`, taken away.
  static long take(std::string& bytes) {
    long taken = 0;
    for (;;) {
      const std::size_t head = bytes.find("\r\n\r\n");
      if (head == std::string::npos) return taken;
      std::size_t length = 0;
      for (const std::string_view name : {"Content-Length: ", "content-length: "}) {
        const std::size_t at = bytes.find(name);
        if (at < head) length = std::strtoul(bytes.c_str() + at + name.size(), nullptr, 10);
      }
      if (bytes.size() < head + 4 + length) return taken;
      bytes.erase(0, head + 4 + length);
      ++taken;
    }
  }

  [[noreturn]] void serve() {
    const int poll = epoll_create1(0);
    const auto watch = [poll](int fd) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = fd;
      epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    };
    watch(listener_);
    std::map<int, std::string> open;
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    char block[65'536];
    for (;;) {
      epoll_event events[64];
      const int n = epoll_wait(poll, events, 64, -1);
      for (int i = 0; i < n; ++i) {
        const int fd = events[i].data.fd;
        if (fd == listener_) {
          const int fresh = accept(listener_, nullptr, nullptr);
          const int on = 1;
          setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          watch(fresh);
          continue;
        }
        const ssize_t got = read(fd, block, sizeof block);
        if (got <= 0) {
          close(fd);
          open.erase(fd);
          continue;
        }
        std::string& bytes = open[fd];
        bytes.append(block, static_cast<std::size_t>(got));
        for (long taken = take(bytes); taken > 0; --taken) {
          count_->fetch_add(1, std::memory_order_relaxed);
          if (write(fd, kAnswer.data(), kAnswer.size()) < 0) break;
        }
      }
    }
  }

  std::atomic<long>* count_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  pid_t child_ = -1;
};
