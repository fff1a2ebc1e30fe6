// What a process gives up; each in a process of its own that ends by it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "earshot/runtime/confine.hpp"

namespace earshot {
namespace {

// Sanitizers need calls that are not on the list; then it is left out, and says so.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

TEST(Confinements, ABuildWithSanitizersSaysThatItHasNoFilter) {
  const auto filtered = [] {
    const Result<Confined> done = confine({.memory = 0});
    ::_exit(!done ? 90 : done->filter ? 1 : 0);
  };
  EXPECT_EXIT(filtered(), testing::ExitedWithCode(0), "");
}

#else

/// Memory as it was: a test program with sanitizers needs more than it has.
void confined(const std::function<void()>& then) {
  const Result<Confined> done = confine({.memory = 0});
  if (!done) ::_exit(90);
  then();
  ::_exit(0);
}

TEST(Confinements, ASocketKills) {
  EXPECT_EXIT(confined([] { ::socket(AF_INET, SOCK_STREAM, 0); }), testing::KilledBySignal(SIGSYS),
              "");
}

TEST(Confinements, AFileOpenedForWritingKills) {
  EXPECT_EXIT(confined([] { ::open("/tmp/earshot-nothing", O_WRONLY | O_CREAT, 0600); }),
              testing::KilledBySignal(SIGSYS), "");
}

TEST(Confinements, AFileIsNotReadEither) {
  EXPECT_EXIT(confined([] {
                const int file = ::open("/etc/passwd", O_RDONLY);
                ::_exit(file < 0 && errno == EACCES ? 7 : 8);
              }),
              testing::ExitedWithCode(7), "");
}

TEST(Confinements, AnotherProgramAnotherProcessAndASignalKill) {
  EXPECT_EXIT(confined([] { ::execl("/bin/true", "true", nullptr); }),
              testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(confined([] { ::fork(); }), testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(confined([] { ::kill(::getppid(), 0); }), testing::KilledBySignal(SIGSYS), "");
}

TEST(Confinements, AbortSaysWhatItWas) {
  EXPECT_EXIT(confined([] { std::abort(); }), testing::KilledBySignal(SIGABRT), "");
}

TEST(Confinements, MemoryThatCouldBeRunKills) {
  EXPECT_EXIT(confined([] {
                ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              }),
              testing::KilledBySignal(SIGSYS), "");
}

TEST(Confinements, MemoryAndWhatIsOpenRemain) {
  int link[2] = {};
  ASSERT_EQ(::pipe(link), 0);
  EXPECT_EXIT(confined([&] {
                const std::string much(std::size_t{64} << 20U, 'x');
                ::_exit(::write(link[1], much.data(), 3) == 3 ? 5 : 6);
              }),
              testing::ExitedWithCode(5), "");
  char got[3] = {};
  EXPECT_EQ(::read(link[0], got, 3), 3);
  ::close(link[0]);
  ::close(link[1]);
}

#endif

TEST(Landlock, NothingIsWrittenElsewhere) {
  if (landlock_version() == 0) {
    EXPECT_EQ(*write_only_below({"/dev/null"}), 0) << "without Landlock it says so";
    return;
  }
  std::string name = (std::filesystem::temp_directory_path() / "earshot-fence-XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const std::string inside = name + "/inside";
  std::filesystem::create_directory(inside);
  std::FILE* const old = std::fopen((name + "/old").c_str(), "w");
  ASSERT_NE(old, nullptr);
  std::fclose(old);
  const auto fenced = [&](const std::function<bool()>& work) {
    const Result<int> raised = write_only_below({inside, "/dev/null", name + "/absent"});
    ::_exit(!raised || *raised == 0 ? 90 : work() ? 0 : 1);
  };
  const auto writes = [](const std::string& path, int how) {
    return ::open(path.c_str(), how, 0600) >= 0;
  };
  const testing::ExitedWithCode yes{0};
  const testing::ExitedWithCode no{1};
  EXPECT_EXIT(fenced([&] { return writes(inside + "/a", O_WRONLY | O_CREAT); }), yes, "");
  EXPECT_EXIT(fenced([&] { return writes("/dev/null", O_WRONLY); }), yes, "");
  EXPECT_EXIT(fenced([&] { return writes(name + "/old", O_RDONLY); }), yes, "");
  EXPECT_EXIT(fenced([&] { return writes(name + "/old", O_WRONLY); }), no, "");
  EXPECT_EXIT(fenced([&] { return writes(name + "/new", O_WRONLY | O_CREAT); }), no, "");
  EXPECT_EXIT(fenced([&] { return ::unlink((name + "/old").c_str()) == 0; }), no, "");
  EXPECT_EXIT(
      fenced([&] { return ::rename((name + "/old").c_str(), (inside + "/old").c_str()) == 0; }), no,
      "");
  std::filesystem::remove_all(name);
}

}  // namespace
}  // namespace earshot
