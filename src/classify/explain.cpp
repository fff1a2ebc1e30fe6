#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "earshot/core/utf8.hpp"
#include "reading.hpp"

namespace earshot {
namespace {

constexpr std::size_t kAhead = 8;  ///< features from the one that is added to the one fetched
constexpr std::size_t kWhy = 6;    ///< words that an assessment names

/// A span of the text, or a named fact, and what it added.
struct Part {
  std::uint32_t begin = 0, end = 0;
  const char* name = nullptr;
  double weight = 0;
  std::uint64_t span() const { return (std::uint64_t{begin} << 32U) | end; }
};

/// What a bucket adds to the mixed log-odds. The table is bigger than the caches of most machines:
/// a bucket is fetched before it is wanted.
struct MixedWeights {
  const std::int8_t* of = nullptr;
  std::array<double, kLanes> scale{};
  double operator()(std::uint32_t at) const {
    double sum = 0;
    for (std::size_t k = 0; k < kLanes; ++k) sum += scale[k] * of[kLanes * std::size_t{at} + k];
    return sum;
  }
  void fetch(std::uint32_t at) const { __builtin_prefetch(of + kLanes * std::size_t{at}); }
};

struct DeltaWeights {
  const Delta& of;
  double scale;
  double operator()(std::uint32_t at) const { return scale * of.weights[at]; }
  void fetch(std::uint32_t at) const { __builtin_prefetch(&of.weights[at]); }
};

template <class WeightOf>
void add_parts(const Blocks& blocks, const WeightOf& weight_of, std::vector<Part>& out) {
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const double each = block_value(b, static_cast<std::uint32_t>(blocks[b].size()));
    for (std::size_t i = 0; i < blocks[b].size(); ++i) {
      if (i + kAhead < blocks[b].size()) weight_of.fetch(blocks[b][i + kAhead].hash);
      const Feature& feature = blocks[b][i];
      const double weight = each * weight_of(feature.hash);
      // The pieces of a word follow each other.
      if (!out.empty() && out.back().begin == feature.begin && out.back().end == feature.end &&
          out.back().name == feature.style) {
        out.back().weight += weight;
      } else {
        out.push_back({feature.begin, feature.end, feature.style, weight});
      }
    }
  }
}

/// Parts of one span become one; those with a name follow, each is the only one of its name or is
/// put together with the others when it gets its words.
void merge(std::vector<Part>& parts) {
  const auto named = std::stable_partition(parts.begin(), parts.end(),
                                           [](const Part& part) { return part.name == nullptr; });
  std::stable_sort(parts.begin(), named,
                   [](const Part& a, const Part& b) { return a.span() < b.span(); });
  auto kept = parts.begin();
  for (auto it = parts.begin(); it != parts.end(); ++it) {
    const bool joins = it != parts.begin() && it < named && it->span() == kept->span();
    if (joins) {
      kept->weight += it->weight;
    } else if (it != parts.begin()) {
      *++kept = *it;
    }
  }
  if (!parts.empty()) parts.erase(kept + 1, parts.end());
}

bool heavier(double a, double b) {
  return std::abs(a) > std::abs(b);
}

}  // namespace

std::vector<Weight> Classifier::explain(const Post& post) const {
  const Reading reading{post, *parts_};
  const LaneSums added = sums(reading);
  std::vector<Weight> out = explain(reading, added, std::numeric_limits<std::size_t>::max());
  // What the passages of a long text add or take back.
  const auto log_odds = [](double p) { return std::log(p / (1 - p)); };
  const Scores whole = score(reading, added);
  const double heard = assess(post, whole).complaint;
  if (heard != whole.complaint)
    out.push_back({"(the passages, one by one)", log_odds(heard) - log_odds(whole.complaint)});
  return out;
}

std::vector<Weight> Classifier::strongest(const Reading& reading, const LaneSums& sums) const {
  std::vector<Weight> why = explain(reading, sums, 4 * kWhy);
  std::erase_if(why,
                [](const Weight& w) { return w.words == "(base)" || std::abs(w.weight) < 0.05; });
  if (why.size() > kWhy) why.resize(kWhy);
  return why;
}

std::vector<Weight> Classifier::explain(const Reading& reading, const LaneSums& sums,
                                        std::size_t most) const {
  const Model& model = parts_->model;
  if (model.empty()) return {};
  const FeatureText text = reading.features(*parts_);
  const HeadScores scores = head_scores(model, sums);
  const Mixed mixed = mix(model.place(reading.place), scores);
  const Delta* delta = reading.delta;
  const Calibration c = delta != nullptr ? delta->calibration : Calibration{};
  double base = mixed.base + (delta != nullptr ? delta->numbers.bias : 0);
  MixedWeights weights;
  for (std::size_t k = 0; k < kLanes; ++k) {
    base += mixed.share[k] * model.parts().lanes[k].bias;
    weights.scale[k] = c.platt_a * mixed.share[k] * model.parts().lanes[k].scale;
  }
  weights.of = model.parts().weights.data();
  std::vector<Part> parts;
  parts.push_back({0, 0, "base", c.platt_a * base + c.platt_b});
  thread_local Blocks blocks;
  extract_features(text, model.mask(), blocks);
  add_parts(blocks, weights, parts);
  if (delta != nullptr) {
    extract_features(text, (1U << kDeltaLog2) - 1U, blocks);
    add_parts(blocks, DeltaWeights{*delta, c.platt_a * delta->numbers.scale}, parts);
  }
  merge(parts);
  // Of two that weigh the same, the first in the text.
  const auto before = [](const Part& a, const Part& b) {
    return heavier(a.weight, b.weight) || (!heavier(b.weight, a.weight) && a.span() < b.span());
  };
  const auto end = parts.begin() + static_cast<std::ptrdiff_t>(std::min(most, parts.size()));
  std::partial_sort(parts.begin(), end, parts.end(), before);
  parts.erase(end, parts.end());
  std::vector<Weight> out;
  std::unordered_map<std::string, std::size_t> known;
  for (const Part& part : parts) {
    if (part.weight == 0) continue;
    std::string words =
        part.name != nullptr
            ? fmt::format("({})", part.name)
            : collapse_space(reading.text.substr(part.begin, part.end - part.begin));
    const auto [at, fresh] = known.try_emplace(words, out.size());
    if (fresh)
      out.push_back({std::move(words), part.weight});
    else
      out[at->second].weight += part.weight;
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Weight& a, const Weight& b) { return heavier(a.weight, b.weight); });
  return out;
}

}  // namespace earshot
