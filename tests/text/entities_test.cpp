#include "earshot/text/entities.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace earshot {
namespace {

using List = std::vector<std::string>;

struct Row {
  const char* name;
  std::string text;
  List want;
};

std::string row_name(const testing::TestParamInfo<Row>& row) {
  return row.param.name;
}

class Mentions : public testing::TestWithParam<Row> {};
TEST_P(Mentions, AreFound) {
  EXPECT_EQ(extract_entities(GetParam().text).mentions, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Mentions,
    testing::Values(
        Row{"at_the_start", "@brightwave my lamp died", {"brightwave"}},
        Row{"at_the_end", "thanks @brightwave", {"brightwave"}}, Row{"alone", "@a", {"a"}},
        Row{"before_a_full_stop", "Thank you, @brightwave.", {"brightwave"}},
        Row{"with_digits_and_underscore", "@user_name_1 hi", {"user_name_1"}},
        Row{"in_brackets", "(@one) [@two] \"@three\"", {"one", "two", "three"}},
        Row{"behind_a_full_stop", "look.@one", {"one"}},
        Row{"between_japanese_words", "これは@brightwaveです", {"brightwave"}},
        Row{"with_a_full_width_sign",
            "\xEF\xBC\xA0"
            "brightwave hello",
            {"brightwave"}},
        Row{"several_in_order_without_repeats", "@b @a @b", {"b", "a"}},
        Row{"over_line_ends", "@one\n@two", {"one", "two"}},
        Row{"not_inside_a_mail_address", "write to care@brightwave.com", {}},
        Row{"not_behind_a_digit", "1@user", {}}, Row{"not_behind_an_underscore", "_@user", {}},
        Row{"not_behind_other_signs", "!@a #@b $@c %@d &@e *@f @@g", {}},
        Row{"not_before_another_at", "@user@", {}},
        Row{"not_when_two_are_glued", "@user@other", {}},
        Row{"not_before_an_accented_letter", "@josé and @na\xCC\x81", {}},
        Row{"not_a_protocol", "@http://twitter.com", {}},
        Row{"a_bare_at_is_nothing", "meet @ noon", {}},
        Row{"after_rt", "RT@user RT:@two rt: @three", {"user", "two", "three"}},
        Row{"not_after_a_word_that_ends_with_rt", "smaRT@user", {}},
        Row{"not_after_rt_behind_a_plus", "+RT@user", {}},
        Row{"at_most_twenty_characters", "@abcdefghij0123456789XYZ", {"abcdefghij0123456789"}},
        Row{"a_list_names_its_owner", "see @user/my-list now", {"user"}},
        Row{"a_slash_before_a_digit_is_no_list", "@user/7days", {"user"}},
        Row{"not_inside_a_link", "https://social.example/@user/123 and http://a.com/@b", {}},
        Row{"federated", "@care@brightwave.example please", {"care@brightwave.example"}},
        Row{"federated_with_a_dot_in_the_name",
            "@first.last@social.org!",
            {"first.last@social.org"}},
        Row{"federated_before_a_full_stop", "ask @a@b.social. Now", {"a@b.social"}},
        Row{"federated_on_a_subdomain", "(@a_b@x.y-z.co.uk)", {"a_b@x.y-z.co.uk"}},
        Row{"not_federated_inside_a_mail_address", "x@a@b.social", {}},
        Row{"not_federated_without_a_dot", "@a@localhost", {}},
        Row{"federated_is_no_link", "@a@mastodon.social", {"a@mastodon.social"}},
        Row{"bluesky", "hey @alice.bsky.social, hello", {"alice.bsky.social"}},
        Row{"bluesky_before_a_full_stop", "hey @alice.bsky.social. Hello", {"alice.bsky.social"}},
        Row{"bluesky_own_domain", "@brightwave.com you broke it", {"brightwave.com"}},
        Row{"bluesky_test_network", "@ursula.test hi", {"ursula.test"}},
        Row{"a_glued_sentence_is_no_host", "thanks @acme.It broke", {"acme"}},
        Row{"an_unknown_domain_is_no_host", "thanks @acme.really,ok", {"acme"}},
        Row{"an_underscore_is_no_host", "@a_b.com", {"a_b"}},
        Row{"behind_an_emoji", "\xF0\x9F\x98\xA1@user", {"user"}}),
    row_name);

class Hashtags : public testing::TestWithParam<Row> {};
TEST_P(Hashtags, AreFound) {
  EXPECT_EQ(extract_entities(GetParam().text).hashtags, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Hashtags,
    testing::Values(
        Row{"at_the_start", "#fail again", {"fail"}},
        Row{"with_digits", "#day1 #1day", {"day1", "1day"}},
        Row{"not_of_digits_only", "#1 #2026", {}},
        Row{"with_an_underscore", "#a_b #_a #a_", {"a_b", "_a", "a_"}},
        Row{"not_of_underscores_only", "#_ #__1", {}}, Row{"up_to_a_hyphen", "#a-b", {"a"}},
        Row{"up_to_punctuation", "#a, #b. #c! (#d)", {"a", "b", "c", "d"}},
        Row{"not_inside_a_word", "a#b 1#c é#d", {}},
        Row{"not_in_an_html_entity", "&#39; &#nbsp;", {}},
        Row{"not_before_a_protocol", "#http://a", {}}, Row{"not_before_another_sign", "#a#b", {}},
        Row{"behind_another_sign", "##a", {"a"}},
        Row{"accents", "#café #über #mañana", {"café", "über", "mañana"}},
        Row{"combining_marks", "#cafe\xCC\x81 x", {"cafe\xCC\x81"}},
        Row{"japanese", "今日は #修理 です。#カタカナー", {"修理", "カタカナー"}},
        Row{"japanese_ends_at_punctuation", "#日本語、#東京。", {"日本語", "東京"}},
        Row{"full_width_sign",
            "\xEF\xBC\x83"
            "日本",
            {"日本"}},
        Row{"full_width_letters_and_digits", "#ＡＢＣ１", {"ＡＢＣ１"}},
        Row{"full_width_digits_only", "#１２３", {}},
        Row{"middle_dot_and_wave_dash",
            "#ボーイ・フレンド #あ〜い",
            {"ボーイ・フレンド", "あ〜い"}},
        Row{"korean", "#트위터 안녕", {"트위터"}}, Row{"cyrillic", "(#Брак)", {"Брак"}},
        Row{"arabic", "#شكوى و", {"شكوى"}}, Row{"hindi_with_vowel_signs", "#हिन्दी", {"हिन्दी"}},
        Row{"thai", "#ร้องเรียน", {"ร้องเรียน"}}, Row{"hebrew_with_geresh", "#צה״ל", {"צה״ל"}},
        Row{"zero_width_non_joiner", "#می\xE2\x80\x8Cخواهم", {"می\xE2\x80\x8Cخواهم"}},
        Row{"catalan_dot", "#col·lega", {"col·lega"}},
        Row{"not_a_keycap",
            "#\xEF\xB8\x8F\xE2\x83\xA3 #\xE2\x83\xA3"
            "a",
            {}},
        Row{"behind_an_emoji", "\xF0\x9F\x98\xA1#a \xE2\x9D\xA4\xEF\xB8\x8F#b", {"a", "b"}},
        Row{"up_to_an_emoji", "#a\xF0\x9F\x98\xA1", {"a"}},
        Row{"not_inside_a_link", "http://a.com/#part https://b.org/x#y", {}},
        Row{"behind_a_link", "http://a.com #x", {"x"}},
        Row{"letters_beyond_the_first_plane", "#𠮷野家", {"𠮷野家"}},
        Row{"behind_a_slash", "a/#b", {"b"}}, Row{"behind_an_apostrophe", "'#b'", {"b"}},
        Row{"without_repeats", "#x #y #x", {"x", "y"}}),
    row_name);

class Cashtags : public testing::TestWithParam<Row> {};
TEST_P(Cashtags, AreFound) {
  EXPECT_EQ(extract_entities(GetParam().text).cashtags, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Cashtags,
    testing::Values(Row{"plain", "sold $BWV today", {"BWV"}}, Row{"lower_case", "$bwv", {"bwv"}},
                    Row{"several", "$A $B,$C", {"A", "B"}},
                    Row{"with_a_class", "$BRK.A and $BRK_B", {"BRK.A", "BRK_B"}},
                    Row{"before_a_full_stop", "I own $BWV.", {"BWV"}},
                    Row{"a_long_suffix_is_not_part", "$BWV.xyz", {"BWV"}},
                    Row{"not_an_amount", "$20 $1.50 $5M", {}},
                    Row{"not_longer_than_six", "$ABCDEFG $ABCDEF", {"ABCDEF"}},
                    Row{"not_with_digits", "$AB1", {}}, Row{"not_inside_a_word", "US$AB x$CD", {}},
                    Row{"not_before_other_letters", "$ABé", {}},
                    Row{"behind_a_wide_space", "\xE3\x80\x80$AB", {"AB"}},
                    Row{"a_bare_sign_is_nothing", "$ $$ $", {}},
                    Row{"not_inside_a_link", "http://a.com/$AB", {}}),
    row_name);

class Links : public testing::TestWithParam<Row> {};
TEST_P(Links, AreFound) {
  EXPECT_EQ(extract_entities(GetParam().text).links, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Links,
    testing::Values(
        Row{"with_protocol",
            "see http://example.com and https://example.org/x",
            {"http://example.com", "https://example.org/x"}},
        Row{"protocol_in_capitals", "HTTP://EXAMPLE.COM/Path", {"HTTP://EXAMPLE.COM/Path"}},
        Row{"bare_host", "see example.com now", {"example.com"}},
        Row{"bare_host_with_path", "example.co.uk/a/b?c=d#e", {"example.co.uk/a/b?c=d#e"}},
        Row{"country_domain", "t.co and bit.ly/x", {"t.co", "bit.ly/x"}},
        Row{"not_an_unknown_domain", "file.txt foo.bar1 e.g. 3.14 v1.2.3", {}},
        Row{"not_a_file_name", "see report.docx", {}},
        Row{"with_protocol_any_domain",
            "http://brightwave.example/x",
            {"http://brightwave.example/x"}},
        Row{"with_protocol_a_special_name_behind_a_public_one",
            "http://www.shop.example/",
            {"http://www.shop.example/"}},
        Row{"not_without_a_domain", "http://no-tld http:// http://.com", {}},
        Row{"not_a_mail_address", "care@example.com a.b@example.com x+y@b.org", {}},
        Row{"port", "http://example.com:8080/x", {"http://example.com:8080/x"}},
        Row{"tail_punctuation",
            "http://a.com/x. http://b.com/y, (http://c.com/z)!",
            {"http://a.com/x", "http://b.com/y", "http://c.com/z"}},
        Row{"balanced_brackets",
            "http://en.wikipedia.org/wiki/Lamp_(film) x",
            {"http://en.wikipedia.org/wiki/Lamp_(film)"}},
        Row{"two_levels_of_brackets", "http://a.com/x_(y_(z))", {"http://a.com/x_(y_(z))"}},
        Row{"unbalanced_brackets", "(see http://a.com/x_(y", {"http://a.com/x_"}},
        Row{"in_brackets", "(http://a.com/x)", {"http://a.com/x"}},
        Row{"brackets_and_more", "http://a.com/(b)/c", {"http://a.com/(b)/c"}},
        Row{"query", "http://a.com/?q=x&r=(y)&s=.", {"http://a.com/?q=x&r=(y)&s="}},
        Row{"query_without_path", "http://a.com?x=1.", {"http://a.com?x=1"}},
        Row{"no_fragment_without_path", "http://a.com#x", {"http://a.com"}},
        Row{"hash_bang", "http://a.com/#!/user", {"http://a.com/#!/user"}},
        Row{"short_link_ends_at_letters", "http://t.co/abc123.html", {"http://t.co/abc123"}},
        Row{"short_link_before_a_comma", "https://t.co/abcde,x", {"https://t.co/abcde"}},
        Row{"not_a_short_link_that_is_too_long",
            "http://t.co/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX",
            {}},
        Row{"behind_japanese", "これはhttp://example.com/xです", {"http://example.com/x"}},
        Row{"bare_host_in_japanese", "これはexample.comです", {"example.com"}},
        Row{"two_bare_hosts_in_one_run", "a.comあb.org", {"a.com", "b.org"}},
        Row{"host_of_another_script",
            "http://例え.テスト.com/ http://はじめよう.みんな/x",
            {"http://例え.テスト.com/", "http://はじめよう.みんな/x"}},
        Row{"not_a_bare_host_of_another_script", "はじめよう.みんな", {}},
        Row{"punycode", "http://xn--r8jz45g.xn--zckzah/x", {"http://xn--r8jz45g.xn--zckzah/x"}},
        Row{"accents_in_a_host", "http://müller.de/straße", {"http://müller.de/straße"}},
        Row{"cyrillic_path", "http://a.ru/путь.", {"http://a.ru/путь"}},
        Row{"not_behind_letters", "xhttp://a.com", {}},
        Row{"not_behind_signs", "#http://a.com $http://b.com", {}},
        Row{"behind_a_colon", "see:http://a.com", {"http://a.com"}},
        Row{"quoted", "\"http://a.com/x\" 'b.com'", {"http://a.com/x", "b.com"}},
        Row{"not_behind_a_hyphen", "-a.com _b.com .c.com /d.com", {}},
        Row{"underscore_in_a_subdomain", "http://a_b.example.com/", {"http://a_b.example.com/"}},
        Row{"no_underscore_in_the_name", "http://a_b.com", {}},
        Row{"no_hyphen_at_the_ends_of_a_label", "http://-a.com http://b-.com", {}},
        Row{"hyphens_inside", "http://a-b--c.com/", {"http://a-b--c.com/"}},
        Row{"at_sign_in_a_path",
            "https://social.example/@user/1",
            {"https://social.example/@user/1"}},
        Row{"line_end_ends_it", "http://a.com/x\nhttp://b.com", {"http://a.com/x", "http://b.com"}},
        Row{"glued_sentence", "It broke.It smells. Sorry.So", {}},
        Row{"not_a_label_too_long", "http://" + std::string(64, 'a') + ".com", {}},
        Row{"not_a_link_too_long", "http://a.com/" + std::string(4200, 'x'), {}},
        Row{"not_the_host_of_a_handle", "@user@example.com @alice.bsky.social", {}},
        Row{"tld_before_a_plus_or_at", "a.com+x b.com@y c.com-z", {}},
        Row{"without_repeats", "http://a.com http://a.com", {"http://a.com"}},
        Row{"ellipsis_behind", "http://a.com/x… b.com…", {"http://a.com/x", "b.com"}},
        Row{"wide_punctuation_behind", "http://a.com/x。b", {"http://a.com/x"}}),
    row_name);

TEST(EntitiesTest, KindsDoNotDisturbEachOther) {
  const Entities found =
      extract_entities("@jo #fail $BWV http://a.com/@x#y$Z @k@l.social, #修理: b.com/?q=@z");
  EXPECT_EQ(found.mentions, (List{"jo", "k@l.social"}));
  EXPECT_EQ(found.hashtags, (List{"fail", "修理"}));
  EXPECT_EQ(found.cashtags, (List{"BWV"}));
  EXPECT_EQ(found.links, (List{"http://a.com/@x#y$Z", "b.com/?q=@z"}));
}

TEST(EntitiesTest, HostileTextsTakeLinearTime) {
  std::vector<std::string> bricks{
      ".",           "@",    "#",       "$",   "a.com_", "a.co/(",        "-.", "あ.",
      "@a@",         "@a.a", "http://", "#_",  "a.com?", "\xEF\xBC",      "é",  "x.com/!",
      "@user@host.", "://",  "(",       "_a.", "#a",     "a.com/(b.com/("};
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& brick : bricks) {
    std::string text;
    while (text.size() < 64U * 1024U) text += brick;
    EXPECT_LE(extract_entities(text).links.size(), text.size());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{5});
}

TEST(EntitiesTest, ManyDistinctTagsTakeLinearTime) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "#t" + std::to_string(i) + ' ';
  EXPECT_EQ(extract_entities(text).hashtags.size(), 40'000U);
}

TEST(EntitiesTest, BadUtf8IsNoPartOfAnything) {
  const Entities found =
      extract_entities("\xFF@user\xC3 #tag\xE3\x81 http://a.com/\xF0 \xED\xA0\x80.com");
  EXPECT_EQ(found.mentions, (List{"user"}));
  EXPECT_EQ(found.hashtags, (List{"tag"}));
  EXPECT_EQ(found.links, (List{"http://a.com/"}));
}

}  // namespace
}  // namespace earshot
