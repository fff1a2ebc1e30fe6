#pragma once

/// Matchers: conditions on labels in Prometheus Alertmanager's syntax, for labels that may have
/// several values.
///
/// Pure. `=` and `=~` hold if any value of the label does; `!=` and `!~` are their negation; a
/// missing label has one empty value. Syntax and escapes:
/// https://prometheus.io/docs/alerting/latest/configuration/#matcher

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace earshot {

using Labels = std::map<std::string, std::vector<std::string>, std::less<>>;

class Matcher {
 public:
  enum class Op { equal, not_equal, matches, not_matches };

  /// `pattern` is the compiled regular expression of the last two; parse_matchers() makes it.
  Matcher(std::string name, Op op, std::string value,
          std::shared_ptr<const re2::RE2> pattern = nullptr);

  bool matches(const Labels& labels) const;
  const std::string& name() const { return name_; }
  Op op() const { return op_; }
  const std::string& value() const { return value_; }
  /// Whether `text` alone is a value that `=` or `=~` would accept (the negations accept the
  /// others).
  bool accepts(std::string_view text) const;
  /// In the normal form: name="value", quotes and backslashes escaped.
  std::string text() const;
  friend bool operator==(const Matcher& a, const Matcher& b) {
    return a.name_ == b.name_ && a.op_ == b.op_ && a.value_ == b.value_;
  }

 private:
  std::string name_;
  Op op_;
  std::string value_;
  std::shared_ptr<const re2::RE2> pattern_;
};

struct MatcherProblem {
  std::size_t offset = 0;  ///< in bytes of the text that was read
  std::string problem;
};

struct ParsedMatchers {
  std::vector<Matcher> matchers;
  std::optional<MatcherProblem> problem{};  ///< present: `matchers` is empty
};

/// Reads `name = value`, several with commas between, braces around them if you like:
/// `{cue="safety", urgency=~page|queue}`. Names are any UTF-8 without blanks and `{}!=~,\"'` and
/// backquotes, or quoted. Values are quoted, or go to the next comma; `\"`, `\\` and `\n` are
/// escapes, a backslash before anything else stays. Regular expressions are RE2, anchored at both
/// ends, bounded in memory.
ParsedMatchers parse_matchers(std::string_view text);

/// All of them hold.
bool all_match(const std::vector<Matcher>& matchers, const Labels& labels);

}  // namespace earshot
