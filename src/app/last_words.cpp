#include "last_words.hpp"

#include "earshot/receivers/registry.hpp"
#include "earshot/receivers/reply.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMost = 100;

Task<> say(std::shared_ptr<Receiver> to, OutboxRow row) {
  const Delivery done = co_await to->deliver(row);
  log(LogLevel::info, "told from memory",
      {{"receiver", row.receiver}, {"outcome", std::string{to_word(done.outcome)}}});
}

}  // namespace

Result<Receivers> receivers_of(const Config& config, const ReceiverTools& tools) {
  Receivers out;
  for (const ReceiverConfig& it : config.receivers) {
    auto made = make_receiver(it, config.mail, tools);
    if (!made) return made.error();
    out.emplace(it.name, std::move(*made));
  }
  for (const ReplyWay& it : config.replies.ways) {
    auto made = make_reply_receiver(it, config.mail, tools);
    if (!made) return made.error();
    out.emplace(reply_receiver(it.source), std::move(*made));
  }
  return out;
}

Task<> tell_from_memory(Executor executor, const Receivers& receivers, const Rules& rules,
                        AckKey key, Chance chance, LastWords words) {
  const auto memory = open_sqlite(":memory:", {.inline_work = true});
  auto tell = [&](StoreWriter& writer) {
    Effects effects{writer, rules, key, chance};
    effects.tell_ops(words.subject, words.text, words.id);
  };
  co_await memory->write(tell);
  std::vector<OutboxRow> rows;
  auto read = [&](StoreReader& reader) { rows = reader.due_outbox(chance.now, kMost); };
  co_await memory->read(read);
  TaskGroup group{std::move(executor), [](const std::string&, std::exception_ptr) {}};
  for (const OutboxRow& row : rows) {
    const auto receiver = receivers.find(row.receiver);
    if (receiver == receivers.end()) continue;
    const std::shared_ptr<Receiver> to = receiver->second;
    group.spawn("last words", [to, row] { return say(to, row); });
  }
  co_await group.join();
}

}  // namespace earshot
