// Approved replies on their way out: nothing is posted twice, whatever becomes of an answer.
#include "earshot/receivers/reply.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "earshot/core/json.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_http.hpp"
#include "support/fake_mail.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

const Instant kWritten = *parse_rfc3339("2026-03-02T09:30:00Z");
constexpr const char* kText = "@ann@far.example The plug melted & that's our fault.";
constexpr const char* kParent = R"({"id":"109","visibility":"unlisted","account":{"id":"5"}})";
constexpr const char* kOurs =
    R"({"descendants":[{"id":"110","in_reply_to_id":"109","url":"https://social.example/@care/110",
    "account":{"id":"77"},"content":"<p><span class=\"h-card\">@<span>ann</span></span> The plug melted &amp; that&#39;s our fault.</p>"}]})";
constexpr const char* kStranger =
    R"({"descendants":[{"id":"111","in_reply_to_id":"109","url":"https://social.example/@eve/111",
    "account":{"id":"66"},"content":"<p>The plug melted &amp; that&#39;s our fault.</p>"}]})";

Error cut() {
  Error out = transient("the connection was cut");
  out.uncertain = true;
  return out;
}

class ReplyKit : public testing::Test {
 protected:
  ReplyKit() {
    std::string name = (std::filesystem::temp_directory_path() / "earshot-reply-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    for (const char* file : {"token", "sky.pw"}) {
      std::ofstream{folder_ + "/" + file} << "CaNaRy7";
      ::chmod((folder_ + "/" + file).c_str(), 0600);
    }
    reply.parent = "109";
    reply.text = kText;
    reply.message_id = "reply-c1-v2";
    reply.at = reply.sent = kWritten;
  }
  ~ReplyKit() override { std::filesystem::remove_all(folder_); }

  static ReplyWay way_of(const std::string& type) {
    ReplyWay way;
    way.source = "mentions";
    way.type = type;
    way.as = "care@house.example";
    way.url = "https://social.example/";
    way.token_file = "token";
    way.identifier = "house.example";
    way.password_file = "sky.pw";
    return way;
  }
  Delivery deliver(const ReplyWay& way, int repeats = 0) {
    if (!receiver) {
      auto made = make_reply_receiver(way, smtp, {clock, http, mail, folder_});
      EXPECT_TRUE(made);
      receiver = *made;
    }
    OutboxRow row;
    row.receiver = reply_receiver(way.source);
    row.target = reply.to;
    row.body = render_reply(way, reply);
    row.message_id = reply.message_id;
    row.possible_repeats = repeats;
    return loop.run(receiver->deliver(row));
  }

  Loop loop;
  FakeClock clock{loop};
  FakeHttp http;
  FakeMailSender mail;
  SmtpConfig smtp;
  CustomerReply reply;
  std::shared_ptr<Receiver> receiver;
  std::string folder_;
};

