/// Durable intake: a Mastodon page of 500 statuses -> parse -> normalise -> classify -> triage ->
/// case -> SQLite FULL commit, one worker, with a million posts stored before; two posts in a
/// hundred open cases, then twelve. Prints CPU per post and the share of each stage, and what
/// python3-feedparser needs to parse an item.
///   intake [FOLDER] [STORED] [MEASURED]     MEASURED 0: only fills FOLDER/intake.db and leaves it

#include <fmt/format.h>
#include <time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "../src/app/pipeline.hpp"
#include "earshot/app/rules.hpp"
#include "earshot/core/json.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/sources/parse/social.hpp"
#include "earshot/store/sqlite.hpp"
#include "earshot/text/near.hpp"

namespace {

using namespace earshot;

double cpu() {
  timespec at{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

double wall() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Words {
  std::string text;
  std::string language;
};

/// The project's own texts. A complaint is two clauses of one language, so that complaints differ
/// as real ones do; anything else is a whole text, for halves of a rival's complaint and of a
/// greeting are no post that anybody writes.
struct Texts {
  std::map<std::string, std::vector<std::string>> clauses;  ///< of complaints, by language
  std::vector<Words> complaints;                            ///< the same, in a row
  std::vector<Words> others;
};

void take_clauses(const Words& from, Texts& out) {
  std::string clause;
  const auto take = [&] {
    if (clause.size() < 24) return false;
    out.complaints.push_back({clause, from.language});
    out.clauses[from.language].push_back(std::move(clause));
    return true;
  };
  for (const char c : from.text) {
    clause += c == '\n' ? ' ' : c;
    const bool ends = c == '.' || c == '!' || c == '?' || c == '\n';
    if (ends && take()) clause.clear();
  }
  take();
}

void take_other(const Classifier& classifier, Words words, Texts& out) {
  Post post;
  post.text = words.text;
  post.language = words.language;
  if (!is_a_matter(classifier.assess(post))) out.others.push_back(std::move(words));
}

Texts read_texts(const Classifier& classifier) {
  Texts out;
  for (const char* folder : {"/data/own", "/data/corpus"}) {
    for (const auto& file :
         std::filesystem::directory_iterator{std::string{EARSHOT_SOURCE_DIR} + folder}) {
      if (file.path().extension() != ".jsonl") continue;
      std::ifstream lines{file.path()};
      for (std::string line; std::getline(lines, line);) {
        const auto row = parse_json(line);
        if (!row || !row->IsObject()) continue;
        Words words{std::string{string_at(*row, "text")}, std::string{string_at(*row, "lang")}};
        if (words.language.empty()) words.language = "en";
        if (flag_at(*row, "complaint"))
          take_clauses(words, out);
        else
          take_other(classifier, std::move(words), out);
      }
    }
  }
  return out;
}

/// The same numbers in every run.
struct Numbers {
  std::uint64_t state = 20260823;
  std::uint64_t below(std::uint64_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33U) % n;
  }
};

Words write_text(const Texts& texts, Numbers& numbers, std::uint64_t percent) {
  if (numbers.below(100) >= percent) return texts.others[numbers.below(texts.others.size())];
  Words out = texts.complaints[numbers.below(texts.complaints.size())];
  const auto& more = texts.clauses.at(out.language);
  out.text = "@BrightwaveHelp " + out.text + " " + more[numbers.below(more.size())];
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string{c};
  return out;
}

/// Statuses with growing ids.
std::string page(std::uint64_t first, std::size_t n, const std::vector<Words>& texts) {
  JsonWriter out;
  out.array();
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t id = 110'000'000'000'000'000ULL + first + i;
    out.object();
    out.field("id", std::to_string(id));
    out.field("created_at", "2026-11-23T17:25:00.000Z");
    out.field("visibility", "public");
    out.field("language", texts[i].language);
    out.field("url", "https://social.example/@u/" + std::to_string(id));
    out.field("content", "<p>" + escaped(texts[i].text) + "</p>");
    out.key("account");
    out.object();
    out.field("id", std::to_string((first + i) * 7919 % 50'000));
    out.field("acct", fmt::format("user{}", (first + i) * 7919 % 50'000));
    out.field("display_name", "A User");
    out.field("followers_count", 120);
    out.end();
    out.end();
  }
  out.end_array();
  return out.take();
}

void call(boost::asio::io_context& io, Task<> task) {
  boost::asio::co_spawn(io, std::move(task), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.restart();
  io.run();
}

Config watching() {
  Config config;
  config.watch.company.name = "Brightwave";
  config.watch.company.handles = {"Brightwave", "BrightwaveHelp"};
  config.follow_through.same_matter = minutes{10};
  return config;
}

struct Measured {
  double all = 0;
  double wall = 0;
  double parse = 0;
  double judge = 0;
  double copies = 0;
  std::size_t opened = 0;
};

Task<> accept(Pipeline& pipeline, Batch batch, Measured& into) {
  const Accepted done = co_await pipeline.accept(std::move(batch));
  into.opened += done.opened;
}

Batch batch_of(const std::string& body, bool baseline) {
  Batch batch;
  batch.source = "bench";
  batch.baseline = baseline;
  batch.posts = std::move(parse_mastodon(body)->parsed.posts);
  return batch;
}

Measured measure(boost::asio::io_context& io, Pipeline& pipeline, const Classifier& classifier,
                 const std::vector<std::string>& pages) {
  Measured out;
  const double cpu_before = cpu();
  const double wall_before = wall();
  for (const std::string& body : pages) {
    const double before = cpu();
    Batch batch = batch_of(body, false);
    out.parse += cpu() - before;
    call(io, accept(pipeline, std::move(batch), out));
  }
  out.all = cpu() - cpu_before;
  out.wall = wall() - wall_before;
  for (const std::string& body : pages) {  // two stages again, alone, for their share
    const Batch batch = batch_of(body, false);
    double before = cpu();
    for (const Post& post : batch.posts) static_cast<void>(classifier.judge(post).complaint);
    out.judge += cpu() - before;
    before = cpu();
    for (const Post& post : batch.posts) static_cast<void>(copy_hash(post.text));
    out.copies += cpu() - before;
  }
  return out;
}

void print(const Measured& it, std::uint64_t stored, std::uint64_t posts, std::uint64_t percent) {
  const auto n = static_cast<double>(posts);
  fmt::print(
      "{{\"bench\":\"intake\",\"stored_before\":{},\"posts\":{},\"complaints_percent\":{},"
      "\"cases_opened\":{},\"posts_per_cpu_second\":{:.0f},\"posts_per_wall_second\":{:.0f},"
      "\"us_per_post\":{:.1f},\"us_parse\":{:.1f},\"us_classify\":{:.1f},\"us_copy_hash\":{:.1f},"
      "\"us_triage_case_store\":{:.1f}}}\n",
      stored, posts, percent, it.opened, n / it.all, n / it.wall, it.all / n * 1e6,
      it.parse / n * 1e6, it.judge / n * 1e6, it.copies / n * 1e6,
      (it.all - it.parse - it.judge - it.copies) / n * 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder =
      argc > 1 ? argv[1] : std::filesystem::temp_directory_path() / "earshot-bench";
  const std::uint64_t stored = argc > 2 ? std::stoull(argv[2]) : 1'000'000;
  const std::uint64_t measured = argc > 3 ? std::stoull(argv[3]) : 100'000;
  constexpr std::size_t kPage = 500;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);

  const auto rules = make_rules(watching());
  if (!rules) {
    fmt::print(stderr, "{}\n", rules.error().message);
    return 1;
  }
  boost::asio::io_context io{1};
  const auto clock = make_clock(io.get_executor());
  const auto dice = make_dice();
  SqliteOptions options;
  options.inline_work = true;
  const auto store = open_sqlite((folder / "intake.db").string(), options);
  Pipeline pipeline{
      *store, *clock, *dice, io.get_executor(), [&] { return *rules; }, [] { return AckKey{}; }};

  const Texts written = read_texts(*(*rules)->classifier);
  Numbers numbers;
  std::uint64_t next = 0;
  const auto one_page = [&](std::uint64_t percent) {
    std::vector<Words> texts;
    for (std::size_t i = 0; i < kPage; ++i) texts.push_back(write_text(written, numbers, percent));
    std::string body = page(next, kPage, texts);
    next += kPage;
    return body;
  };
  Measured seen;
  while (next < stored) call(io, accept(pipeline, batch_of(one_page(0), true), seen));
  if (measured == 0) return 0;  // bench/start.py wants the folder
  for (const std::uint64_t percent : {2U, 12U}) {
    std::vector<std::string> pages;
    for (std::uint64_t at = 0; at < measured; at += kPage) pages.push_back(one_page(percent));
    print(measure(io, pipeline, *(*rules)->classifier, pages), stored, measured, percent);
  }
  std::filesystem::remove_all(folder);
  std::fflush(stdout);
  return std::system("/usr/bin/python3 " EARSHOT_SOURCE_DIR "/bench/feedparser_peer.py") == 0 ? 0
                                                                                              : 1;
}
