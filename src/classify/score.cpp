#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "earshot/classify/features.hpp"
#include "feature_blocks.hpp"
#include "tokenizer.hpp"

namespace earshot {
namespace {

using Lanes = std::array<std::int32_t, kLanes>;

using Bytes [[gnu::vector_size(kLanes)]] = std::int8_t;
using Shorts [[gnu::vector_size(2 * kLanes)]] = std::int16_t;
using Ints [[gnu::vector_size(4 * kLanes)]] = std::int32_t;

template <class Vector, class From>
Vector load(const From* from) {
  Vector out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

/// All lanes of a bucket added at once: 16 bits hold the sum of some 250 weights, then it is taken
/// over into 32.
class LaneAdder {
 public:
  explicit LaneAdder(Lanes& sum) : sum_(sum) {}
  LaneAdder(const LaneAdder&) = delete;
  LaneAdder& operator=(const LaneAdder&) = delete;
  ~LaneAdder() { take_over(); }
  void add(const std::int8_t* weights) {
    small_ += __builtin_convertvector(load<Bytes>(weights), Shorts);
    if (++many_ == 250) take_over();
  }

 private:
  void take_over() {
    for (std::size_t k = 0; k < kLanes; ++k) sum_[k] += small_[k];
    small_ = Shorts{};
    many_ = 0;
  }
  Lanes& sum_;
  Shorts small_{};
  unsigned many_ = 0;
};

void add(Lanes& sum, const std::int8_t* weights) {
  for (std::size_t k = 0; k < kLanes; ++k) sum[k] += weights[k];
}

/// Where the weights of a feature stand. `Stride` = 0: known only when it runs.
template <std::size_t Stride>
struct Rows {
  const std::int8_t* first;
  std::uint32_t mask;
  std::size_t stride;
  const std::int8_t* of(std::uint64_t hash) const {
    const std::size_t bucket = static_cast<std::uint32_t>(hash) & mask;
    return first + (Stride != 0 ? Stride : stride) * bucket;
  }
};

/// Weights that are fetched into the cache while the text is read on, and added at the end.
class LateRows {
 public:
  void clear() { at_.clear(); }
  void push(const std::int8_t* weights) {
    __builtin_prefetch(weights);
    at_.push_back(weights);
  }
  void add_to(Lanes& sum) const {
    LaneAdder adder{sum};
    for (const std::int8_t* weights : at_) adder.add(weights);
  }

 private:
  std::vector<const std::int8_t*> at_;
};

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
  void fetch(const Token& token) const {
    const Entry& first = entries_[first_of(token.hash)];
    __builtin_prefetch(&first);
    __builtin_prefetch(&first + 1);
  }
  template <std::size_t Stride>
  const Entry& of(const Token& token, std::string_view letters, const Rows<Stride>& rows) {
    const bool pieces = has_pieces(token);
    Entry& entry = entries_[first_of(token.hash)];
    Entry& older = *(&entry + 1);
    const auto is = [&](const Entry& one) {
      return one.hash == token.hash && one.filled && one.with_pieces == pieces;
    };
    if (is(entry)) return entry;
    if (is(older)) return older;
    older = entry;
    entry = {};
    entry.hash = token.hash;
    entry.filled = true;
    entry.with_pieces = pieces;
    entry.classes = classes_of(token.hash);
    std::copy_n(rows.of(token.hash), kLanes, entry.word.begin());
    if (!pieces) return entry;
    Shorts sum{};
    std::uint16_t many = 0;
    piece_features(letters.substr(token.at, token.length), [&](std::uint64_t hash) {
      sum += __builtin_convertvector(load<Bytes>(rows.of(hash)), Shorts);
      ++many;
    });
    std::memcpy(entry.pieces.data(), &sum, sizeof sum);
    entry.count = many;
    return entry;
  }

 private:
  static constexpr std::size_t kEntries = 16'384;  ///< two for each place, the newer one first
  static std::size_t first_of(std::uint64_t hash) { return 2 * ((hash >> 40U) % (kEntries / 2)); }
  static_assert(3 * (kWordBytes + 2) * 128 <= 32'767, "the pieces' sum fits 16 bits");
  std::uint64_t serial_ = 0;
  std::vector<Entry> entries_;
};

template <std::size_t Stride>
LaneSums sum_rows(const FeatureText& text, const Rows<Stride>& rows, std::uint64_t serial) {
  thread_local Tokens tokens;
  thread_local DistinctHashes seen;
  thread_local WordCache cache;
  thread_local LateRows pairs;
  cache.use(serial);
  pairs.clear();
  tokenize(text.text, text.keep_handles, text.names, tokens);
  seen.clear(2 * tokens.list.size() + most_notion_features(text));
  LaneSums out;
  std::uint64_t before = mix_hash(kWordSeed);
  ClassCounts classes{};
  Ints words{};
  Ints pieces{};
  constexpr std::size_t kAhead = 4;
  for (std::size_t i = 0; i < tokens.list.size(); ++i) {
    const Token& token = tokens.list[i];
    if (i + kAhead < tokens.list.size()) cache.fetch(tokens.list[i + kAhead]);
    const WordCache::Entry& entry = cache.of(token, tokens.letters, rows);
    if (entry.classes != 0) count_classes(entry.classes, classes);
    if (seen.insert(token.hash)) {
      ++out.count[0];
      out.count[1] += entry.count;
      words += __builtin_convertvector(load<Bytes>(entry.word.data()), Ints);
      pieces += __builtin_convertvector(load<Shorts>(entry.pieces.data()), Ints);
    }
    if (token.extra) continue;
    const std::uint64_t pair = mix_hash(before * kPairFactor + token.hash);
    if (seen.insert(pair)) {
      ++out.count[0];
      pairs.push(rows.of(pair));
    }
    before = token.hash;
  }
  std::memcpy(out.sum[0].data(), &words, sizeof words);
  std::memcpy(out.sum[1].data(), &pieces, sizeof pieces);
  pairs.add_to(out.sum[0]);
  {
    LaneAdder style{out.sum[2]};
    style_features(tokens.counts, classes, text.channel, [&](std::uint64_t hash, const char*) {
      ++out.count[2];
      style.add(rows.of(hash));
    });
  }
  phrase_features(text, [&](std::uint64_t hash, std::uint32_t, std::uint32_t) {
    ++out.count[3];
    add(out.sum[3], rows.of(hash));
  });
  const auto once = [&out, &rows](std::size_t block, LateRows& late) {
    late.clear();
    return [&out, &late, &rows, block](std::uint64_t hash, std::uint32_t, std::uint32_t) {
      if (!seen.insert(hash)) return;
      ++out.count[block];
      late.push(rows.of(hash));
    };
  };
  thread_local LateRows ones;
  thread_local LateRows twos;
  notion_features(text, once(4, ones), once(5, twos));
  ones.add_to(out.sum[4]);
  twos.add_to(out.sum[5]);
  return out;
}

}  // namespace

LaneSums sum_weights(const FeatureText& text, std::uint32_t mask, const std::int8_t* weights,
                     std::uint64_t serial, std::size_t stride) {
  if (stride == kLanes) return sum_rows(text, Rows<kLanes>{weights, mask, stride}, serial);
  return sum_rows(text, Rows<0>{weights, mask, stride}, serial);
}

}  // namespace earshot
