// No memory for a parser or for a judgement: it ends with bad_alloc or an error, never with half a
// result, and loses nothing.
#include <gtest/gtest.h>

#include "../../src/sources/parse/feed.hpp"
#include "../../src/sources/parse/imap_response.hpp"
#include "../../src/sources/parse/mail.hpp"
#include "../../src/web/http/head.hpp"
#include "../../src/web/http/posts_body.hpp"
#include "../../src/web/http/request.hpp"
#include "allocations.hpp"
#include "earshot/classify/classifier.hpp"
#include "earshot/classify/lexicon.hpp"
#include "earshot/classify/second_opinion.hpp"
#include "earshot/config/load.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/oncall/calendar.hpp"
#include "earshot/receivers/answer.hpp"
#include "earshot/receivers/message_template.hpp"
#include "earshot/receivers/payload.hpp"
#include "earshot/route/matcher.hpp"
#include "earshot/sources/parse/social.hpp"
#include "earshot/text/entities.hpp"
#include "earshot/text/forget.hpp"
#include "earshot/text/html.hpp"
#include "earshot/text/mail_text.hpp"
#include "earshot/text/mask.hpp"
#include "earshot/triage/triage.hpp"
#include "torture.hpp"

namespace earshot {
namespace {

class TorturedParser : public testing::Test {
 protected:
  TorturedParser() { torture_libraries(); }
};

std::string said(const Parsed& parsed) {
  std::string out;
  for (const Post& post : parsed.posts) out += to_json(post) + "\n";
  for (const BadItem& item : parsed.bad) out += "bad: " + item.reason + "\n";
  for (const std::string& warning : parsed.warnings) out += "warning: " + warning + "\n";
  return out;
}

template <class Page>
std::string page(const Result<Page>& read) {
  return read ? said(read->parsed) : kRefused;
}

TEST_F(TorturedParser, Feeds) {
  torture(corpus("feed"), [](std::string_view bytes) {
    const auto feed = parse_feed({.body = bytes, .base_url = "https://f.example/x"});
    return feed ? feed->title + said(*feed) : kRefused;
  });
}

TEST_F(TorturedParser, Mails) {
  torture(corpus("mail"), [](std::string_view bytes) {
    const auto mail = parse_mail(bytes);
    return mail ? said(*mail) : kRefused;
  });
}

TEST_F(TorturedParser, SocialPages) {
  torture(corpus("json_pages", 10), [](std::string_view bytes) {
    const std::string_view body = bytes.substr(1);
    switch (static_cast<unsigned char>(bytes[0]) % 4) {
      case 0:
        return page(parse_mastodon(body));
      case 1:
        return page(parse_bluesky(body));
      case 2:
        return page(parse_x(body));
      default:
        return page(parse_reddit(body));
    }
  });
}

TEST_F(TorturedParser, Imap) {
  torture(corpus("imap"), [](std::string_view bytes) {
    ImapParser parser;
    parser.feed(bytes);
    std::string out;
    while (true) {
      const auto next = parser.next();
      if (!next) return std::string{kRefused};
      if (!*next) return out;
      out += (*next)->tag + " " + (*next)->name + " " + (*next)->text + "\n";
    }
  });
}

TEST_F(TorturedParser, Html) {
  torture(corpus("html"), [](std::string_view bytes) {
    const HtmlText html = html_to_text(bytes, {.base_url = "https://x.example/a/b"});
    const MailText mail = split_mail(html.text);
    return html.text + "\n" + mail.words + "\n" + mail.quoted;
  });
}

TEST_F(TorturedParser, Requests) {
  torture(corpus("http_request"), [](std::string_view bytes) {
    const HeadScan scan = scan_head(bytes);
    std::string out = std::string{scan.why} + std::to_string(scan.size);
    const auto target = parse_target("/api/v1/posts?source=push&name=a%20b");
    out += target ? target->path + target->query.at("name") : kRefused;
    return out;
  });
}

TEST_F(TorturedParser, PushedPosts) {
  const std::vector<std::string> bodies{
      R"([{"id":"1","text":"The lamp smokes","author":{"id":"a","handle":"ann"}},{"id":"2","text":"x"}])",
      "{\"id\":\"1\",\"text\":\"one\"}\nno post\n{\"id\":\"2\",\"text\":\"two\"}\n"};
  torture(bodies, [](std::string_view bytes) {
    const auto body = parse_posts(bytes);
    if (!body) return std::string{kRefused};
    std::string out;
    for (const Post& post : body->posts) out += to_json(post) + "\n";
    return out + std::to_string(body->rejected.size());
  });
}

TEST_F(TorturedParser, Calendars) {
  torture(corpus("calendar"), [](std::string_view bytes) {
    const auto events = parse_calendar(bytes);
    return events ? std::to_string(events->size()) : kRefused;
  });
}

TEST_F(TorturedParser, Configurations) {
  torture(corpus("config"), [](std::string_view bytes) {
    const std::vector<ConfigText> texts{{"some.yaml", std::string{bytes}}};
    const Loaded loaded = parse_config(texts, ".");
    return render(loaded.diagnostics) + (loaded.config ? "right" : "wrong");
  });
}

TEST_F(TorturedParser, Matchers) {
  torture(
      corpus("matcher"),
      [](std::string_view bytes) {
        const ParsedMatchers read = parse_matchers(bytes);
        std::string out;
        for (const Matcher& matcher : read.matchers) out += matcher.text() + "\n";
        return read.problem ? std::string{kRefused} : out;
      },
      Losses::of_a_library);
}

TEST_F(TorturedParser, Opinions) {
  torture(corpus("opinion"), [](std::string_view bytes) {
    OpinionPolicy policy;
    policy.model = "small";
    const auto read = read_opinion(policy, bytes);
    return read ? opinion_sentence(*read) : kRefused;
  });
}

TEST_F(TorturedParser, Words) {
  const std::vector<std::string> texts{
      "Call me on +49 170 1234567, ann@example.org, card 4111 1111 1111 1111. @Brightwave #lamp "
      "https://a.example/x"};
  torture(texts, [](std::string_view text) {
    const Entities found = extract_entities(text);
    return mask_personal(text) + std::to_string(found.mentions.size() + found.links.size());
  });
}

TEST_F(TorturedParser, Forgetting) {
  const std::vector<std::string> texts{
      R"({"state":"open","customer":"Mara Velez","said":["the lamp burnt my hand again today"],"n":7})"};
  torture(texts, [](std::string_view json) {
    Traces traces;
    traces.add_name("Mara Velez");
    traces.add_words("the lamp burnt my hand again today");
    return forget_own(json) + traces.without(json);
  });
}

TEST_F(TorturedParser, Answers) {
  const std::vector<std::string> bodies{
      R"({"ok":false,"error":"ratelimited"})", R"({"ok":true,"ts":"1417671948.000006"})",
      R"({"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-100}})"};
  torture(bodies, [](std::string_view body) {
    const ServiceAnswer answer{200, std::string{body}};
    std::string out;
    for (const auto read :
         {read_slack_api, read_telegram, read_matrix, read_discord, read_twilio}) {
      const Delivery it = read(answer);
      out += std::string{to_word(it.outcome)} + it.detail + it.id + it.moved_to + "\n";
    }
    return out;
  });
}

