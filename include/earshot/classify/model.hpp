#pragma once

/// The trained weights of the complaint classifier and their file. Pure: bytes in, bytes out; the
/// caller reads, maps and writes files.
///
/// The file, all numbers little-endian on any machine:
///   0   8  magic "EARSHOTM"
///   8   4  endianness marker 0x01020304 (a file written the other way round is refused by name)
///   12  4  format version, kModelVersion
///   16  4  features version, kFeaturesVersion: weights mean nothing to other features
///   20  4  log2 of the buckets (10..22)
///   24  4  number of lanes, kLanes
///   28  4  bytes of the note
///   32  8  XXH3-64 of everything from offset 40 on
///   40  4  number of topics (0..64)
///   44  4  log2 of the topics' buckets (10..20; 0 without topics)
///   48  4  number of deltas (0..256)
///   52  4  zero
///   56     per head 2 IEEE doubles: scale, bias
///          per place kMixed + 1 doubles: the mixing numbers and the threshold
///          the note (UTF-8: what it was trained on), then zeros up to a multiple of 64
///          2^log2 buckets of kLanes int8 weights, side by side
///          per topic 32 bytes of name (zeros behind) and 3 doubles: scale, bias, threshold; first
///          come those of hazards, which are named "cue:safety" and so on
///
///          2^topic_log2 buckets of one int8 weight a topic, side by side, then zeros up to 64
///
///          per delta 64 bytes of source name, 8 bytes number of labels, 5 doubles: scale, bias,
///          platt_a, platt_b, threshold; 2^kDeltaLog2 int8 weights
///
/// Parts are aligned to 64, so the file can be mapped and used in place.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/classify/features.hpp"
#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

inline constexpr std::uint32_t kModelVersion = 3;
inline constexpr std::uint32_t kDeltaLog2 = 16;
inline constexpr std::size_t kMostTopics = 64;
inline constexpr std::size_t kTopicNameBytes = 31;

/// The judges. Experts of complaints in tweets, in tweets about money, and in our own texts; the
/// gate tells how much a text is of the second kind. `public_plain` and `own_plain` learnt from
/// texts without their @handles: "no handle, hence no complaint" is true of posts to a brand only.
/// Then one of urgency, and one of what is more than an annoyance.
EARSHOT_ENUM(Head, tweets, finance, own, gate, public_plain, own_plain, urgent, serious);
/// Where a text stands decides how the judges' scores are mixed, and from which probability on it
/// counts: posts that speak to an @handle, other posts, mails, reviews. Where a company is watched,
/// the same four are mixed as our own texts want it. The last two are questions, not places.
EARSHOT_ENUM(Place, addressed, post, email, review, watched_addressed, watched_post, watched_email,
             watched_review, urgent, serious);
inline constexpr std::size_t kPlainPlaces = 4;
/// The place of a text by the same words where a company is watched.
inline Place watched(Place place) {
  return static_cast<Place>(static_cast<std::size_t>(place) + kPlainPlaces);
}

struct HeadNumbers {
  double scale = 0;
  double bias = 0;
};
/// How a place mixes the judges' scores s and the gate g = 1 / (1 + exp(-s_gate)):
/// log-odds = of[0] + sum of[1 + k] s_k + of[1 + kLanes] g + sum of[2 + kLanes + k] g s_k, k < 3.
/// Urgency has no gate: there g is what the judges of hazards say together.
inline constexpr std::size_t kGated = 3;
inline constexpr std::size_t kMixed = 2 + kLanes + kGated;
struct Mixing {
  std::array<double, kMixed> of{};
  double threshold = 0.5;  ///< of the probability
};
/// probability = 1 / (1 + exp(-(platt_a * log-odds + platt_b))).
struct Calibration {
  double platt_a = 1;
  double platt_b = 0;
  double threshold = 0.5;  ///< of the probability
};
struct TopicNumbers {
  std::string name;
  double scale = 0;
  double bias = 0;
  double threshold = 0;  ///< of the log-odds
};
/// What an operator's own labels moved for one source, on top of the shipped weights.
struct Delta {
  std::string source;
  std::uint64_t labels = 0;
  HeadNumbers numbers;
  Calibration calibration;
  std::span<const std::int8_t> weights;  ///< 2^kDeltaLog2
};

/// What a model is made of. Spans are copied into its bytes.
struct ModelParts {
  std::uint32_t log2_buckets = 0;
  std::array<HeadNumbers, kLanes> lanes{};
  std::array<Mixing, kWordsOf<Place>.size()> places{};
  std::span<const std::int8_t> weights;
  std::uint32_t topic_log2 = 0;
  std::vector<TopicNumbers> topics;
  std::span<const std::int8_t> topic_weights;
  std::vector<Delta> deltas;
  std::string_view note;
};

class Model {
 public:
  /// Knows nothing: every post gets the probability 0.5.
  Model() = default;
  /// Takes the bytes of a model file. Errors are permanent and say what is wrong: too short, no
  /// model, other byte order, other version, wrong length, wrong checksum, numbers that are not
  /// finite.
  static Result<Model> from_bytes(std::string bytes);
  /// The same of bytes that `owner` keeps, such as a mapped file.
  static Result<Model> from_view(std::string_view bytes, std::shared_ptr<const void> owner);
  static Model make(const ModelParts& parts);

  bool empty() const { return parts_.log2_buckets == 0; }
  std::string_view bytes() const { return bytes_; }
  std::uint32_t mask() const { return (1U << parts_.log2_buckets) - 1U; }
  const ModelParts& parts() const { return parts_; }
  const HeadNumbers& head(Head head) const { return parts_.lanes[static_cast<std::size_t>(head)]; }
  const Mixing& place(Place place) const { return parts_.places[static_cast<std::size_t>(place)]; }
  const Delta* delta(std::string_view source) const;
  std::string_view note() const { return parts_.note; }
  /// Differs between any two models of one process.
  std::uint64_t serial() const { return serial_; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view bytes_;
  ModelParts parts_;  ///< its spans point into bytes_
  std::uint64_t serial_ = 0;
};

/// The judges' scores as one: log-odds, and what each judge's score counts in them.
struct Mixed {
  double log_odds = 0;
  double base = 0;  ///< the part of the log-odds that no judge's features made
  std::array<double, kLanes> share{};
};
using HeadScores = std::array<double, kLanes>;
Mixed mix(const Mixing& mixing, const HeadScores& scores);
/// Log-odds that a text is urgent; `hazard` is what the judges of hazards say together.
double mix_urgent(const Mixing& mixing, const HeadScores& scores, double hazard);

}  // namespace earshot
