/// Durable intake: a Mastodon page of 500 statuses -> parse -> normalise -> classify -> triage ->
/// case -> SQLite FULL commit, one worker, with a million posts stored before. Prints CPU per post
/// and the share of each stage.
///   intake [FOLDER] [STORED] [MEASURED]

#include <fmt/format.h>
#include <time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
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

constexpr const char* kTexts[] = {
    "what a lovely evening by the lake, the light over the water was something else entirely",
    "@Brightwave does the Glow Mini come in green? asking for my sister who is moving house next "
    "month",
    "just finished the last chapter of that book you all recommended and I am not okay",
    "@BrightwaveHelp my order number 4411 has not arrived and nobody answers my mails, this is a "
    "disgrace",
    "new recipe on the blog today: lentils, lemon and a great deal of patience",
    "the match was dreadful but the company was good, see you all next Saturday at the usual place",
    "Thank you @Brightwave for the quick replacement, the reading corner is lovely again",
    "anyone know why the trains are late again this morning? third day in a row on this line"};

/// Statuses with growing ids, one complaint in eight; words differ a little from post to post.
std::string page(std::uint64_t first, std::size_t n) {
  JsonWriter out;
  out.array();
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t id = 110'000'000'000'000'000ULL + first + i;
    out.object();
    out.field("id", std::to_string(id));
    out.field("created_at", "2026-11-23T17:25:00.000Z");
    out.field("visibility", "public");
    out.field("language", "en");
    out.field("url", "https://social.example/@u/" + std::to_string(id));
    out.field("content", fmt::format("<p>{} {} {}</p>", kTexts[(first + i) % 8],
                                     (first + i) * 7919 % 100'003, (first + i) % 977));
    out.key("account");
    out.object();
    out.field("id", std::to_string((first + i) % 50'000));
    out.field("acct", fmt::format("user{}", (first + i) % 50'000));
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

Task<> accept(Pipeline& pipeline, Batch batch) {
  co_await pipeline.accept(std::move(batch));
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

  Config config;
  config.watch.company.name = "Brightwave";
  config.watch.company.handles = {"Brightwave", "BrightwaveHelp"};
  config.follow_through.same_matter = minutes{10};
  auto rules = make_rules(config);
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

  std::uint64_t next = 0;
  for (; next < stored; next += kPage) {
    Batch batch;
    batch.source = "bench";
    batch.baseline = true;
    batch.posts = std::move(parse_mastodon(page(next, kPage))->parsed.posts);
    call(io, accept(pipeline, std::move(batch)));
  }

  std::vector<std::string> pages;
  for (std::uint64_t at = 0; at < measured; at += kPage) pages.push_back(page(next + at, kPage));
  double parse = 0;
  const double cpu_before = cpu();
  const double wall_before = wall();
  for (const std::string& body : pages) {
    const double before = cpu();
    Batch batch;
    batch.source = "bench";
    batch.posts = std::move(parse_mastodon(body)->parsed.posts);
    parse += cpu() - before;
    call(io, accept(pipeline, std::move(batch)));
  }
  const double all = cpu() - cpu_before;
  const double took = wall() - wall_before;

  double judge = 0;
  double copies = 0;
  for (const std::string& body : pages) {
    const auto posts = std::move(parse_mastodon(body)->parsed.posts);
    double before = cpu();
    for (const Post& post : posts) static_cast<void>((*rules)->classifier->assess(post).complaint);
    judge += cpu() - before;
    before = cpu();
    for (const Post& post : posts) static_cast<void>(copy_hash(post.text));
    copies += cpu() - before;
  }
  const auto n = static_cast<double>(measured);
  fmt::print(
      "{{\"bench\":\"intake\",\"stored_before\":{},\"posts\":{},\"posts_per_cpu_second\":{:.0f},"
      "\"posts_per_wall_second\":{:.0f},\"us_per_post\":{:.1f},"
      "\"us_parse\":{:.1f},\"us_classify\":{:.1f},\"us_copy_hash\":{:.1f},\"us_triage_case_store\":"
      "{:.1f}}}\n",
      stored, measured, n / all, n / took, all / n * 1e6, parse / n * 1e6, judge / n * 1e6,
      copies / n * 1e6, (all - parse - judge - copies) / n * 1e6);
  std::filesystem::remove_all(folder);
  return 0;
}
