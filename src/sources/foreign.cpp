#include "foreign.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "guarded.hpp"
#include "parse/reading_codec.hpp"
#include "poll_parts.hpp"
#include "reader_lane.hpp"

namespace earshot {
namespace {

bool is_digest(std::string_view note) {
  return note.size() == 32 && note.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

BadItem poison(const std::string& digest, std::string_view bytes) {
  return {"document " + digest, std::string{bytes}, std::string{kPoison}};
}

/// In this process.
Task<Result<Reading>> read_here(const SourceTools* tools, std::string source, ReadOrder order,
                                Guarded how) {
  PoisonGuard* const guard = how == Guarded::yes ? tools->guard : nullptr;
  GuardedRead guarded{guard, source, order.bytes, has_items(order.kind)};
  if (std::optional<BadItem> bad = guarded.poison())
    co_return only_bad(order.kind, std::move(*bad));
  // Marks of single items are written by the thread that polls.
  Executor workers = guarded.watch() == nullptr ? tools->workers : Executor{};
  const auto read = [&order, &guarded] { return read_order(order, guarded.watch()); };
  co_return co_await read_away(std::move(workers), order.bytes.size(), read);
}

/// One document in its lane's turn; on the lane's thread.
Result<Reading> read_in_lane(Reader& reader, Reader::Lane& lane, PoisonGuard* guard,
                             const std::string& source, ReadTask task) {
  const auto cannot = [&](const std::string& why) {
    reader.note(lane, "", false, why);
    return transient("the reader cannot be begun: " + why);
  };
  if (const Result<void> begun = lane.companion.begin(); !begun)
    return cannot(begun.error().message);
  const std::string place = source + lane.stage;
  PoisonMark mark{guard, place};
  const std::string digest = guard != nullptr ? hash128_hex(task.order.bytes) : std::string{};
  if (!mark.may_read(digest)) return only_bad(task.order.kind, poison(digest, task.order.bytes));
  task.careful = guard != nullptr && has_items(task.order.kind) && guard->suspects(place);
  if (task.careful) task.deadly = guard->deadly(place, GuardedRead::kItemDeaths);
  const auto note = [&](std::string_view item) {
    if (!task.careful || !is_digest(item)) return false;
    guard->mark(place, item);
    return true;
  };
  const std::string head = encode_head(task);
  Companion::Answer answer = lane.companion.ask({head, task.order.bytes}, note);
  if (answer.told == Companion::Told::no_begin) return cannot(answer.why);
  std::optional<Result<Reading>> read;
  if (answer.told == Companion::Told::answer) read = decode_answer(answer.bytes, task.order.kind);
  if (read) {
    reader.note(lane, source, true, "");
    return std::move(*read);
  }
  if (answer.told == Companion::Told::answer) {
    lane.companion.end();
    answer.why = "it answered against the rules";
  }
  if (guard != nullptr) guard->died(place);
  reader.note(lane, source, true, answer.why);
  return transient(fmt::format("the reader died over a document of {} bytes: {}",
                               task.order.bytes.size(), answer.why));
}

/// In the reader's.
Task<Result<Reading>> read_apart(const SourceTools* tools, std::string source, ReadOrder order,
                                 Guarded how) {
  Reader& reader = *tools->reader;
  Reader::Lane& lane = reader.lane_of(order.bytes.size());
  PoisonGuard* const guard = how == Guarded::yes ? tools->guard : nullptr;
  std::optional<Result<Reading>> out;
  std::function<void()> work = [&] {
    ReadTask task{.order = std::move(order)};
    out.emplace(read_in_lane(reader, lane, guard, source, std::move(task)));
  };
  // No exception passes while the work may run: it uses this frame.
  const bool threw = co_await boost::asio::this_coro::throw_if_cancelled();
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await run_on(lane.executor, std::move(work));
  co_await boost::asio::this_coro::throw_if_cancelled(threw);
  co_return std::move(*out);
}

}  // namespace

Task<Result<Reading>> read_foreign(const SourceTools* tools, std::string source, ReadOrder order,
                                   Guarded guarded) {
  if (tools->reader != nullptr)
    co_return co_await read_apart(tools, std::move(source), std::move(order), guarded);
  co_return co_await read_here(tools, std::move(source), std::move(order), guarded);
}

}  // namespace earshot
