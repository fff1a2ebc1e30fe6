#include "tombstones.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "earshot/cases/intake.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kTombstonesPage = 5'000;

std::string item_text(std::string_view source, std::string_view native_id) {
  return fmt::format("{}\n{}", source, native_id);
}

}  // namespace

std::string Tombstones::stone(std::string_view kind, std::string_view what) const {
  return to_hex(hmac_sha256(key_, fmt::format("{}\n{}", kind, what))).substr(0, 40);
}

void Tombstones::load(StoreReader& reader) {
  stones_.clear();
  if (key_.empty()) return;
  RecordQuery query;
  query.kind = kTombstone;
  query.limit = kTombstonesPage;
  for (;;) {
    const std::vector<Record> page = reader.records(query);
    for (const Record& it : page) stones_[it.id] = it.created_at;
    if (page.size() < kTombstonesPage) return;
    query.after = page.back().id;
  }
}

bool Tombstones::keeps_out(std::string_view source, std::string_view native_id) const {
  return !stones_.empty() && stones_.contains(stone("item", item_text(source, native_id)));
}

bool Tombstones::is_erased(std::string_view identity) const {
  return !stones_.empty() && stones_.contains(stone("author", identity));
}

bool Tombstones::keeps_out(const Post& post) const {
  if (stones_.empty()) return false;
  if (keeps_out(post.source, post.id)) return true;
  const auto author = stones_.find(stone("author", identity_of(post)));
  return author != stones_.end() && post.created_at && *post.created_at <= author->second;
}

void Tombstones::put(StoreWriter& writer, std::string id, std::string_view kind,
                     Instant now) const {
  if (writer.record(kTombstone, id)) return;
  Record it;
  it.kind = kTombstone;
  it.id = std::move(id);
  it.state = kind;
  it.created_at = it.updated_at = now;
  it.body = "{}";
  writer.put_record(it);
}

void Tombstones::bury_author(StoreWriter& writer, std::string_view identity, Instant now) const {
  put(writer, stone("author", identity), "author", now);
}

void Tombstones::bury_item(StoreWriter& writer, std::string_view source, std::string_view native_id,
                           Instant now) const {
  put(writer, stone("item", item_text(source, native_id)), "item", now);
}

std::string Tombstones::name_of_item(std::string_view source, std::string_view native_id) const {
  return "erased:" + stone("item", item_text(source, native_id));
}

std::string Tombstones::mark_of(std::string_view key) {
  return to_hex(sha256(fmt::format("earshot tombstones\n{}", key))).substr(0, 16);
}

Result<std::string> read_tombstone_key(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in && errno == ENOENT) return std::string{};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto key = from_base64(trim(text));
  if (!in || !key || key->size() < 32)
    return permanent(path + ": this is no key of tombstones (32 bytes in base64)");
  return *key;
}

Result<void> make_tombstone_key(const std::string& path, const std::string& key) {
  const std::string line = base64(key) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return permanent(fmt::format("{}: {}", path, std::strerror(errno)));
  const bool good =
      ::write(file, line.data(), line.size()) == std::ssize(line) && ::fsync(file) == 0;
  const int why = errno;
  ::close(file);
  if (good) return {};
  ::unlink(path.c_str());
  return permanent(fmt::format("{}: {}", path, std::strerror(why)));
}

Result<void> check_tombstone_key(StoreReader& reader, const std::string& key,
                                 const std::string& path) {
  const auto mark = reader.meta(kTombstoneKey);
  if (!mark || *mark == Tombstones::mark_of(key)) return {};
  return permanent(fmt::format(
      "{}: {}; people who were erased would come back (docs/privacy.md). Put the key back that was "
      "kept with the backup",
      path, key.empty() ? "the key of the tombstones is missing" : "this is another key"));
}

}  // namespace earshot
