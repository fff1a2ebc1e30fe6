#pragma once

/// Which posts are known: (origin, native id) -> seq.
///
/// Native ids come in any order (a mail's are random), and one big index in that order would touch
/// a page of its own for every post: with a million posts that alone costs more than all the rest.
/// So the index is cut by seq into buckets of 4,096: new keys go into the newest only, some thirty
/// pages, however many keys a transaction adds. A look-up must then ask every bucket; a Bloom
/// filter for every eight of them (24 bits a key, in blocks of one cache line) answers "not here"
/// without touching a page. A full filter is stored, so that a start reads 96 KiB for every 32,768
/// posts instead of all keys.

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
  static constexpr std::size_t kBlocks = 1'536;  // of 512 bits: 24 bits for each of 32,768 keys
  struct alignas(64) Block {
    std::array<std::uint64_t, 8> words{};
  };
  static std::size_t block_of(std::uint64_t hash) {
    return static_cast<std::size_t>((((hash * 0x9E3779B97F4A7C15ULL) >> 32U) * kBlocks) >> 32U);
  }
  std::vector<Block> blocks_ = std::vector<Block>(kBlocks);
};

class PostKeys {
 public:
  static constexpr int kBucketBits = 12;
  static constexpr int kFilterBits = 15;  ///< posts of one filter; it holds whole buckets

  /// With filters only on the connection that alone adds keys; others ask every bucket.
  explicit PostKeys(bool filters) : with_filters_(filters) {}

  std::optional<std::int64_t> find(Db& db, std::int64_t origin, std::string_view native);
  /// The key must be a new one.
  void add(Db& db, std::int64_t origin, std::string_view native, std::int64_t seq);

 private:
  /// `shared` is set where a key has this hash, ours or not.
  std::optional<std::int64_t> find_in(Db& db, std::int64_t filter, std::int64_t hash,
                                      std::int64_t origin, std::string_view native, bool& shared);
  void load(Db& db);
  void store(Db& db, std::int64_t filter);

  bool with_filters_;
  bool loaded_ = false;
  std::vector<KeyFilter>
      filters_;  ///< by seq. A rollback leaves bits behind: they cost a look-up, no more.
  std::int64_t current_ = 0;  ///< filter of the newest post
  /// The last hash that no key had: a post is looked for more than once before it is added.
  std::optional<std::uint64_t> absent_;
};

}  // namespace earshot::sqlite
