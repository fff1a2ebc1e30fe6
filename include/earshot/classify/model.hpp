#pragma once

/// The trained weights of the complaint classifier and their file. Pure: bytes in, bytes out; the
/// caller reads and writes files.
///
/// The file (docs/model-card.md shows it as a table), all numbers little-endian on any machine:
///   0   8  magic "EARSHOTM"
///   8   4  endianness marker 0x01020304 (a file written the other way round is refused by name)
///   12  4  format version, kModelVersion
///   16  4  features version, kFeaturesVersion: weights mean nothing to other features
///   20  4  log2 of the buckets of a head (10..22)
///   24  4  number of heads, 2
///   28  4  bytes of the note
///   32  8  XXH3-64 of everything from offset 40 on
///   40     per head 5 IEEE doubles: scale, bias, platt_a, platt_b, threshold
///   120    the note (UTF-8: what it was trained on), then zeros up to a multiple of 64
///          per head 2^log2 int8 weights. Aligned to 64, so the file can be mapped and used in
///          place.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

inline constexpr std::uint32_t kModelVersion = 1;

/// Which weights judge a post: posts with an @handle, or everything else (mail, reviews, posts to
/// nobody). "No handle, hence no complaint" is true of the first kind only.
EARSHOT_ENUM(Head, addressed, plain);

/// log-odds = bias + scale * sum(weights); probability = 1 / (1 + exp(-(platt_a * log-odds +
/// platt_b))).
struct HeadNumbers {
  double scale = 0;
  double bias = 0;
  double platt_a = 1;
  double platt_b = 0;
  double threshold = 0.5;  ///< of the probability
};

class Model {
 public:
  /// Knows nothing: every post gets the probability 0.5 under a threshold of 0.5 from the words, so
  /// only the lexicon speaks.
  Model();
  /// Takes the bytes of a model file. Errors are permanent and say what is wrong: too short, no
  /// model, other byte order, other version, wrong length, wrong checksum, numbers that are not
  /// finite.
  static Result<Model> from_bytes(std::string bytes);
  static Model make(std::uint32_t log2_buckets, const std::array<HeadNumbers, 2>& numbers,
                    std::array<std::span<const std::int8_t>, 2> weights, std::string_view note);

  const std::string& bytes() const { return bytes_; }
  bool empty() const { return weights_at_ == 0; }
  std::uint32_t mask() const { return mask_; }
  const HeadNumbers& numbers(Head head) const { return numbers_[static_cast<std::size_t>(head)]; }
  const std::int8_t* weights(Head head) const;
  std::string_view note() const;

 private:
  std::string bytes_;
  std::array<HeadNumbers, 2> numbers_{};
  std::uint32_t mask_ = 0;
  std::size_t weights_at_ = 0;
};

}  // namespace earshot
