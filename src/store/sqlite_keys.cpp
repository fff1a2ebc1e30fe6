#include "sqlite_keys.hpp"

#include <bit>
#include <cstring>

#include "earshot/core/ids.hpp"

namespace earshot::sqlite {
namespace {

std::uint64_t key_of(std::int64_t origin, std::string_view native) {
  return hash64(native, static_cast<std::uint64_t>(origin));
}

constexpr std::int64_t kBucketsOfFilter = std::int64_t{1}
                                          << (PostKeys::kFilterBits - PostKeys::kBucketBits);

std::int64_t newest_filter(Db& db) {
  Query query{db, "SELECT max(seq) FROM post"};
  return query.step() ? query.number(0) >> PostKeys::kFilterBits : 0;
}

}  // namespace

// Seven times nine bits of the hash choose a bit in the block.
void KeyFilter::add(std::uint64_t hash) {
  Block& block = blocks_[block_of(hash)];
  for (unsigned i = 0; i < 7; ++i) {
    const std::uint64_t bit = (hash >> (9U * i)) & 511U;
    block.words[bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
  }
}

bool KeyFilter::may_have(std::uint64_t hash) const {
  const Block& block = blocks_[block_of(hash)];
  for (unsigned i = 0; i < 7; ++i) {
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
  current_ = newest_filter(db);
  filters_.clear();
  for (std::int64_t at = 0; at <= current_; ++at) {
    if (at < current_) {
      Query stored{db, "SELECT bits FROM post_filter WHERE filter = ?"};
      auto filter = stored.put(at).step() ? KeyFilter::from_bytes(stored.view(0)) : std::nullopt;
      if (filter) {
        filters_.push_back(std::move(*filter));
        continue;
      }
    }
    KeyFilter& filter = filters_.emplace_back();
    Query keys{db, "SELECT hash FROM post_key WHERE bucket >= ? AND bucket < ?"};
    keys.put(at * kBucketsOfFilter).put((at + 1) * kBucketsOfFilter);
    while (keys.step()) filter.add(std::bit_cast<std::uint64_t>(keys.number(0)));
  }
  loaded_ = true;
}

void PostKeys::store(Db& db, std::int64_t filter) {
  const std::string bytes = filters_[static_cast<std::size_t>(filter)].bytes();
  Query query{db, "INSERT OR REPLACE INTO post_filter(filter, bits) VALUES(?, ?)"};
  query.put(filter).blob(bytes).run();
}

std::optional<std::int64_t> PostKeys::find_in(Db& db, std::int64_t filter, std::int64_t hash,
                                              std::int64_t origin, std::string_view native,
                                              bool& shared) {
  for (std::int64_t left = kBucketsOfFilter; left > 0; --left) {
    Query query{db, "SELECT seq FROM post_key WHERE bucket = ? AND hash = ?"};
    query.put(filter * kBucketsOfFilter + left - 1).put(hash);
    while (query.step()) {
      shared = true;
      // Two ids may share a hash, by chance or by an author's design: only the post itself tells.
      Query same{db, "SELECT 1 FROM post WHERE seq = ? AND origin = ? AND native = ?"};
      if (same.put(query.number(0)).put(origin).put(native).step()) return query.number(0);
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> PostKeys::find(Db& db, std::int64_t origin, std::string_view native) {
  const std::uint64_t hash = key_of(origin, native);
  if (with_filters_ && absent_ == hash) return std::nullopt;
  if (with_filters_) load(db);
  bool shared = false;
  // The newest first: what a feed repeats is most often young.
  for (std::int64_t at = with_filters_ ? static_cast<std::int64_t>(filters_.size()) - 1
                                       : newest_filter(db);
       at >= 0; --at) {
    if (with_filters_ && !filters_[static_cast<std::size_t>(at)].may_have(hash)) continue;
    if (const auto seq = find_in(db, at, std::bit_cast<std::int64_t>(hash), origin, native, shared))
      return seq;
  }
  if (!shared) absent_ = hash;
  return std::nullopt;
}

void PostKeys::add(Db& db, std::int64_t origin, std::string_view native, std::int64_t seq) {
  const std::uint64_t hash = key_of(origin, native);
  absent_.reset();
  {
    Query query{db, "INSERT INTO post_key(bucket, hash, seq) VALUES(?, ?, ?)"};
    query.put(seq >> kBucketBits).put(std::bit_cast<std::int64_t>(hash)).put(seq).run();
  }
  if (!with_filters_ || !loaded_) return;  // a later load sees the row
  const std::int64_t at = seq >> kFilterBits;
  if (at > current_) store(db, current_);
  current_ = at;  // may go back after a rollback; then the full filter is stored again
  if (filters_.size() <= static_cast<std::size_t>(at))
    filters_.resize(static_cast<std::size_t>(at) + 1);
  filters_[static_cast<std::size_t>(at)].add(hash);
}

}  // namespace earshot::sqlite
