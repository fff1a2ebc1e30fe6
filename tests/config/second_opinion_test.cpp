#include <gtest/gtest.h>

#include "earshot/config/load.hpp"

namespace earshot {
namespace {

Loaded load_opinion(const std::string& text) {
  const std::vector<ConfigText> texts{{"earshot.yaml", "company: {name: Brightwave}\n" + text}};
  return parse_config(texts, "/etc/earshot");
}

TEST(SecondOpinionConfig, IsOffWhereNothingIsSaid) {
  for (const char* text : {"", "classifier: {}"}) {
    const Loaded loaded = load_opinion(text);
    ASSERT_TRUE(loaded.config) << render(loaded.diagnostics);
    EXPECT_FALSE(loaded.config->second_opinion);
  }
}

TEST(SecondOpinionConfig, EveryKeyIsRead) {
  const Loaded loaded = load_opinion(R"(network: {allow: ["10.0.0.0/8"]}
classifier:
  second_opinion:
    url: http://127.0.0.1:8080/v1/chat/completions
    network: {allow: ["127.0.0.1/32"], insecure_http: true}
    kind: chat
    model: small
    answer_format: json_object
    token_file: model.token
    ca_file: /etc/ca.pem
    grey: [0.5, 1.5]
    sure: 70%
    deadline: 2s
    per_hour: 12
    private: true
)");
  ASSERT_TRUE(loaded.config) << render(loaded.diagnostics);
  EXPECT_EQ(render(loaded.diagnostics), "");
  ASSERT_TRUE(loaded.config->second_opinion);
  const OpinionPolicy& it = *loaded.config->second_opinion;
  EXPECT_EQ(it.url, "http://127.0.0.1:8080/v1/chat/completions");
  EXPECT_EQ(it.network.allow.size(), 2U) << "the global ranges and its own";
  EXPECT_TRUE(it.network.insecure_http);
  EXPECT_EQ(it.model, "small");
  EXPECT_EQ(it.format, OpinionFormat::json_object);
  EXPECT_EQ(it.token_file, "model.token");
  EXPECT_EQ(it.ca_file, "/etc/ca.pem");
  EXPECT_EQ(it.grey, (std::array{0.5, 1.5}));
  EXPECT_DOUBLE_EQ(it.sure, 0.7);
  EXPECT_EQ(it.deadline, seconds{2});
  EXPECT_EQ(it.per_hour, 12);
  EXPECT_TRUE(it.private_too);
}

TEST(SecondOpinionConfig, ABaseAddressIsWarnedOf) {
  const Loaded loaded = load_opinion(
      "classifier: {second_opinion: {url: \"https://models.example/v1\", model: small}}");
  ASSERT_TRUE(loaded.config);
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].level, Diagnostic::Level::warning);
  EXPECT_EQ(loaded.diagnostics[0].hint,
            "write the whole address: https://HOST/v1/chat/completions");
}

}  // namespace
}  // namespace earshot
