// The extractor of mentions, tags and links: never reads beyond the text, and what it returns lies
// inside it.
#include <cstdint>
#include <cstdlib>

#include "earshot/text/entities.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const earshot::Entities found = earshot::extract_entities(text);
  for (const auto* list : {&found.mentions, &found.hashtags, &found.cashtags, &found.links}) {
    for (const std::string& word : *list) {
      if (word.empty() || text.find(word) == std::string_view::npos) std::abort();
    }
  }
  return 0;
}
