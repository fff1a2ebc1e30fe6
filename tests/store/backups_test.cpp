#include "earshot/store/backups.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "earshot/store/sqlite.hpp"

namespace earshot::test {
namespace {

namespace fs = std::filesystem;

void write(Store& store, std::function<void(StoreWriter&)> work) {
  boost::asio::io_context io;
  boost::asio::co_spawn(io, store.write(std::move(work)), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
}

Instant at(std::string_view text) {
  return *parse_rfc3339(text);
}

TEST(Backups, ANameSaysWhen) {
  EXPECT_EQ(backup_name(at("2026-11-27T14:05:00.750Z")), "earshot-20261127T140500Z.db");
  EXPECT_EQ(backup_time("earshot-20261127T140500Z.db"), at("2026-11-27T14:05:00Z"));
  for (const char* other : {"", "earshot-.db", "earshot-20261127T140500Z.db.partial",
                            "earshot-20261327T140500Z.db", "earshot-2026112714050000.db",
                            "Earshot-20261127T140500Z.db", "earshot-20261127T140500Z.dbx"})
    EXPECT_FALSE(backup_time(other)) << other;
}

TEST(Backups, TheNewestAndTheLastOfEachDayAreKept) {
  const Instant now = at("2026-11-27T12:00:00Z");
  const auto name = [](std::string_view when) { return backup_name(at(when)); };
  const std::vector<std::string> names{name("2026-11-27T11:55:00Z"),
                                       name("2026-11-27T11:50:00Z"),
                                       name("2026-11-27T11:45:00Z"),
                                       name("2026-11-26T23:55:00Z"),
                                       name("2026-11-26T23:50:00Z"),
                                       name("2026-11-25T23:59:59Z"),
                                       name("2026-11-24T10:00:00Z"),
                                       name("2099-01-01T00:00:00Z"),
                                       "earshot.db",
                                       "notes.txt"};
  EXPECT_EQ(backups_to_drop(names, {2, 3}, now),
            (std::vector<std::string>{name("2026-11-24T10:00:00Z"), name("2026-11-26T23:50:00Z"),
                                      name("2026-11-27T11:45:00Z")}));
  EXPECT_EQ(backups_to_drop(names, {1, 0}, now).size(), 6U) << "only the newest stays";
  EXPECT_TRUE(backups_to_drop(names, {100, 0}, now).empty());
  EXPECT_EQ(backups_to_drop(names, {1, 4}, now).size(), 3U);
}

TEST(Backups, ALargeOneLeavesTheDiskHalfOfTheTime) {
  EXPECT_EQ(next_backup({}, minutes{5}), Duration{}) << "at once where there is none";
  EXPECT_EQ(next_backup({hours{1}, seconds{2}, {}}, minutes{5}), hours{1} + minutes{5});
  EXPECT_EQ(next_backup({hours{1}, minutes{4}, {}}, minutes{5}), hours{1} + minutes{8});
  EXPECT_EQ(next_backup({hours{1}, seconds{2}, hours{2}}, minutes{5}), hours{2} + minutes{1});
  EXPECT_EQ(next_backup({{}, {}, hours{2}}, seconds{10}), hours{2} + seconds{10});
  EXPECT_FALSE(backup_is_late(minutes{16}, minutes{5}));
  EXPECT_TRUE(backup_is_late(minutes{17}, minutes{5}));
}

struct Copied : testing::Test {
  Copied() {
    std::string pattern = (fs::temp_directory_path() / "earshot-backups-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    database = folder + "/earshot.db";
    copies = folder + "/copies";
  }
  ~Copied() override { fs::remove_all(folder); }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& it : fs::directory_iterator{copies}) out.push_back(it.path().filename());
    std::ranges::sort(out);
    return out;
  }
  Result<BackupMade> make(Instant now, const std::stop_token& stop = {}) const {
    return make_backup(database, copies, {2, 0}, now, stop);
  }
  std::string folder, database, copies;
};

TEST_F(Copied, OlderOnesGoAndOthersFilesStay) {
  const auto store = open_sqlite(database);
  write(*store, [](StoreWriter& w) { w.put_meta("k", "v"); });
  fs::create_directory(copies);
  std::ofstream{copies + "/notes.txt"} << "mine";
  std::ofstream{copies + "/earshot-20261127T120000Z.db.partial"} << "of one that was killed";
  std::ofstream{copies + "/earshot-20261127T120000Z.db.partial-journal"} << "its log";
  const Instant first = at("2026-11-27T14:00:00Z");
  for (int i = 0; i < 3; ++i) {
    const auto made = make(first + minutes{i});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->bytes, fs::file_size(made->file));
    EXPECT_EQ(made->dropped.size(), i < 2 ? 0U : 1U);
    read_sqlite(made->file, [](StoreReader& r) { EXPECT_EQ(r.meta("k"), "v"); });
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"earshot-20261127T140100Z.db",
                                               "earshot-20261127T140200Z.db", "notes.txt"}));
  EXPECT_EQ(newest_backup(copies, first + hours{1}), first + minutes{2});
  EXPECT_EQ(newest_backup(copies, first + minutes{1}), first + minutes{1}) << "none of the future";
  EXPECT_FALSE(newest_backup(folder + "/nowhere", first));
}

