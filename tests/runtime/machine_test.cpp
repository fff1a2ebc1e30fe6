// Secrets, logs, metrics, systemd, the stall watch.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "../../src/runtime/log_line.hpp"
#include "earshot/core/json.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/metrics.hpp"
#include "earshot/runtime/secrets.hpp"
#include "earshot/runtime/stall.hpp"
#include "earshot/runtime/systemd.hpp"
#include "support/run.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "earshot-runtime-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  void put(const std::string& name, const std::string& content, mode_t mode = 0600) const {
    std::ofstream(*this / name, std::ios::binary) << content;
    chmod((*this / name).c_str(), mode);
  }

 private:
  std::string path_;
};

class Environment {
 public:
  Environment(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Environment() { unsetenv(name_.c_str()); }

 private:
  std::string name_;
};

TEST(Secrets, OneTrailingLineEndIsDropped) {
  const Folder folder;
  for (const auto& [content, want] :
       std::initializer_list<std::pair<std::string, std::string>>{{"s3cret", "s3cret"},
                                                                  {"s3cret\n", "s3cret"},
                                                                  {"s3cret\r\n", "s3cret"},
                                                                  {"s3cret\n\n", "s3cret\n"},
                                                                  {" a ", " a "}}) {
    folder.put("token", content);
    const auto got = read_secret("token", folder.path());
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(got->reveal(), want);
  }
  EXPECT_EQ(read_secret(folder / "token", "/nowhere")->reveal(), " a ");
  fs::create_directory(folder / "sub");
  folder.put("sub/token", "deep");
  EXPECT_EQ(read_secret("sub/token", folder.path())->reveal(), "deep");
}

TEST(Secrets, FilesThatOthersMayReadAreRefusedWithTheRemedy) {
  const Folder folder;
  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U, 0777U}) {
    folder.put("token", "s3cret", mode);
    const auto got = read_secret("token", folder.path());
    ASSERT_FALSE(got.ok()) << std::oct << mode;
    EXPECT_NE(got.error().message.find("chmod 600 " + (folder / "token")), std::string::npos)
        << got.error().message;
    EXPECT_EQ(got.error().message.find("s3cret"), std::string::npos);
  }
  folder.put("token", "s3cret", 0400);
  EXPECT_TRUE(read_secret("token", folder.path()).ok());
}

