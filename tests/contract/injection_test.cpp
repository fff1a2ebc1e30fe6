// Words of strangers in every place that renders them (RELIABILITY P26): one oracle a sink, which
// knows nothing of how the sink escapes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "../../src/runtime/log_line.hpp"
#include "../../src/web/page.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/digest/digest.hpp"
#include "earshot/digest/policy.hpp"
#include "earshot/digest/report.hpp"
#include "receiver_kit.hpp"
#include "support/payloads.hpp"

namespace earshot {
namespace {

std::vector<DigestSection> every_section() {
  std::vector<DigestSection> out;
  for (const std::string_view word : kWordsOf<DigestSection>)
    out.push_back(*from_word<DigestSection>(word));
  return out;
}

/// Elements and their attributes, as a browser would see them: `<a href class>`.
std::map<std::string, int> elements(const std::string& html) {
  std::map<std::string, int> out;
  for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos;) {
    std::string tag;
    char quote = 0;
    for (++at; at < html.size() && (quote != 0 || html[at] != '>'); ++at) {
      const char c = html[at];
      if (quote == 0 && (c == '"' || c == '\''))
        quote = c, tag += '=';
      else if (c == quote)
        quote = 0;
      else if (quote == 0)
        tag += c;
    }
    ++out[tag];
  }
  return out;
}

/// No element or attribute is there that harmless words do not make, and nothing runs.
void holds_html(const std::string& got, const std::string& harmless) {
  const auto want = elements(harmless);
  for (const auto& [tag, times] : elements(got)) {
    const auto found = want.find(tag);
    EXPECT_TRUE(found != want.end() && found->second >= times) << "<" << tag << "> x" << times;
  }
  for (const char* scheme : {"=\"javascript:", "=\"data:", "=\"vbscript:"})
    EXPECT_EQ(to_lower_ascii(got).find(scheme), std::string::npos) << scheme;
  EXPECT_TRUE(is_utf8(got));
}

/// What a terminal, a log or a pager may get: lines of visible characters.
void holds_terminal(const std::string& text, bool lines) {
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint at = decode_utf8(text, i);
    const char32_t c = at.value;
    const bool line = lines && (c == '\n' || c == '\t');
    const bool hidden = (c < 0x20 && !line) || (c >= 0x7F && c <= 0x9F) || c == 0x2028 ||
                        c == 0x2029 || c == 0x61C || c == 0x200E || c == 0x200F ||
                        (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    EXPECT_FALSE(hidden) << fmt::format("U+{:04X} at {}", static_cast<std::uint32_t>(c), i);
    if (hidden) return;
    i += at.length;
  }
}

class Injection : public testing::Test {
 protected:
  /// Calls with each payload, alone and within words.
  template <class Work>
  void each(Work work) {
    ASSERT_GE(hostile_payloads().size(), 400U);
    for (const Payload& it : hostile_payloads()) {
      for (const std::string& text : {it.text, "My lamp " + it.text + " smokes"}) {
        SCOPED_TRACE(it.kind + ": " + printable(cut_utf8(text, 80)));
        work(text);
        if (HasFailure()) return;
      }
    }
  }
};

Message message_of(const std::string& text, MessageKind kind) {
  Message out = sample_message(kind);
  out.headline = "Page: " + text;
  if (kind == MessageKind::update) out.text = "jo noted: " + text;
  for (MessageCase& it : out.cases) {
    it.customer = it.title = it.excerpt = text;
    it.reasons = {text};
    it.url = text;
  }
  return out;
}

Digest digest_of(const std::string& text) {
  Digest out;
  out.span.name = "2026-03-01", out.span.head = "ab";
  out.in = 3;
  out.rules = {{text, 1}}, out.people = {{text, 1}};
  out.items = {{DigestBucket::person, 1, 1, "c1", 1, text}};
  out.by_hand = {{1, {}, text, "dismissed", text, text}};
  out.top_why = {{text, 1}};
  out.times = {{"first_answer", "team", text, {25, minutes{1}, minutes{2}, minutes{3}}}};
  out.calls = out.ends = out.missed = out.letters = {{text, 1}};
  out.answers = out.departments = {{text, 2, 1}};
  return out;
}

TEST_F(Injection, PagesAndDigestsHoldNoElementOfTheirs) {
  const auto page = [](const std::string& text) {
    AckPage it;
    it.token = text, it.grant.case_id = it.grant.person = text;
    it.key = {"k", std::string(32, 's'), ""};
    Case about;
    about.number = 7, about.title = about.excerpt = about.customer_name = about.owner = text;
    std::string all = ack_problem(400, text).body;
    for (const LinkLevel level : {LinkLevel::button, LinkLevel::code, LinkLevel::login}) {
      it.level = level;
      all += ack_question(about, it).body + ack_done(about, it).body;
    }
    return all;
  };
  const auto sections = every_section();
  const std::string harmless_page = page("x");
  const std::string harmless_digest = digest_html(digest_of("x"), sections, "UTC");
  each([&](const std::string& text) {
    holds_html(page(text), harmless_page);
    holds_html(digest_html(digest_of(text), sections, "UTC"), harmless_digest);
  });
}

TEST_F(Injection, TemplatesInHtmlHoldNoElementOfTheirs) {
  ReceiverConfig receiver = ReceiverKit::config("email");
  receiver.templates["html"] = {"html.tpl",
                                "<p title=\"{{HEADLINE}}\">{{#CASE}}{{EXCERPT}} {{CUSTOMER}}"
                                "<a href=\"{{POST_URL}}\">post</a>{{/CASE}}</p>"};
  const auto html = [&](const std::string& text) {
    const Templated got = with_templates(receiver, message_of(text, MessageKind::page));
    EXPECT_EQ(got.trouble.empty(), !got.message.said_html.empty()) << got.trouble;
    return got.message.said_html;  // empty where it came out too long: then the built-in words go
  };
  const std::string harmless = html("x");
  each([&](const std::string& text) { holds_html(html(text), harmless); });
}

/// Names of a logfmt line's fields, as its parsers read them.
std::vector<std::string> fields_of_logfmt(const std::string& line) {
  std::vector<std::string> out(1);
  bool quoted = false, value = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '\\')
      ++i;
    else if (line[i] == '"')
      quoted = !quoted;
    else if (!quoted && line[i] == ' ')
      out.emplace_back(), value = false;
    else if (!quoted && line[i] == '=')
      value = true;
    else if (!value)
      out.back() += line[i];
  }
  EXPECT_FALSE(quoted) << line;
  return out;
}

