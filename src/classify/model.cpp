#include "earshot/classify/model.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "earshot/classify/features.hpp"
#include "earshot/core/check.hpp"
#include "earshot/core/ids.hpp"

namespace earshot {
namespace {

constexpr std::string_view kMagic = "EARSHOTM";
constexpr std::uint32_t kMarker = 0x01020304;
constexpr std::uint32_t kSwapped = 0x04030201;
constexpr std::size_t kHashAt = 32;
constexpr std::size_t kNumbersAt = 40;
constexpr std::size_t kHeads = 2;
constexpr std::size_t kPerHead = 5;
constexpr std::size_t kNoteAt = kNumbersAt + kHeads * kPerHead * 8;
constexpr std::size_t kAlign = 64;
constexpr std::uint32_t kMaxNote = 65'536;

template <class T>
T read(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value |= static_cast<T>(T{static_cast<unsigned char>(bytes[at + i])} << (8U * i));
  return value;
}
template <class T>
void put(std::string& bytes, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    bytes += static_cast<char>((value >> (8U * i)) & 0xFFU);
}
double read_double(std::string_view bytes, std::size_t at) {
  return std::bit_cast<double>(read<std::uint64_t>(bytes, at));
}

std::size_t weights_at(std::size_t note) {
  return (kNoteAt + note + kAlign - 1) / kAlign * kAlign;
}

}  // namespace

Model::Model() = default;

Result<Model> Model::from_bytes(std::string bytes) {
  const auto refuse = [](std::string why) { return permanent("model file: " + std::move(why)); };
  if (bytes.size() < kMagic.size() || std::string_view{bytes}.substr(0, kMagic.size()) != kMagic)
    return refuse("not a model of Earshot");
  if (bytes.size() < kNoteAt)
    return refuse(fmt::format("cut short: {} bytes, the head alone has {}", bytes.size(), kNoteAt));
  const auto marker = read<std::uint32_t>(bytes, 8);
  if (marker == kSwapped)
    return refuse("written with the other byte order; train it again with `earshot train`");
  if (marker != kMarker) return refuse("the byte-order marker is damaged");
  const auto version = read<std::uint32_t>(bytes, 12);
  if (version != kModelVersion)
    return refuse(fmt::format("format version {}, this program reads {}; train it again", version,
                              kModelVersion));
  const auto features = read<std::uint32_t>(bytes, 16);
  if (features != kFeaturesVersion) {
    return refuse(fmt::format("made for features version {}, this program has {}; train it again",
                              features, kFeaturesVersion));
  }
  const auto log2 = read<std::uint32_t>(bytes, 20);
  const auto heads = read<std::uint32_t>(bytes, 24);
  const auto note = read<std::uint32_t>(bytes, 28);
  if (log2 < 10 || log2 > 22 || heads != kHeads || note > kMaxNote)
    return refuse("the head's numbers are out of range");
  const std::size_t at = weights_at(note);
  const std::size_t whole = at + kHeads * (std::size_t{1} << log2);
  if (bytes.size() != whole)
    return refuse(
        fmt::format("{} bytes where {} are wanted: cut short or damaged", bytes.size(), whole));
  if (read<std::uint64_t>(bytes, kHashAt) != hash64(std::string_view{bytes}.substr(kNumbersAt)))
    return refuse("the checksum does not match: damaged");

  Model model;
  for (std::size_t h = 0; h < kHeads; ++h) {
    const std::size_t base = kNumbersAt + h * kPerHead * 8;
    HeadNumbers& n = model.numbers_[h];
    n = {read_double(bytes, base), read_double(bytes, base + 8), read_double(bytes, base + 16),
         read_double(bytes, base + 24), read_double(bytes, base + 32)};
    for (const double value : {n.scale, n.bias, n.platt_a, n.platt_b, n.threshold}) {
      if (!std::isfinite(value) || std::abs(value) > 1e6)
        return refuse("a number of a head is not usable");
    }
  }
  model.mask_ = (1U << log2) - 1U;
  model.weights_at_ = at;
  model.bytes_ = std::move(bytes);
  return model;
}

Model Model::make(std::uint32_t log2_buckets, const std::array<HeadNumbers, 2>& numbers,
                  std::array<std::span<const std::int8_t>, 2> weights, std::string_view note) {
  std::string bytes{kMagic};
  note = note.substr(0, kMaxNote);
  put(bytes, kMarker);
  put(bytes, kModelVersion);
  put(bytes, kFeaturesVersion);
  put(bytes, log2_buckets);
  put(bytes, static_cast<std::uint32_t>(kHeads));
  put(bytes, static_cast<std::uint32_t>(note.size()));
  put(bytes, std::uint64_t{0});
  for (const HeadNumbers& n : numbers) {
    for (const double value : {n.scale, n.bias, n.platt_a, n.platt_b, n.threshold})
      put(bytes, std::bit_cast<std::uint64_t>(value));
  }
  bytes += note;
  bytes.resize(weights_at(note.size()));
  for (const auto& head : weights) {
    EARSHOT_CHECK(head.size() == std::size_t{1} << log2_buckets);
    bytes.append(reinterpret_cast<const char*>(head.data()), head.size());
  }
  std::string hash;
  put(hash, hash64(std::string_view{bytes}.substr(kNumbersAt)));
  bytes.replace(kHashAt, hash.size(), hash);
  auto model = from_bytes(std::move(bytes));
  EARSHOT_CHECK(model.ok());
  return std::move(*model);
}

const std::int8_t* Model::weights(Head head) const {
  return reinterpret_cast<const std::int8_t*>(bytes_.data()) + weights_at_ +
         static_cast<std::size_t>(head) * (std::size_t{mask_} + 1);
}

std::string_view Model::note() const {
  return empty() ? std::string_view{}
                 : std::string_view{bytes_}.substr(kNoteAt, read<std::uint32_t>(bytes_, 28));
}

}  // namespace earshot
