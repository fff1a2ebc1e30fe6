// What a model reads of a text, and the file it comes from.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "../../src/classify/word_list.hpp"
#include "earshot/classify/features.hpp"
#include "shipped.hpp"

namespace earshot {
namespace {

using namespace test;

TEST(Features, SumsAreThoseOfTheListedFeatures) {
  const Model model = shipped();
  const std::span<const std::int8_t> weights = model.parts().weights;
  const Lexicon lexicon;
  const NameTable names{brightwave()};
  // Twice each: the second time the words come from the cache.
  for (const std::string text :
       {"My ROUTER is dead!!! @x https://a.b/c Brightwave's Glow Mini",
        "Größe und Öl — naïve café 👍", "", "t00k my m0ney", "dead dead dead",
        "My ROUTER is dead!!! @x https://a.b/c", "t00k my m0ney"}) {
    const WordList words{text};
    const std::vector<Hit> hits = lexicon.find(words);
    const FeatureText reading{text, &words, hits, &names, Channel::post, true};
    Blocks blocks;
    extract_features(reading, model.mask(), blocks);
    const LaneSums sums = sum_weights(reading, model.mask(), weights.data(), model.serial());
    for (std::size_t b = 0; b < kBlocks; ++b) {
      std::array<std::int64_t, kLanes> sum{};
      for (const Feature& feature : blocks[b]) {
        for (std::size_t k = 0; k < kLanes; ++k) sum[k] += weights[kLanes * feature.hash + k];
      }
      for (std::size_t k = 0; k < kLanes; ++k) EXPECT_EQ(sum[k], sums.sum[b][k]) << text;
      EXPECT_EQ(blocks[b].size(), sums.count[b]) << text;
    }
  }
}

TEST(Features, WatchedNamesTeachNothing) {
  Watch other = brightwave();
  other.company.name = "Northgate";
  const NameTable ours{brightwave()};
  const NameTable theirs{other};
  const auto of = [](const std::string& text, const NameTable& names) {
    const WordList words{text};
    Blocks blocks;
    const FeatureText reading{text, &words, {}, &names, Channel::post, true};
    extract_features(reading, 0x3FFFFU, blocks);
    std::vector<std::uint32_t> hashes;
    for (const auto& block : blocks) {
      for (const Feature& feature : block) hashes.push_back(feature.hash);
    }
    return hashes;
  };
  EXPECT_EQ(of("Brightwave lost my parcel", ours), of("Northgate lost my parcel", theirs));
  EXPECT_NE(of("Brightwave lost my parcel", theirs), of("Northgate lost my parcel", theirs));
}

TEST(Features, ARunOfPicturesIsOneOfThemSaidLouder) {
  const auto of = [](const std::string& text, std::size_t block) {
    const WordList words{text};
    Blocks blocks;
    extract_features({text, &words, {}, nullptr, Channel::post, true}, 0x3FFFFU, blocks);
    std::vector<std::uint32_t> hashes;
    for (const Feature& feature : blocks[block]) hashes.push_back(feature.hash);
    return hashes;
  };
  constexpr std::size_t kWords = 0;
  constexpr std::size_t kStyle = 2;
  EXPECT_EQ(of("@BrightwaveHelp 👎👎👎", kWords), of("@BrightwaveHelp 👎", kWords));
  EXPECT_NE(of("@BrightwaveHelp 👎👎👎", kStyle), of("@BrightwaveHelp 👎", kStyle));
  EXPECT_NE(of("what!!!", kWords), of("what!", kWords)) << "marks are told by their number";
}

TEST(Features, HandlesAreFoundAndTakenOut) {
  EXPECT_TRUE(has_handle("hi @brightwave"));
  EXPECT_FALSE(has_handle("mail me at a@b.example"));
  EXPECT_EQ(without_handles("@a@b.example @c hello @d!"), "hello !");
}

TEST(ModelFile, RoundTrips) {
  const Model model = shipped();
  auto again = Model::from_bytes(std::string{model.bytes()});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->note(), model.note());
  EXPECT_NE(again->serial(), model.serial());
  EXPECT_LE(model.bytes().size(), 6 * (std::size_t{1} << 20U));
}

struct BadRow {
  const char* name;
  void (*damage)(std::string&);
  const char* says;
};
class BadModel : public testing::TestWithParam<BadRow> {};
TEST_P(BadModel, IsRefusedWithAReason) {
  std::string bytes = file("config/model/complaint.model");
  GetParam().damage(bytes);
  const auto model = Model::from_bytes(bytes);
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find(GetParam().says), std::string::npos)
      << model.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Table, BadModel,
    testing::Values(
        BadRow{"empty", [](std::string& b) { b.clear(); }, "not a model"},
        BadRow{"something_else", [](std::string& b) { b = "{\"a\":1}"; }, "not a model"},
        BadRow{"cut_in_the_head", [](std::string& b) { b.resize(50); }, "cut short"},
        BadRow{"cut_in_the_weights", [](std::string& b) { b.resize(b.size() - 1); }, "cut short"},
        BadRow{"longer", [](std::string& b) { b += 'x'; }, "are wanted"},
        BadRow{"other_byte_order",
               [](std::string& b) { std::reverse(b.begin() + 8, b.begin() + 12); }, "byte order"},
        BadRow{"other_version", [](std::string& b) { b[12] = 9; }, "format version 9"},
        BadRow{"other_features", [](std::string& b) { b[16] = 9; }, "features version 9"},
        BadRow{"one_bit",
               [](std::string& b) { b[b.size() / 2] = static_cast<char>(b[b.size() / 2] ^ 1); },
               "checksum"},
        BadRow{"huge_numbers", [](std::string& b) { b[20] = 60; }, "out of range"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace earshot
