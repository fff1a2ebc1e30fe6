#include "earshot/classify/features.hpp"

#include <algorithm>
#include <cmath>

#include "earshot/core/utf8.hpp"
#include "feature_blocks.hpp"
#include "tokenizer.hpp"

namespace earshot {

double block_value(std::size_t block, std::uint32_t count) {
  return block == 3 || count == 0 ? kBlockWeights[block]
                                  : kBlockWeights[block] / std::sqrt(static_cast<double>(count));
}

bool heeds_negation(Sign sign) {
  switch (sign) {
    case Sign::repeat_contact:
    case Sign::broken_promise:
    case Sign::wants_human:
    case Sign::praise:
    case Sign::hypothetical:
    case Sign::deadline:
    case Sign::vulnerable:
    case Sign::vital:
      return false;
    default:
      return true;
  }
}

bool counts(const Hit& hit) {
  return hit.topic < 0 && !(hit.negated && heeds_negation(hit.sign));
}

void extract_features(const FeatureText& text, std::uint32_t mask, Blocks& out) {
  for (auto& block : out) block.clear();
  thread_local Tokens tokens;
  thread_local DistinctHashes seen;
  tokenize(text.text, text.keep_handles, text.names, tokens);
  seen.clear(2 * tokens.list.size() + most_notion_features(text));
  const auto at = [&](std::uint64_t hash) { return static_cast<std::uint32_t>(hash) & mask; };
  std::uint64_t before = mix_hash(kWordSeed);  // the start of the text is a word, too
  std::uint32_t before_begin = 0;
  ClassCounts classes{};
  for (const Token& token : tokens.list) {
    count_classes(classes_of(token.hash), classes);
    if (seen.insert(token.hash)) {
      out[0].push_back({at(token.hash), token.begin, token.end, nullptr});
      if (has_pieces(token)) {
        piece_features(std::string_view{tokens.letters}.substr(token.at, token.length),
                       [&](std::uint64_t hash) {
                         out[1].push_back({at(hash), token.begin, token.end, nullptr});
                       });
      }
    }
    if (token.extra) continue;
    const std::uint64_t pair = mix_hash(before * kPairFactor + token.hash);
    if (seen.insert(pair)) out[0].push_back({at(pair), before_begin, token.end, nullptr});
    before = token.hash;
    before_begin = token.begin;
  }
  style_features(tokens.counts, classes, text.channel, [&](std::uint64_t hash, const char* name) {
    out[2].push_back({at(hash), 0, 0, name});
  });
  phrase_features(text, [&](std::uint64_t hash, std::uint32_t begin, std::uint32_t end) {
    out[3].push_back({at(hash), begin, end, nullptr});
  });
  const auto once = [&](std::size_t block) {
    return [&out, &at, block](std::uint64_t hash, std::uint32_t begin, std::uint32_t end) {
      if (seen.insert(hash)) out[block].push_back({at(hash), begin, end, nullptr});
    };
  };
  notion_features(text, once(4), once(5));
}

namespace {
bool is_name_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
/// Calls each(begin, end) for every @handle.
template <class F>
void each_handle(std::string_view text, const F& each) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '@' || !is_name_byte(static_cast<unsigned char>(text[i + 1]))) continue;
    if (i > 0 && (is_name_byte(static_cast<unsigned char>(text[i - 1])) || text[i - 1] == '.' ||
                  text[i - 1] == '/'))
      continue;
    std::size_t end = i + 1;
    while (end < text.size() &&
           (is_name_byte(static_cast<unsigned char>(text[end])) || text[end] == '@' ||
            ((text[end] == '.' || text[end] == '-') && end + 1 < text.size() &&
             is_name_byte(static_cast<unsigned char>(text[end + 1]))))) {
      ++end;
    }
    each(i, end);
    i = end;
  }
}
}  // namespace

bool has_handle(std::string_view text) {
  bool found = false;
  each_handle(text, [&](std::size_t, std::size_t) { found = true; });
  return found;
}

std::string without_handles(std::string_view text) {
  std::string out;
  std::size_t kept = 0;
  each_handle(text, [&](std::size_t begin, std::size_t end) {
    out.append(text.substr(kept, begin - kept));
    kept = end;
  });
  out.append(text.substr(std::min(kept, text.size())));
  return std::string{trim(out)};
}

}  // namespace earshot
