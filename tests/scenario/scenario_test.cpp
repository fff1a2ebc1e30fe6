// Every story of this folder is a test of its own name; README.md describes their language.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "story.hpp"
#include "support/tree.hpp"

namespace earshot::scenario {
namespace {

std::string folder() {
  return source_tree() + "/tests/scenario";
}

std::vector<std::string> stories() {
  std::vector<std::string> out;
  for (const auto& it : std::filesystem::directory_iterator{folder()}) {
    if (it.path().extension() == ".txt") out.push_back(it.path().stem().string());
  }
  std::ranges::sort(out);
  return out;
}

class Story : public testing::TestWithParam<std::string> {};

TEST_P(Story, IsSo) {
  const std::string path = folder() + "/" + GetParam() + ".txt";
  if (const auto broken = tell(path)) ADD_FAILURE_AT(path.c_str(), broken->line) << broken->why;
}

INSTANTIATE_TEST_SUITE_P(Scenario, Story, testing::ValuesIn(stories()),
                         [](const auto& name) { return name.param; });

TEST(StoryLanguage, ASentenceNobodyUnderstandsBreaksTheStory) {
  World world{rules_of(""), from_unix(1'772'442'000)};
  EXPECT_THROW(all_phrases().say(world, "then all is well"), Untrue);
  EXPECT_THROW(all_phrases().say(world, "then jo is paged"), Untrue);
  EXPECT_THROW(rules_of("people: [{id: jo, colour: red}]\n"), Untrue);
}

TEST(StoryLanguage, APageNobodySpokeOfBreaksTheStory) {
  World world{rules_of(""), from_unix(1'772'442'000)};
  all_phrases().say(world,
                    "a post from ann: @Brightwave Smoke came out of my Glow lamp, the plug melted");
  EXPECT_THROW(all_phrases().say(world, "then nobody is paged"), Untrue);
}

}  // namespace
}  // namespace earshot::scenario
