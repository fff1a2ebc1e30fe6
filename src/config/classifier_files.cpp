#include "earshot/config/classifier_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace earshot {
namespace {

namespace fs = std::filesystem;

Result<std::string> read(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return permanent(path.string() + ": cannot be read");
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

std::string shipped_config_dir() {
  std::error_code failed;
  const auto holds = [&](const fs::path& dir) {
    return fs::exists(dir / "model" / "complaint.model", failed);
  };
  if (const char* share = std::getenv("EARSHOT_SHARE"); share != nullptr && holds(share))
    return share;
  fs::path at = fs::read_symlink("/proc/self/exe", failed).parent_path();
  const fs::path installed = at / "../share/earshot/config";
  if (holds(installed)) return installed.lexically_normal().string();
  // build/<preset>/earshot, build/<preset>/tests/test_app
  for (int up = 0; up < 5 && !at.empty(); ++up, at = at.parent_path()) {
    if (holds(at / "config")) return (at / "config").string();
  }
  return {};
}

Result<Classifier> load_classifier(const std::string& model, const std::string& lexicon,
                                   const Watch& watch) {
  std::string path = model;
  if (path.empty()) {
    const std::string shipped = shipped_config_dir();
    if (shipped.empty())
      return permanent("the shipped model is not installed; name one with `model:` or --model");
    path = shipped + "/model/complaint.model";
  }
  auto bytes = read(path);
  if (!bytes) return bytes.error().in("model");
  auto weights = Model::from_bytes(std::move(*bytes));
  if (!weights) return weights.error().in("model " + path);

  std::vector<LexiconEntry> entries = builtin_lexicon();
  if (!lexicon.empty()) {
    std::error_code failed;
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator{lexicon, failed}) {
      if (file.path().extension() == ".yaml") files.push_back(file.path());
    }
    if (failed) return permanent("lexicon " + lexicon + ": " + failed.message());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      auto text = read(file);
      if (!text) return text.error().in("lexicon");
      auto more = parse_lexicon(*text);
      if (!more) return more.error().in("lexicon " + file.string());
      entries.insert(entries.end(), more->begin(), more->end());
    }
  }
  auto compiled = Lexicon::compile(entries);
  if (!compiled) return compiled.error().in("lexicon");
  return Classifier{std::move(*weights), std::move(*compiled), watch};
}

}  // namespace earshot
