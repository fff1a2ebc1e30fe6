#include <gtest/gtest.h>

#include "earshot/core/json.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/curl.hpp"
#include "earshot/runtime/stall.hpp"
#include "support/pace.hpp"
#include "support/raw_server.hpp"
#include "support/run.hpp"
#include "support/test_server.hpp"

namespace earshot {
namespace {

NetworkPolicy local(bool insecure) {
  NetworkPolicy policy;
  policy.allow = {*parse_range("127.0.0.0/8"), *parse_range("::1")};
  policy.insecure_http = insecure;
  return policy;
}

std::string base64(const std::string& text) {
  static const char* const kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned value = 0;
    for (std::size_t k = 0; k < 3; ++k)
      value = value << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k > text.size() ? '=' : kLetters[(value >> (18 - 6 * k)) & 63U];
  }
  return out;
}

class Mail : public testing::Test {
 protected:
  Mail()
      : pool(make_curl_pool(loop.executor())),
        sender(make_mail_sender(*pool)),
        connector(make_mail_connector(*pool)) {}
  Result<void> send(SmtpMessage message) { return loop.run(sender->send(std::move(message))); }
  Result<std::unique_ptr<MailStream>> open(MailLogin login) {
    return loop.run(connector->open(std::move(login)));
  }

  Loop loop;
  std::unique_ptr<CurlPool> pool;
  std::unique_ptr<MailSender> sender;
  std::unique_ptr<MailConnector> connector;
};

// ---- SMTP, against a real server

class Smtp : public Mail {
 protected:
  void SetUp() override {
    if (!server) server = std::make_unique<TestServer>("smtp-sink.sh", 3);
    ASSERT_TRUE(server->started());
    control(server->word("control=") + "/messages", "DELETE");
  }
  static void TearDownTestSuite() { server.reset(); }

  SmtpMessage mail() const {
    SmtpMessage out;
    out.url = "smtp://localhost:" + std::to_string(server->port());
    out.from = "alerts@brightwave.example";
    out.to = {"ana@brightwave.example"};
    out.message =
        "Subject: Case 7\r\nMessage-ID: <7@brightwave.example>\r\n\r\nIt smokes.\r\n.\r\n..two\r\n";
    out.ca_file = server->word("ca=");
    out.timeout = seconds{30};  // of a machine that builds at the same time
    out.network = local(false);
    return out;
  }
  static void fault(const std::string& json) {
    control(server->word("control=") + "/fault", "POST", json);
  }
  static std::string kept() { return control(server->word("control=") + "/messages"); }
  static std::size_t count() {
    const std::string text = kept();
    const auto parsed = parse_json(text);
    return parsed && parsed->IsArray() ? parsed->Size() : 999;
  }

  static std::unique_ptr<TestServer>
      server;  // one for all tests of the suite: it takes a second to start
};
std::unique_ptr<TestServer> Smtp::server;

TEST_F(Smtp, DeliversByteForByteOverStartTlsAndTls) {
  SmtpMessage message = mail();
  const Result<void> sent = send(message);
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  message.url = "smtps://localhost:" + std::to_string(server->port(1));
  message.to = {"ana@brightwave.example", "bo@brightwave.example"};
  message.user = "daemon";
  message.password = "secret";
  const Result<void> again = send(message);
  ASSERT_TRUE(again.ok()) << again.error().message;
  const std::string text = kept();
  EXPECT_EQ(count(), 2U);
  EXPECT_NE(text.find(base64(message.message)), std::string::npos) << text;
  EXPECT_NE(
      text.find(
          R"("to":["ana@brightwave.example","bo@brightwave.example"],"tls":true,"user":"daemon")"),
      std::string::npos)
      << text;
  EXPECT_EQ(pool->in_flight(), 0U);
  EXPECT_EQ(pool->sockets(), 0U);
}

TEST_F(Smtp, TheReplyDecidesWhatComesNext) {
  struct Row {
    const char* fault;
    int status;
    Error::Kind kind;
  };
  const Row rows[] = {
      {R"({"stage":"connect","code":421})", 421, Error::Kind::transient},
      {R"({"stage":"connect","code":554})", 554, Error::Kind::permanent},
      {R"({"stage":"mail","code":452})", 452, Error::Kind::transient},
      {R"({"stage":"mail","code":550})", 550, Error::Kind::permanent},
      {R"({"stage":"rcpt","code":450})", 450, Error::Kind::transient},
      {R"({"stage":"rcpt","code":550})", 550, Error::Kind::permanent},
      {R"({"stage":"data","code":451})", 451, Error::Kind::transient},
      {R"({"stage":"end","code":554})", 554, Error::Kind::permanent},
      {R"({"stage":"end","code":451})", 451, Error::Kind::transient},
  };
  for (const Row& row : rows) {
    fault(row.fault);
    const Result<void> got = send(mail());
    ASSERT_FALSE(got.ok()) << row.fault;
    EXPECT_EQ(got.error().status, row.status) << row.fault << ": " << got.error().message;
    EXPECT_EQ(got.error().kind, row.kind) << row.fault;
    EXPECT_FALSE(got.error().uncertain) << row.fault;
  }
  EXPECT_EQ(count(), 0U);
  EXPECT_TRUE(send(mail()).ok());
}

TEST_F(Smtp, OneRefusedRecipientRefusesTheMail) {
  fault(R"({"stage":"rcpt","code":550,"match":"bo@"})");
  SmtpMessage message = mail();
  message.to = {"ana@brightwave.example", "bo@brightwave.example", "cy@brightwave.example"};
  const Result<void> got = send(message);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().status, 550);
  EXPECT_EQ(count(), 0U);
}

