#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "../app/person.hpp"
#include "command.hpp"
#include "configured.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot::cli {
namespace {

/// People who were erased after the backup was made are erased from it, too.
std::uint64_t forget_again(const std::string& path) {
  const auto key = read_tombstone_key(tombstone_key_beside(path));
  if (!key) throw Failure(kNo, key.error().message);
  boost::asio::io_context io{1};
  SqliteOptions options;
  options.inline_work = true;
  const auto store = open_sqlite(path, options);
  const Instant now = make_clock(io.get_executor())->now();
  std::uint64_t again = 0;
  auto work = [&](StoreWriter& writer) {
    if (const auto fits = check_tombstone_key(writer, *key, tombstone_key_beside(path)); !fits)
      throw Failure(kNo, fits.error().message);
    Tombstones stones;
    stones.use(*key);
    stones.load(writer);
    again = erase_again(writer, stones, now);
  };
  auto all = [&]() -> Task<> {
    co_await store->write(work);
    if (again > 0) co_await store->scrub(~std::uint64_t{0});
  };
  std::exception_ptr failed;
  boost::asio::co_spawn(io, all, [&](std::exception_ptr failure) { failed = failure; });
  io.run();
  if (failed) std::rethrow_exception(failed);
  return again;
}

}  // namespace

std::string_view help_restore() {
  return "usage: earshot restore BACKUP (--db FILE | --config C)\n"
         "Puts a backup in the place of the database. The daemon must be stopped. The backup is "
         "copied beside the database and\nchecked whole - integrity, layout, every entry of the "
         "ledger - before anything is replaced; the database before is kept\nas "
         "FILE-before-restore-TIME. A backup of a newer Earshot is refused. Who was erased since "
         "the backup is erased again.\nPrints {\"entries\",\"head\",\"kept\",\"erased_again\"}: "
         "compare the head with the one in the last digest.\n";
}

int run_restore(std::span<const std::string> words) {
  const Args args{words, {"db=", "config=", "json"}};
  const std::string backup = args.one("the backup");
  if (args.has("db") == args.has("config")) throw UsageError("--db or --config, one of both");
  const std::string path =
      args.has("db") ? args.need("db") : load_for_question({args.need("config")}).store.path;
  boost::asio::io_context io{1};
  std::string time = to_rfc3339(make_clock(io.get_executor())->now());
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  const auto done = restore_sqlite(backup, path, path + "-before-restore-" + time);
  if (!done)
    throw Failure(done.error().kind == Error::Kind::transient ? kTryAgain : kNo,
                  done.error().message);
  const std::uint64_t again = forget_again(path);
  JsonWriter line;
  line.object();
  line.field("entries", done->entries);
  line.field("head", done->head);
  line.text_or_null("kept", done->kept);
  line.field("erased_again", again);
  line.end();
  print_line(line.take());
  return kOk;
}

}  // namespace earshot::cli
