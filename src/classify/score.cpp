#include <algorithm>
#include <array>
#include <vector>

#include "earshot/classify/features.hpp"
#include "feature_blocks.hpp"
#include "tokenizer.hpp"

namespace earshot {
namespace {

using Lanes = std::array<std::int32_t, kLanes>;

void add(Lanes& sum, const std::int8_t* weights, std::uint32_t bucket) {
  for (std::size_t k = 0; k < kLanes; ++k) sum[k] += weights[kLanes * std::size_t{bucket} + k];
}

/// What a word adds, however often and in however many texts it stands: words repeat, and this
/// saves hashing and looking up their pieces. Sums are exact, so a full cache changes no score.
class WordCache {
 public:
  struct Entry {
    std::uint64_t hash = 0;
    std::array<std::int16_t, kLanes> pieces{};
    std::array<std::int8_t, kLanes> word{};
    std::uint32_t classes = 0;
    std::uint16_t count = 0;  ///< of the pieces
    bool with_pieces = false;
    bool filled = false;
  };

  void use(std::uint64_t serial) {
    if (serial == serial_ && !entries_.empty()) return;
    serial_ = serial;
    entries_.assign(kEntries, Entry{});
  }
  const Entry& of(const Token& token, std::string_view letters, std::uint32_t mask,
                  const std::int8_t* weights) {
    const bool pieces = has_pieces(token);
    Entry& entry = entries_[(token.hash >> 40U) % kEntries];
    if (entry.hash == token.hash && entry.filled && entry.with_pieces == pieces) return entry;
    entry = {};
    entry.hash = token.hash;
    entry.filled = true;
    entry.with_pieces = pieces;
    entry.classes = classes_of(token.hash);
    const auto* own = weights + kLanes * std::size_t{static_cast<std::uint32_t>(token.hash) & mask};
    std::copy_n(own, kLanes, entry.word.begin());
    if (!pieces) return entry;
    Lanes sum{};
    piece_features(letters.substr(token.at, token.length), [&](std::uint64_t hash) {
      add(sum, weights, static_cast<std::uint32_t>(hash) & mask);
      ++entry.count;
    });
    for (std::size_t k = 0; k < kLanes; ++k) entry.pieces[k] = static_cast<std::int16_t>(sum[k]);
    return entry;
  }

 private:
  static constexpr std::size_t kEntries = 8192;
  static_assert(3 * (kWordBytes + 2) * 128 <= 32'767, "the pieces' sum fits 16 bits");
  std::uint64_t serial_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace

LaneSums sum_weights(const FeatureText& text, std::uint32_t mask, const std::int8_t* weights,
                     std::uint64_t serial) {
  thread_local Tokens tokens;
  thread_local DistinctHashes seen;
  thread_local WordCache cache;
  cache.use(serial);
  tokenize(text.text, text.keep_handles, text.names, tokens);
  seen.clear(2 * tokens.list.size());
  LaneSums out;
  std::uint64_t before = mix_hash(kWordSeed);
  ClassCounts classes{};
  for (const Token& token : tokens.list) {
    const WordCache::Entry& entry = cache.of(token, tokens.letters, mask, weights);
    if (entry.classes != 0) count_classes(entry.classes, classes);
    if (seen.insert(token.hash)) {
      ++out.count[0];
      out.count[1] += entry.count;
      for (std::size_t k = 0; k < kLanes; ++k) {
        out.sum[0][k] += entry.word[k];
        out.sum[1][k] += entry.pieces[k];
      }
    }
    if (token.extra) continue;
    const std::uint64_t pair = mix_hash(before * kPairFactor + token.hash);
    if (seen.insert(pair)) {
      ++out.count[0];
      add(out.sum[0], weights, static_cast<std::uint32_t>(pair) & mask);
    }
    before = token.hash;
  }
  style_features(tokens.counts, classes, text.channel, [&](std::uint64_t hash, const char*) {
    ++out.count[2];
    add(out.sum[2], weights, static_cast<std::uint32_t>(hash) & mask);
  });
  phrase_features(text, [&](std::uint64_t hash, std::uint32_t, std::uint32_t) {
    ++out.count[3];
    add(out.sum[3], weights, static_cast<std::uint32_t>(hash) & mask);
  });
  return out;
}

}  // namespace earshot
