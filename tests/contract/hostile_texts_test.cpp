// 400 hostile texts in every place that a customer writes: each payload stays whole, keeps its
// limits, pings nobody and carries no mark-up of theirs.
#include <gtest/gtest.h>

#include <functional>
#include <regex>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "receiver_kit.hpp"

namespace earshot {
namespace {

std::vector<std::string> hostile_texts() {
  std::string combining = "a";
  for (int i = 0; i < 5000; ++i) combining += "\xCC\x81";
  std::string faces;
  for (int i = 0; i < 4000; ++i) faces += "\xF0\x9F\x98\xA1";
  const std::vector<std::string> seeds{"<!channel>",
                                       "<!here|here>",
                                       "<!everyone>",
                                       "<@U012AB3CD>",
                                       "<#C012AB3CD|general>",
                                       "<https://evil.example|your bank>",
                                       "@everyone",
                                       "@here",
                                       "@channel",
                                       "@all",
                                       "@room",
                                       "@mara",
                                       "<@123456789012>",
                                       "<@&987654321>",
                                       "[your bank](https://evil.example)",
                                       "![x](https://evil.example/x.png)",
                                       "**bold** __under__ ~~gone~~",
                                       "`code` ```block\n```",
                                       "> quote\n# head\n- list",
                                       "<b>bold</b><i>x</i>",
                                       "<a href=\"https://evil.example\">x</a>",
                                       "<script>alert(1)</script>",
                                       "</blockquote></b><b>",
                                       "&lt;b&gt;&amp;&#60;",
                                       "<at>Jo Adler</at>",
                                       "{{DATE(2026-01-01T00:00:00Z)}} ${x}",
                                       "\"}],\"text\":\"x\",\"a\":[{",
                                       "\r\nBcc: victim@example.org\r\n\r\nbody",
                                       "\nSubject: other",
                                       "\xE2\x80\xAEtxet\xE2\x80\xAC",
                                       std::string("nul\0byte", 8),
                                       "\x1b[31mred\x1b[0m\x07",
                                       "\xff\xfe broken \xc3( utf-8",
                                       "]]></Say><Dial>+15550000</Dial>",
                                       "| pipe | table |\n|---|",
                                       "\\ back\\*slash\\",
                                       "$(reboot) `reboot` ; reboot",
                                       "{{HEADLINE}} {{#CASE}}",
                                       combining,
                                       faces};
  std::vector<std::string> out;
  for (const std::string& seed : seeds) {
    out.push_back(seed);
    out.push_back("My lamp smokes " + seed + " please help");
    out.push_back(seed + seed + seed);
    out.push_back("x" + seed + "y");
    out.push_back(seed + "\n" + seed);
    out.push_back("(" + seed + ")");
    out.push_back("\"" + seed + "\"");
    out.push_back("*" + seed + "*");
    out.push_back(std::string(3000, 'a') + seed);
    out.push_back(seed + std::string(100'000, 'Z'));
  }
  return out;
}

Message hostile(const std::string& text, MessageKind kind) {
  Message out = sample_message(kind);
  out.headline = "Page: " + text + " writes to ceo";
  if (kind == MessageKind::update) out.text = "jo noted: " + text;
  for (MessageCase& it : out.cases) {
    it.customer = it.title = it.excerpt = text;
    it.reasons = {text, "A principal is addressed."};
    it.cues = {"safety"};
    it.url = "https://social.example/" + text;
  }
  return out;
}

void texts_of(const JsonValue& value, std::vector<std::string>& out) {
  if (value.IsString()) out.emplace_back(value.GetString(), value.GetStringLength());
  if (value.IsArray()) {
    for (const JsonValue& it : value.GetArray()) texts_of(it, out);
  }
  if (value.IsObject()) {
    for (const auto& it : value.GetObject()) texts_of(it.value, out);
  }
}

/// `text` without what we ourselves write; then no mark-up may be left.
std::string without(std::string text, const char* ours) {
  return std::regex_replace(text, std::regex{ours}, "");
}

bool pings(const std::string& text) {
  static const std::regex kPing{"(^|[^A-Za-z0-9_])@[A-Za-z]|@(everyone|here|channel|all|room)"};
  return std::regex_search(text, kPing);
}

using Check = std::function<void(const std::string& body, const std::vector<std::string>& texts)>;

struct Rule {
  std::string type;
  std::size_t most;  ///< bytes of the body
  Check check;
};

void no_ping(const std::vector<std::string>& texts) {
  for (const std::string& it : texts) {
    const std::string said = without(it, "https?://[^ <>\")|]*");  // a link's path pings nobody
    EXPECT_FALSE(pings(said)) << said.substr(0, 300);
  }
}

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all{
      {"slack", 13'000,
       [](const std::string&, const std::vector<std::string>& texts) {
         no_ping(texts);
         for (const std::string& it : texts) {
           const std::string rest = without(
               it,
               "<https?://[^<>| ]*\\|(Take it|See the case|Open the post)>|\\n> |<\xE2\x80\x8B");
           EXPECT_EQ(rest.find('<'), std::string::npos) << rest.substr(0, 300);
           EXPECT_LE(it.size(), 3000U);
         }
       }},
      {"mattermost", 16'383 * 4,
       [](const std::string& body, const std::vector<std::string>& texts) {
         no_ping(texts);
         EXPECT_EQ(body.find("](https://evil"), std::string::npos);
         for (const std::string& it : texts) EXPECT_LE(it.size(), 16'383U);
       }},
      {"discord", 8'000,
       [](const std::string& body, const std::vector<std::string>& texts) {
         no_ping(texts);
         EXPECT_NE(body.find("\"allowed_mentions\":{\"parse\":[]}"), std::string::npos);
         EXPECT_EQ(body.find("](https://evil"), std::string::npos);
         for (const std::string& it : texts) EXPECT_LE(it.size(), 2000U);
       }},
      {"telegram", 12'000,
       [](const std::string&, const std::vector<std::string>& texts) {
         no_ping(texts);
         for (const std::string& it : texts) {
           const std::string rest =
               without(it, "</?(b|blockquote)>|<a href=\"https?://[^\"<> ]*\">|</a>");
           EXPECT_EQ(rest.find_first_of("<>"), std::string::npos) << rest.substr(0, 300);
           EXPECT_LE(it.size(), 4096U);
         }
       }},
      {"matrix", 60'000,
       [](const std::string& body, const std::vector<std::string>& texts) {
         no_ping(texts);
         EXPECT_NE(body.find("\"m.mentions\":{}"), std::string::npos);
         const std::string html = texts.at(3);
         const std::string rest =
             without(html, "</?(strong|blockquote)>|<br/>|<a href=\"https?://[^\"<> ]*\">|</a>");
         EXPECT_EQ(rest.find_first_of("<>"), std::string::npos) << rest.substr(0, 300);
       }},
      {"teams", 28'000,
       [](const std::string& body, const std::vector<std::string>& texts) {
         no_ping(texts);
         EXPECT_EQ(body.find("TextBlock\",\"text"), std::string::npos);
         EXPECT_EQ(body.find("<at>"), std::string::npos);
         EXPECT_EQ(body.find("{{DATE"), std::string::npos);
       }},
      {"ntfy", 20'000,
       [](const std::string& body, const std::vector<std::string>&) {
         const auto json = parse_json(body);
         EXPECT_LE(string_at(*json, "message").size(), 4096U);
         EXPECT_LE(string_at(*json, "title").size(), 1024U);
       }},
      {"pagerduty", 512'000,
       [](const std::string& body, const std::vector<std::string>&) {
         const auto json = parse_json(body);
         const JsonValue* it = find(*json, "payload");
         EXPECT_TRUE(it == nullptr || string_at(*it, "summary").size() <= 1024U);
         EXPECT_LE(string_at(*json, "dedup_key").size(), 255U);
       }},
      {"opsgenie", 100'000,
       [](const std::string& body, const std::vector<std::string>&) {
         const auto json = parse_json(body);
         EXPECT_LE(string_at(*json, "message").size(), 130U);
         EXPECT_LE(string_at(*json, "description").size(), 15'000U);
       }},
      {"webhook", 120'000, [](const std::string&, const std::vector<std::string>&) {}},
      {"exec", 120'000, [](const std::string&, const std::vector<std::string>&) {}},
      {"alertmanager", 200'000, [](const std::string&, const std::vector<std::string>&) {}},
      {"log", 1'000'000, [](const std::string&, const std::vector<std::string>&) {}},
  };
  return all;
}

/// One test a type: each has its own time limit.
class HostileJson : public testing::TestWithParam<std::size_t> {};

TEST_P(HostileJson, StaysWholeAndHarmless) {
  const Rule& rule = rules()[GetParam()];
  const std::vector<std::string> texts = hostile_texts();
  ASSERT_EQ(texts.size(), 400U);
  for (const std::string& text : texts) {
    for (const MessageKind kind : {MessageKind::page, MessageKind::notice, MessageKind::update}) {
      SCOPED_TRACE(rule.type + ": " + printable(text.substr(0, 60)));
      std::string body =
          render(ReceiverKit::config(rule.type), hostile(text, kind), {"id", "", "a@b.example"});
      EXPECT_TRUE(is_utf8(body));
      EXPECT_LE(body.size(), rule.most);
      if (rule.type == "opsgenie") body = body.substr(body.find('\n') + 1);
      const auto json = parse_json(body);
      ASSERT_TRUE(json) << body.substr(0, 300);
      std::vector<std::string> all;
      texts_of(*json, all);
      rule.check(body, all);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, HostileJson, testing::Range(std::size_t{0}, rules().size()),
                         [](const auto& param) { return rules()[param.param].type; });

TEST(HostileTexts, LeaveTextMessagesCallsAndMailsWhole) {
  for (const std::string& text : hostile_texts()) {
    for (const MessageKind kind : {MessageKind::page, MessageKind::notice, MessageKind::update}) {
      const Message message = hostile(text, kind);
      const std::string sms = render_sms(message);
      EXPECT_LE(sms.size(), 1600U);
      EXPECT_TRUE(is_utf8(sms));
      EXPECT_EQ(sms.find_first_of(std::string_view{"\x1b\r\0", 3}), std::string::npos);
      const std::string call = render_voice(message);
      EXPECT_LE(call.size(), 4000U);
      EXPECT_EQ(without(call, "</?(Response|Say)>|<Pause length=\"1\"/>").find_first_of("<>&"),
                std::string::npos)
          << call;
      const std::string mail =
          render(ReceiverKit::config("email"), message, {"id", "", "a@b.example"});
      const std::string head = mail.substr(0, mail.find("\r\n\r\n"));
      EXPECT_EQ(head.find("\r\nBcc:"), std::string::npos);
      std::size_t subjects = 0;
      for (std::size_t at = 0; (at = head.find("\r\nSubject:", at)) != std::string::npos; ++at)
        ++subjects;
      EXPECT_EQ(subjects, 1U);
      for (const char c : head) EXPECT_TRUE(c == '\r' || c == '\n' || (c >= 0x20 && c < 0x7F));
    }
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace earshot