TEST_F(ReplyKit, AStatusAnswersItsPostNoWiderThanThat) {
  http.answer(200, kParent);
  http.answer(200, R"({"id":"110","url":"https://social.example/@care/110"})");
  const Delivery out = deliver(way_of("mastodon"));
  EXPECT_EQ(out.outcome, DeliveryOutcome::ok) << out.detail;
  EXPECT_EQ(out.id, "https://social.example/@care/110");
  ASSERT_EQ(http.requests.size(), 2U);
  EXPECT_EQ(http.requests[0].url, "https://social.example/api/v1/statuses/109");
  EXPECT_EQ(http.requests[1].url, "https://social.example/api/v1/statuses");
  const auto body = parse_json(http.requests[1].body);
  EXPECT_EQ(string_at(*body, "status"), kText);
  EXPECT_EQ(string_at(*body, "in_reply_to_id"), "109");
  EXPECT_EQ(string_at(*body, "visibility"), "unlisted");
  bool keyed = false;
  for (const auto& [name, value] : http.requests[1].headers)
    keyed = keyed || (name == "Idempotency-Key" && value == "reply-c1-v2");
  EXPECT_TRUE(keyed);
  EXPECT_TRUE(http.requests[1].once);
}

TEST_F(ReplyKit, ALostAnswerIsLookedForAndNotPostedTwice) {
  const ReplyWay way = way_of("mastodon");
  http.answer(200, kParent);
  http.answer(cut());
  EXPECT_EQ(deliver(way).outcome, DeliveryOutcome::uncertain);
  http.answer(200, kParent);
  http.answer(200, R"({"id":"77"})");
  http.answer(200, kOurs);
  const Delivery out = deliver(way, 1);
  EXPECT_EQ(out.outcome, DeliveryOutcome::ok) << out.detail;
  EXPECT_EQ(out.id, "https://social.example/@care/110");
  EXPECT_EQ(http.requests.back().method, "GET");
  EXPECT_EQ(http.unused(), 0U);
}

TEST_F(ReplyKit, SomebodyElsesEqualWordsAreNotOurs) {
  http.answer(200, kParent);
  http.answer(200, R"({"id":"77"})");
  http.answer(200, kStranger);
  http.answer(200, R"({"id":"112","url":"https://social.example/@care/112"})");
  EXPECT_EQ(deliver(way_of("mastodon"), 1).id, "https://social.example/@care/112");
}

TEST_F(ReplyKit, WhoCannotLookDoesNotSend) {
  http.answer(200, kParent);
  http.answer(200, R"({"id":"77"})");
  http.answer(500, "");
  EXPECT_EQ(deliver(way_of("mastodon"), 1).outcome, DeliveryOutcome::again);
  http.answer(cut());
  EXPECT_EQ(deliver(way_of("mastodon"), 1).outcome, DeliveryOutcome::again);
  for (const HttpRequest& it : http.requests) EXPECT_EQ(it.method, "GET");
}

TEST_F(ReplyKit, APostThatIsGoneIsAnsweredByNobody) {
  http.answer(404, R"({"error":"Record not found"})");
  const Delivery out = deliver(way_of("mastodon"));
  EXPECT_EQ(out.outcome, DeliveryOutcome::refused);
  EXPECT_NE(out.detail.find("not there any more"), std::string::npos);
}

TEST_F(ReplyKit, OneAnswerGoneDisablesNoReceiver) {
  http.answer(200, kParent);
  http.answer(410, "");
  EXPECT_EQ(deliver(way_of("mastodon")).outcome, DeliveryOutcome::refused);
}

constexpr const char* kSession = R"({"accessJwt":"jwt1","refreshJwt":"r","did":"did:plc:us"})";
constexpr const char* kSky =
    R"({"posts":[{"uri":"at://did:plc:ann/app.bsky.feed.post/3k","cid":"cidp","record":{"reply":
    {"root":{"uri":"at://did:plc:bo/app.bsky.feed.post/3a","cid":"cidr"}}}}]})";
constexpr const char* kMade = R"({"uri":"at://did:plc:us/app.bsky.feed.post/3new","cid":"c"})";

TEST_F(ReplyKit, ARecordHasAKeyThatWasChosenBefore) {
  http.answer(200, kSession);
  http.answer(200, kSky);
  http.answer(200, kMade);
  const Delivery out = deliver(way_of("bluesky"));
  EXPECT_EQ(out.outcome, DeliveryOutcome::ok) << out.detail;
  EXPECT_EQ(out.id, "at://did:plc:us/app.bsky.feed.post/3new");
  const auto body = parse_json(http.requests.at(2).body);
  EXPECT_EQ(string_at(*body, "rkey").size(), 13U);
  const JsonValue& refs = *find(*find(*body, "record"), "reply");
  EXPECT_EQ(string_at(*find(refs, "root"), "cid"), "cidr");
  EXPECT_EQ(string_at(*find(refs, "parent"), "cid"), "cidp");
}

