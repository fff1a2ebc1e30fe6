#include "earshot/route/matcher.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";
constexpr std::string_view kReserved = "{}!=~,\\\"'`";  // not in unquoted names, as in Alertmanager
constexpr std::size_t kLongestText = 16'384;
constexpr std::int64_t kPatternMemory = std::int64_t{1} << 20U;

bool is_blank(char c) {
  return kBlanks.find(c) != std::string_view::npos;
}

/// Reads one text from left to right; the first mistake ends it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  ParsedMatchers read() {
    if (text_.size() > kLongestText) {
      fail(0, fmt::format("longer than {} bytes", kLongestText));
    } else if (const std::size_t bad = first_invalid_utf8(); bad != std::string_view::npos) {
      fail(bad, "not valid UTF-8");
    } else {
      list();
    }
    if (out_.problem) out_.matchers.clear();
    return std::move(out_);
  }

 private:
  void list() {
    skip_blanks();
    const bool braces = take('{');
    end_ = text_.size();
    if (braces) {
      while (end_ > at_ && is_blank(text_[end_ - 1])) --end_;
      if (end_ == at_ || text_[end_ - 1] != '}')
        return fail(text_.size(), R"("{" without "}" at the end)");
      --end_;
    }
    skip_blanks();
    while (at_ < end_ && !out_.problem) {
      matcher();
      skip_blanks();
      if (out_.problem || at_ == end_) return;
      if (!take(',')) return fail(at_, "a comma must stand between two matchers");
      skip_blanks();  // a trailing comma is allowed
    }
    if (out_.matchers.empty() && !braces && !out_.problem)
      fail(0, "empty; write for example cue = \"safety\"");
  }

  void matcher() {
    const std::size_t start = at_;
    const std::string name = peek() == '"' ? quoted() : bare_name();
    if (out_.problem) return;
    if (name.empty()) return fail(start, "the name of a label is missing");
    skip_blanks();
    const std::optional<Matcher::Op> op = take_op();
    if (!op) return fail(at_, "one of = != =~ !~ must follow the name");
    skip_blanks();
    const std::size_t value_at = at_;
    std::string value = peek() == '"' ? quoted() : bare_value();
    if (out_.problem) return;
    std::shared_ptr<const re2::RE2> pattern;
    if (*op == Matcher::Op::matches || *op == Matcher::Op::not_matches) {
      RE2::Options options;
      options.set_log_errors(false);
      options.set_max_mem(kPatternMemory);
      pattern = std::make_shared<const re2::RE2>(value, options);
      if (!pattern->ok())
        return fail(value_at,
                    fmt::format("not a regular expression: {}", printable(pattern->error())));
    }
    out_.matchers.emplace_back(name, *op, std::move(value), std::move(pattern));
  }

  std::string bare_name() {
    const std::size_t start = at_;
    while (at_ < end_ && !is_blank(text_[at_]) &&
           kReserved.find(text_[at_]) == std::string_view::npos)
      ++at_;
    return std::string{text_.substr(start, at_ - start)};
  }

  std::optional<Matcher::Op> take_op() {
    if (take('=')) return take('~') ? Matcher::Op::matches : Matcher::Op::equal;
    if (peek() != '!' || at_ + 1 >= end_) return std::nullopt;
    const char second = text_[at_ + 1];
    if (second != '=' && second != '~') return std::nullopt;
    at_ += 2;
    return second == '=' ? Matcher::Op::not_equal : Matcher::Op::not_matches;
  }

  std::string quoted() {
    const std::size_t start = at_++;
    std::string value;
    while (at_ < end_ && text_[at_] != '"') character(value);
    if (!take('"')) fail(start, "the quote is not closed");
    return value;
  }

  std::string bare_value() {
    std::string value;
    while (at_ < end_ && text_[at_] != ',') {
      if (text_[at_] == '"') {
        fail(at_, "a quote inside a value needs a backslash, or quotes around the whole value");
        return value;
      }
      character(value);
    }
    // A value is cut after its last visible character; an escaped newline there is meant.
    std::size_t blanks = 0;
    while (blanks < value.size() && is_blank(text_[at_ - 1 - blanks])) ++blanks;
    value.resize(value.size() - blanks);
    return value;
  }

  /// One character of a value, escapes resolved: \n, \" and \\; a backslash before anything else is
  /// itself.
  void character(std::string& value) {
    const char c = text_[at_++];
    if (c != '\\' || at_ == end_) {
      value += c;
      return;
    }
    const char next = text_[at_++];
    if (next == 'n') {
      value += '\n';
    } else if (next == '"' || next == '\\') {
      value += next;
    } else {
      value += '\\';
      --at_;
    }
  }

  std::size_t first_invalid_utf8() const {
    for (std::size_t at = 0; at < text_.size();) {
      const CodePoint point = decode_utf8(text_, at);
      if (!point.ok) return at;
      at += point.length;
    }
    return std::string_view::npos;
  }

  char peek() const { return at_ < end_ ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= end_ || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (at_ < end_ && is_blank(text_[at_])) ++at_;
  }
  void fail(std::size_t offset, std::string problem) {
    if (!out_.problem) out_.problem = MatcherProblem{offset, std::move(problem)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t end_ = text_.size();
  ParsedMatchers out_{};
};

}  // namespace

Matcher::Matcher(std::string name, Op op, std::string value,
                 std::shared_ptr<const re2::RE2> pattern)
    : name_(std::move(name)), op_(op), value_(std::move(value)), pattern_(std::move(pattern)) {}

bool Matcher::accepts(std::string_view text) const {
  if (op_ == Op::equal || op_ == Op::not_equal) return text == value_;
  return pattern_ && RE2::FullMatch({text.data(), text.size()}, *pattern_);
}

bool Matcher::matches(const Labels& labels) const {
  const auto it = labels.find(name_);
  const bool any = it == labels.end() || it->second.empty()
                       ? accepts("")
                       : std::any_of(it->second.begin(), it->second.end(),
                                     [&](const auto& value) { return accepts(value); });
  return op_ == Op::equal || op_ == Op::matches ? any : !any;
}

std::string Matcher::text() const {
  static constexpr std::string_view kOps[] = {"=", "!=", "=~", "!~"};
  const auto quote = [](std::string_view raw) {
    std::string out = "\"";
    for (const char c : raw) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    return out + '"';
  };
  const bool bare = name_.find_first_of(kReserved) == std::string::npos &&
                    name_.find_first_of(kBlanks) == std::string::npos;
  return (bare ? name_ : quote(name_)) + std::string{kOps[static_cast<std::size_t>(op_)]} +
         quote(value_);
}

ParsedMatchers parse_matchers(std::string_view text) {
  return Reader{text}.read();
}

bool all_match(const std::vector<Matcher>& matchers, const Labels& labels) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const Matcher& matcher) { return matcher.matches(labels); });
}

}  // namespace earshot
