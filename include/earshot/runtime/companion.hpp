#pragma once

/// Companion: this program begun again beside itself, with one word and nothing else but one
/// connection. It is asked one question at a time; what it says is a stranger's.
///
/// A frame is a letter, a length of 32 bits and so many bytes. The companion says `h` once it is
/// ready (or `x` and why it cannot), then answers each `q` by any number of `m` (short notes) and
/// one `a`.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

struct CompanionOptions {
  std::string program = "/proc/self/exe";  ///< the same bytes, though an update replaced the file
  std::vector<std::string> arguments;      ///< the first is its name
  std::vector<std::string> environment;
  Duration deadline = seconds{10};                    ///< of one answer, wall time
  Duration begin_deadline = seconds{15};              ///< from its start to `h`
  std::size_t most_answer = std::size_t{128} << 20U;  ///< bytes
  std::size_t most_notes = 250'000;                   ///< in one answer
};

/// Blocking; one thread at a time speaks to it. Ending it, or ending the thread that began it, ends
/// the process.
class Companion {
 public:
  enum class Told {
    answer,   ///< `bytes` are the answer
    died,     ///< it ended, took too long or broke the rules over this question; `why` says how
    no_begin  ///< it cannot be begun: the question was not asked
  };
  struct Answer {
    Told told = Told::no_begin;
    std::string bytes;
    std::string why;
  };

  explicit Companion(CompanionOptions options) : options_(std::move(options)) {}
  ~Companion() { end(); }
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  /// Begins it where it does not run. `note` may be false: then it broke the rules.
  Answer ask(std::initializer_list<std::string_view> question,
             const std::function<bool(std::string_view)>& note);
  /// Begins it where it does not run; an Error says why it cannot.
  Result<void> begin();
  void end();
  /// What it said when it was ready.
  const std::string& greeting() const { return greeting_; }
  pid_t process() const { return process_; }
  /// How often it was begun.
  std::uint64_t begins() const { return begins_; }

 private:
  struct Frame {
    char letter = 0;
    std::string bytes;
  };
  Result<void> spawn();
  bool still_there() const;
  Answer died(std::string why);
  std::string last_words(const std::string& why);
  Result<void> send(char letter, std::initializer_list<std::string_view> parts, Duration until);
  Result<Frame> receive(std::size_t most, Duration until);
  Result<void> move(char* bytes, std::size_t size, bool out, Duration until);

  CompanionOptions options_;
  std::string greeting_;
  int link_ = -1;
  pid_t process_ = -1;
  std::uint64_t begins_ = 0;
  int failures_ = 0;        ///< to begin, in a row
  Duration not_before_{0};  ///< steady time of the next try to begin
};

/// The companion's own side, over the connection `link`: blocking, ends the process where the other
/// side is gone.
class CompanionLink {
 public:
  explicit CompanionLink(int link) : link_(link) {}
  /// The next question.
  void read(std::string& question) const;
  void say(char letter, std::string_view bytes) const;

 private:
  int link_;
};

}  // namespace earshot
