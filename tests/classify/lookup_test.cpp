#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../../src/classify/lexicon_index.hpp"
#include "../../src/classify/word_list.hpp"

namespace earshot {
namespace {

std::vector<std::uint32_t> phrases_of(const PhraseIndex& index, std::string_view word) {
  std::vector<std::uint32_t> out;
  for (const PhraseIndex::Entry& one : index.of(word_hash(word))) out.push_back(one.phrase);
  return out;
}

PhraseIndex::Entry entry_of(std::uint32_t phrase) {
  PhraseIndex::Entry entry;
  entry.phrase = phrase;
  return entry;
}

TEST(PhraseIndex, GivesThePhrasesOfAWordInTheirOrder) {
  PhraseIndex index;
  constexpr std::uint32_t kPhrases = 3000;
  for (std::uint32_t i = 0; i < kPhrases; ++i)
    index.add(word_hash("word" + std::to_string(i % 1000)), {}, entry_of(i));
  index.seal();
  for (std::uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(phrases_of(index, "word" + std::to_string(i)),
              (std::vector<std::uint32_t>{i, i + 1000, i + 2000}));
  }
  for (std::uint32_t i = 1000; i < 9000; ++i)
    EXPECT_TRUE(phrases_of(index, "word" + std::to_string(i)).empty());
}

TEST(PhraseIndex, IsEmptyWithoutPhrases) {
  PhraseIndex index;
  index.seal();
  EXPECT_TRUE(phrases_of(index, "anything").empty());
}

TEST(PhraseIndex, TwoBeginningsOfOnePhraseAreNoLongerTold) {
  PhraseIndex index;
  index.add(word_hash("bur"), "burn", entry_of(7));
  index.add(word_hash("bur"), "burst", entry_of(7));
  index.add(word_hash("smo"), "smok", entry_of(7));
  index.seal();
  const auto both = index.of(word_hash("bur"));
  ASSERT_EQ(both.size(), 1U);
  EXPECT_EQ(both[0].mask, 0U);
  EXPECT_FALSE(both[0].sure);
  const auto one = index.of(word_hash("smo"));
  ASSERT_EQ(one.size(), 1U);
  EXPECT_TRUE(one[0].sure);
  EXPECT_EQ(first_letters("smoking") & one[0].mask, one[0].letters);
  EXPECT_NE(first_letters("smooth") & one[0].mask, one[0].letters);
}

TEST(Follow, LetsPassWhatMayFollow) {
  Follow wanted;
  wanted.any = false;
  wanted.add_word(word_hash("fire"));
  wanted.add_letter('s');  // "smok*"
  for (const char* word : {"fire", "smoke"}) {
    Follow there;
    there.add_word(word_hash(word));
    there.add_letter(word[0]);
    EXPECT_TRUE(wanted.may_follow(there)) << word;
  }
  EXPECT_FALSE(wanted.may_follow(Follow{})) << "the end of the text";
}

TEST(WordSet, HoldsItsWordsAndNoOthers) {
  constexpr std::string_view kList = "no not never without nicht kein jamais  mai";
  const WordSet set{kList};
  for (const char* word :
       {"no", "not", "never", "without", "nicht", "kein", "jamais", "mai", "n", "nott", "", "may"})
    EXPECT_EQ(set.has(word_hash(word)), is_among(word, kList)) << word;
}

}  // namespace
}  // namespace earshot