TEST_F(ReplyKit, ARecordIsLookedForUnderItsKey) {
  const ReplyWay way = way_of("bluesky");
  http.answer(200, kSession);
  http.answer(200, kSky);
  http.answer(500, R"({"error":"InternalServerError"})");
  EXPECT_EQ(deliver(way).outcome, DeliveryOutcome::uncertain);
  const std::string key{string_at(*parse_json(http.requests.back().body), "rkey")};
  http.answer(200, kSky);
  http.answer(200, kMade);
  EXPECT_EQ(deliver(way, 1).outcome, DeliveryOutcome::ok);
  EXPECT_NE(http.requests.back().url.find("getRecord"), std::string::npos);
  EXPECT_NE(http.requests.back().url.find("rkey=" + key), std::string::npos);
  http.answer(200, kSky);
  http.answer(400, R"({"error":"RecordNotFound"})");
  http.answer(200, kMade);
  EXPECT_EQ(deliver(way, 1).outcome, DeliveryOutcome::ok);
  EXPECT_EQ(string_at(*parse_json(http.requests.back().body), "rkey"), key);
}

TEST_F(ReplyKit, AnExpiredTokenIsRenewedOnce) {
  http.answer(200, kSession);
  http.answer(400, R"({"error":"ExpiredToken"})");
  http.answer(200, kSession);
  http.answer(200, kSky);
  http.answer(200, kMade);
  EXPECT_EQ(deliver(way_of("bluesky")).outcome, DeliveryOutcome::ok);
}

TEST_F(ReplyKit, AWrongPasswordIsAFaultOfTheConfiguration) {
  http.answer(401, R"({"error":"AuthenticationRequired"})");
  const Delivery out = deliver(way_of("bluesky"));
  EXPECT_EQ(out.outcome, DeliveryOutcome::refused);
  EXPECT_EQ(out.detail.find("CaNaRy7"), std::string::npos);
}

TEST_F(ReplyKit, AMailStandsInTheCustomersThread) {
  reply.parent = "m1@client.example";
  reply.to = "ann@example.org";
  reply.subject = "My Glow \xC3\xBC";
  reply.name = "Brightwave";
  EXPECT_EQ(deliver(way_of("imap")).outcome, DeliveryOutcome::ok);
  const SmtpMessage& sent = mail.messages.at(0);
  EXPECT_EQ(sent.from, "care@house.example");
  EXPECT_EQ(sent.to, std::vector<std::string>{"ann@example.org"});
  for (const char* line :
       {"From: Brightwave <care@house.example>\r\n", "In-Reply-To: <m1@client.example>\r\n",
        "References: <m1@client.example>\r\n", "Message-ID: <reply-c1-v2@house.example>\r\n"})
    EXPECT_NE(sent.message.find(line), std::string::npos) << line << sent.message;
  EXPECT_EQ(sent.message.find("Auto-Submitted"), std::string::npos);  // a person wrote it
}

TEST_F(ReplyKit, AMailIsNeverRepeatedByItself) {
  reply.to = "ann@example.org";
  mail.answer(cut());
  EXPECT_EQ(deliver(way_of("imap")).outcome, DeliveryOutcome::uncertain);
  EXPECT_EQ(deliver(way_of("imap"), 1).outcome, DeliveryOutcome::uncertain);
  EXPECT_EQ(mail.messages.size(), 1U);
  EXPECT_FALSE(receiver->honours_keys());
}

TEST_F(ReplyKit, HeadersCannotBeForged) {
  reply.to = "ann@example.org\r\nBcc: eve@example.org";
  reply.subject = "x\r\nBcc: eve@example.org";
  const std::string text = render_reply(way_of("imap"), reply);
  EXPECT_EQ(text.find("\r\nBcc:"), std::string::npos);
}

TEST(Tid, GrowsWithTimeAndIsThirteenLong) {
  const std::string a = tid_of(kWritten, 5);
  const std::string b = tid_of(kWritten + milliseconds{1}, 5);
  EXPECT_EQ(a.size(), 13U);
  EXPECT_LT(a, b);
  EXPECT_EQ(a, tid_of(kWritten, 5));
  EXPECT_NE(a, tid_of(kWritten, 6));
}

}  // namespace
}  // namespace earshot
