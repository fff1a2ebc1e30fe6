#include "command.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <limits>

#include "earshot/core/nearest.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {

#define COMMAND(id, name, summary)                  \
  int run_##id(std::span<const std::string> words); \
  std::string_view help_##id();
#include "commands.def"
#undef COMMAND

namespace {
#define COMMAND(id, name, summary) Command{name, summary, run_##id, help_##id},
constexpr std::array kCommands{
#include "commands.def"
};
#undef COMMAND

void print_overview(std::FILE* out) {
  fmt::print(out, "usage: earshot COMMAND [OPTIONS] …\n\n");
  for (const Command& command : kCommands)
    fmt::print(out, "  {:<14} {}\n", command.name, command.summary);
  fmt::print(out,
             "\n`earshot COMMAND --help` tells more. Exit codes: 0 yes, 1 no or unusable input, 64 "
             "usage, 75 try again, 78 configuration.\n");
}

std::string nearest_command(std::string_view word) {
  std::vector<std::string> names;
  names.reserve(kCommands.size());
  for (const Command& command : kCommands) names.emplace_back(command.name);
  return nearest(word, names);
}
}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

Args::Args(std::span<const std::string> words, std::initializer_list<std::string_view> options) {
  struct Shape {
    bool value;
    bool many;
  };
  std::map<std::string, Shape, std::less<>> known;
  std::vector<std::string> names;
  for (std::string_view option : options) {
    const std::size_t end = option.find('=');
    known[std::string{option.substr(0, end)}] = {end != std::string_view::npos,
                                                 option.ends_with("=*")};
    names.push_back("--" + std::string{option.substr(0, end)});
  }
  bool only_rest = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (only_rest || word == "-" || !word.starts_with('-')) {
      rest_.push_back(word);
      continue;
    }
    if (word == "--") {
      only_rest = true;
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto it = name.starts_with("--") ? known.find(name.substr(2)) : known.end();
    if (it == known.end()) {
      const std::string hint = nearest(name, names);
      throw UsageError(fmt::format("unknown option {}{}", printable(name),
                                   hint.empty() ? "" : fmt::format(", did you mean {}?", hint)));
    }
    std::vector<std::string>& values = found_[it->first];
    if (!it->second.value) {
      if (equals != std::string::npos) throw UsageError(fmt::format("{} takes no value", name));
      values.emplace_back();
      continue;
    }
    if (!values.empty() && !it->second.many)
      throw UsageError(fmt::format("{} is given twice", name));
    if (equals != std::string::npos) {
      values.push_back(word.substr(equals + 1));
    } else if (++i < words.size()) {
      values.push_back(words[i]);
    } else {
      throw UsageError(fmt::format("{} wants a value", name));
    }
  }
}

bool Args::has(std::string_view name) const {
  return found_.find(name) != found_.end();
}

const std::vector<std::string>& Args::values(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto it = found_.find(name);
  return it == found_.end() ? kNone : it->second;
}

std::optional<std::string> Args::value(std::string_view name) const {
  const auto& all = values(name);
  return all.empty() ? std::nullopt : std::optional{all.front()};
}

std::string Args::value_or(std::string_view name, std::string otherwise) const {
  return value(name).value_or(std::move(otherwise));
}

std::string Args::need(std::string_view name) const {
  const auto found = value(name);
  if (!found) throw UsageError(fmt::format("--{} is missing", name));
  return *found;
}

std::string Args::one(std::string_view what, bool optional) const {
  if (rest_.empty() && optional) return "-";
  if (rest_.empty()) throw UsageError(fmt::format("{} is missing", what));
  if (rest_.size() > 1)
    throw UsageError(fmt::format("one {} only, but \"{}\" follows", what, printable(rest_[1])));
  return rest_.front();
}

