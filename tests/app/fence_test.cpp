// Where the daemon may write behind Landlock.
#include "../../src/app/fence.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

ReceiverConfig receiver(const std::string& type, const std::string& path = "") {
  ReceiverConfig out;
  out.type = type;
  out.path = path;
  return out;
}

TEST(Fence, TheFolderOfTheStoreAndThoseThatReceiversName) {
  Config config;
  config.directory = "/etc/earshot";
  EXPECT_EQ(written_paths(config, "earshot.db"), (std::vector<std::string>{".", "/dev/null"}));
  config.receivers = {receiver("log"), receiver("log", "/var/log/e/told.log"),
                      receiver("log", "notes/told.log")};
  EXPECT_EQ(written_paths(config, "/var/lib/earshot/a.db"),
            (std::vector<std::string>{"/var/lib/earshot", "/dev/null", "/var/log/e",
                                      "/etc/earshot/notes"}));
}

TEST(Fence, AFolderOfBackupsThatIsThere) {
  Config config;
  config.store.backup = BackupConfig{.directory = "/tmp"};
  EXPECT_EQ(written_paths(config, "/d/a.db"),
            (std::vector<std::string>{"/d", "/dev/null", "/tmp"}));
  config.store.backup->directory = "/nowhere/at/all";
  EXPECT_EQ(written_paths(config, "/d/a.db"), (std::vector<std::string>{"/d", "/dev/null"}));
}

TEST(Fence, ProgramsThatInheritItMayHaveTemporaryFiles) {
  Config config;
  config.receivers = {receiver("exec")};
  EXPECT_EQ(written_paths(config, "/d/a.db"),
            (std::vector<std::string>{"/d", "/dev/null", "/tmp", "/var/tmp"}));
}

}  // namespace
}  // namespace earshot
