// What it costs to read feeds in a process of its own that may do nothing but read and write two
// pipes (seccomp): bench/worker_process [DOCUMENTS]. The same documents of 20 items are read here
// and there; posts come back in the store's own bytes, the cheapest way we have. One JSON line (ADR
// 11).
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "../src/sources/parse/feed.hpp"
#include "../src/store/sqlite_post_codec.hpp"

namespace {

std::string document(int n) {
  std::string out = "<rss version=\"2.0\"><channel><title>Press</title>";
  for (int i = 0; i < 20; ++i) {
    out += fmt::format(
        "<item><title>Kettle {0}</title><link>https://press.example/{0}</link><guid>p-{0}</guid>"
        "<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><description><![CDATA[<p>",
        n * 20 + i);
    for (int k = 0; k < 7; ++k)
      out += "The lamp of @brightwave flickers &amp; nobody <b>answers</b> since Monday. ";
    out += "</p>]]></description></item>";
  }
  return out + "</channel></rss>";
}

double cpu(int who) {
  rusage used{};
  ::getrusage(who, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(to, bytes.data(), bytes.size());
    if (n <= 0) std::abort();
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}
bool read_all(int from, char* to, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t n = ::read(from, to + done, size - done);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}
/// A length of 32 bits, then so many bytes.
void send_part(int to, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::array<char, sizeof size> head{};
  std::memcpy(head.data(), &size, sizeof size);
  send_all(to, {head.data(), head.size()});
  send_all(to, bytes);
}
bool read_part(int from, std::string& out) {
  std::uint32_t size = 0;
  std::array<char, sizeof size> head{};
  if (!read_all(from, head.data(), head.size())) return false;
  std::memcpy(&size, head.data(), sizeof size);
  out.resize(size);
  return read_all(from, out.data(), size);
}

/// Reading, writing, memory and the end; any other call kills.
void lock_in() {
  std::array<sock_filter, 32> code{};
  std::size_t n = 0;
  const auto add = [&](sock_filter one) { code.at(n++) = one; };
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const int call : {SYS_read, SYS_write, SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap,
                         SYS_madvise, SYS_exit_group, SYS_futex}) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  sock_fprog program{static_cast<unsigned short>(n), code.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    std::abort();
}

[[noreturn]] void work(int link) {
  lock_in();
  std::string body;
  std::string out;
  while (read_part(link, body)) {
    out.clear();
    const auto parsed =
        earshot::parse_feed({.body = body, .base_url = "https://press.example/rss"});
    for (const earshot::Post& post : parsed->posts) {
      std::string one;
      earshot::sqlite::encode_post(post, one);
      const auto size = static_cast<std::uint32_t>(one.size());
      out.append(reinterpret_cast<const char*>(&size), sizeof size);
      out += one;
    }
    send_part(link, out);
  }
  ::_exit(0);
}

std::size_t decoded(std::string_view bytes) {
  std::size_t posts = 0;
  while (bytes.size() >= sizeof(std::uint32_t)) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    earshot::Post post;
    posts += earshot::sqlite::decode_post(bytes.substr(0, size), post) ? 1U : 0U;
    bytes.remove_prefix(size);
  }
  return posts;
}

}  // namespace

int main(int count, char** words) {
  const int documents = count > 1 ? std::atoi(words[1]) : 1000;
  std::array<int, 2> link{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, link.data()) != 0) return 1;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(link[0]);
    work(link[1]);
  }
  ::close(link[1]);
  std::size_t there = 0;
  const double before = cpu(RUSAGE_SELF);
  std::string answer;
  for (int i = 0; i < documents; ++i) {
    send_part(link[0], document(i));
    if (!read_part(link[0], answer)) return 1;
    there += decoded(answer);
  }
  ::close(link[0]);
  ::waitpid(child, nullptr, 0);
  const double apart = cpu(RUSAGE_SELF) - before + cpu(RUSAGE_CHILDREN);

  std::size_t here = 0;
  const double began = cpu(RUSAGE_SELF);
  for (int i = 0; i < documents; ++i) {
    const std::string body = document(i);
    here +=
        earshot::parse_feed({.body = body, .base_url = "https://press.example/rss"})->posts.size();
  }
  const double inside = cpu(RUSAGE_SELF) - began;
  fmt::print(
      "{{\"bench\":\"worker_process\",\"documents\":{},\"posts_here\":{},\"posts_there\":{},"
      "\"cpu_here_s\":{:.3f},\"cpu_there_s\":{:.3f},\"more_us_a_document\":{:.0f}}}\n",
      documents, here, there, inside, apart, (apart - inside) * 1e6 / documents);
  return here == there ? 0 : 1;
}