TEST_F(Injection, ALogLineStaysOneLineOfVisibleCharacters) {
  each([&](const std::string& text) {
    for (const LogShape shape :
         {LogShape::logfmt, LogShape::json, LogShape::journal, LogShape::journal_json}) {
      const std::string line =
          log_line(shape, LogLevel::warn, {}, "source failed", {{"why", text}, {"last", "end"}});
      holds_terminal(line, false);
      EXPECT_LE(line.size(), 12 * kLogValueBytes);
      if (shape == LogShape::json) {
        const auto json = parse_json(line);
        ASSERT_TRUE(json) << line;
        EXPECT_EQ(json->MemberCount(), 5U);
        EXPECT_EQ(string_at(*json, "level"), "warn");
      } else if (shape == LogShape::logfmt) {
        const std::vector<std::string> want{"time", "level", "event", "why", "last"};
        EXPECT_EQ(fields_of_logfmt(line), want) << line;
      }
    }
  });
}

/// RFC 4180, read by other code than wrote it.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& cell = rows.back().back();
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
      cell += text[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && c == ',')
      rows.back().emplace_back();
    else if (!quoted && c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
      ++i, rows.emplace_back(1);
    else
      cell += c;
  }
  EXPECT_FALSE(quoted);
  rows.pop_back();
  return rows;
}

TEST_F(Injection, ACellOfASpreadsheetIsNeverAFormulaAndStaysOneCell) {
  each([&](const std::string& text) {
    Report report;
    report.columns = {"who", "why", "n"};
    report.rows = {{text, "x", "1"}, {"y", text, "2"}};
    const std::string csv = report_csv(report);
    const auto rows = read_csv(csv);
    ASSERT_EQ(rows.size(), 3U);
    for (const auto& row : rows) {
      ASSERT_EQ(row.size(), 3U);
      for (const std::string& cell : row) {
        for (const char* begin :
             {"=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"})
          EXPECT_FALSE(cell.starts_with(begin)) << cell.substr(0, 20);
      }
    }
    EXPECT_TRUE(rows[2][1] == text || rows[2][1] == "'" + text);
    // Where a spreadsheet's list separator is a semicolon, a bare one would begin a new cell.
    bool quoted = false;
    for (const char c : csv) {
      quoted = quoted != (c == '"');
      EXPECT_TRUE(quoted || c != ';') << csv.substr(0, 100);
    }
  });
}

