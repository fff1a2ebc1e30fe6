#pragma once

/// Text -> hashed features of the linear model: words 1–2, characters 3–5 inside words, style.
/// Pure; one pass, no allocation on the way once a scratch is warm.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace earshot {

/// Changes whenever a feature changes its meaning: models of another version are refused.
inline constexpr std::uint32_t kFeaturesVersion = 1;

inline constexpr std::size_t kBlocks = 3;  ///< words, characters, style
/// Each block is divided by the root of its number of distinct features and multiplied by this.
inline constexpr std::array<double, kBlocks> kBlockWeights{1.0, 0.7, 0.1};

/// One distinct feature. `begin`, `end`: the bytes of the text it stands for; empty for style,
/// whose name is `style`.
struct Feature {
  std::uint32_t hash = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  const char* style = nullptr;
};
using Blocks = std::array<std::vector<Feature>, kBlocks>;

/// The distinct features of a text, hashes already masked. `email` and the like are style features.
/// For training and explanation.
void extract_features(std::string_view text, std::uint32_t mask, Blocks& out);

/// Sum of the weights of the distinct features, by block, and their number. The fast way for
/// `assess`.
struct BlockSums {
  std::array<std::int64_t, kBlocks> sum{};
  std::array<std::uint32_t, kBlocks> count{};
};
BlockSums sum_weights(std::string_view text, std::uint32_t mask, const std::int8_t* weights);

/// True where the text speaks to a handle: the head `addressed` judges it.
bool has_handle(std::string_view text);
/// The text without its @handles.
std::string without_handles(std::string_view text);

}  // namespace earshot
