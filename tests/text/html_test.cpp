#include "earshot/text/html.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "support/pace.hpp"

namespace earshot {
namespace {

struct HtmlRow {
  const char* name;
  const char* html;
  const char* want;
};
class Html : public testing::TestWithParam<HtmlRow> {};
TEST_P(Html, BecomesText) {
  EXPECT_EQ(html_to_text(GetParam().html).text, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Html,
    testing::Values(
        HtmlRow{"plain_text_stays", "just words", "just words"},
        HtmlRow{"breaks_and_paragraphs_end_lines", "<p>one<br>two</p><p>three</p>",
                "one\ntwo\nthree"},
        HtmlRow{"two_breaks_leave_a_blank_line", "one<br><br/>two<br><br><br><br>three",
                "one\n\ntwo\n\nthree"},
        HtmlRow{"an_empty_div_with_a_break_is_one_blank_line",
                "<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
        HtmlRow{"blanks_collapse_over_tags", "  a \n <b> b</b>\t<i>c </i> d", "a b c d"},
        HtmlRow{"no_break_spaces_are_blanks",
                "a&nbsp;&nbsp;b\xC2\xA0"
                "c",
                "a b c"},
        HtmlRow{"inline_tags_join", "un<b>believ</b>able", "unbelievable"},
        HtmlRow{"scripts_styles_head_and_comments_go",
                "<html><head><title>T</title><style>p{color:red}</style></"
                "head><body>x<script>alert('</p>')</script><!-- no --><p>y</p></body></html>",
                "x\ny"},
        HtmlRow{"a_head_without_end_ends_at_the_body",
                "<head><meta charset=utf-8><title>t</title><p>words", "words"},
        HtmlRow{"conditional_comments_go",
                "a<!--[if mso]><p>office</p><![endif]-->b<![if !mso]>c<![endif]>d", "abcd"},
        HtmlRow{"odd_comment_ends", "a<!-->b<!--->c<!-- x --!>d<!-- -- > -->e", "abcde"},
        HtmlRow{"cdata_is_no_text", "a<![CDATA[hidden]]>b", "ab"},
        HtmlRow{"hidden_parts_go",
                "<div style=\"display: none; max-height:0\">pre<div>header</div></div><p "
                "hidden>x</p><span style='visibility:hidden'>y</span>seen",
                "seen"},
        HtmlRow{"what_ends_outside_ends_hiding_too", "<div><span hidden>x</div>seen", "seen"},
        HtmlRow{"a_hidden_paragraph_ends_at_the_next", "<p hidden>x<p>seen", "seen"},
        HtmlRow{"mastodon_links_read_whole",
                "<p><span class=\"h-card\"><a href=\"https://s.example/@care\" class=\"u-url "
                "mention\">@<span>care</span></a></span> see "
                "<a href=\"https://www.example.org/a/long/path\"><span "
                "class=\"invisible\">https://www.</span><span "
                "class=\"ellipsis\">example.org/a/long</span>"
                "<span class=\"invisible\">/path</span></a></p>",
                "@care see https://www.example.org/a/long/path"},
        HtmlRow{"raw_signs_are_forgiven",
                "<p>&lt;script>x&lt;/script> & \"quote\" 3 < 4 <3 AT&T</p>",
                "<script>x</script> & \"quote\" 3 < 4 <3 AT&T"},
        HtmlRow{"cells_are_apart_rows_end_lines",
                "<table><tr><td>a</td><td>b</td></tr><tr><th>c<td>d</table>e", "a b\nc d\ne"},
        HtmlRow{"lists_end_lines", "x<ul><li>a<li>b</ul>y", "x\na\nb\ny"},
        HtmlRow{"pre_keeps_lines_and_blanks", "<pre>\n a\n\n  b\tc</pre>d", " a\n\n  b\tc\nd"},
        HtmlRow{"textarea_is_text", "<textarea><b>x</b></textarea>y", "<b>x</b>\ny"},
        HtmlRow{"alternative_text_only_where_nothing_else_is", "<p>words<img alt='a cat'></p>",
                "words"},
        HtmlRow{"alternative_text_alone", "<p><img alt=' a  cat'><img alt=dog></p>", "a cat dog"},
        HtmlRow{"misnested_formatting", "<b><div>a</b>b</div>c", "ab\nc"},
        HtmlRow{"an_unfinished_tag_is_dropped", "words <a href=\"x", "words"},
        HtmlRow{"end_tags_without_start", "a</p>b</br>c</div>d", "a\nb\nc\nd"},
        HtmlRow{"bad_utf8_is_repaired",
                "a\xFF"
                "b",
                "a\xEF\xBF\xBD"
                "b"},
        HtmlRow{"unquoted_attributes", "<a href=http://x.example/?a=1&b=2 title='>'>l</a>", "l"}),
    [](const auto& row) { return row.param.name; });

TEST(HtmlLinks, AreAbsoluteHttpInOrderWithoutRepeats) {
  const auto got = html_to_text(
      "<a href='/a'>1</a><a href='b?x=1&amp;y=2'>2</a><a href='mailto:x@y'>3</a><a "
      "href='javascript:alert(1)'>4</a>"
      "<a href='/a'>5</a><a href='#top'>6</a><a href=' //c.example/ d '>7</a><a hidden "
      "href='https://h.example'>8</a>",
      {.base_url = "https://x.example/dir/page"});
  EXPECT_EQ(got.links,
            (std::vector<std::string>{"https://x.example/a", "https://x.example/dir/b?x=1&y=2",
                                      "https://c.example/%20d", "https://h.example"}));
  EXPECT_TRUE(html_to_text("<a href='/a'>1</a>").links.empty());
  EXPECT_EQ(html_to_text("<base href='https://b.example/x/'><a href='y'>1</a>").links,
            std::vector<std::string>{"https://b.example/x/y"});
}

struct QuoteRow {
  const char* name;
  const char* html;
  const char* text;
  const char* quoted;
};
class HtmlQuotes : public testing::TestWithParam<QuoteRow> {};
TEST_P(HtmlQuotes, AreApart) {
  const auto got = html_to_text(GetParam().html, {.base_url = "", .split_quotes = true});
  EXPECT_EQ(got.text, GetParam().text);
  EXPECT_EQ(got.quoted, GetParam().quoted);
}
INSTANTIATE_TEST_SUITE_P(
    Table, HtmlQuotes,
    testing::Values(
        QuoteRow{"blockquote_cite", "<div>new</div><blockquote type=cite>old</blockquote>", "new",
                 "old"},
        QuoteRow{"attribution_goes_with_the_quote",
                 "<p>new</p><p>Am 23.11.2026 um 10:30 schrieb Kettle "
                 "Care:</p><blockquote>old</blockquote>",
                 "new", "Am 23.11.2026 um 10:30 schrieb Kettle Care:\nold"},
        QuoteRow{"gmail_answer_on_top",
                 "<div dir=ltr>new</div><br><div class=\"gmail_quote\"><div "
                 "class=\"gmail_attr\">On Mon Care &lt;c@k.example&gt; wrote:<br></div>"
                 "<blockquote class=\"gmail_quote\">old</blockquote></div>",
                 "new", "On Mon Care <c@k.example> wrote:\nold"},
        QuoteRow{"gmail_answers_between",
                 "<div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon "
                 "wrote:</div><blockquote class=\"gmail_quote\">q1</blockquote><div>a1</div>"
                 "<blockquote class=\"gmail_quote\">q2</blockquote><div>a2</div></div>",
                 "a1\na2", "On Mon wrote:\nq1\nq2"},
        QuoteRow{"gmail_forward",
                 "<div>see</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">---------- "
                 "Forwarded message ---------<br>From: x</div>body"
                 "<blockquote>deep</blockquote>more</div>",
                 "see", "---------- Forwarded message ---------\nFrom: x\nbody\ndeep\nmore"},
        QuoteRow{"outlook_on_the_web",
                 "<div>new</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\">From: "
                 "a</div><div>old</div>",
                 "new", "From: a\nold"},
        QuoteRow{
            "an_indent_is_no_quote",
            "<blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">mine</blockquote>",
            "mine", ""},
        QuoteRow{"signature", "<p>new</p><div class=\"moz-signature\">-- <br>Ann</div>", "new",
                 "--\nAnn"}),
    [](const auto& row) { return row.param.name; });

struct EntityRow {
  const char* name;
  const char* text;
  const char* want;
};
class EntityDecoding : public testing::TestWithParam<EntityRow> {};
TEST_P(EntityDecoding, Decodes) {
  EXPECT_EQ(decode_entities(GetParam().text), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, EntityDecoding,
    testing::Values(
        EntityRow{"names",
                  "&amp;&lt;&gt;&quot;&apos;&eacute;&hellip;&CounterClockwiseContourIntegral;",
                  "&<>\"'\xC3\xA9\xE2\x80\xA6\xE2\x88\xB3"},
        EntityRow{"numbers", "&#8217;&#x1F621;&#X41;&#65",
                  "\xE2\x80\x99\xF0\x9F\x98\xA1"
                  "AA"},
        EntityRow{"windows_1252_numbers", "&#128;&#146;&#150;",
                  "\xE2\x82\xAC\xE2\x80\x99\xE2\x80\x93"},
        EntityRow{"impossible_numbers", "&#0;&#xD800;&#x110000;&#99999999999;",
                  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        EntityRow{"old_names_need_no_semicolon", "&eacutet&eacute; &ampamp; &notit; &notin;",
                  "\xC3\xA9t\xC3\xA9 &amp; \xC2\xACit; \xE2\x88\x89"},
        EntityRow{"unknown_names_stay", "&nosuch; & &; &# &#x; AT&T R&D &hellip",
                  "&nosuch; & &; &# &#x; AT&T R&D &hellip"},
        EntityRow{"once_only", "&amp;lt;", "&lt;"}, EntityRow{"at_the_end", "a&", "a&"}),
    [](const auto& row) { return row.param.name; });

struct UrlRow {
  const char* reference;
  const char* want;
};
TEST(ResolveUrl, ExamplesOfRfc3986) {
  // 5.4.1 and 5.4.2
  const UrlRow rows[] = {{"g:h", "g:h"},
                         {"g", "http://a/b/c/g"},
                         {"./g", "http://a/b/c/g"},
                         {"g/", "http://a/b/c/g/"},
                         {"/g", "http://a/g"},
                         {"//g", "http://g"},
                         {"?y", "http://a/b/c/d;p?y"},
                         {"g?y", "http://a/b/c/g?y"},
                         {"#s", "http://a/b/c/d;p?q#s"},
                         {"g#s", "http://a/b/c/g#s"},
                         {"g?y#s", "http://a/b/c/g?y#s"},
                         {";x", "http://a/b/c/;x"},
                         {"g;x", "http://a/b/c/g;x"},
                         {"g;x?y#s", "http://a/b/c/g;x?y#s"},
                         {"", "http://a/b/c/d;p?q"},
                         {".", "http://a/b/c/"},
                         {"./", "http://a/b/c/"},
                         {"..", "http://a/b/"},
                         {"../", "http://a/b/"},
                         {"../g", "http://a/b/g"},
                         {"../..", "http://a/"},
                         {"../../", "http://a/"},
                         {"../../g", "http://a/g"},
                         {"../../../g", "http://a/g"},
                         {"../../../../g", "http://a/g"},
                         {"/./g", "http://a/g"},
                         {"/../g", "http://a/g"},
                         {"g.", "http://a/b/c/g."},
                         {".g", "http://a/b/c/.g"},
                         {"g..", "http://a/b/c/g.."},
                         {"..g", "http://a/b/c/..g"},
                         {"./../g", "http://a/b/g"},
                         {"./g/.", "http://a/b/c/g/"},
                         {"g/./h", "http://a/b/c/g/h"},
                         {"g/../h", "http://a/b/c/h"},
                         {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                         {"g;x=1/../y", "http://a/b/c/y"},
                         {"g?y/./x", "http://a/b/c/g?y/./x"},
                         {"g?y/../x", "http://a/b/c/g?y/../x"},
                         {"g#s/./x", "http://a/b/c/g#s/./x"},
                         {"g#s/../x", "http://a/b/c/g#s/../x"},
                         {"http:g", "http:g"}};
  for (const UrlRow& row : rows)
    EXPECT_EQ(resolve_url("http://a/b/c/d;p?q", row.reference), row.want) << row.reference;
  EXPECT_EQ(resolve_url("", "x/y"), "x/y");
  EXPECT_EQ(resolve_url("no base", "x/y"), "x/y");
  EXPECT_EQ(resolve_url("http://a", "g"), "http://a/g");
}

TEST(HtmlBudget, HostileInputCostsLittle) {
  const auto repeat = [](std::string_view part, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += part;
    return out;
  };
  const std::size_t size = std::size_t{8} << 20U;
  for (const char* part :
       {"<a>", "<div>", "<a href=x>", "<p><b hidden>", "</p>", "<table><tr><td>", "&amp;", "<!--",
        "<blockquote>", "<![CDATA[", "<pre>\n ", "<x y='", "<div><section>", "&#x41;",
        "<textarea></", "<!-- -- ", "On 1/1/2026 a@b.c wrote:<blockquote></blockquote>", "<"}) {
    const std::string html = repeat(part, size);
    const auto start = std::chrono::steady_clock::now();
    const auto got = html_to_text(html, {.base_url = "http://a/", .split_quotes = true});
    const auto spent = std::chrono::steady_clock::now() - start;
    EXPECT_TRUE(got.truncated) << part;
    EXPECT_LT(spent, kPace * std::chrono::milliseconds{2500})
        << part;  // 500 ms in an optimised build
  }
}

}  // namespace
}  // namespace earshot