TEST_F(Injection, AMailHasTheFieldsThatItShouldHaveAndNoOthers) {
  const auto fields = [](const std::string& mail) {
    std::multiset<std::string> out;
    const std::string head = mail.substr(0, mail.find("\r\n\r\n"));
    for (std::size_t at = 0; at < head.size();) {
      const std::size_t end = std::min(head.find("\r\n", at), head.size());
      const std::string line = head.substr(at, end - at);
      if (line[0] != ' ' && line[0] != '\t') out.insert(line.substr(0, line.find(':')));
      EXPECT_LE(line.size(), 998U);
      at = end + 2;
    }
    return out;
  };
  for (const MessageKind kind : {MessageKind::page, MessageKind::notice, MessageKind::update}) {
    const auto mail = [&](const std::string& text) {
      return render(ReceiverKit::config("email"), message_of(text, kind),
                    {"id", "", "a@b.example"});
    };
    const auto want = fields(mail("x"));
    each([&](const std::string& text) {
      const std::string got = mail(text);
      EXPECT_EQ(fields(got), want);
      for (std::size_t i = 0; i < got.size(); ++i) {
        const bool crlf = got[i] != '\n' || (i > 0 && got[i - 1] == '\r');
        EXPECT_TRUE(crlf && got[i] != '\0') << i;
        if (!crlf) return;
      }
      for (const char c : got.substr(0, got.find("\r\n\r\n")))
        EXPECT_TRUE(c == '\r' || c == '\n' || (c >= 0x20 && c < 0x7F));
    });
  }
}

/// Strings of a JSON document, its names with them.
void words_of(const JsonValue& value, std::vector<std::string>& names) {
  if (value.IsArray())
    for (const JsonValue& it : value.GetArray()) words_of(it, names);
  if (!value.IsObject()) return;
  for (const auto& it : value.GetObject()) {
    names.emplace_back(it.name.GetString(), it.name.GetStringLength());
    words_of(it.value, names);
  }
}

TEST_F(Injection, ABodyOfEveryReceiverHasTheMembersThatItShouldHave) {
  for (const char* type : {"slack", "mattermost", "discord", "telegram", "matrix", "teams", "ntfy",
                           "pagerduty", "opsgenie", "webhook", "exec", "alertmanager", "log"}) {
    SCOPED_TRACE(type);
    const auto names = [&](const std::string& text) {
      std::string body = render(ReceiverKit::config(type), message_of(text, MessageKind::page),
                                {"id", "", "a@b.example"});
      if (body.starts_with("/")) body = body.substr(body.find('\n') + 1);
      std::vector<std::string> out;
      const auto json = parse_json(body);
      EXPECT_TRUE(json) << body.substr(0, 200);
      for (const char c : body) EXPECT_GE(static_cast<unsigned char>(c), 0x20U);
      if (json) words_of(*json, out);
      return std::set<std::string>{out.begin(), out.end()};
    };
    std::set<std::string> want = names("x");
    want.merge(names("https://social.example/1"));
    each([&](const std::string& text) {
      for (const std::string& name : names(text)) EXPECT_TRUE(want.contains(name)) << name;
    });
  }
}

/// Nobody is called and nothing leads anywhere under another name.
void holds_chat(const std::string& type, const std::string& body) {
  if (type == "slack") {
    for (const char* call : {"<!channel", "<!here", "<!everyone", "<!subteam", "<@U", "<#C",
                             "<!date", "<mailto:", "<https://evil.example|"})
      EXPECT_EQ(body.find(call), std::string::npos) << call;
  }
  if (type == "discord") {
    EXPECT_NE(body.find(R"("allowed_mentions":{"parse":[]})"), std::string::npos);
  }
  if (type == "mattermost" || type == "discord" || type == "slack") {
    for (const char* call : {"@everyone", "@here", "@channel", "@all"})
      EXPECT_EQ(body.find(call), std::string::npos) << call;
  }
  if (type == "matrix") {
    EXPECT_NE(body.find(R"("m.mentions":{})"), std::string::npos);
  }
  if (type == "teams") {
    EXPECT_EQ(body.find("<at>"), std::string::npos);
    EXPECT_EQ(body.find(R"(TextBlock","text)"), std::string::npos);  // a TextRun reads no Markdown
    EXPECT_EQ(body.find("{{DATE("), std::string::npos);
  }
  if (type == "mattermost" || type == "discord") {  // these read Markdown
    EXPECT_EQ(body.find("](https://evil.example"), std::string::npos);
  }
}

TEST_F(Injection, AChatCallsNobodyAndHidesNoLink) {
  for (const char* type :
       {"slack", "mattermost", "discord", "telegram", "matrix", "teams", "ntfy"}) {
    SCOPED_TRACE(type);
    each([&](const std::string& text) {
      for (const MessageKind kind : {MessageKind::page, MessageKind::update})
        holds_chat(type, render(ReceiverKit::config(type), message_of(text, kind),
                                {"id", "", "a@b.example"}));
    });
  }
}

TEST_F(Injection, ATextMessageAndACallHoldNoOrderOfTheirs) {
  const std::string harmless = render_voice(message_of("x", MessageKind::page));
  each([&](const std::string& text) {
    const Message message = message_of(text, MessageKind::page);
    holds_terminal(render_sms(message), true);
    holds_html(render_voice(message), harmless);
  });
}

}  // namespace
}  // namespace earshot
