#pragma once

/// Near-duplicates: MinHash over word shingles (Broder 1997), with banding for look-up. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace earshot {

/// 32 minima of 32 bits: 128 bytes a text.
using MinHash = std::array<std::uint32_t, 32>;

/// Of the folded text without mentions, links and punctuation.
MinHash minhash(std::string_view text);
/// Estimated Jaccard similarity, 0..1 in steps of 1/32.
double similarity(const MinHash& a, const MinHash& b);
/// Above this two texts are near-same.
inline constexpr double kNearSame = 0.6;

/// Hash of the folded, collapsed text without links: equal for exact copies.
std::uint64_t copy_hash(std::string_view text);

/// The last `capacity` signatures under the caller's keys; the oldest makes room for the newest.
class NearWindow {
 public:
  explicit NearWindow(std::size_t capacity = 65'536);
  void add(std::uint64_t key, const MinHash& signature);
  /// Keys of near-same texts, the most similar first, at most 16.
  std::vector<std::uint64_t> find(const MinHash& signature) const;
  std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::size_t kBands = 16;
  struct Entry {
    std::uint64_t key;
    MinHash signature;
    std::array<std::uint32_t, kBands>
        older;  ///< per band: serial of the next older entry in the same slot, or 0
  };
  std::size_t slot(const MinHash& signature, std::size_t band) const;
  void grow();
  void link(Entry& entry, std::uint32_t serial);

  std::size_t capacity_;
  std::uint32_t newest_ = 0;    ///< serials count from 1
  std::vector<Entry> entries_;  ///< a ring once it is full: serial s lies at (s - 1) % capacity_
  std::vector<std::uint32_t> heads_;  ///< per band a table of the newest serial by hash
};

}  // namespace earshot
