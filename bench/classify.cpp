// How many posts a second one core judges: Classifier::assess on short posts, best of three passes
// of CPU time.
//   build/release/bench/classify [FILE.jsonl]     (default: the project's own texts)

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "earshot/classify/classifier.hpp"
#include "earshot/core/post_json.hpp"

namespace {
std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}
}  // namespace

int main(int argc, char** argv) {
  using namespace earshot;
  const std::string path = argc > 1 ? argv[1] : EARSHOT_SOURCE_DIR "/data/own/own_seed.jsonl";
  std::vector<Post> posts;
  std::size_t bytes = 0;
  std::istringstream lines(bytes_of(path));
  for (std::string line; std::getline(lines, line);) {
    const auto document = parse_json(line);
    auto post = document ? post_from_json(*document) : Result<Post>{document.error()};
    if (!post) continue;
    bytes += post->text.size();
    posts.push_back(std::move(*post));
  }
  auto model = Model::from_bytes(bytes_of(EARSHOT_SOURCE_DIR "/config/model/complaint.model"));
  if (!model || posts.empty()) {
    fmt::print(stderr, "no posts or no model\n");
    return 1;
  }
  const Classifier classifier{std::move(*model), Lexicon{}, Watch{}};
  const std::size_t rounds = std::max<std::size_t>(1, 40'000 / posts.size());
  double best = 1e9;
  std::size_t flagged = 0;
  for (int pass = 0; pass < 3; ++pass) {
    const double start = cpu_seconds();
    flagged = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
      for (const Post& post : posts) flagged += classifier.assess(post).is_complaint ? 1U : 0U;
    }
    best = std::min(best, cpu_seconds() - start);
  }
  const auto count = static_cast<double>(rounds * posts.size());
  fmt::print(
      "{} posts of {:.0f} bytes on average, {:.0f} % flagged: {:.0f} posts/s/core, {:.2f} us a "
      "post\n",
      posts.size(), static_cast<double>(bytes) / static_cast<double>(posts.size()),
      100 * static_cast<double>(flagged) / count, count / best, best / count * 1e6);
  return 0;
}