TEST_F(TorturedParser, Messages) {
  const std::vector<std::string> types{"email", "slack",  "teams",   "mattermost", "discord",
                                       "ntfy",  "matrix", "webhook", "pagerduty",  "telegram"};
  torture(types, [](std::string_view type) {
    ReceiverConfig receiver;
    receiver.name = "r";
    receiver.type = type;
    receiver.to = {"jo@example.org"};
    return render(receiver, sample_message(MessageKind::page), {"id", "", "earshot@example.org"});
  });
}

TEST_F(TorturedParser, Templates) {
  const std::vector<std::string> files{"{{#CASE}}{{NUMBER}} {{EXCERPT}}{{/CASE}} {{PERSON}}"};
  torture(
      files,
      [](std::string_view text) {
        ReceiverConfig receiver;
        receiver.name = "r";
        receiver.type = "email";
        receiver.templates["text"] = {"f.tpl", std::string{text}};
        const Templated got = with_templates(receiver, sample_message(MessageKind::page));
        return got.trouble.empty() ? got.message.said_text : kRefused;
      },
      Losses::of_a_library);
}

TEST_F(TorturedParser, Judgements) {
  Watch watch;
  watch.company.name = "Brightwave";
  watch.company.handles = {"Brightwave"};
  const Classifier classifier{Model{}, Lexicon{}, watch};
  const std::vector<std::string> texts{
      "Smoke came out of my Brightwave lamp, the plug melted and my daughter burnt her hand",
      "@Brightwave I have been waiting for my lamp for three weeks, this is a disgrace"};
  torture(texts, [&](std::string_view text) {
    Post post;
    post.id = "1";
    post.text = text;
    const Assessment assessment = classifier.account(post);
    const Decision decision = triage(post, assessment, {}, {});
    std::string out{to_word(decision.urgency)};
    for (const std::string& reason : decision.reasons) out += "\n" + reason;
    return out;
  });
}

}  // namespace
}  // namespace earshot
