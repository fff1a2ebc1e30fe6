// A program as a receiver: exit codes, its input, its environment, its time limit, no shell.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "earshot/core/json.hpp"
#include "receiver_kit.hpp"

namespace earshot {
namespace {

struct Exec {
  ReceiverKit kit;
  std::string folder;
  Exec() {
    std::string name = (std::filesystem::temp_directory_path() / "earshot-exec-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  ~Exec() { std::filesystem::remove_all(folder); }
  Delivery run(std::vector<std::string> command, Duration timeout = seconds{10}) {
    ReceiverConfig config = ReceiverKit::config("exec");
    config.command = std::move(command);
    config.timeout = timeout;
    const auto receiver = kit.make(config);
    return kit.loop.run(
        receiver->deliver(ReceiverKit::row(config, sample_message(MessageKind::page))));
  }
  std::string read(const std::string& name) const {
    std::ifstream file{folder + "/" + name};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
};

TEST(ExecReceiver, ExitCodesAreClasses) {
  Exec it;
  const auto with = [&](const char* code) {
    return std::string{to_word(it.run({"/bin/sh", "-c", std::string{"exit "} + code}).outcome)};
  };
  EXPECT_EQ(with("0"), "ok");
  EXPECT_EQ(with("75"), "again");
  EXPECT_EQ(with("1"), "refused");
  EXPECT_EQ(with("127"), "refused");
}

TEST(ExecReceiver, GetsTheMessageOnItsInputAndFourNames) {
  Exec it;
  const Delivery got =
      it.run({"/bin/sh", "-c", "cat > " + it.folder + "/in; env > " + it.folder + "/env"});
  EXPECT_EQ(to_word(got.outcome), "ok") << got.detail;
  EXPECT_TRUE(parse_json(it.read("in")));
  const std::string environment = it.read("env");
  EXPECT_NE(environment.find("EARSHOT_KEY=case-01CASE.00ff"), std::string::npos);
  EXPECT_EQ(environment.find("HOME="), std::string::npos) << environment;
  EXPECT_EQ(environment.find("USER="), std::string::npos) << environment;
}

TEST(ExecReceiver, HasNoShell) {
  Exec it;
  const std::string trap = "$(touch " + it.folder + "/trap); touch " + it.folder + "/trap";
  EXPECT_EQ(to_word(it.run({"/bin/echo", trap}).outcome), "ok");
  EXPECT_FALSE(std::filesystem::exists(it.folder + "/trap"));
}

TEST(ExecReceiver, ATimeLimitEndsTheWholeGroupAndIsUncertain) {
  Exec it;
  const auto began = std::chrono::steady_clock::now();
  const Delivery got = it.run({"/bin/sh", "-c", "sleep 30 & sleep 30; exit 0"}, milliseconds{300});
  EXPECT_EQ(to_word(got.outcome), "uncertain");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{5});
}

TEST(ExecReceiver, ASignalIsUncertainAndAnAbsentProgramRefused) {
  Exec it;
  EXPECT_EQ(to_word(it.run({"/bin/sh", "-c", "kill -9 $$"}).outcome), "uncertain");
  EXPECT_EQ(to_word(it.run({"/no/such/program"}).outcome), "refused");
}

TEST(ExecReceiver, DoesNotReadItsInputAndStillEnds) {
  Exec it;
  EXPECT_EQ(to_word(it.run({"/bin/true"}).outcome), "ok");
}

}  // namespace
}  // namespace earshot
