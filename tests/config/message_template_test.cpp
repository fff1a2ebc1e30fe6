#include "earshot/config/message_template.hpp"
#include "support/tree.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace earshot {
namespace {

struct Row {
  const char* name;
  const char* text;
  std::size_t line;
  std::size_t column;
  const char* problem;  ///< "" = none
};

class Template : public testing::TestWithParam<Row> {};

TEST_P(Template, IsCheckedAtLoad) {
  const Row& in = GetParam();
  const auto got = check_template(in.text);
  if (*in.problem == '\0') {
    EXPECT_TRUE(got.empty()) << got.front().problem;
    return;
  }
  ASSERT_FALSE(got.empty());
  EXPECT_EQ(got.front().problem, in.problem);
  EXPECT_EQ(got.front().line, in.line);
  EXPECT_EQ(got.front().column, in.column);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Template,
    testing::Values(
        Row{"plain", "Hello", 0, 0, ""}, Row{"names", "{{HEADLINE}} {{ACK_URL:u}}", 0, 0, ""},
        Row{"case", "{{#CASE}}{{NUMBER}}{{#REASON}}- {{REASON}}{{/REASON}}{{/CASE}}", 0, 0, ""},
        Row{"separator", "{{#CASE}}{{#CASE_separator}}, {{/CASE_separator}}{{/CASE}}", 0, 0, ""},
        Row{"condition", "{{#ACK_URL}}{{ACK_URL}}{{/ACK_URL}}{{!why}}", 0, 0, ""},
        Row{"unknown", "a\nb {{HEADLIN}}", 2, 3, "there is no name \"HEADLIN\""},
        Row{"unknown_section", "{{#CASES}}{{/CASES}}", 1, 1, "there is no name \"CASES\""},
        Row{"outside_of_a_case", "{{NUMBER}}", 1, 1, "NUMBER is a thing of a case"},
        Row{"list_as_a_name", "{{#CASE}}{{REASON}}{{/CASE}}", 1, 10, "REASON is a list"},
        Row{"include", "{{>OTHER}}", 1, 1, "templates do not include each other"},
        Row{"pragma", "{{%AUTOESCAPE context=\"HTML\"}}", 1, 1,
            "only names, sections and comments stand between {{ and }}"},
        Row{"delimiters", "{{=<% %>=}}", 1, 1,
            "only names, sections and comments stand between {{ and }}"},
        Row{"own_modifier", "{{HEADLINE:x-shout}}", 1, 1, "there is no modifier \"x-shout\""},
        Row{"second_modifier", "{{HEADLINE:h:zz}}", 1, 1, "there is no modifier \"zz\""},
        Row{"open_mark", "x {{HEADLINE", 1, 3, "\"{{\" is not closed"},
        Row{"open_section", "{{#CASE}}", 1, 1, "the section CASE does not end"},
        Row{"crossed", "{{#CASE}}{{#OWNER}}{{/CASE}}{{/OWNER}}", 1, 20,
            "\"CASE\" does not end the section that is open"},
        Row{"no_name", "{{}}", 1, 1, "{{}} names nothing"}),
    [](const auto& param) { return param.param.name; });

TEST(Templates, TheShippedOnesAreRight) {
  for (const char* name : {"subject.tpl", "text.tpl", "page.html.tpl"}) {
    std::ifstream file{source_tree() + "/config/templates/" + name};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_FALSE(text.empty()) << name;
    for (const TemplateMistake& it : check_template(text))
      ADD_FAILURE() << name << ":" << it.line << ": " << it.problem;
  }
}

}  // namespace
}  // namespace earshot
