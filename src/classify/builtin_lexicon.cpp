#include "earshot/classify/lexicon.hpp"
#include "earshot/core/check.hpp"
#include "embedded.hpp"

namespace earshot {

const std::vector<LexiconEntry>& builtin_lexicon() {
  static const std::vector<LexiconEntry> kEntries = [] {
    std::vector<LexiconEntry> all;
    for (const EmbeddedText& file : embedded_lexicon()) {
      auto entries = parse_lexicon(file.text);
      EARSHOT_CHECK(entries.ok());  // a test reads every file before it is shipped
      all.insert(all.end(), entries->begin(), entries->end());
    }
    return all;
  }();
  return kEntries;
}

}  // namespace earshot
