#include "judging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "configured.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/resources.hpp"

namespace earshot::cli {

namespace {

Model read_model(const std::string& chosen) {
  const std::string path = chosen.empty() ? resource_path("model/complaint.model") : chosen;
  if (path.empty()) throw Failure(kNo, "no model is installed; --model names one");
  auto model = Model::from_bytes(read_file(path, std::size_t{16} << 20U));
  if (!model) throw Failure(kNo, fmt::format("{}: {}", printable(path), model.error().message));
  return std::move(*model);
}

/// The built-in lexicon and the files of a folder on top.
Lexicon read_lexicon(const std::string& folder) {
  if (folder.empty()) return Lexicon{};
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  if (error || files.empty())
    throw Failure(kNo, fmt::format("{}: no lexicon (*.yaml) there", printable(folder)));
  std::sort(files.begin(), files.end());
  std::vector<LexiconEntry> entries = builtin_lexicon();
  for (const std::string& file : files) {
    auto some = parse_lexicon(read_file(file, std::size_t{1} << 20U));
    if (!some) throw Failure(kNo, fmt::format("{}: {}", printable(file), some.error().message));
    entries.insert(entries.end(), some->begin(), some->end());
  }
  auto lexicon = Lexicon::compile(entries);
  if (!lexicon)
    throw Failure(kNo, fmt::format("{}: {}", printable(folder), lexicon.error().message));
  return std::move(*lexicon);
}

}  // namespace

Classifier judging_with(const Args& args) {
  Config config;
  if (const auto path = args.value("config")) config = load_for_question({*path});
  return Classifier{read_model(args.value_or("model", config.model)),
                    read_lexicon(args.value_or("lexicon", config.lexicon)), config.watch};
}

}  // namespace earshot::cli