TEST_F(Smtp, AConnectionLostAfterTheMailIsUncertain) {
  fault(R"({"stage":"drop"})");
  const Result<void> got = send(mail());
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::transient);
  EXPECT_TRUE(got.error().uncertain) << got.error().message;
  EXPECT_EQ(count(), 1U);
}

TEST_F(Smtp, AnAnswerThatComesTooLateIsUncertain) {
  fault(R"({"stage":"slow","ms":30000})");
  SmtpMessage message = mail();
  message.timeout = seconds{4};  // must reach over the sign-on of a busy machine
  const Result<void> got = send(message);
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().uncertain) << got.error().message;
}

TEST_F(Smtp, AWrongPasswordAndAnUnknownAuthorityArePermanent) {
  SmtpMessage message = mail();
  message.user = "daemon";
  message.password = "wrong-password";
  const Result<void> login = send(message);
  ASSERT_FALSE(login.ok());
  EXPECT_EQ(login.error().kind, Error::Kind::permanent);
  EXPECT_EQ(login.error().status, 535) << login.error().message;
  EXPECT_EQ(login.error().message.find("wrong-password"), std::string::npos);

  message = mail();
  message.ca_file.clear();
  const Result<void> unknown = send(message);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind, Error::Kind::permanent) << unknown.error().message;
  EXPECT_FALSE(unknown.error().uncertain);
}

TEST_F(Mail, RefusesWhatMustNotBeSent) {
  const auto bad = [this](auto change) {
    SmtpMessage message;
    message.url = "smtp://127.0.0.1:1";
    message.from = "a@b.example";
    message.to = {"c@d.example"};
    message.message = "Subject: x\r\n\r\n";
    message.network = local(true);
    change(message);
    const Result<void> got = send(message);
    return !got.ok() && got.error().kind == Error::Kind::permanent && !got.error().uncertain;
  };
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.from = "a@b.example>\r\nRCPT TO:<e@f.example"; }));
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.to = {"c@d.example", "x\n@y.example"}; }));
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.to = {""}; }));
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.to.clear(); }));
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.message.clear(); }));
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.url = "http://127.0.0.1:1"; }));
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.url = "smtp://user:pw@127.0.0.1:1"; }));
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.url = "smtp://127.0.0.1:1/evil"; }));
  EXPECT_TRUE(bad([](SmtpMessage& m) { m.network.allow.clear(); }));
}

TEST_F(Mail, PlainSmtpWithoutStartTlsIsRefusedUnlessAllowed) {
  std::string heard;
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     const std::string hello = "220 old.example\r\n";
                     co_await peer.say(hello);
                     std::string line;
                     while (co_await peer.line(line)) {
                       heard += line;
                       std::string reply = "250 ok\r\n";
                       if (line == "DATA\r\n") reply = "354 go\r\n";
                       if (line.substr(0, 5) == "Subje" || line == "\r\n") continue;
                       co_await peer.say(reply);
                     }
                   }};
  SmtpMessage message;
  message.url = "smtp://127.0.0.1:" + std::to_string(server.port());
  message.from = "a@b.example";
  message.to = {"c@d.example"};
  message.message = "Subject: x\r\n\r\n";
  message.timeout = seconds{5};
  message.network = local(false);
  const Result<void> refused = send(message);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Error::Kind::permanent) << refused.error().message;
  EXPECT_EQ(heard.find("MAIL FROM"), std::string::npos);

  message.network = local(true);
  const Result<void> got = send(message);
  EXPECT_TRUE(got.ok()) << (got.ok() ? heard : got.error().message + heard);
  EXPECT_NE(heard.find("MAIL FROM:<a@b.example>"), std::string::npos);
}

