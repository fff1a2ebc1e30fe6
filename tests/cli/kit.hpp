#pragma once

/// For tests of the commands: a command run as main() runs it, and files that live as long as a
/// test.

#include <string>
#include <vector>

namespace earshot::cli {

struct Said {
  int code = 0;
  std::string out;
  std::string warnings;  ///< what it says on stderr, for people
};

Said run_words(const std::vector<std::string>& words);

/// A file that lives as long as the object.
class Scratch {
 public:
  Scratch(const std::string& end, const std::string& bytes);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace earshot::cli
