/// Durable posts a second by batch size, with a million posts present; start-up and resident memory
/// with them. Writes JSON Lines. `store [FOLDER] [POSTS]`: FOLDER must lie on the disk that is to
/// be measured.

#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "earshot/core/ids.hpp"
#include "earshot/store/ledger.hpp"
#include "earshot/store/sqlite.hpp"

namespace {

using namespace earshot;
using Clock = std::chrono::steady_clock;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

long resident_kib() {
  std::ifstream file{"/proc/self/status"};
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

void call(Task<> task) {
  boost::asio::io_context io;
  boost::asio::co_spawn(io, std::move(task), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
}

/// About 600 bytes, as a social post comes. Ids as of Mastodon (growing) or of mails (random).
Post make_post(std::uint64_t n, bool growing) {
  Post post;
  post.source = "bench";
  post.id = growing ? std::to_string(110'000'000'000'000'000ULL + n * 977)
                    : to_hex(sha256(std::to_string(n))).substr(0, 32);
  post.url = "https://social.example/@someone/" + post.id;
  post.author = {"109876543210", "Somebody Else", "someone@social.example", 321};
  post.text = fmt::format("Post {} about the lamp that went dark again after the update. ", n);
  while (post.text.size() < 300)
    post.text += "It worked for a week and then it stopped, nobody answers. ";
  post.created_at = from_unix(1'790'000'000 + static_cast<std::int64_t>(n / 50));
  post.language = "en";
  post.mentions = {"brightwave"};
  return post;
}

struct Filler {
  Store& store;
  bool growing;
  std::uint64_t n = 0;

  void batch(std::size_t size) {
    std::vector<Post> posts;
    for (std::size_t i = 0; i < size; ++i) posts.push_back(make_post(n++, growing));
    call(store.write([&](StoreWriter& w) {
      for (const Post& post : posts) {
        if (w.known(post.source, post.id)) continue;
        NewPost item;
        item.post = &post;
        item.copy_hash = hash64(post.text);
        item.assessment = R"({"complaint":0.93,"severity":"mild","topics":["outage"]})";
        w.add_post(item, *post.created_at);
      }
      w.put_source({.name = "bench", .state = std::to_string(n)});
    }));
  }
};

double generator_seconds(std::size_t posts, bool growing) {
  const double before = cpu_seconds();
  std::size_t sum = 0;
  for (std::size_t i = 0; i < posts; ++i) sum += make_post(i, growing).text.size();
  return sum == 0 ? 0 : cpu_seconds() - before;
}

void measure(Filler& filler, std::size_t size, std::size_t posts) {
  const double generated = generator_seconds(posts, filler.growing);
  const double cpu = cpu_seconds();
  const auto start = Clock::now();
  for (std::size_t done = 0; done < posts; done += size) filler.batch(size);
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  fmt::print(
      "{{\"batch\":{},\"present\":{},\"growing_ids\":{},\"posts_per_s\":{:.0f},\"cpu_us_per_post\":"
      "{:.2f}}}\n",
      size, filler.n, filler.growing, static_cast<double>(posts) / wall,
      (cpu_seconds() - cpu - generated) * 1e6 / static_cast<double>(posts));
  std::fflush(stdout);
}

void measure_ledger(Store& store) {
  constexpr int kEntries = 200'000;
  call(store.write([](StoreWriter& w) {
    for (int i = 0; i < kEntries; ++i) {
      w.append_ledger({.at = from_unix(1'790'000'000 + i),
                       .who = "ana",
                       .kind = "acknowledged",
                       .case_id = "01hx2k3m4n5p6q7r",
                       .data = R"({"number":12,"from":"open","to":"acknowledged"})"});
    }
  }));
  const auto start = Clock::now();
  LedgerCheck check;
  call(store.read([&](StoreReader& r) {
    LedgerQuery query;
    query.limit = 1'000;
    for (auto page = r.ledger(query); !page.empty(); page = r.ledger(query)) {
      for (const LedgerEntry& entry : page) {
        if (check.next(entry)) std::abort();
      }
      query.after = page.back().n;
    }
  }));
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  fmt::print("{{\"ledger_entries\":{},\"verified_per_s\":{:.0f}}}\n", check.count(),
             static_cast<double>(check.count()) / wall);
}

void measure_start(const std::string& path) {
  const auto start = Clock::now();
  const auto store = open_sqlite(path);
  std::size_t signatures = 0;
  call(store->read([&](StoreReader& r) {
    r.sources();
    signatures = r.signatures(65'536).size();
    r.posts_after(0, 1);
  }));
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  fmt::print("{{\"start_ms\":{:.1f},\"signatures\":{},\"resident_kib\":{}}}\n", wall * 1e3,
             signatures, resident_kib());
}

void run(const std::string& path, std::size_t posts, bool growing) {
  for (const char* end : {"", "-wal", "-shm", "-lock", "-parsing"})
    std::filesystem::remove(path + end);
  {
    const auto store = open_sqlite(path);
    Filler filler{*store, growing};
    while (filler.n < posts) measure(filler, 500, std::max<std::size_t>(posts / 5, 500));
    measure(filler, 1'000, 50'000);
    measure(filler, 100, 20'000);
    measure(filler, 10, 5'000);
    measure(filler, 1, 1'000);
    measure_ledger(*store);
  }
  fmt::print("{{\"file_bytes\":{}}}\n", std::filesystem::file_size(path));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : ".";
  const std::size_t posts = argc > 2 ? std::stoul(argv[2]) : 1'000'000;
  const std::string path = folder + "/bench.db";
  if (argc > 3 && std::string{argv[3]} == "start") {
    measure_start(path);  // a process of its own: its memory is what an idle daemon's store needs
    return 0;
  }
  for (const bool growing : {true, false}) run(path, posts, growing);
  fmt::print("now run: {} {} {} start\n", argv[0], folder, posts);
}
