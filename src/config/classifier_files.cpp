#include "earshot/config/classifier_files.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

namespace earshot {
namespace {

namespace fs = std::filesystem;

Result<std::string> read(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return permanent(path.string() + ": cannot be read");
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

struct Mapped {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
};
/// Read-only and private, so that the pages are the file's own. A model is replaced by rename,
/// never written in place.
Result<Mapped> map_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return permanent(path + ": cannot be read");
  struct ::stat about {};
  const bool known = ::fstat(file, &about) == 0 && about.st_size > 0;
  const auto size = known ? static_cast<std::size_t>(about.st_size) : std::size_t{0};
  void* at = known ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  ::close(file);
  if (at == MAP_FAILED) return permanent(path + ": cannot be read");
  return Mapped{{static_cast<const char*>(at), size},
                std::shared_ptr<const void>{at, [size](void* p) { ::munmap(p, size); }}};
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

Result<Model> load_model(const std::string& model) {
  std::string path = model;
  if (path.empty()) {
    const std::string shipped = shipped_config_dir();
    if (shipped.empty())
      return permanent("the shipped model is not installed; name one with `model:` or --model");
    path = shipped + "/model/complaint.model";
  }
  auto mapped = map_file(path);
  if (!mapped) return mapped.error().in("model");
  const std::string_view bytes = mapped->bytes;
  auto made = Model::from_view(bytes, std::move(mapped->owner));
  if (!made) return made.error().in("model " + path);
  return made;
}

Result<Lexicon> load_lexicon(const std::string& folder) {
  std::vector<LexiconEntry> entries = builtin_lexicon();
  if (!folder.empty()) {
    std::error_code failed;
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator{folder, failed}) {
      if (file.path().extension() == ".yaml") files.push_back(file.path());
    }
    if (failed) return permanent("lexicon " + folder + ": " + failed.message());
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
  return compiled;
}

Result<Classifier> load_classifier(const std::string& model, const std::string& lexicon,
                                   const Watch& watch) {
  auto weights = load_model(model);
  if (!weights) return weights.error();
  auto compiled = load_lexicon(lexicon);
  if (!compiled) return compiled.error();
  return Classifier{std::move(*weights), std::move(*compiled), watch};
}

}  // namespace earshot
