#include <sodium.h>

#include <array>

#include "earshot/classify/train.hpp"
#include "earshot/core/post_json.hpp"

namespace earshot {

bool kept_for_test(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  unsigned rest = 0;
  for (const unsigned char byte : digest) rest = (rest * 256 + byte) % 5;
  return rest == 0;
}

namespace {

/// 1, 0, or -1 where the key is missing or null; other kinds are a mistake.
Result<int> yes_or_no(const JsonValue& value, const char* key) {
  const JsonValue* found = find(value, key);
  if (found == nullptr || found->IsNull()) return -1;
  if (!found->IsBool())
    return permanent(std::string{"\""} + key + "\" must be true, false or null");
  return found->GetBool() ? 1 : 0;
}

std::optional<std::vector<std::string>> words_at(const JsonValue& value, const char* key) {
  const JsonValue* found = find(value, key);
  if (found == nullptr || !found->IsArray()) return std::nullopt;
  std::vector<std::string> out;
  for (const JsonValue& one : found->GetArray()) {
    if (one.IsString()) out.emplace_back(one.GetString(), one.GetStringLength());
  }
  return out;
}

}  // namespace

Result<Example> example_from_json(const JsonValue& value) {
  if (!value.IsObject()) return permanent("a labelled text must be a JSON object");
  Example example;
  auto post = post_from_json(value);
  if (!post) return post.error();
  example.post = std::move(*post);
  example.post.source = std::string{string_at(value, "source")};
  const auto complaint = yes_or_no(value, "complaint");
  if (!complaint) return complaint.error();
  example.complaint = *complaint;
  // Public sets hold other words for urgency; only true and false are ours.
  if (const JsonValue* urgent = find(value, "urgent"); urgent != nullptr && urgent->IsBool())
    example.urgent = urgent->GetBool() ? 1 : 0;
  example.severity = from_word<Severity>(string_at(value, "severity"));
  example.about = from_word<About>(string_at(value, "about"));
  example.topics = words_at(value, "topics");
  if (const auto cues = words_at(value, "cues")) {
    example.cues.emplace();
    for (const std::string& word : *cues) {
      if (const auto cue = from_word<Cue>(word)) example.cues->push_back(*cue);
    }
  }
  if (find(value, "principal") != nullptr)
    example.principal = std::string{string_at(value, "principal")};
  example.dataset = std::string{string_at(value, "dataset")};
  example.expert = from_word<Expert>(string_at(value, "expert")).value_or(Expert::own);
  example.domain = std::string{string_at(value, "domain")};
  example.kind = std::string{string_at(value, "kind")};
  example.language = std::string{string_at(value, "lang")};
  if (example.language.empty()) example.language = example.post.language;
  example.weight = number_at(value, "weight").value_or(1.0);
  if (!(example.weight > 0) || example.weight > 1000)
    return permanent("\"weight\" must lie between 0 and 1000");
  return example;
}

}  // namespace earshot