TEST_F(Copied, WhileSomebodyWritesACopyIsOfOneMoment) {
  const auto store = open_sqlite(database);
  const std::string body(2'000, 'x');
  write(*store, [&](StoreWriter& w) {  // more than a step of the copy
    for (int i = 0; i < 12'000; ++i) w.put_meta("row" + std::to_string(i), body);
  });
  std::atomic<bool> enough{false};
  std::jthread writer{[&] {
    for (int n = 0; !enough; ++n) {
      write(*store, [&](StoreWriter& w) {
        w.put_meta("left", std::to_string(n));
        w.put_meta("row" + std::to_string(n % 12'000), body + "y");
        w.put_meta("right", std::to_string(n));
      });
    }
  }};
  for (int i = 0; i < 3; ++i) {
    const auto made = make(at("2026-11-27T14:00:00Z") + minutes{i});
    ASSERT_TRUE(made) << made.error().message;
    read_sqlite(made->file, [](StoreReader& r) { EXPECT_EQ(r.meta("left"), r.meta("right")); });
    EXPECT_EQ(check_sqlite(made->file), "");
  }
  enough = true;
}

TEST_F(Copied, ADamagedDatabaseIsNoBackupAndCostsNone) {
  const Instant first = at("2026-11-27T14:00:00Z");
  {
    const auto store = open_sqlite(database);
    write(*store, [](StoreWriter& w) {
      for (int i = 0; i < 2'000; ++i) w.put_meta("row" + std::to_string(i), std::string(500, 'x'));
    });
  }
  ASSERT_TRUE(make(first));
  ASSERT_TRUE(make(first + minutes{1}));
  const std::vector<std::string> good = names();
  {
    std::fstream file{database, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(fs::file_size(database) / 2 / 4'096 * 4'096));
    file << std::string(4'096, '\xff');
  }
  const auto made = make(first + minutes{2});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("damaged"), std::string::npos) << made.error().message;
  EXPECT_EQ(names(), good) << "older ones stay, nothing of the bad one does";
}

TEST_F(Copied, OneThatIsStoppedLeavesNothing) {
  write(*open_sqlite(database), [](StoreWriter& w) { w.put_meta("k", "v"); });
  std::stop_source stop;
  stop.request_stop();
  const auto made = make(at("2026-11-27T14:00:00Z"), stop.get_token());
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("stopped"), std::string::npos) << made.error().message;
  EXPECT_TRUE(names().empty());
}

TEST_F(Copied, WhatCannotBeIsSaid) {
  EXPECT_FALSE(make(at("2026-11-27T14:00:00Z"))) << "no database";
  write(*open_sqlite(database), [](StoreWriter& w) { w.put_meta("k", "v"); });
  fs::remove_all(copies);
  std::ofstream{copies} << "a file";
  const auto made = make(at("2026-11-27T14:00:00Z"));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find(copies), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace earshot::test
