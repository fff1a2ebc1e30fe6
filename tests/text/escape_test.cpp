#include "earshot/text/escape.hpp"

#include <gtest/gtest.h>

#include "earshot/text/html.hpp"

namespace earshot {
namespace {

TEST(EscapeHtml, NamesWhatHtmlReadsAndNothingElse) {
  EXPECT_EQ(escape_html("a < b && \"c\" > 'd'"),
            "a &lt; b &amp;&amp; &quot;c&quot; &gt; &#39;d&#39;");
  EXPECT_EQ(escape_html("@all \x01 é 日本 %3C"), "@all \x01 é 日本 %3C");
  EXPECT_EQ(escape_html(""), "");
}

TEST(EscapeHtml, IsReadBackAsItWas) {
  for (const char* text : {"<script>alert('x')</script>", "&amp;", "a&lt;b", "\"><img src=x>"}) {
    EXPECT_EQ(html_to_text(escape_html(text)).text, text);
    EXPECT_EQ(decode_entities(escape_html(text)), text);
  }
}

}  // namespace
}  // namespace earshot