// libcurl waits for the answer to QUIT inside one call; a server that never gives it must not hold
// up everything else.
TEST_F(Mail, AServerThatDoesNotAnswerQuitDoesNotStallTheLoop) {
  bool quit = false;
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     const std::string hello = "220 slow.example\r\n";
                     co_await peer.say(hello);
                     std::string line;
                     while (co_await peer.line(line)) {
                       quit = quit || line == "QUIT\r\n";
                       std::string reply = "250 ok\r\n";
                       if (line == "DATA\r\n") reply = "354 go\r\n";
                       if (line == "QUIT\r\n" || line.substr(0, 5) == "Subje" || line == "\r\n")
                         continue;
                       if (line.substr(0, 4) == "RCPT" && line.find("bad") != std::string::npos)
                         reply = "550 no\r\n";
                       co_await peer.say(reply);
                     }
                   }};
  StallWatch watch{milliseconds{5}};
  TaskGroup group{loop.executor()};
  group.spawn("watch", [&] { return watch.run(nullptr); });
  for (const char* to : {"good@d.example", "bad@d.example"}) {
    quit = false;
    SmtpMessage message;
    message.url = "smtp://127.0.0.1:" + std::to_string(server.port());
    message.from = "a@b.example";
    message.to = {to};
    message.message = "Subject: x\r\n\r\n";
    message.network = local(true);
    EXPECT_EQ(send(message).ok(), std::string{to} == "good@d.example");
    const auto clock = make_clock(loop.executor());
    loop.run(clock->sleep_for(milliseconds{20}));
    EXPECT_TRUE(quit);
  }
  EXPECT_LT(watch.worst(), kPace * milliseconds{200});
  group.cancel();
  loop.run(group.join());
}

TEST_F(Mail, CancellationOfASendDoesNotWaitForTheServer) {
  RawServer server{loop, [](RawConnection& peer) -> Task<> { co_await peer.request(); }};
  TaskGroup group{loop.executor()};
  group.spawn("sender", [&]() -> Task<> {
    SmtpMessage message;
    message.url = "smtp://127.0.0.1:" + std::to_string(server.port());
    message.from = "a@b.example";
    message.to = {"c@d.example"};
    message.message = "Subject: x\r\n\r\n";
    message.network = local(true);
    const Result<void> got = co_await sender->send(std::move(message));
    EXPECT_FALSE(got.ok());
  });
  const auto clock = make_clock(loop.executor());
  loop.run(clock->sleep_for(milliseconds{30}));
  const auto before = std::chrono::steady_clock::now();
  group.cancel();
  loop.run(group.join());
  EXPECT_LT(std::chrono::steady_clock::now() - before, kPace * milliseconds{50});
  sender.reset();  // waits for its threads
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds{1500});
}

// ---- IMAP, against Dovecot

class Imap : public Mail {
 protected:
  void SetUp() override {
    if (!server) server = std::make_unique<TestServer>("dovecot.sh", 5);
    ASSERT_TRUE(server->started());
  }
  static void TearDownTestSuite() { server.reset(); }

  MailLogin login(bool tls) const {
    MailLogin out;
    out.url = tls ? "imaps://localhost:" + std::to_string(server->port(1))
                  : "imap://localhost:" + std::to_string(server->port());
    out.user = "care";
    out.password = "secret";
    out.ca_file = server->word("ca=");
    out.timeout = seconds{10};
    out.network = local(false);
    return out;
  }
  static std::string token() {
    const std::string body =
        control(server->word("oauth=") + "/token?",
                "POST -u daemon:s3cret -d grant_type=refresh_token -d refresh_token=rt-care");
    const auto parsed = parse_json(body);
    EXPECT_TRUE(parsed.ok()) << body;
    return parsed ? std::string{string_at(*parsed, "access_token")} : std::string{};
  }
  /// Sends one command and reads to its tagged answer.
  std::string talk(MailStream& stream, std::string command) {
    const std::string tag = command.substr(0, command.find(' '));
    EXPECT_TRUE(loop.run(stream.write(std::move(command), seconds{5})).ok());
    std::string all;
    while (all.find("\r\n" + tag + " ") == std::string::npos &&
           all.substr(0, tag.size() + 1) != tag + " ") {
      const Result<std::string> part = loop.run(stream.read(4096, seconds{5}));
      EXPECT_TRUE(part.ok()) << part.error().message;
      if (!part) break;
      all += *part;
    }
    return all;
  }
  static std::unique_ptr<TestServer> server;
};
std::unique_ptr<TestServer> Imap::server;

