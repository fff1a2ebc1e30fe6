// How an item leaves the quarantine: read again, or dropped by somebody whose name is kept.
#include "aside.hpp"
#include "daemon.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {
namespace {

Error no_such_item() {
  Error error = permanent("no item of the quarantine has this number");
  error.status = 404;
  return error;
}

Result<Parsed> one_post(const std::string& raw) {
  const auto document = parse_json(raw);
  if (!document) return document.error();
  auto post = post_from_json(*document);
  if (!post) return post.error();
  Parsed parsed;
  parsed.posts.push_back(std::move(*post));
  return parsed;
}

}  // namespace

Task<Result<Parsed>> Daemon::reread(const Quarantined* item) {
  store_->poison().forgive(hash128_hex(item->raw));
  if (item->reason == kPoisonPost) {
    Result<Parsed> parsed = one_post(item->raw);
    if (parsed) store_->poison().forgive(digest_of(parsed->posts.front()));
    co_return parsed;
  }
  const auto made = made_.find(item->source);
  if (made == made_.end()) co_return one_post(item->raw);  // a line that was pushed
  // Where the reader is a process of its own, its death is an answer to who asked.
  PoisonMark mark{outside_.reader == nullptr ? &store_->poison() : nullptr, item->source + "/read"};
  mark.may_read(hash128_hex(item->raw));
  if (outside_.reader == nullptr) crash_if_asked("read", item->raw);
  std::string raw = item->raw;
  co_return co_await made->second->reread(std::move(raw));
}

Task<> Daemon::leave_quarantine(Quarantined item, std::string who, std::string what) {
  const Instant now = clock_->now();
  JsonWriter data;
  data.object();
  data.field("source", item.source);
  data.field("id", item.native_id);
  data.field("reason", item.reason);
  data.end();
  const std::string text = data.take();
  auto remove = [&](StoreWriter& writer) {
    writer.remove_quarantined(item.id);
    writer.append_ledger({0, now, who, what, "", text, ""});
  };
  co_await store_->write(remove);
  log(LogLevel::info, what, {{"source", item.source}, {"item", item.native_id}, {"who", who}});
}

Task<Result<IntakeAnswer>> Daemon::replay_quarantined(std::int64_t id, std::string who) {
  std::optional<Quarantined> item;
  auto look = [&](StoreReader& reader) { item = reader.quarantined_item(id); };
  co_await store_->read(look);
  if (!item) co_return no_such_item();
  Result<Parsed> parsed = co_await reread(&*item);
  if (!parsed) co_return parsed.error();
  if (!parsed->bad.empty()) co_return permanent(parsed->bad.front().reason);
  if (parsed->posts.empty()) co_return permanent("there is no post in it");
  Batch batch;
  batch.source = item->source;
  batch.aside = true;
  batch.posts = std::move(parsed->posts);
  const std::size_t count = batch.posts.size();
  const Result<Accepted> taken = co_await take(std::move(batch));
  if (!taken) co_return taken.error();
  if (taken->stored + taken->known < count) co_return permanent("it was set aside again");
  co_await leave_quarantine(std::move(*item), std::move(who), "quarantine_replayed");
  changed();
  co_return IntakeAnswer{taken->stored, taken->known};
}

Task<Result<IntakeAnswer>> Daemon::drop_quarantined(std::int64_t id, std::string who) {
  std::optional<Quarantined> item;
  auto look = [&](StoreReader& reader) { item = reader.quarantined_item(id); };
  co_await store_->read(look);
  if (!item) co_return no_such_item();
  co_await leave_quarantine(std::move(*item), std::move(who), "quarantine_dropped");
  changed();
  co_return IntakeAnswer{};
}

}  // namespace earshot
