#include "labelled.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {

std::vector<Example> read_examples(std::span<const std::string> files, std::size_t& bad) {
  std::vector<Example> examples;
  for (const std::string& path : files) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Failure(kNo, fmt::format("{}: {}", printable(path), std::strerror(errno)));
    const std::string name = std::filesystem::path{path}.filename().string();
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
      if (trim(line).empty()) continue;
      auto document = parse_json(line);
      auto example = document ? example_from_json(*document) : Result<Example>{document.error()};
      if (!example) {
        ++bad;
        warn(fmt::format("{}:{}: {}", path, number, example.error().message));
        continue;
      }
      if (example->dataset.empty()) example->dataset = name.substr(0, name.find('.'));
      examples.push_back(std::move(*example));
    }
  }
  return examples;
}

}  // namespace earshot::cli