TEST_F(Imap, ASignedInStreamCarriesBytesBothWays) {
  for (const bool tls : {true, false}) {
    auto stream = open(login(tls));
    ASSERT_TRUE(stream.ok()) << stream.error().message;
    EXPECT_NE(talk(**stream, "a1 EXAMINE INBOX\r\n").find("a1 OK"), std::string::npos);
    const std::string mail =
        "From: x@y.example\r\nSubject: big\r\n\r\n" + std::string(300'000, 'x') + "\r\n";
    ASSERT_TRUE(
        loop.run((*stream)->write("a2 APPEND INBOX {" + std::to_string(mail.size()) + "+}\r\n",
                                  seconds{5}))
            .ok());
    ASSERT_TRUE(loop.run((*stream)->write(mail + "\r\n", seconds{10})).ok());
    EXPECT_NE(talk(**stream, "a3 NOOP\r\n").find("a3 "), std::string::npos);
    const std::string got = talk(**stream, "a4 FETCH 1 (BODY.PEEK[])\r\n");
    EXPECT_NE(got.find(std::string(300'000, 'x')), std::string::npos) << got.substr(0, 300);
  }
}

TEST_F(Imap, AReadWithNothingToReadTimesOutAndTheStreamGoesOn) {
  auto stream = open(login(true));
  ASSERT_TRUE(stream.ok()) << stream.error().message;
  for (int i = 0; i < 3; ++i) {
    const Result<std::string> nothing = loop.run((*stream)->read(100, milliseconds{50}));
    ASSERT_FALSE(nothing.ok());
    EXPECT_NE(nothing.error().message.find("timed out after 50ms"), std::string::npos)
        << nothing.error().message;
  }
  EXPECT_NE(talk(**stream, "a1 NOOP\r\n").find("a1 OK"), std::string::npos);
  EXPECT_NE(talk(**stream, "a2 LOGOUT\r\n").find("a2 OK"), std::string::npos);
  const Result<std::string> end = loop.run((*stream)->read(100, seconds{5}));
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind, Error::Kind::transient);
  EXPECT_NE(end.error().message.find("closed by the server"), std::string::npos)
      << end.error().message;
}

TEST_F(Imap, CancellationEndsAReadAtOnce) {
  auto stream = open(login(true));
  ASSERT_TRUE(stream.ok()) << stream.error().message;
  TaskGroup group{loop.executor()};
  group.spawn("reader", [&]() -> Task<> {
    const Result<std::string> got = co_await (*stream)->read(100, minutes{5});
    EXPECT_FALSE(got.ok());
  });
  loop.settle();
  const auto before = std::chrono::steady_clock::now();
  group.cancel();
  loop.run(group.join());
  stream->reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, kPace * milliseconds{200});
}

TEST_F(Imap, RefusedLoginsArePermanentAndTheNetworkIsNot) {
  MailLogin wrong = login(true);
  wrong.password = "not-the-password";
  auto got = open(wrong);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::permanent) << got.error().message;
  EXPECT_EQ(got.error().message.find("not-the-password"), std::string::npos);

  MailLogin stranger = login(true);
  stranger.ca_file.clear();
  got = open(stranger);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::permanent) << got.error().message;

  MailLogin nobody = login(true);
  nobody.url = "imaps://127.0.0.1:1";
  got = open(nobody);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::transient) << got.error().message;

  MailLogin denied = login(true);
  denied.network.allow.clear();
  got = open(denied);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::permanent) << got.error().message;

  MailLogin path = login(true);
  path.url += "/INBOX";
  EXPECT_FALSE(open(path).ok());
}

TEST_F(Imap, AnOAuthTokenSignsInAndAWithdrawnOneDoesNot) {
  MailLogin bearer = login(true);
  bearer.password.clear();
  bearer.bearer = token();
  ASSERT_FALSE(bearer.bearer.empty());
  auto got = open(bearer);
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_NE(talk(**got, "a1 SELECT INBOX\r\n").find("a1 OK"), std::string::npos);
  bearer.bearer = "withdrawn-token";
  got = open(bearer);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::permanent) << got.error().message;
  EXPECT_EQ(got.error().message.find("withdrawn-token"), std::string::npos);
}

TEST_F(Imap, TwentyMailboxesOfOneServerAreOpenAtOnce) {
  std::vector<std::unique_ptr<MailStream>> streams;
  for (int i = 0; i < 20; ++i) {
    auto stream = open(login(true));
    ASSERT_TRUE(stream.ok()) << i << ": " << stream.error().message;
    streams.push_back(std::move(*stream));
  }
  for (const auto& stream : streams)
    EXPECT_NE(talk(*stream, "x NOOP\r\n").find("x OK"), std::string::npos);
}

}  // namespace
}  // namespace earshot
