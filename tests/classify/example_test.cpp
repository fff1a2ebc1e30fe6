// What a line of a label file says, and that it teaches its own source.
#include <gtest/gtest.h>

#include "earshot/classify/train.hpp"

namespace earshot {
namespace {

Result<Example> read(const char* line) {
  return example_from_json(*parse_json(line));
}

TEST(Example, BelongsToTheSourceThatItWasLabelledIn) {
  const auto label =
      read(R"({"text":"my Glow wand broke","complaint":false,"source":"games","channel":"post"})");
  ASSERT_TRUE(label) << label.error().message;
  EXPECT_EQ(label->post.source, "games");
  EXPECT_EQ(label->complaint, 0);
}

TEST(Example, WithoutASourceIsNobodys) {
  EXPECT_EQ(read(R"({"text":"my Glow broke","complaint":true})")->post.source, "");
  EXPECT_EQ(read(R"({"text":"my Glow broke","complaint":true,"source":null})")->post.source, "");
}

}  // namespace
}  // namespace earshot
