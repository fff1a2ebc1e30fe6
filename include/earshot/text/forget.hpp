#pragma once

/// What is left of stored texts when a person is forgotten. Pure.

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace earshot {

/// What stands where something was.
inline constexpr std::string_view kErased = "[erased]";

/// JSON of a case, an event, a question and the like of a person's own: every text goes, but for
/// words of our own code, times, and who of us did what. Facts stay: numbers, flags, times, states,
/// urgency, cues, owner, team. How many hear somebody is rounded down to a power of ten. Text that
/// is no JSON becomes kErased; JSON within a text is looked at too.
std::string forget_own(std::string_view json);

/// Names and words of a person, for what others wrote and what we told them.
class Traces {
 public:
  /// An address, an account, a name: found in either case, where no letter or digit stands right
  /// before or after it. Shorter than four characters it is not looked for.
  void add_name(std::string_view name);
  /// Words that the person wrote: five of them in a row count.
  void add_words(std::string_view text);

  /// Names become kErased.
  std::string without_names(std::string_view text) const;
  /// JSON (or plain text): names become kErased, and a text that repeats the person's words goes as
  /// a whole.
  std::string without(std::string_view json) const;
  bool repeats_words(std::string_view text) const;
  /// In lower case.
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::set<std::size_t> words_;  ///< hashes of five words in a row
};

}  // namespace earshot
