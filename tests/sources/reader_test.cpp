// The reader's process: the real program, its real death.
#include "earshot/sources/reader.hpp"

#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <unistd.h>

#include <boost/asio/thread_pool.hpp>
#include <fstream>

#include "../../src/sources/foreign.hpp"
#include "../../src/sources/reader_lane.hpp"
#include "../../src/store/files.hpp"
#include "earshot/core/ids.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_http.hpp"
#include "support/fake_mail.hpp"
#include "support/run.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

std::string item(const std::string& id, const std::string& words) {
  return "<item><guid>" + id + "</guid><title>" + words + "</title></item>";
}
std::string feed(const std::string& items) {
  return "<rss version=\"2.0\"><channel><title>Press</title>" + items + "</channel></rss>";
}

struct ReaderBench : testing::Test {
  CompanionOptions options() const {
    CompanionOptions out = reader_program();
    out.program = build_tree() + "/earshotd";
    out.environment = environment;
    if (!program.empty()) out.program = program;
    return out;
  }
  void use() {
    ReaderHooks hooks;
    hooks.died = [this](const std::string& source, const std::string& why) {
      deaths.push_back(source + ": " + why);
    };
    hooks.begun_again = [this] { ++begun_again; };
    reader = std::make_unique<Reader>(options(), lanes.get_executor(), lanes.get_executor(), hooks);
    tools.reader = reader.get();
  }
  Result<Reading> read(const std::string& document, ReadKind kind = ReadKind::feed) {
    ReadOrder order{.kind = kind, .bytes = document, .base_url = "https://a.example/"};
    return loop.run(read_foreign(&tools, "press", order));
  }
  pid_t process() const { return reader->lane_of(1).companion.process(); }

  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  FakeHttp http;
  FakeMailServer mail_server;
  FakeMailConnector mail{mail_server};
  sqlite::PoisonFile guard{""};
  SourceTools tools{clock, dice, http, mail, ".", &guard};
  boost::asio::thread_pool lanes{1};
  std::vector<std::string> environment;
  std::string program;
  std::vector<std::string> deaths;
  int begun_again = 0;
  std::unique_ptr<Reader> reader;
};

TEST_F(ReaderBench, ReadsWhatThisProcessWouldRead) {
  use();
  const std::string document = feed(item("a", "Kettle") + item("b", "Lamp"));
  const auto there = read(document);
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(std::get<ParsedFeed>(*there).posts.at(1).id, "b");
  EXPECT_GT(process(), 0);
  EXPECT_NE(process(), ::getpid());
  const auto none = read("<html></html>");
  tools.reader = nullptr;
  EXPECT_EQ(none.error().message, read("<html></html>").error().message);
  EXPECT_TRUE(deaths.empty());
}

TEST_F(ReaderBench, HasNothingOpenButItsConnection) {
  use();
  ASSERT_TRUE(read(feed(item("a", "Kettle"))));
  int open = 0;
  const std::string folder = "/proc/" + std::to_string(process()) + "/fd";
  if (::geteuid() != 0) {  // a process that nobody may look into, except root
    EXPECT_FALSE(std::ifstream{folder + "/../environ"}.good());
    return;
  }
  for (int file = 0; file < 64; ++file)
    open += ::access((folder + "/" + std::to_string(file)).c_str(), F_OK) == 0 ? 1 : 0;
  EXPECT_EQ(open, 1);
  std::ifstream in{"/proc/" + std::to_string(process()) + "/environ"};
  EXPECT_EQ(in.peek(), std::ifstream::traits_type::eof());
}

TEST_F(ReaderBench, ConvertsCharsetsWithoutOpeningAFile) {
  use();
  for (const std::string name : {"koi8-r", "gb2312", "iso-2022-jp", "windows-1251", "IBM1390"}) {
    const auto got = read("From: =?" + name +
                              "?q?=C1?= <a@a.example>\r\nSubject: s\r\nContent-Type: text/plain;"
                              " charset=" +
                              name + "; name*=" + name + "''%C1\r\n\r\n\xC1\xC2\r\n",
                          ReadKind::mail);
    ASSERT_TRUE(got) << name << ": " << got.error().message;
    EXPECT_EQ(std::get<Parsed>(*got).posts.size(), 1U) << name;
  }
  EXPECT_TRUE(deaths.empty());
}

TEST_F(ReaderBench, AnItemThatKillsItIsSetAsideAloneAfterThreeDeaths) {
  environment = {"EARSHOT_CRASH_ON=read:xyzzy"};
  use();
  const std::string document = feed(item("a", "Kettle") + item("b", "xyzzy") + item("c", "Lamp"));
  for (int death = 1; death <= PoisonGuard::kDeaths; ++death) {
    const auto got = read(document);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, Error::Kind::transient);
    EXPECT_EQ(deaths.size(), static_cast<std::size_t>(death));
    EXPECT_TRUE(read(feed(item("z", "another document"))));
  }
  const auto got = read(document);
  ASSERT_TRUE(got) << got.error().message;
  const auto& parsed = std::get<ParsedFeed>(*got);
  ASSERT_EQ(parsed.posts.size(), 2U);
  ASSERT_EQ(parsed.bad.size(), 1U);
  EXPECT_EQ(parsed.bad[0].reason, kPoison);
  EXPECT_NE(parsed.bad[0].raw.find("xyzzy"), std::string::npos);
  EXPECT_EQ(begun_again, 3);
}

TEST_F(ReaderBench, AMailThatKillsItIsSetAsideWhole) {
  environment = {"EARSHOT_CRASH_ON=read:xyzzy"};
  use();
  const std::string letter = "From: a@a.example\r\nSubject: s\r\n\r\nxyzzy\r\n";
  for (int death = 0; death < PoisonGuard::kDeaths; ++death)
    EXPECT_FALSE(read(letter, ReadKind::mail));
  const auto got = read(letter, ReadKind::mail);
  ASSERT_TRUE(got);
  EXPECT_EQ(std::get<Parsed>(*got).bad.at(0).raw, letter);
}

TEST_F(ReaderBench, KilledBetweenTwoDocumentsItBlamesNone) {
  use();
  const std::string document = feed(item("a", "Kettle"));
  ASSERT_TRUE(read(document));
  const pid_t first = process();
  ::kill(first, SIGKILL);
  ::usleep(100'000);
  ASSERT_TRUE(read(document));
  EXPECT_NE(process(), first);
  EXPECT_TRUE(deaths.empty());
  EXPECT_EQ(begun_again, 1);
  EXPECT_EQ(guard.deaths("press/read", hash128_hex(document)), 0);
}

TEST_F(ReaderBench, OneThatCannotBeBegunIsSaidAndTriedAgainLater) {
  program = "/nonexistent/earshotd";
  use();
  const auto got = read(feed(item("a", "Kettle")));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, Error::Kind::transient);
  EXPECT_FALSE(reader->well());
  EXPECT_NE(got.error().message.find("cannot be begun"), std::string::npos);
  EXPECT_EQ(guard.deaths("press/read", hash128_hex(feed(item("a", "Kettle")))), 0);
}

TEST_F(ReaderBench, OneThatSaysNothingUnderstandableIsNoReader) {
  program = "/bin/false";
  use();
  EXPECT_FALSE(read(feed(item("a", "Kettle"))));
  EXPECT_FALSE(reader->well());
}

TEST_F(ReaderBench, EndsWithWhoBeganIt) {
  use();
  ASSERT_TRUE(read(feed(item("a", "Kettle"))));
  const pid_t child = process();
  reader.reset();
  EXPECT_NE(::kill(child, 0), 0);
}

}  // namespace
}  // namespace earshot
