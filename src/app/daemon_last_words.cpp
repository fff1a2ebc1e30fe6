// What can still be told where the database cannot be written any more (P18): from memory.
#include <fmt/format.h>

#include <cstdlib>

#include "daemon.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/store/sqlite.hpp"
#include "effects.hpp"

namespace earshot {
namespace {

/// The daemon is started again and may end the same way every second: whoever was told by the first
/// one knows.
constexpr Duration kUpLong = minutes{5};
constexpr std::size_t kMost = 100;

Duration up_long() {
  const char* const drill = std::getenv("EARSHOT_LAST_WORDS_AFTER");
  return drill == nullptr ? kUpLong : parse_duration(drill).value_or(kUpLong);
}

}  // namespace

bool Daemon::has_last_words(bool disk_full) const {
  if (!ready_ || clock_->steady() - started_at_ < up_long()) return false;
  // The first time a full disk ends it, the ballast helps: the next start pages as before.
  return !disk_full || room_.held == 0;
}

/// The same ways as everything else goes, but through a database in memory.
Task<> Daemon::last_words(std::string why) {
  const Instant now = clock_->now();
  const auto memory = open_sqlite(":memory:", {.inline_work = true});
  auto tell = [&](StoreWriter& writer) {
    Effects effects{writer, *rules_, key(), Chance{now, outside_.dice->bits()}};
    effects.tell_ops("Earshot cannot write its database",
                     fmt::format("It ends, and begins again until it can: {}. Until then nobody is "
                                 "paged and no source is read. Nothing of what was kept is lost; "
                                 "what is said meanwhile is read later.",
                                 why),
                     "store/" + to_rfc3339(now).substr(0, 13));
  };
  co_await memory->write(tell);
  std::vector<OutboxRow> rows;
  auto read = [&](StoreReader& reader) { rows = reader.due_outbox(now, kMost); };
  co_await memory->read(read);
  TaskGroup group{executor_, [](const std::string&, std::exception_ptr) {}};
  for (const OutboxRow& row : rows) {
    const auto receiver = receivers_.find(row.receiver);
    if (receiver == receivers_.end()) continue;
    const std::shared_ptr<Receiver> to = receiver->second;
    group.spawn("last words", [this, to, row] { return say(to, row); });
  }
  co_await group.join();
}

Task<> Daemon::say(std::shared_ptr<Receiver> to, OutboxRow row) {
  const Delivery done = co_await to->deliver(row);
  log(LogLevel::info, "told from memory",
      {{"receiver", row.receiver}, {"outcome", std::string{to_word(done.outcome)}}});
}

}  // namespace earshot
