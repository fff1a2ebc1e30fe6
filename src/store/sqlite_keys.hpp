#pragma once

/// Which posts are known: (origin, native id) -> seq.
///
/// Native ids come in any order (a mail's are random), and one big index in that order would touch
/// a page of its own for every post: with a million posts that alone costs more than all the rest.
/// So the index is cut into buckets by seq: new keys go into the newest bucket only, a few hundred
/// pages that stay in the cache. A look-up must then ask every bucket; a Bloom filter each (16 bits
/// a key, in blocks of one cache line) answers "not here" without touching a page. The filter of a
/// full bucket is stored, so that a start reads 64 KiB for every 32,768 posts instead of all keys.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sqlite_db.hpp"

namespace earshot::sqlite {

/// Never says no to a key that was added.
class KeyFilter {
 public:
  void add(std::uint64_t hash);
  bool may_have(std::uint64_t hash) const;
  /// With a checksum: a filter damaged on disk would let a post in twice.
  std::string bytes() const;
  static std::optional<KeyFilter> from_bytes(std::string_view bytes);

 private:
  static constexpr std::size_t kBlocks = 1'024;  // of 512 bits: 16 bits for each of 32,768 keys
  struct alignas(64) Block {
    std::array<std::uint64_t, 8> words{};
  };
  std::vector<Block> blocks_ = std::vector<Block>(kBlocks);
};

class PostKeys {
 public:
  static constexpr int kBucketBits = 15;

  /// With filters only on the connection that alone adds keys; others ask every bucket.
  explicit PostKeys(bool filters) : with_filters_(filters) {}

  std::optional<std::int64_t> find(Db& db, std::int64_t origin, std::string_view native);
  /// The key must be a new one.
  void add(Db& db, std::int64_t origin, std::string_view native, std::int64_t seq);

 private:
  std::optional<std::int64_t> find_in(Db& db, std::int64_t bucket, std::int64_t hash,
                                      std::int64_t origin, std::string_view native);
  void load(Db& db);
  void store(Db& db, std::int64_t bucket);

  bool with_filters_;
  bool loaded_ = false;
  std::vector<KeyFilter>
      filters_;  ///< by bucket. A rollback leaves bits behind: they cost a look-up, no more.
  std::int64_t current_ = 0;  ///< bucket of the newest post
};

}  // namespace earshot::sqlite
