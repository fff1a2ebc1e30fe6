#include "sqlite_keys.hpp"

#include <bit>
#include <cstring>

#include "earshot/core/ids.hpp"

namespace earshot::sqlite {
namespace {

std::uint64_t key_of(std::int64_t origin, std::string_view native) {
  return hash64(native, static_cast<std::uint64_t>(origin));
}

std::int64_t newest_bucket(Db& db) {
  Query query{db, "SELECT max(seq) FROM post"};
  return query.step() ? query.number(0) >> PostKeys::kBucketBits : 0;
}

}  // namespace

// 10 bits of the hash choose the block, four times 9 others a bit in it.
void KeyFilter::add(std::uint64_t hash) {
  Block& block = blocks_[hash >> 54U];
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint64_t bit = (hash >> (9U * i)) & 511U;
    block.words[bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
  }
}

bool KeyFilter::may_have(std::uint64_t hash) const {
  const Block& block = blocks_[hash >> 54U];
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint64_t bit = (hash >> (9U * i)) & 511U;
    if ((block.words[bit >> 6U] & (std::uint64_t{1} << (bit & 63U))) == 0) return false;
  }
  return true;
}

std::string KeyFilter::bytes() const {
  std::string out(blocks_.size() * sizeof(Block) + sizeof(std::uint64_t), '\0');
  std::memcpy(out.data(), blocks_.data(), blocks_.size() * sizeof(Block));
  const std::uint64_t sum = hash64({out.data(), out.size() - sizeof sum});
  std::memcpy(out.data() + out.size() - sizeof sum, &sum, sizeof sum);
  return out;
}

std::optional<KeyFilter> KeyFilter::from_bytes(std::string_view bytes) {
  KeyFilter out;
  const std::size_t size = out.blocks_.size() * sizeof(Block);
  std::uint64_t sum = 0;
  if (bytes.size() != size + sizeof sum) return std::nullopt;
  std::memcpy(&sum, bytes.data() + size, sizeof sum);
  if (sum != hash64(bytes.substr(0, size))) return std::nullopt;
  std::memcpy(out.blocks_.data(), bytes.data(), size);
  return out;
}

void PostKeys::load(Db& db) {
  if (loaded_) return;
  current_ = newest_bucket(db);
  filters_.clear();
  for (std::int64_t bucket = 0; bucket <= current_; ++bucket) {
    if (bucket < current_) {
      Query stored{db, "SELECT bits FROM post_filter WHERE bucket = ?"};
      auto filter =
          stored.put(bucket).step() ? KeyFilter::from_bytes(stored.view(0)) : std::nullopt;
      if (filter) {
        filters_.push_back(std::move(*filter));
        continue;
      }
    }
    KeyFilter& filter = filters_.emplace_back();
    Query keys{db, "SELECT hash FROM post_key WHERE bucket = ?"};
    keys.put(bucket);
    while (keys.step()) filter.add(std::bit_cast<std::uint64_t>(keys.number(0)));
  }
  loaded_ = true;
}

void PostKeys::store(Db& db, std::int64_t bucket) {
  const std::string bytes = filters_[static_cast<std::size_t>(bucket)].bytes();
  Query query{db, "INSERT OR REPLACE INTO post_filter(bucket, bits) VALUES(?, ?)"};
  query.put(bucket).blob(bytes).run();
}

std::optional<std::int64_t> PostKeys::find_in(Db& db, std::int64_t bucket, std::int64_t hash,
                                              std::int64_t origin, std::string_view native) {
  Query query{db, "SELECT seq FROM post_key WHERE bucket = ? AND hash = ?"};
  query.put(bucket).put(hash);
  while (query.step()) {
    // Two ids may share a hash, by chance or by an author's design: only the post itself tells.
    Query same{db, "SELECT 1 FROM post WHERE seq = ? AND origin = ? AND native = ?"};
    if (same.put(query.number(0)).put(origin).put(native).step()) return query.number(0);
  }
  return std::nullopt;
}

std::optional<std::int64_t> PostKeys::find(Db& db, std::int64_t origin, std::string_view native) {
  const std::uint64_t hash = key_of(origin, native);
  if (with_filters_) load(db);
  // The newest first: what a feed repeats is most often young.
  for (std::int64_t bucket = with_filters_ ? static_cast<std::int64_t>(filters_.size()) - 1
                                           : newest_bucket(db);
       bucket >= 0; --bucket) {
    if (with_filters_ && !filters_[static_cast<std::size_t>(bucket)].may_have(hash)) continue;
    if (const auto seq = find_in(db, bucket, std::bit_cast<std::int64_t>(hash), origin, native))
      return seq;
  }
  return std::nullopt;
}

void PostKeys::add(Db& db, std::int64_t origin, std::string_view native, std::int64_t seq) {
  const std::uint64_t hash = key_of(origin, native);
  const std::int64_t bucket = seq >> kBucketBits;
  {
    Query query{db, "INSERT INTO post_key(bucket, hash, seq) VALUES(?, ?, ?)"};
    query.put(bucket).put(std::bit_cast<std::int64_t>(hash)).put(seq).run();
  }
  if (!with_filters_ || !loaded_) return;  // a later load sees the row
  if (bucket > current_) store(db, current_);
  current_ = bucket;  // may go back after a rollback; then the full bucket is stored again
  if (filters_.size() <= static_cast<std::size_t>(bucket))
    filters_.resize(static_cast<std::size_t>(bucket) + 1);
  filters_[static_cast<std::size_t>(bucket)].add(hash);
}

}  // namespace earshot::sqlite
