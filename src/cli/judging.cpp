#include "judging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "earshot/core/utf8.hpp"
#include "earshot/runtime/resources.hpp"

namespace earshot::cli {

Model read_model(const Args& args) {
  const std::string path = args.value_or("model", resource_path("model/complaint.model"));
  if (path.empty()) throw Failure(kNo, "no model is installed; --model names one");
  auto model = Model::from_bytes(read_file(path, std::size_t{16} << 20U));
  if (!model) throw Failure(kNo, fmt::format("{}: {}", printable(path), model.error().message));
  return std::move(*model);
}

Lexicon read_lexicon(const Args& args) {
  const auto folder = args.value("lexicon");
  if (!folder) return Lexicon{};
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{*folder, error}) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  if (error || files.empty())
    throw Failure(kNo, fmt::format("{}: no lexicon (*.yaml) there", printable(*folder)));
  std::sort(files.begin(), files.end());
  std::vector<LexiconEntry> entries;
  for (const std::string& file : files) {
    auto some = parse_lexicon(read_file(file, std::size_t{1} << 20U));
    if (!some) throw Failure(kNo, fmt::format("{}: {}", printable(file), some.error().message));
    entries.insert(entries.end(), some->begin(), some->end());
  }
  auto lexicon = Lexicon::compile(entries);
  if (!lexicon)
    throw Failure(kNo, fmt::format("{}: {}", printable(*folder), lexicon.error().message));
  return std::move(*lexicon);
}

}  // namespace earshot::cli
