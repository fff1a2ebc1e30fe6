// The bytes of each receiver for one message of each kind: tests/golden/receivers. UPDATE_GOLDEN=1
// rewrites them.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "receiver_kit.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

struct Row {
  std::string type;
  std::string variant;
};

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

class Golden : public testing::TestWithParam<Row> {};

TEST_P(Golden, SaysThis) {
  const Row& in = GetParam();
  std::string got;
  for (const MessageKind kind : {MessageKind::page, MessageKind::notice, MessageKind::update,
                                 MessageKind::self, MessageKind::test}) {
    const std::string body = render(ReceiverKit::config(in.type, in.variant), sample_message(kind),
                                    {"case-1.00ff", "", "earshot@example.org", ""});
    got += "== " + std::string{to_word(kind)} + "\n" + body + "\n";
  }
  const std::string path =
      source_tree() + "/tests/golden/receivers/" + in.type + in.variant + ".txt";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream{path, std::ios::binary} << got;
    return;
  }
  EXPECT_EQ(got, bytes_of(path));
}

INSTANTIATE_TEST_SUITE_P(Receivers, Golden,
                         testing::Values(Row{"webhook", ""}, Row{"email", ""}, Row{"slack", ""},
                                         Row{"teams", ""}, Row{"mattermost", ""},
                                         Row{"mattermost", "api"}, Row{"discord", ""},
                                         Row{"telegram", ""}, Row{"matrix", ""}, Row{"ntfy", ""},
                                         Row{"pagerduty", ""}, Row{"opsgenie", ""},
                                         Row{"alertmanager", ""}, Row{"sms", ""}, Row{"voice", ""},
                                         Row{"exec", ""}, Row{"log", ""}),
                         [](const auto& param) { return param.param.type + param.param.variant; });

/// A type without a golden file would be a type nobody looked at.
TEST(GoldenReceivers, HoldEveryType) {
#define RECEIVER(word, summary) \
  EXPECT_FALSE(bytes_of(source_tree() + "/tests/golden/receivers/" #word ".txt").empty()) << #word;
#include "../../src/receivers/receivers.def"
#undef RECEIVER
}

}  // namespace
}  // namespace earshot
