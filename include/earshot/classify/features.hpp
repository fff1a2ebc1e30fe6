#pragma once

/// Text -> hashed features of the linear model: words 1–2, characters 3–5 inside words, style,
/// phrases of the lexicon. Pure; one pass, no allocation on the way once a scratch is warm.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/classify/lexicon.hpp"
#include "earshot/classify/watch.hpp"
#include "earshot/core/post.hpp"

namespace earshot {

/// Changes whenever a feature changes its meaning: models of another version are refused.
inline constexpr std::uint32_t kFeaturesVersion = 3;

/// Words, characters, style, phrases, notions, pairs of notions.
inline constexpr std::size_t kBlocks = 6;
/// The value of a feature of a block, divided by the root of the number of features of that block.
/// Phrases are not: a second phrase takes nothing from the first.
inline constexpr std::array<double, kBlocks> kBlockWeights{1.0, 0.7, 0.2, 0.2, 0.6, 0.5};
double block_value(std::size_t block, std::uint32_t count);

/// Watched names (ours, the principals' and the rivals'): a text's features do not show which firm
/// is named, so a model that learnt from one firm's texts serves another. Immutable.
struct Tokens;
class NameTable {
 public:
  explicit NameTable(const Watch& watch);
  bool empty() const { return first_.empty(); }
  /// Watched names in the tokens become tokens of one kind.
  void replace(Tokens& tokens) const;

 private:
  struct Name {
    std::vector<std::uint64_t> words;
  };
  void add(const std::string& name);
  const Name* at(const Tokens& tokens, std::size_t i) const;

  std::vector<Name> names_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> first_;  ///< first word -> name, sorted
  std::array<std::uint64_t, 1024> sieve_{};                     ///< which first words there are
};

/// What a word means, whatever its language ("burnt", "verbrannt"): src/classify/notions.hpp.
struct NotionHit {
  std::uint16_t notion = 0;
  std::uint16_t group = 0;           ///< of notions that are near: fire, smoke, heat
  std::uint32_t begin = 0, end = 0;  ///< bytes of the original text
  std::uint32_t sentence = 0;
  std::uint32_t place = 0;  ///< the word's number in the text
};

/// What the features are made of.
struct FeatureText {
  std::string_view text;
  const WordList* words = nullptr;  ///< of the text, for the spans of the hits
  std::span<const Hit> hits;
  const NameTable* names = nullptr;  ///< may be null
  Channel channel = Channel::post;
  bool keep_handles = true;  ///< false: as if no @name stood there
  std::span<const NotionHit> notions = {};
};

/// One feature. `begin`, `end`: the bytes of the text it stands for; empty for style, whose name is
/// `style`. Words, pairs, style facts and phrases come once; the pieces of each distinct word come
/// as often as they stand in it.
struct Feature {
  std::uint32_t hash = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  const char* style = nullptr;
};
using Blocks = std::array<std::vector<Feature>, kBlocks>;

/// The features of a text, hashes already masked. For training and explanation.
void extract_features(const FeatureText& text, std::uint32_t mask, Blocks& out);

inline constexpr std::size_t kLanes = 8;  ///< weights that lie side by side for one bucket

/// Sums of the weights of the features, by block, for all lanes at once, and the features' number.
/// The fast way for `assess`.
struct LaneSums {
  std::array<std::array<std::int32_t, kLanes>, kBlocks> sum{};
  std::array<std::uint32_t, kBlocks> count{};
};
/// The first kLanes weights of each bucket, whose rows are `stride` >= kLanes bytes long. `serial`
/// names `weights` for the cache that this thread has for rows of kLanes and for longer ones: other
/// weights must come with another number.
LaneSums sum_weights(const FeatureText& text, std::uint32_t mask, const std::int8_t* weights,
                     std::uint64_t serial, std::size_t stride = kLanes);

/// True where the text speaks to a handle: the head `addressed` judges it.
bool has_handle(std::string_view text);
/// The text without its @handles.
std::string without_handles(std::string_view text);

/// Signs that a negation in front takes back: "no smoke" tells of no danger.
bool heeds_negation(Sign sign);
/// True where a hit counts for its sign.
bool counts(const Hit& hit);

}  // namespace earshot
