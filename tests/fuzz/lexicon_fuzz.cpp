// Files of words and weights that an operator brings: read or refused with a reason, and what was
// read judges a text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "earshot/classify/lexicon.hpp"
#include "earshot/classify/model.hpp"

namespace {

/// A right model, as small as one can be.
const std::string& small_model() {
  static const std::string kBytes = [] {
    using namespace earshot;
    ModelParts parts;
    parts.log2_buckets = 10;
    parts.topic_log2 = 10;
    parts.topics = {{"bill", 1.0, 0.0, 0.0}};
    const std::vector<std::int8_t> weights(kLanes * (std::size_t{1} << parts.log2_buckets), 1);
    const std::vector<std::int8_t> topics(std::size_t{1} << parts.topic_log2, 1);
    parts.weights = weights;
    parts.topic_weights = topics;
    parts.note = "small";
    return std::string{Model::make(parts).bytes()};
  }();
  return kBytes;
}

/// The model with the input's bytes at a place in it: refused, or it is the model that it was.
void check_model(std::string_view input) {
  std::string bytes = small_model();
  const std::size_t at = static_cast<unsigned char>(input[0]) * 4U;
  input.remove_prefix(1);
  if (at + input.size() > bytes.size()) bytes.resize(at + input.size());
  bytes.replace(at, input.size(), input);
  const auto model = earshot::Model::from_bytes(bytes);
  if (!model && model.error().message.empty()) std::abort();
  if (model && model->note() != "small" && bytes == small_model()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (size > 0 && size < 1024) check_model(bytes);
  const auto entries = parse_lexicon(bytes);
  if (!entries) return entries.error().message.empty() ? (std::abort(), 0) : 0;
  const auto lexicon = Lexicon::compile(*entries);
  if (!lexicon && lexicon.error().message.empty()) std::abort();
  return 0;
}
