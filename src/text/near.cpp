#include "earshot/text/near.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>
#include <tuple>
#include <utility>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"

namespace earshot {
namespace {

constexpr std::size_t kShingle = 2;  ///< words: one word changed in ten leaves a similarity of 0.64
constexpr std::size_t kPiece =
    4;  ///< code points, for scripts without blanks and texts of few words
constexpr std::size_t kRows =
    2;  ///< minima per band: at a similarity of 0.6 one of 16 bands agrees with probability 0.999
constexpr std::size_t kBytes = 16'384;  ///< what is read of a text
constexpr std::size_t kFound = 16;
constexpr std::size_t kFirstSlots = 1024;  // of each band
constexpr std::size_t kLooked =
    32;  ///< newest entries of a band's chain that are compared: a flood of copies costs no more

constexpr std::array<bool, 256> kIsOfAWord = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c)
    table[c] = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return table;
}();
bool word_byte(unsigned char c) {
  return kIsOfAWord[c];
}
/// General and CJK punctuation, and white space, which fold() leaves.
bool separates(char32_t c) {
  return (c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xBA) || (c >= 0x2000 && c <= 0x206F) ||
         (c >= 0x3000 && c <= 0x303F);
}

bool is_link(std::string_view rest) {
  return rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("www.");
}

/// What is left of a text for comparing: folded words, one blank between; links gone, mentions too
/// where asked.
std::string bare_words(std::string_view text, bool mentions) {
  const std::string folded = fold(cut_utf8(text, kBytes));
  const std::string_view view{folded};
  std::string out(folded.size(), ' ');  // never longer: a blank stands for a byte or more
  char* const begin = out.data();
  char* to = begin;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(view[i]); };
  const auto blank = [&] {
    if (to != begin && to[-1] != ' ') *to++ = ' ';
  };
  for (std::size_t i = 0; i < view.size();) {
    const unsigned char c = byte(i);
    const bool starts = i == 0 || !word_byte(byte(i - 1));
    const bool link = starts && (c == 'h' || c == 'w') && is_link(view.substr(i));
    if (link || (c == '@' && starts && !mentions)) {
      while (i < view.size() && view[i] != ' ' && view[i] != '\n' && view[i] != '\t') ++i;
    } else if (word_byte(c) && c < 0x80) {
      while (i < view.size() && word_byte(byte(i)) && byte(i) < 0x80) *to++ = view[i++];
    } else if (c < 0x80) {
      if (c != '\'') blank();  // don't and dont are one word
      ++i;
    } else {
      const CodePoint at = decode_utf8(view, i);
      if (separates(at.value))
        blank();
      else
        to = std::copy_n(view.data() + i, at.length, to);
      i += at.length;
    }
  }
  while (to != begin && to[-1] == ' ') --to;
  out.resize(static_cast<std::size_t>(to - begin));
  return out;
}

std::uint32_t mix(std::uint64_t hash, std::uint64_t salt) {
  // One round of a multiplicative mixer with an odd number per position is as good as a family of
  // hash functions here.
  std::uint64_t x = (hash ^ (salt * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL;
  x ^= x >> 32U;
  x *= 0xD6E8FEB86659FD93ULL;
  return static_cast<std::uint32_t>(x >> 32U);
}

void take(MinHash& signature, std::string_view shingle) {
  const std::uint64_t hash = hash64(shingle);
  for (std::size_t i = 0; i < signature.size(); ++i)
    signature[i] = std::min(signature[i], mix(hash, i + 1));
}

void take_words(MinHash& signature, std::string_view text, const std::vector<std::size_t>& starts) {
  for (std::size_t i = 0; i + kShingle <= starts.size(); ++i) {
    const std::size_t end = i + kShingle < starts.size() ? starts[i + kShingle] - 1 : text.size();
    take(signature, text.substr(starts[i], end - starts[i]));
  }
}

void take_pieces(MinHash& signature, std::string_view text) {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < text.size(); i += decode_utf8(text, i).length) at.push_back(i);
  if (at.size() <= kPiece) return take(signature, text);
  for (std::size_t i = 0; i + kPiece <= at.size(); ++i) {
    const std::size_t end = i + kPiece < at.size() ? at[i + kPiece] : text.size();
    take(signature, text.substr(at[i], end - at[i]));
  }
}

std::uint64_t band_hash(const MinHash& signature, std::size_t band) {
  const std::uint64_t pair =
      (std::uint64_t{signature[band * kRows]} << 32U) | signature[band * kRows + 1];
  return (pair ^ (band * 0x9E3779B97F4A7C15ULL)) * 0xFF51AFD7ED558CCDULL;
}

}  // namespace

