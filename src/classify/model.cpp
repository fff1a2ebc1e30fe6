#include "earshot/classify/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

#include "earshot/classify/features.hpp"
#include "earshot/core/check.hpp"
#include "earshot/core/ids.hpp"

namespace earshot {
namespace {

constexpr std::string_view kMagic = "EARSHOTM";
constexpr std::uint32_t kMarker = 0x01020304;
constexpr std::uint32_t kSwapped = 0x04030201;
constexpr std::size_t kHashAt = 32;
constexpr std::size_t kHashedFrom = 40;
constexpr std::size_t kNumbersAt = 56;
constexpr std::size_t kPlaces = kWordsOf<Place>.size();
constexpr std::size_t kNoteAt = kNumbersAt + kLanes * 16 + kPlaces * 8 * (kMixed + 1);
constexpr std::size_t kAlign = 64;
constexpr std::uint32_t kMaxNote = 65'536;
constexpr std::uint32_t kMaxDeltas = 256;
constexpr std::size_t kTopicName = kTopicNameBytes + 1;
constexpr std::size_t kTopicBytes = kTopicName + 24;
constexpr std::size_t kSourceName = 64;
constexpr std::size_t kDeltaBytes = kSourceName + 8 + 40 + (std::size_t{1} << kDeltaLog2);

std::size_t aligned(std::size_t at) {
  return (at + kAlign - 1) / kAlign * kAlign;
}

/// Where the parts of a file lie.
struct Layout {
  std::size_t weights, topic_names, topic_weights, deltas, whole;

  Layout(std::size_t note, std::uint32_t log2, std::uint32_t topics, std::uint32_t topic_log2,
         std::uint32_t delta_count)
      : weights(aligned(kNoteAt + note)),
        topic_names(weights + kLanes * (std::size_t{1} << log2)),
        topic_weights(topic_names + topics * kTopicBytes),
        deltas(
            aligned(topic_weights + (topics == 0 ? 0 : topics * (std::size_t{1} << topic_log2)))),
        whole(deltas + delta_count * kDeltaBytes) {}
};

/// Reads numbers one after the other; the caller has checked the length.
class ByteReader {
 public:
  ByteReader(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}
  template <class T>
  T number() {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value |= static_cast<T>(T{static_cast<unsigned char>(bytes_[at_++])} << (8U * i));
    return value;
  }
  double real() {
    const auto value = std::bit_cast<double>(number<std::uint64_t>());
    usable_ = usable_ && std::isfinite(value) && std::abs(value) <= 1e6;
    return value;
  }
  std::string name(std::size_t size) {
    const std::string_view all = bytes_.substr(at_, size);
    at_ += size;
    return std::string{all.substr(0, all.find('\0'))};
  }
  std::span<const std::int8_t> weights(std::size_t count) {
    at_ += count;
    return {reinterpret_cast<const std::int8_t*>(bytes_.data()) + at_ - count, count};
  }
  HeadNumbers head() {
    const double scale = real();
    return {scale, real()};
  }
  Calibration calibration() {
    const double a = real();
    const double b = real();
    return {a, b, real()};
  }
  bool usable() const { return usable_; }

 private:
  std::string_view bytes_;
  std::size_t at_;
  bool usable_ = true;
};

class Writer {
 public:
  std::string bytes;
  template <class T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
      bytes += static_cast<char>((value >> (8U * i)) & 0xFFU);
  }
  void reals(std::initializer_list<double> values) {
    for (const double value : values) number(std::bit_cast<std::uint64_t>(value));
  }
  void name(std::string_view text, std::size_t size) {
    bytes += text.substr(0, size);
    bytes.resize(bytes.size() + size - std::min(size, text.size()));
  }
  void weights(std::span<const std::int8_t> all) {
    bytes.append(reinterpret_cast<const char*>(all.data()), all.size());
  }
  void align() { bytes.resize(aligned(bytes.size())); }
};

Error refuse(std::string why) {
  return permanent("model file: " + std::move(why));
}

Result<void> check_head(std::string_view bytes) {
  if (bytes.size() < kMagic.size() || bytes.substr(0, kMagic.size()) != kMagic)
    return refuse("not a model of Earshot");
  if (bytes.size() < kNoteAt)
    return refuse(fmt::format("cut short: {} bytes, the head alone has {}", bytes.size(), kNoteAt));
  ByteReader head{bytes, kMagic.size()};
  const auto marker = head.number<std::uint32_t>();
  if (marker == kSwapped)
    return refuse("written with the other byte order; train it again with `earshot train`");
  if (marker != kMarker) return refuse("the byte-order marker is damaged");
  const auto version = head.number<std::uint32_t>();
  if (version != kModelVersion)
    return refuse(fmt::format("format version {}, this program reads {}; train it again", version,
                              kModelVersion));
  const auto features = head.number<std::uint32_t>();
  if (features != kFeaturesVersion)
    return refuse(fmt::format("made for features version {}, this program has {}; train it again",
                              features, kFeaturesVersion));
  return {};
}

}  // namespace

Result<Model> Model::from_bytes(std::string bytes) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  const std::string_view view = *owner;
  return from_view(view, std::move(owner));
}

