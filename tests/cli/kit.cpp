#include "kit.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "../../src/cli/command.hpp"

namespace earshot::cli {

Said run_words(const std::vector<std::string>& words) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.code = run(words);
  said.out = testing::internal::GetCapturedStdout();
  said.warnings = testing::internal::GetCapturedStderr();
  return said;
}

Scratch::Scratch(const std::string& end, const std::string& bytes)
    : path_(testing::TempDir() + "earshot-cli-" + std::to_string(::getpid()) + "-" + end) {
  std::ofstream{path_, std::ios::binary} << bytes;
}

Scratch::~Scratch() {
  std::filesystem::remove(path_);
}

}  // namespace earshot::cli
