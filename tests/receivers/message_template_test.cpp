#include "earshot/receivers/message_template.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "earshot/receivers/payload.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

ReceiverConfig with(const std::string& part, const std::string& text) {
  ReceiverConfig out;
  out.name = "r";
  out.type = "email";
  out.to = {"jo@example.org"};
  out.templates[part] = {part + ".tpl", text};
  return out;
}

TEST(MessageTemplates, StandForTheBuiltInWords) {
  const Message page = sample_message(MessageKind::page);
  const Templated subject =
      with_templates(with("subject", "[{{#CASE}}{{NUMBER}}{{/CASE}}]\n {{PERSON}}"), page);
  EXPECT_EQ(subject.message.headline, "[7781] jo");
  EXPECT_EQ(subject.trouble, "");
  const Templated text = with_templates(
      with("text", "{{#CASE}}\n{{#REASON}}\n- {{REASON}}\n{{/REASON}}\n{{/CASE}}\n"), page);
  EXPECT_EQ(text.message.said_text,
            "- The text tells of a danger.\n- A principal is addressed in public.");
}

TEST(MessageTemplates, HtmlEscapesWhatCustomersWrite) {
  const Templated got = with_templates(
      with("html", "<p>{{#CASE}}{{EXCERPT}} <a href=\"{{POST_URL}}\">post</a>{{/CASE}}</p>"),
      sample_message(MessageKind::page));
  EXPECT_EQ(got.trouble, "");
  EXPECT_NE(got.message.said_html.find("&lt;b&gt;&amp; the plug"), std::string::npos)
      << got.message.said_html;
  EXPECT_NE(got.message.said_html.find("href=\"https://social.example/@mara/1\""),
            std::string::npos)
      << got.message.said_html;
}

TEST(MessageTemplates, AFailureLeavesTheBuiltInWordsAndSaysSo) {
  for (const char* bad : {"{{#CASE}}", "{{#UPDATE}}x{{/UPDATE}}", "   {{!nothing}}"}) {
    const Message page = sample_message(MessageKind::page);
    const Templated got = with_templates(with("text", bad), page);
    EXPECT_EQ(got.message.said_text, "") << bad;
    EXPECT_NE(got.trouble, "") << bad;
    const std::string mail =
        render(with("text", bad), got.message, {"id", "", "earshot@example.org"});
    EXPECT_GT(mail.size(), 500U);
  }
}

TEST(MessageTemplates, LinksStayWhateverTheTemplateSays) {
  const Templated got = with_templates(with("text", "Short."), sample_message(MessageKind::page));
  const std::string text = render_text(got.message);
  EXPECT_NE(text.find("Take it: https://earshot.example/ack/sample"), std::string::npos) << text;
  const Templated own = with_templates(with("text", "Go: {{ACK_URL}}"), got.message);
  EXPECT_EQ(render_text(own.message).find("Take it:"), std::string::npos);
}

TEST(MessageTemplates, TheShippedOnesRenderEveryKindOfMessage) {
  for (const MessageKind kind : {MessageKind::page, MessageKind::notice, MessageKind::update,
                                 MessageKind::self, MessageKind::test}) {
    ReceiverConfig config = with("subject", "");
    for (const auto& [part, file] :
         {std::pair{"subject", "subject.tpl"}, {"text", "text.tpl"}, {"html", "page.html.tpl"}}) {
      std::ifstream in{source_tree() + "/config/templates/" + file};
      config.templates[part] = {file, {std::istreambuf_iterator<char>{in}, {}}};
    }
    const Templated got = with_templates(config, sample_message(kind));
    EXPECT_EQ(got.trouble, "") << to_word(kind);
    EXPECT_FALSE(got.message.said_text.empty());
    EXPECT_EQ(got.message.said_html.find("<b>& the plug"), std::string::npos);
  }
}

}  // namespace
}  // namespace earshot