Result<Model> Model::from_view(std::string_view bytes, std::shared_ptr<const void> owner) {
  if (auto ok = check_head(bytes); !ok) return ok.error();
  ByteReader in{bytes, 20};
  const auto log2 = in.number<std::uint32_t>();
  const auto lanes = in.number<std::uint32_t>();
  const auto note = in.number<std::uint32_t>();
  const auto hash = in.number<std::uint64_t>();
  const auto topics = in.number<std::uint32_t>();
  const auto topic_log2 = in.number<std::uint32_t>();
  const auto deltas = in.number<std::uint32_t>();
  if (log2 < 10 || log2 > 22 || lanes != kLanes || note > kMaxNote || topics > kMostTopics ||
      deltas > kMaxDeltas || (topics > 0 && (topic_log2 < 10 || topic_log2 > 20)))
    return refuse("the head's numbers are out of range");
  const Layout at{note, log2, topics, topic_log2, deltas};
  if (bytes.size() != at.whole)
    return refuse(
        fmt::format("{} bytes where {} are wanted: cut short or damaged", bytes.size(), at.whole));
  if (hash != hash64(bytes.substr(kHashedFrom)))
    return refuse("the checksum does not match: damaged");

  Model model;
  ModelParts& parts = model.parts_;
  parts.log2_buckets = log2;
  parts.topic_log2 = topic_log2;
  ByteReader numbers{bytes, kNumbersAt};
  for (HeadNumbers& head : parts.lanes) head = numbers.head();
  for (Mixing& place : parts.places) {
    for (double& value : place.of) value = numbers.real();
    place.threshold = numbers.real();
  }
  parts.note = bytes.substr(kNoteAt, note);
  parts.weights = ByteReader{bytes, at.weights}.weights(kLanes * (std::size_t{1} << log2));
  ByteReader names{bytes, at.topic_names};
  for (std::uint32_t i = 0; i < topics; ++i) {
    std::string name = names.name(kTopicName);
    const Calibration c = names.calibration();
    parts.topics.push_back({std::move(name), c.platt_a, c.platt_b, c.threshold});
  }
  if (topics > 0)
    parts.topic_weights =
        ByteReader{bytes, at.topic_weights}.weights(topics * (std::size_t{1} << topic_log2));
  ByteReader rest{bytes, at.deltas};
  for (std::uint32_t i = 0; i < deltas; ++i) {
    Delta delta;
    delta.source = rest.name(kSourceName);
    delta.labels = rest.number<std::uint64_t>();
    delta.numbers = rest.head();
    delta.calibration = rest.calibration();
    delta.weights = rest.weights(std::size_t{1} << kDeltaLog2);
    parts.deltas.push_back(std::move(delta));
  }
  if (!numbers.usable() || !names.usable() || !rest.usable())
    return refuse("a number of a head is not usable");
  static std::atomic<std::uint64_t> count{0};
  model.serial_ = ++count;
  model.bytes_ = bytes;
  model.owner_ = std::move(owner);
  return model;
}

Model Model::make(const ModelParts& parts) {
  EARSHOT_CHECK(parts.weights.size() == kLanes * (std::size_t{1} << parts.log2_buckets));
  const std::string_view note = parts.note.substr(0, kMaxNote);
  Writer out;
  out.bytes = kMagic;
  for (const std::uint32_t value :
       {kMarker, kModelVersion, kFeaturesVersion, parts.log2_buckets,
        static_cast<std::uint32_t>(kLanes), static_cast<std::uint32_t>(note.size())})
    out.number(value);
  out.number(std::uint64_t{0});
  for (const std::uint32_t value : {static_cast<std::uint32_t>(parts.topics.size()),
                                    parts.topics.empty() ? 0U : parts.topic_log2,
                                    static_cast<std::uint32_t>(parts.deltas.size()), 0U})
    out.number(value);
  for (const HeadNumbers& head : parts.lanes) out.reals({head.scale, head.bias});
  for (const Mixing& place : parts.places) {
    for (const double value : place.of) out.reals({value});
    out.reals({place.threshold});
  }
  out.bytes += note;
  out.align();
  out.weights(parts.weights);
  for (const TopicNumbers& topic : parts.topics) {
    out.name(topic.name, kTopicName);
    out.reals({topic.scale, topic.bias, topic.threshold});
  }
  out.weights(parts.topic_weights);
  out.align();
  for (const Delta& delta : parts.deltas) {
    EARSHOT_CHECK(delta.weights.size() == std::size_t{1} << kDeltaLog2);
    out.name(delta.source, kSourceName);
    out.number(delta.labels);
    out.reals({delta.numbers.scale, delta.numbers.bias});
    out.reals({delta.calibration.platt_a, delta.calibration.platt_b, delta.calibration.threshold});
    out.weights(delta.weights);
  }
  Writer hash;
  hash.number(hash64(std::string_view{out.bytes}.substr(kHashedFrom)));
  out.bytes.replace(kHashAt, hash.bytes.size(), hash.bytes);
  auto model = from_bytes(std::move(out.bytes));
  EARSHOT_CHECK(model.ok());
  return std::move(*model);
}

Mixed mix(const Mixing& mixing, const HeadScores& scores) {
  const double gate = 1 / (1 + std::exp(-scores[static_cast<std::size_t>(Head::gate)]));
  Mixed out;
  out.base = mixing.of[0] + gate * mixing.of[1 + kLanes];
  out.log_odds = out.base;
  for (std::size_t k = 0; k < kLanes; ++k) {
    out.share[k] = mixing.of[1 + k] + (k < kGated ? gate * mixing.of[2 + kLanes + k] : 0);
    out.log_odds += out.share[k] * scores[k];
  }
  return out;
}

double mix_urgent(const Mixing& mixing, const HeadScores& scores, double hazard) {
  double out = mixing.of[0] + mixing.of[1 + kLanes] * hazard;
  for (std::size_t k = 0; k < kLanes; ++k) out += mixing.of[1 + k] * scores[k];
  return out;
}

const Delta* Model::delta(std::string_view source) const {
  for (const Delta& delta : parts_.deltas) {
    if (delta.source == source) return &delta;
  }
  return nullptr;
}

}  // namespace earshot
