// What runs in the reader's process. It trusts the daemon's orders, and is trusted with nothing.
#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <sys/prctl.h>
#include <sys/time.h>

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "earshot/runtime/confine.hpp"
#include "earshot/runtime/poison.hpp"
#include "earshot/sources/reader.hpp"
#include "parse/reading_codec.hpp"
#include "poll_parts.hpp"

namespace earshot {
namespace {

constexpr std::int64_t kCpuSeconds = 8;  // of one document
constexpr std::size_t kBig = std::size_t{1} << 20U;
constexpr std::size_t kMostAnswer = std::size_t{120} << 20U;

/// Says each item's digest before it is read.
class Announced final : public ItemWatch {
 public:
  Announced(const CompanionLink& link, const std::vector<std::string>& deadly)
      : link_(link), deadly_(deadly) {}
  bool may_read(std::string_view raw) override {
    const std::string digest = hash128_hex(raw);
    if (std::find(deadly_.begin(), deadly_.end(), digest) != deadly_.end()) return false;
    link_.say('m', digest);
    crash_if_asked("read", raw);
    return true;
  }

 private:
  const CompanionLink& link_;
  const std::vector<std::string>& deadly_;
};

/// SIGPROF ends a process that computes for so long.
void limit_cpu(std::int64_t seconds) {
  itimerval limit{};
  limit.it_value.tv_sec = seconds;
  ::setitimer(ITIMER_PROF, &limit, nullptr);
}

/// Everything that libraries set up once, while files may still be opened.
void warm_up() {
  load_charsets();
  const ReadOrder mail{.kind = ReadKind::mail,
                       .bytes =
                           "From: =?iso-8859-2?q?a=E1?= <a@a.example>\r\nSubject: =?koi8-r?b?"
                           "wQ==?=\r\nContent-Type: text/plain; charset=iso-8859-15\r\n\r\n"
                           "\xA4\r\n"};
  static_cast<void>(read_order(mail));
}

Result<Reading> read_task(const CompanionLink& link, const ReadTask& task) {
  if (!task.careful) {
    crash_if_asked("read", task.order.bytes);
    return read_order(task.order);
  }
  Announced watch{link, task.deadly};
  return read_order(task.order, &watch);
}

}  // namespace

int run_reader() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "earshot-reader");
  const CompanionLink link{0};
  warm_up();
  const Result<Confined> confined = confine({});
  if (!confined) {
    link.say('x', "it cannot give up its rights: " + confined.error().message);
    return 1;
  }
  link.say('h',
           fmt::format("{}{}", confined->filter ? "seccomp" : "no seccomp: built with sanitizers",
                       confined->landlock > 0 ? fmt::format(", Landlock {}", confined->landlock)
                                              : std::string{}));
  std::string question;
  for (;;) {
    link.read(question);
    limit_cpu(kCpuSeconds);
    const std::optional<ReadTask> task = decode_task(question);
    std::string answer =
        encode_answer(task ? read_task(link, *task) : Result<Reading>{permanent("no order")});
    if (answer.size() > kMostAnswer)
      answer = encode_answer(permanent("what was read of it is larger than 120 MiB"));
    limit_cpu(0);
    link.say('a', answer);
    if (question.size() < kBig) continue;
    question = {};
    answer = {};
    give_memory_back();
  }
}

}  // namespace earshot
