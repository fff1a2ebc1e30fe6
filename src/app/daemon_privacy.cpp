// The daemon's part in privacy: the tombstones, and what follows an erasure.
#include "daemon.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/store/sqlite.hpp"
#include "person.hpp"

namespace earshot {
namespace {

// Rebuilding the file takes its length in memory and stops every commit meanwhile; a longer file is
// rebuilt when the daemon is stopped (docs/privacy.md).
constexpr std::uint64_t kRebuilt = std::uint64_t{128} << 20U;
constexpr std::size_t kKeyBytes = 32;
constexpr int kHunts = 3;  // then they are found inside the transaction: it is longer, but ends

}  // namespace

std::string Daemon::tombstone_key_path() const {
  return tombstone_key_beside(options_.store.empty() ? rules_->config->store.path : options_.store);
}

Task<Result<void>> Daemon::load_tombstones() {
  const std::string path = tombstone_key_path();
  const auto key = read_tombstone_key(path);
  if (!key) co_return key.error();
  Result<void> fits;
  auto look = [&](StoreWriter& writer) {
    fits = check_tombstone_key(writer, *key, path);
    if (!fits || key->empty()) return;
    stones_->use(*key);
    stones_->load(writer);
  };
  co_await store_->write(look);
  co_return fits;
}

/// Made at the first erasure, before anything is erased.
Result<void> Daemon::need_tombstone_key() {
  if (stones_->has_key()) return {};
  const std::string key = outside_.dice->secret(kKeyBytes);
  if (Result<void> made = make_tombstone_key(tombstone_key_path(), key); !made) return made;
  stones_->use(key);
  return {};
}

Task<DeskAnswer> Daemon::change_person(DeskCommand command) {
  const bool erases = command.what == "erase";
  if (erases) {
    if (Result<void> made = need_tombstone_key(); !made) {
      DeskAnswer refused;
      refused.code = "no_key";
      refused.text = made.error().message;
      co_return refused;
    }
  }
  const Instant now = clock_->now();
  DeskAnswer answer;
  for (int hunts = 0; hunts <= kHunts; ++hunts) {
    const auto author = command.args.find("author");
    PersonHunt hunt{author == command.args.end() ? "" : author->second};
    bool found = hunts == kHunts;
    auto step = [&](StoreReader& reader) { found = hunt.step(reader); };
    while (!found) co_await store_->read(step);
    PersonSearch search = hunt.take();
    auto work = [&](StoreWriter& writer) {
      answer = earshot::change_person(writer, *stones_, command, now,
                                      hunts == kHunts ? nullptr : &search);
    };
    co_await store_->write(work);
    if (answer.code != kFindAgain) break;
  }
  if (!answer.done) co_return answer;
  changed();
  if (!erases) co_return answer;
  auto remember = [&](StoreWriter& writer) { stones_->load(writer); };
  co_await store_->write(remember);
  metrics_.count("earshot_erasures_total");
  const bool clean = co_await store_->scrub(kRebuilt);
  log(LogLevel::info, "a person was erased",
      {{"by", command.who}, {"clean", clean ? "yes" : "no"}});
  answer.body.insert(answer.body.size() - 1, clean ? ",\"clean\":true" : ",\"clean\":false");
  co_return answer;
}

}  // namespace earshot
