#include <gtest/gtest.h>

#include <map>

#include "../../src/sources/make.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_http.hpp"
#include "support/fake_mail.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

std::string mail(int n) {
  return "From: a@x.example\r\nSubject: s" + std::to_string(n) + "\r\nMessage-ID: <" +
         std::to_string(n) + "@x>\r\n\r\n)\r\nE4 OK done\r\n* BYE\r\n";
}

/// A mailbox that answers the commands the source sends.
struct Mailbox : FakeMailServer {
  std::map<std::uint32_t, std::string> mails;
  std::uint32_t validity = 7;
  std::uint32_t uid_next = 1;
  bool expunged_in_flight = false;

  Mailbox() {
    reply = [this](const std::string& bytes) { return answer(bytes); };
  }
  void put(std::uint32_t uid) {
    mails[uid] = mail(static_cast<int>(uid));
    uid_next = std::max(uid_next, uid + 1);
  }
  std::string answer(const std::string& bytes) {
    const std::string tag = bytes.substr(0, bytes.find(' '));
    const std::string words = bytes.substr(tag.size() + 1);
    const std::string ok = tag + " OK done\r\n";
    if (words.starts_with("CAPABILITY")) return "* CAPABILITY IMAP4rev1 IDLE\r\n" + ok;
    if (words.starts_with("EXAMINE")) {
      return "* OK [UIDVALIDITY " + std::to_string(validity) + "] v\r\n* OK [UIDNEXT " +
             std::to_string(uid_next) + "] n\r\n" + ok;
    }
    if (words.starts_with("UID SEARCH UID ")) {
      const auto from = static_cast<std::uint32_t>(std::stoul(words.substr(15)));
      std::string found = "* SEARCH";
      for (const auto& [uid, text] : mails) found += uid >= from ? " " + std::to_string(uid) : "";
      return found + "\r\n" + ok;
    }
    if (words.starts_with("UID FETCH")) return fetch(words) + ok;
    return tag + " BAD what\r\n";
  }
  std::string fetch(const std::string& words) {
    std::string out;
    const bool bodies = words.find("BODY.PEEK[]") != std::string::npos;
    for (const auto& [uid, text] : mails) {
      const std::string size = std::to_string(text.size());
      if (bodies && expunged_in_flight && uid == 2) {
        out += "* 2 FETCH (UID 2 BODY[] NIL)\r\n";
      } else if (bodies) {
        out +=
            "* 1 FETCH (UID " + std::to_string(uid) + " BODY[] {" + size + "}\r\n" + text + ")\r\n";
      } else {
        out += "* 1 FETCH (UID " + std::to_string(uid) + " RFC822.SIZE " + size +
               " INTERNALDATE \"23-Nov-2026 16:26:34 +0100\")\r\n";
      }
    }
    return out;
  }
};

struct Imap : testing::Test {
  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  FakeHttp http;
  Mailbox box;
  FakeMailConnector connector{box};
  SourceTools tools{clock, dice, http, connector, ""};

  std::unique_ptr<Source> source(StartPolicy::Kind start) {
    SourceConfig config;
    config.name = "care";
    config.type = "imap";
    config.url = "imaps://mail.example/Box%20%C3%A4";
    config.min_every = seconds{5};
    config.start.kind = start;
    return make_imap(config, tools);
  }
  Batch poll(Source& from, const std::string& state) {
    Result<Batch> batch = loop.run(clock, from.poll(state));
    EXPECT_TRUE(batch.ok()) << (batch.ok() ? "" : batch.error().message);
    return batch.ok() ? std::move(*batch) : Batch{};
  }
};

TEST_F(Imap, ReadsEverythingOnceAndNeverSelects) {
  for (std::uint32_t uid = 1; uid <= 3; ++uid) box.put(uid);
  const auto care = source(StartPolicy::Kind::all);
  const Batch first = poll(*care, "");
  ASSERT_EQ(first.posts.size(), 3U);
  EXPECT_EQ(first.posts[0].id, "1@x");
  EXPECT_EQ(first.posts[0].source, "care");
  EXPECT_EQ(first.posts[0].text, ")\nE4 OK done\n* BYE");
  ASSERT_TRUE(first.posts[0].created_at.has_value());
  EXPECT_EQ(to_rfc3339(*first.posts[0].created_at), "2026-11-23T15:26:34Z");
  EXPECT_TRUE(poll(*care, first.next).posts.empty());
  box.put(9);
  const Batch later = poll(*care, first.next);
  ASSERT_EQ(later.posts.size(), 1U);
  EXPECT_EQ(later.posts[0].id, "9@x");
  for (const std::string& words : box.written) {
    EXPECT_EQ(words.find("SELECT"), std::string::npos);
    EXPECT_EQ(words.find("STORE"), std::string::npos);
  }
  EXPECT_NE(box.written[1].find("EXAMINE \"Box &AOQ-\""), std::string::npos) << box.written[1];
}

// What comes while nobody listens must not wait for the next poll.
TEST_F(Imap, AConnectionCutWhileItListensIsPolledAnewSoon) {
  const auto care = source(StartPolicy::Kind::all);
  poll(*care, "");
  box.closes = true;
  const Instant before = clock.now();
  loop.run(clock, care->wait(minutes{10}));
  EXPECT_GE(clock.now() - before, seconds{1});
  EXPECT_LE(clock.now() - before, seconds{10});
}

TEST_F(Imap, StartNowPassesTheArchive) {
  box.put(5);
  const auto care = source(StartPolicy::Kind::now);
  const Batch first = poll(*care, "");
  EXPECT_TRUE(first.baseline);
  EXPECT_TRUE(first.posts.empty());
  box.put(6);
  EXPECT_EQ(poll(*care, first.next).posts.size(), 1U);
}

TEST_F(Imap, AnotherUidvalidityIsReadAnewAndSaid) {
  box.put(8);
  const auto care = source(StartPolicy::Kind::all);
  const Batch first = poll(*care, "");
  box.mails.clear();
  box.validity = 8;
  box.uid_next = 1;
  box.put(1);
  const Batch again = poll(*care, first.next);
  EXPECT_FALSE(again.gap.empty());
  EXPECT_FALSE(again.baseline);
  EXPECT_EQ(again.posts.size(), 1U);
}

TEST_F(Imap, AMailExpungedMeanwhileIsPassed) {
  box.put(1);
  box.put(2);
  box.expunged_in_flight = true;
  const auto care = source(StartPolicy::Kind::all);
  const Batch batch = poll(*care, "");
  EXPECT_EQ(batch.posts.size(), 1U);
  EXPECT_TRUE(batch.bad.empty());
}

TEST_F(Imap, AnUnreadableMailIsKeptForQuarantine) {
  box.put(1);
  box.mails[1] = "no mail\r\n";
  const auto care = source(StartPolicy::Kind::all);
  const Batch batch = poll(*care, "");
  EXPECT_TRUE(batch.posts.empty());
  ASSERT_EQ(batch.bad.size(), 1U);
  EXPECT_EQ(batch.bad[0].raw, "no mail\r\n");
}

TEST_F(Imap, ARefusedLoginIsPermanent) {
  connector.refuse(permanent("login refused"));
  const auto care = source(StartPolicy::Kind::all);
  const Result<Batch> batch = loop.run(clock, care->poll(""));
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.error().kind, Error::Kind::permanent);
}

}  // namespace
}  // namespace earshot
