#include "earshot/route/matcher.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

struct ReadRow {
  const char* name;
  const char* text;
  const char*
      want;  ///< in the normal form, separated by blanks; "!" and the offset where it is refused
};
class MatcherSyntax : public testing::TestWithParam<ReadRow> {};
TEST_P(MatcherSyntax, IsAlertmanagers) {
  const ParsedMatchers read = parse_matchers(GetParam().text);
  std::string got;
  for (const Matcher& matcher : read.matchers) got += (got.empty() ? "" : " ") + matcher.text();
  if (read.problem) got = "!" + std::to_string(read.problem->offset);
  EXPECT_EQ(got, GetParam().want) << (read.problem ? read.problem->problem : "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, MatcherSyntax,
    testing::Values(
        ReadRow{"bare", "cue=safety", R"(cue="safety")"},
        ReadRow{"blanks_around", " cue  =\tsafety ", R"(cue="safety")"},
        ReadRow{"quoted", R"(cue = "safety first ")", R"(cue="safety first ")"},
        ReadRow{"not_equal_to_nothing", R"(principal != "")", R"(principal!="")"},
        ReadRow{"nothing_after_the_operator", "cue=", R"(cue="")"},
        ReadRow{"pattern", R"(urgency =~ "page|queue")", R"(urgency=~"page|queue")"},
        ReadRow{"bare_pattern", "urgency!~page|queue", R"(urgency!~"page|queue")"},
        ReadRow{"bare_value_with_blanks", "product = Glow Mini ", R"(product="Glow Mini")"},
        ReadRow{"bare_value_with_operators", "a=b=c!=d", R"(a="b=c!=d")"},
        ReadRow{"bare_value_with_braces", "a=~x{2}", R"(a=~"x{2}")"},
        ReadRow{"escapes", R"(a="q\"b\\n\n")", R"(a="q\"b\\n\n")"},
        ReadRow{"a_backslash_before_anything_else_stays", R"(a=~"\d+\.")", R"(a=~"\\d+\\.")"},
        ReadRow{"a_backslash_at_the_end_stays", R"(a=b\)", R"(a="b\\")"},
        ReadRow{"name_of_many_kinds", "größe_1:x-y.z/ü=1", R"(größe_1:x-y.z/ü="1")"},
        ReadRow{"quoted_name", R"("a b" = "c")", R"("a b"="c")"},
        ReadRow{"emoji_value", "mood=\"😡\"", "mood=\"😡\""},
        ReadRow{"two", "a=b, c!=d", R"(a="b" c!="d")"},
        ReadRow{"a_comma_in_quotes_and_one_at_the_end", R"(a="b,c",)", R"(a="b,c")"},
        ReadRow{"braces", R"({ a = "b" , c =~ d } )", R"(a="b" c=~"d")"},
        ReadRow{"empty_braces", "{}", ""},
        ReadRow{"single_quotes_are_characters", "a='b'", "a=\"'b'\""}),
    [](const auto& row) { return std::string{row.param.name}; });

INSTANTIATE_TEST_SUITE_P(
    Refused, MatcherSyntax,
    testing::Values(ReadRow{"empty", "", "!0"}, ReadRow{"no_operator", "cue", "!3"},
                    ReadRow{"no_name", "=x", "!0"}, ReadRow{"unknown_operator", "cue > 3", "!4"},
                    ReadRow{"lone_bang", "cue ! x", "!4"},
                    ReadRow{"open_quote", R"(cue = "safety)", "!6"},
                    ReadRow{"quote_inside", R"(cue = saf"ety)", "!9"},
                    ReadRow{"words_after_a_quoted_value", R"(cue = "a" b)", "!10"},
                    ReadRow{"open_pattern", R"(cue =~ "(a")", "!7"},
                    ReadRow{"look_ahead", R"(cue =~ (?=a))", "!7"},
                    ReadRow{"open_brace", "{a=b", "!4"}, ReadRow{"only_a_comma", ",", "!0"},
                    ReadRow{"two_commas", "a=b,,c=d", "!4"}, ReadRow{"bad_utf8", "a=b\xff", "!3"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(MatcherSyntax, RefusesPatternsThatEatMemory) {
  EXPECT_TRUE(parse_matchers("a=~\"((((x{1000}){1000}){1000}){1000})\"").problem.has_value());
  EXPECT_TRUE(parse_matchers("a=" + std::string(100'000, 'x')).problem.has_value());
  EXPECT_TRUE(parse_matchers("a=~" + std::string(16'000, '(')).problem.has_value());
}

struct MatchRow {
  const char* name;
  const char* matcher;
  Labels labels;
  bool want;
};
class MatcherMeaning : public testing::TestWithParam<MatchRow> {};
TEST_P(MatcherMeaning, HoldsOrNot) {
  const ParsedMatchers read = parse_matchers(GetParam().matcher);
  ASSERT_FALSE(read.problem.has_value());
  EXPECT_EQ(all_match(read.matchers, GetParam().labels), GetParam().want);
}

const Labels kTwo{{"cue", {"safety", "refund"}}};

INSTANTIATE_TEST_SUITE_P(
    Table, MatcherMeaning,
    testing::Values(
        MatchRow{"equal_to_any_value", "cue=refund", kTwo, true},
        MatchRow{"equal_to_none", "cue=fraud", kTwo, false},
        MatchRow{"not_equal_is_its_negation", "cue!=refund", kTwo, false},
        MatchRow{"not_equal_to_all", "cue!=fraud", kTwo, true},
        MatchRow{"pattern_of_any", "cue=~saf.*", kTwo, true},
        MatchRow{"pattern_is_anchored_in_front", "cue=~afety", kTwo, false},
        MatchRow{"pattern_is_anchored_at_the_end", "cue=~saf", kTwo, false},
        MatchRow{"an_alternative_is_anchored_too", "cue=~saf|ety", kTwo, false},
        MatchRow{"the_longer_alternative_counts", "cue=~safe|safety", kTwo, true},
        MatchRow{"not_matching_is_the_negation", "cue!~saf.*", kTwo, false},
        MatchRow{"case_counts", "cue=Safety", kTwo, false},
        MatchRow{"pattern_may_ignore_case", "cue=~(?i)SAFETY", kTwo, true},
        MatchRow{"a_missing_label_is_empty", "who=\"\"", kTwo, true},
        MatchRow{"a_missing_label_is_not_something", "who!=\"\"", kTwo, false},
        MatchRow{"a_missing_label_is_not_x", "who!=x", kTwo, true},
        MatchRow{"a_missing_label_matches_what_matches_nothing", "who=~.*", kTwo, true},
        MatchRow{"a_missing_label_has_no_character", "who=~.+", kTwo, false},
        MatchRow{"an_empty_list_is_a_missing_label", "who=\"\"", {{"who", {}}}, true},
        MatchRow{"an_empty_value_is_a_missing_label", "who!=\"\"", {{"who", {""}}}, false},
        MatchRow{"all_matchers_must_hold", "cue=safety,cue=refund,who=\"\"", kTwo, true},
        MatchRow{"one_that_fails_is_enough", "cue=safety,cue!=refund", kTwo, false}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(MatcherText, IsReadBackAsItself) {
  for (const char* text : {R"("a b"=~"\\d+\"\n")", "x!=\"\\\\\"", "ü!~\"😡|,\""}) {
    const ParsedMatchers once = parse_matchers(text);
    ASSERT_EQ(once.matchers.size(), 1U) << text;
    const ParsedMatchers twice = parse_matchers(once.matchers.front().text());
    ASSERT_EQ(twice.matchers.size(), 1U) << text;
    EXPECT_EQ(once.matchers.front(), twice.matchers.front());
  }
}

}  // namespace
}  // namespace earshot