TEST(Secrets, UselessFilesAreRefusedByName) {
  const Folder folder;
  folder.put("empty", "");
  folder.put("blank", "\n");
  folder.put("huge", std::string(70'000, 'x'));
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const char* name : {"empty", "blank", "huge", "pipe", ".", "missing"}) {
    const auto got = read_secret(name, folder.path());
    ASSERT_FALSE(got.ok()) << name;
    EXPECT_EQ(got.error().kind, Error::Kind::permanent);
    EXPECT_NE(got.error().message.find(name), std::string::npos) << got.error().message;
  }
  EXPECT_FALSE(read_secret("", folder.path()).ok());
}

TEST(Secrets, CredentialsOfSystemdComeFirstForPlainNames) {
  const Folder credentials;
  const Folder base;
  credentials.put("token", "from systemd", 0440);
  base.put("token", "from disk");
  base.put("other", "from disk");
  const Environment set("CREDENTIALS_DIRECTORY", credentials.path());
  EXPECT_EQ(read_secret("token", base.path())->reveal(), "from systemd");
  EXPECT_EQ(read_secret("other", base.path())->reveal(), "from disk");
  EXPECT_EQ(read_secret("./token", base.path())->reveal(), "from disk");
}

TEST(Secrets, MovedFromAndAssignedSecretsKeepNothing) {
  Secret a{"short"};
  Secret b{std::move(a)};
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is the question
  EXPECT_EQ(b.reveal(), "short");
  Secret c;
  c = b;
  EXPECT_EQ(c.reveal(), "short");
  c = Secret{std::string(100, 'x')};
  EXPECT_EQ(c.reveal(), std::string(100, 'x'));
  c = std::move(b);
  EXPECT_EQ(c.reveal(), "short");
}

const Instant kAt = *parse_rfc3339("2026-11-24T10:00:00.5Z");

TEST(LogLine, HasOneShapeForEachReader) {
  const auto line = [](LogShape shape) {
    return log_line(shape, LogLevel::warn, kAt, "source failed",
                    {{"source", "press"}, {"error", "HTTP 503"}});
  };
  EXPECT_EQ(line(LogShape::logfmt),
            "time=2026-11-24T10:00:00.500Z level=warn event=\"source failed\" source=press "
            "error=\"HTTP 503\"");
  EXPECT_EQ(line(LogShape::journal), "<4>source failed source=press error=\"HTTP 503\"");
  EXPECT_EQ(
      line(LogShape::json),
      R"({"time":"2026-11-24T10:00:00.500Z","level":"warn","event":"source failed","source":"press","error":"HTTP 503"})");
}

TEST(LogLine, HostileValuesCannotForgeAnything) {
  const std::string hostile[] = {"a\nlevel=error event=fake",
                                 "\x1B[2J\x1B]0;title\x07",
                                 "x\" fake=\"1",
                                 "back\\slash",
                                 "\u202Eevil",
                                 "bad \xFF\xC0 bytes",
                                 std::string("nul\0", 4),
                                 "\u2028line",
                                 "",
                                 "{}{0}%s"};
  for (const std::string& value : hostile) {
    for (const LogShape shape :
         {LogShape::logfmt, LogShape::json, LogShape::journal, LogShape::journal_json}) {
      const std::string line =
          log_line(shape, LogLevel::info, kAt, "post read", {{"author", value}});
      for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
      EXPECT_EQ(line.find("\u202E"), std::string::npos);
      EXPECT_EQ(line.find("event=fake\""), line.find("event=fake\"", line.find("author")));
      if (shape == LogShape::json) {
        EXPECT_TRUE(parse_json(line).ok()) << line;
      }
    }
  }
  EXPECT_EQ(log_line(LogShape::journal, LogLevel::info, kAt, "e", {{"a", "x\" fake=\"1"}}),
            R"(<6>e a="x\" fake=\"1")");
}

TEST(LogLine, AValueIsCutAt1KiB) {
  const std::string line =
      log_line(LogShape::logfmt, LogLevel::info, kAt, "e", {{"a", std::string(5000, 'x')}});
  EXPECT_LT(line.size(), 1200U);
  EXPECT_NE(line.find("x…"), std::string::npos);
}

TEST(MetricsTest, CountsSetsAndObserves) {
  Metrics metrics;
  metrics.count("earshot_source_items_total", {"press", "new"}, 3);
  metrics.count("earshot_source_items_total", {"press", "new"});
  metrics.set("earshot_config_last_reload_success", 1);
  metrics.observe("earshot_commit_seconds", 0.003);
  const std::string text = metrics.serialise();
  EXPECT_NE(text.find("earshot_source_items_total{outcome=\"new\",source=\"press\"} 4"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("earshot_config_last_reload_success 1"), std::string::npos);
  EXPECT_NE(text.find("earshot_commit_seconds_bucket{le=\"0.005\"} 1"), std::string::npos);
  metrics.remove("earshot_source_items_total", {"press", "new"});
  EXPECT_EQ(metrics.serialise().find("source=\"press\""), std::string::npos);
}

TEST(MetricsTest, LabelsStayBoundedAndClean) {
  Metrics metrics;
  for (int i = 0; i < 5000; ++i) metrics.count("earshot_web_denied_total", {std::to_string(i)});
  metrics.count("earshot_clocks_missed_total", {"a\"b\n\xFF"});
  const std::string text = metrics.serialise();
  EXPECT_NE(text.find("earshot_web_denied_total{reason=\"other\"} 3000"), std::string::npos);
  EXPECT_NE(text.find("{clock=\"a\\\"b\\n"), std::string::npos);
}

TEST(MetricsTest, AnUnknownNameIsAMistakeOfOurs) {
  Metrics metrics;
  EXPECT_DEATH(metrics.count("earshot_no_such_total"), "EARSHOT_CHECK");
  EXPECT_DEATH(metrics.count("earshot_web_denied_total"), "EARSHOT_CHECK");
  EXPECT_DEATH(metrics.set("earshot_web_denied_total", 1, {"x"}), "EARSHOT_CHECK");
}

TEST(MetricsTest, TheTableIsInTheManual) {
  const std::string page = metrics_markdown();
  for (const MetricSpec& spec : kMetrics) {
    EXPECT_NE(page.find("`" + std::string{spec.name} + "`"), std::string::npos);
    EXPECT_EQ(spec.help.back(), '.') << spec.name;
    EXPECT_EQ(spec.name.ends_with("_total"), spec.kind == MetricKind::counter) << spec.name;
  }
}

// UPDATE_GOLDEN=1 prints the page anew.
TEST(MetricsTest, ThePageOfTheManualIsTheTable) {
  const std::string file = source_tree() + "/docs/metrics.md";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(file) << metrics_markdown();
  std::ifstream in(file);
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(page, metrics_markdown());
}

TEST(Systemd, HearsWhatWeSay) {
  const Folder folder;
  const std::string path = folder / "notify";
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  path.copy(at.sun_path, sizeof at.sun_path - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  const auto heard = [fd] {
    char text[512];
    const ssize_t n = recv(fd, text, sizeof text, 0);
    return std::string(text, n > 0 ? static_cast<std::size_t>(n) : 0);
  };
  const Environment set("NOTIFY_SOCKET", path);
  notify_ready("3 sources\nFAKE=1");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=3 sources\\u000AFAKE=1");
  notify_reloading();
  EXPECT_EQ(heard().substr(0, 27), "RELOADING=1\nMONOTONIC_USEC=");
  notify_watchdog();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  notify_status("idle");
  EXPECT_EQ(heard(), "STATUS=idle");
  notify_stopping("draining");
  EXPECT_EQ(heard(), "STOPPING=1\nSTATUS=draining");
  close(fd);
  EXPECT_FALSE(notify_systemd("READY=1"));
}

TEST(Systemd, IsNotMissed) {
  EXPECT_FALSE(notify_systemd("READY=1"));
}

TEST(Systemd, TheWatchdogIsMeantForThisProcessOnly) {
  EXPECT_FALSE(watchdog_interval().has_value());
  const Environment usec("WATCHDOG_USEC", "30000000");
  EXPECT_EQ(watchdog_interval(), seconds{30});
  {
    const Environment ours("WATCHDOG_PID", std::to_string(getpid()));
    EXPECT_EQ(watchdog_interval(), seconds{30});
  }
  const Environment theirs("WATCHDOG_PID", "1");
  EXPECT_FALSE(watchdog_interval().has_value());
  const Environment wrong("WATCHDOG_USEC", "soon");
  EXPECT_FALSE(watchdog_interval().has_value());
}

TEST(Stall, ABusyLoopIsSeen) {
  Loop loop;
  StallWatch watch{milliseconds{5}};
  TaskGroup group{loop.executor()};
  group.spawn("watch", [&] { return watch.run(nullptr); });
  const auto clock = make_clock(loop.executor());
  loop.run(clock->sleep_for(milliseconds{20}));
  watch.reset();
  const auto busy = [&]() -> Task<> {
    co_await clock->sleep_for(milliseconds{1});
    std::this_thread::sleep_for(milliseconds{60});
    co_await clock->sleep_for(milliseconds{1});
  };
  loop.run(busy());
  EXPECT_GE(watch.worst(), milliseconds{50});
  group.cancel();
  loop.run(group.join());
}

}  // namespace
}  // namespace earshot