MinHash minhash(std::string_view text) {
  MinHash signature;
  signature.fill(std::numeric_limits<std::uint32_t>::max());
  const std::string words = bare_words(text, false);
  if (words.empty()) {  // nothing but links and signs: near to its copies only
    take(signature, collapse_space(fold(cut_utf8(text, kBytes))));
    return signature;
  }
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == 0 || words[i - 1] == ' ') starts.push_back(i);
  }
  const bool blanks = !starts.empty() && words.size() / starts.size() <= 20;
  if (blanks && starts.size() >= 8)
    take_words(signature, words, starts);
  else
    take_pieces(signature, words);
  return signature;
}

double similarity(const MinHash& a, const MinHash& b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i] ? 1U : 0U;
  return static_cast<double>(equal) / static_cast<double>(a.size());
}

std::uint64_t copy_hash(std::string_view text) {
  const std::string words = bare_words(text, true);
  // A text of nothing but signs or links: the text itself decides, so that two emoji are not copies
  // of two others.
  return words.empty() ? hash64(collapse_space(fold(text)), 2) : hash64(words, 1);
}

NearWindow::NearWindow(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {}

void NearWindow::add(std::uint64_t key, const MinHash& signature) {
  if (newest_ ==
      std::numeric_limits<std::uint32_t>::max()) {  // once in four billion posts: begin anew
    entries_.clear();
    heads_.clear();
    newest_ = 0;
  }
  if (entries_.size() * kBands >= heads_.size()) grow();
  const std::uint32_t serial = ++newest_;
  Entry entry{key, signature, {}};
  link(entry, serial);
  if (entries_.size() < capacity_)
    entries_.push_back(entry);
  else
    entries_[(serial - 1) % capacity_] = entry;
}

/// Twice the slots, as long as that is of use: an empty window costs a start no 4 MiB.
void NearWindow::grow() {
  const std::size_t most = kBands * std::bit_ceil(capacity_);
  if (heads_.size() == most) return;  // and what comes next is no longer serial n at place n - 1
  heads_.assign(std::clamp(2 * heads_.size(), std::min(most, kBands * kFirstSlots), most), 0);
  std::uint32_t serial = 0;
  for (Entry& entry : entries_) link(entry, ++serial);
}

void NearWindow::link(Entry& entry, std::uint32_t serial) {
  for (std::size_t band = 0; band < kBands; ++band) {
    std::uint32_t& head = heads_[slot(entry.signature, band)];
    entry.older[band] = head;
    head = serial;
  }
}

std::size_t NearWindow::slot(const MinHash& signature, std::size_t band) const {
  const std::size_t slots = heads_.size() / kBands;
  return band * slots + (band_hash(signature, band) >> 20U) % slots;
}

std::vector<std::uint64_t> NearWindow::find(const MinHash& signature) const {
  if (entries_.empty()) return {};
  const std::uint32_t oldest = newest_ - static_cast<std::uint32_t>(entries_.size()) + 1;
  std::vector<std::uint32_t> candidates;
  for (std::size_t band = 0; band < kBands; ++band) {
    // Serials fall along a chain, so the first one that has left the window ends it.
    std::uint32_t serial = heads_[slot(signature, band)];
    for (std::size_t looked = 0; serial >= oldest && looked < kLooked; ++looked) {
      candidates.push_back(serial);
      serial = entries_[(serial - 1) % capacity_].older[band];
    }
  }
  std::sort(candidates.begin(), candidates.end(), std::greater<>{});
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::vector<std::pair<double, std::uint64_t>> near;
  for (const std::uint32_t serial : candidates) {
    const Entry& entry = entries_[(serial - 1) % capacity_];
    const double alike = similarity(signature, entry.signature);
    if (alike >= kNearSame) near.emplace_back(alike, entry.key);
  }
  // The most similar first, then the newest.
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::uint64_t> keys;
  for (const auto& [alike, key] : near) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    if (keys.size() == kFound) break;
  }
  return keys;
}

}  // namespace earshot