int run(std::span<const std::string> words) {
  if (words.empty()) {
    print_overview(stderr);
    return kUsage;
  }
  const std::string& name = words.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_overview(stdout);
    return kOk;
  }
  const std::string wanted = name == "--version" ? "version" : name;
  for (const Command& command : kCommands) {
    if (command.name != wanted) continue;
    for (const std::string& word : words.subspan(1)) {
      if (word == "--") break;
      if (word == "--help" || word == "-h") {
        fmt::print("{}", command.help());
        return kOk;
      }
    }
    try {
      const int code = command.run(words.subspan(1));
      std::cout.flush();
      return code;
    } catch (const UsageError& e) {
      fmt::print(stderr, "earshot {}: {}\n{}", command.name, e.what(), command.help());
      return kUsage;
    } catch (const Failure& e) {
      std::cout.flush();
      fmt::print(stderr, "earshot {}: {}\n", command.name, e.what());
      return e.code;
    } catch (const std::exception& e) {
      std::cout.flush();
      fmt::print(stderr, "earshot {}: {}\n", command.name, e.what());
      return kNo;
    }
  }
  const std::string hint = nearest_command(name);
  fmt::print(stderr, "earshot: no command \"{}\"{}; `earshot --help` lists them\n", printable(name),
             hint.empty() ? "" : fmt::format(", did you mean \"{}\"?", hint));
  return kUsage;
}

std::string read_start(const std::string& path, std::size_t most) {
  const bool standard = path == "-";
  std::FILE* file = standard ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr)
    throw Failure(kNo, fmt::format("{}: {}", printable(path), std::strerror(errno)));
  std::string bytes;
  struct stat about {};
  if (fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0)
    bytes.reserve(std::min(static_cast<std::size_t>(about.st_size), most) + 1);
  std::array<char, 65'536> block{};
  std::size_t got = 0;
  while (bytes.size() < most && (got = std::fread(block.data(), 1, block.size(), file)) > 0)
    bytes.append(block.data(), std::min(got, most - bytes.size()));
  const bool bad = std::ferror(file) != 0;
  const int why = errno;
  if (!standard) std::fclose(file);
  if (bad) throw Failure(kNo, fmt::format("{}: {}", printable(path), std::strerror(why)));
  return bytes;
}

std::string read_file(const std::string& path, std::size_t limit) {
  std::string bytes = read_start(path, limit + 1);
  if (bytes.size() > limit)
    throw Failure(kNo, fmt::format("{}: larger than {} bytes", printable(path), limit));
  return bytes;
}

namespace {
constexpr std::size_t kLongestLine = std::size_t{8} << 20U;

/// The next line, of which no more than kLongestLine + 1 bytes are kept. False at the end.
bool next_line(std::streambuf& from, std::string& line) {
  line.clear();
  constexpr int kEnd = std::char_traits<char>::eof();
  int c = from.sbumpc();
  if (c == kEnd) return false;
  for (; c != kEnd && c != '\n'; c = from.sbumpc()) {
    if (line.size() <= kLongestLine) line += static_cast<char>(c);
  }
  return true;
}

Result<JsonDocument> document_of(const std::string& line) {
  if (line.size() > kLongestLine)
    return permanent(fmt::format("the line is longer than {} bytes", kLongestLine));
  return parse_json(line);
}
}  // namespace

int each_json_line(const std::string& path,
                   const std::function<Result<void>(const JsonValue&, std::size_t)>& each) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) throw Failure(kNo, fmt::format("{}: {}", printable(path), std::strerror(errno)));
    if (file.peek() == std::ifstream::traits_type::eof() && file.bad())
      throw Failure(kNo, fmt::format("{}: cannot be read", printable(path)));
  }
  std::istream& in = path == "-" ? std::cin : file;
  int code = kOk;
  std::string line;
  for (std::size_t number = 1; next_line(*in.rdbuf(), line); ++number) {
    if (trim(line).empty()) continue;
    Result<void> done;
    if (auto document = document_of(line)) {
      done = each(*document, number);
    } else {
      done = document.error();
    }
    if (!done) {
      JsonWriter out;
      out.object();
      out.field("error", done.error().message);
      out.field("line", static_cast<std::uint64_t>(number));
      out.end();
      print_line(out.take());
      code = kNo;
    }
  }
  return code;
}

void print_line(const std::string& json) {
  // In JSON these escapes mean the characters that they hide from a terminal.
  std::cout << printable(json) << '\n';
}
void print_text(std::string_view text) {
  if (!text.ends_with('\n')) return print_text(std::string{text} + "\n");
  if (::isatty(STDOUT_FILENO) == 0) {
    std::cout << text;
    return;
  }
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\n\t");
    std::string_view part = text.substr(0, end);
    if (text[end] == '\n' && part.ends_with('\r')) part.remove_suffix(1);
    std::cout << printable(part) << text[end];
    text.remove_prefix(end + 1);
  }
}
void warn(const std::string& text) {
  fmt::print(stderr, "{}\n", printable(text));
}

}  // namespace earshot::cli
