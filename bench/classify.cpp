// How many posts a second one core judges: the whole of Classifier::assess, and the share of each
// stage, over 200,000 short posts; best of three passes of CPU time.
//   build/release/bench/classify [FILE.jsonl …]     (default: the project's own corpus)
// Texts for `fasttext predict` are written with --texts OUT, one a line.

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "../src/classify/language.hpp"
#include "../src/classify/notions.hpp"
#include "../src/classify/target.hpp"
#include "../src/classify/tidings.hpp"
#include "../src/classify/word_list.hpp"
#include "earshot/classify/classifier.hpp"
#include "earshot/classify/features.hpp"
#include "earshot/config/classifier_files.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"

namespace {
using namespace earshot;

constexpr std::size_t kPosts = 200'000;
constexpr std::size_t kShort = 280;

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Seconds of the best of three passes.
double best_of_three(const std::function<void()>& pass) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double start = cpu_seconds();
    pass();
    best = std::min(best, cpu_seconds() - start);
  }
  return best;
}

std::vector<Post> read_posts(const std::vector<std::string>& files) {
  std::vector<Post> posts;
  for (const std::string& path : files) {
    std::ifstream in(path, std::ios::binary);
    for (std::string line; std::getline(in, line);) {
      const auto document = parse_json(line);
      auto post = document ? post_from_json(*document) : Result<Post>{document.error()};
      if (post && post->text.size() <= kShort && post->channel == Channel::post)
        posts.push_back(std::move(*post));
    }
  }
  return posts;
}

void print(const char* what, double seconds) {
  fmt::print("{:40} {:10.0f} posts/s/core {:8.2f} us a post\n", what, kPosts / seconds,
             seconds / kPosts * 1e6);
}

/// 5,000 names besides ours.
Watch many_names() {
  Watch watch;
  watch.company.name = "Brightwave";
  for (int i = 0; i < 5000; ++i)
    watch.company.products.push_back({fmt::format("Product{} Mark{}", i, i % 7), {}});
  return watch;
}

std::size_t judge_all(const Classifier& classifier, const std::vector<Post>& posts) {
  std::size_t flagged = 0;
  for (std::size_t i = 0; i < kPosts; ++i)
    flagged += classifier.assess(posts[i % posts.size()]).is_complaint ? 1U : 0U;
  return flagged;
}

/// The stages of assess, each alone.
void print_stages(const std::vector<Post>& posts, const Model& model) {
  const auto each = [&](const char* what, const auto& stage) {
    print(what, best_of_three([&] {
            for (std::size_t i = 0; i < kPosts; ++i)
              stage(posts[i % posts.size()], i % posts.size());
          }));
  };
  const Lexicon lexicon;
  const Targets targets{Watch{}};
  std::vector<WordList> words;
  std::vector<std::string> languages;
  std::vector<std::vector<Hit>> hits;
  std::vector<std::vector<NotionHit>> notions;
  for (const Post& post : posts) {
    words.emplace_back(post.text);
    languages.push_back(guess_language(words.back()));
    hits.push_back(lexicon.find(words.back(), languages.back()));
    notions.push_back(Notions::builtin().find(words.back(), languages.back()));
  }
  std::int64_t sum = 0;
  each("  features and all heads", [&](const Post& post, std::size_t i) {
    const FeatureText text{post.text, &words[i], hits[i], nullptr, Channel::post, true, notions[i]};
    sum += sum_weights(text, model.mask(), model.parts().weights.data(), model.serial()).sum[0][0];
  });
  each("  words", [&](const Post& post, std::size_t) {
    sum += static_cast<std::int64_t>(WordList{post.text}.size());
  });
  each("  language", [&](const Post&, std::size_t i) {
    sum += static_cast<std::int64_t>(guess_language(words[i]).size());
  });
  each("  phrases", [&](const Post&, std::size_t i) {
    sum += static_cast<std::int64_t>(lexicon.find(words[i], languages[i]).size());
  });
  each("  notions", [&](const Post&, std::size_t i) {
    sum += static_cast<std::int64_t>(Notions::builtin().find(words[i], languages[i]).size());
  });
  each("  tidings", [&](const Post& post, std::size_t i) {
    sum += read_tidings(notions[i], post.channel).remedy ? 1 : 0;
  });
  each("  handle or not",
       [&](const Post& post, std::size_t) { sum += has_handle(post.text) ? 1 : 0; });
  each("  target",
       [&](const Post& post, std::size_t i) { sum += targets.find(post, words[i]).ours ? 1 : 0; });
  if (sum == 0) fmt::print("-\n");
}
}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> files{argv + 1, argv + argc};
  std::string texts;
  if (files.size() >= 2 && files[0] == "--texts") {
    texts = files[1];
    files.erase(files.begin(), files.begin() + 2);
  }
  if (files.empty()) {
    for (const auto& entry :
         std::filesystem::directory_iterator{EARSHOT_SOURCE_DIR "/data/corpus"}) {
      if (entry.path().extension() == ".jsonl") files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
  }
  const std::vector<Post> posts = read_posts(files);
  const double load_start = cpu_seconds();
  auto model = load_model(EARSHOT_SOURCE_DIR "/config/model/complaint.model");
  const double load = cpu_seconds() - load_start;
  if (!model || posts.empty()) {
    fmt::print(stderr, "no posts or no model\n");
    return 1;
  }
  if (!texts.empty()) {
    std::ofstream out(texts);
    for (std::size_t i = 0; i < kPosts; ++i)
      out << collapse_space(posts[i % posts.size()].text) << '\n';
    return 0;
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kPosts; ++i) bytes += posts[i % posts.size()].text.size();
  fmt::print(
      "{} distinct posts, {} judged, {:.0f} bytes on average; model {} bytes, read in {:.2f} ms\n",
      posts.size(), kPosts, static_cast<double>(bytes) / kPosts, model->bytes().size(), load * 1e3);
  std::int64_t sum = 0;
  print("features and all heads", best_of_three([&] {
          for (std::size_t i = 0; i < kPosts; ++i) {
            const FeatureText text{
                posts[i % posts.size()].text, nullptr, {}, nullptr, Channel::post, true};
            sum += sum_weights(text, model->mask(), model->parts().weights.data(), model->serial())
                       .sum[0][0];
          }
        }));
  print_stages(posts, *model);
  const Model copy = *model;
  const Classifier nobody{std::move(*model), Lexicon{}, Watch{}};
  std::size_t flagged = 0;
  const double whole = best_of_three([&] { flagged = judge_all(nobody, posts); });
  print("assess, nobody watched", whole);
  const double build_start = cpu_seconds();
  const Watch watch = many_names();
  const Classifier many{copy, Lexicon{}, watch};
  const double build = cpu_seconds() - build_start;
  const double watched = best_of_three([&] { judge_all(many, posts); });
  print("assess, 5,000 names watched", watched);
  fmt::print(
      "5,000 names: built with the lexicon in {:.1f} ms, {:.2f} us a post more; {:.0f} % flagged "
      "({})\n",
      build * 1e3, (watched - whole) / kPosts * 1e6, 100.0 * static_cast<double>(flagged) / kPosts,
      sum == 0 ? "-" : "+");
  return 0;
}
