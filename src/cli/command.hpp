#pragma once

/// What every command of `earshot` is made of: arguments, exit codes, JSON Lines in and out. One
/// file per command; commands.def lists them.

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/json.hpp"

namespace earshot::cli {

/// Exit codes of DESIGN 5 (sysexits where they fit).
enum ExitCode : int { kOk = 0, kNo = 1, kUsage = 64, kTryAgain = 75, kConfig = 78 };

/// The words after the command are not what it takes: one line on stderr, exit 64.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The input is unusable: one line on stderr, exit with `code`.
struct Failure : std::runtime_error {
  Failure(ExitCode exit_code, const std::string& text)
      : std::runtime_error(text), code(exit_code) {}
  ExitCode code;
};

/// Options a command takes, e.g. {"config=", "at=", "explain", "data=*"}: '=' wants a value, '=*'
/// may be repeated. Accepts `--name value`, `--name=value`, `--` and `-` as a positional. Anything
/// else that starts with "-" is a UsageError that names the nearest known option.
class Args {
 public:
  Args(std::span<const std::string> words, std::initializer_list<std::string_view> options);
  bool has(std::string_view name) const;
  std::optional<std::string> value(std::string_view name) const;
  std::string value_or(std::string_view name, std::string otherwise) const;
  /// UsageError where it is missing.
  std::string need(std::string_view name) const;
  const std::vector<std::string>& values(std::string_view name) const;
  const std::vector<std::string>& rest() const { return rest_; }
  /// The only positional, or "-" where `optional`; UsageError otherwise.
  std::string one(std::string_view what, bool optional = false) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> found_;
  std::vector<std::string> rest_;
};

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(std::span<const std::string> words);
  std::string_view (*help)();
};
std::span<const Command> commands();
/// Picks the command, prints help, turns exceptions into exit codes. `words` excludes the program's
/// name.
int run(std::span<const std::string> words);

/// The bytes of a file, or of standard input for "-". Failure(kNo) names the file and the reason.
std::string read_file(const std::string& path, std::size_t limit = std::size_t{256} << 20U);
/// The first `most` bytes of a file, or of standard input for "-": what follows is not read.
std::string read_start(const std::string& path, std::size_t most);
/// Calls `each` per non-blank line of FILE ("-" is standard input), streaming. A line that is not
/// JSON, is longer than 8 MiB, or for which `each` returns an Error, prints {"error":…,"line":n} in
/// its place; returns kNo at the end where that happened, else kOk.
int each_json_line(const std::string& path,
                   const std::function<Result<void>(const JsonValue&, std::size_t line)>& each);
/// One line of JSON on standard output. What a terminal would obey or hide (C1, bidirectional
/// marks) comes out as \u escapes, which mean the same in JSON.
void print_line(const std::string& json);
/// Lines on standard output: their own bytes in a pipe, escaped for a terminal. An end of line is
/// added where there is none.
void print_text(std::string_view text);
void warn(const std::string& text);

}  // namespace earshot::cli
