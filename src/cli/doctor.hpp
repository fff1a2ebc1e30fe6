#pragma once

/// What `earshot doctor` found.

#include <string>
#include <vector>

namespace earshot::cli {

enum class Ill { none, warning, error };

class Doctor {
 public:
  /// `code`: the exit code where it is an error; 1 where none is given.
  void add(std::string what, Ill ill, std::string text, int code = 1);
  void print(bool json) const;
  /// Of the worst finding.
  int code() const { return code_; }

 private:
  struct Found {
    std::string what;
    Ill ill;
    std::string text;
  };
  std::vector<Found> findings_;
  int code_ = 0;
};

}  // namespace earshot::cli
