#pragma once

/// A source of a social platform under a fake clock and fake HTTP.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "earshot/runtime/mail.hpp"
#include "earshot/sources/registry.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_http.hpp"
#include "support/run.hpp"

namespace earshot {

class NoMail final : public MailConnector {
 public:
  Task<Result<std::unique_ptr<MailStream>>> open(MailLogin) override {
    co_return permanent("no mail here");
  }
};

/// A folder of its own that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "earshot-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ + "/" + name, std::ios::binary} << text;
    std::filesystem::permissions(path_ + "/" + name, std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_write);
  }
  void append(const std::string& name, const std::string& text) const {
    std::ofstream{path_ + "/" + name, std::ios::binary | std::ios::app} << text;
  }

 private:
  std::string path_;
};

/// What every test of a social source needs.
struct SourceBench {
  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  FakeHttp http;
  NoMail mail;
  Folder folder;
  std::unique_ptr<Source> source;

  void make(const SourceConfig& config) {
    auto made = make_source(config, SourceTools{clock, dice, http, mail, folder.path()});
    ASSERT_TRUE(made) << made.error().message;
    source = std::move(*made);
  }
  Result<Batch> poll(const std::string& state) { return loop.run(clock, source->poll(state)); }
};

}  // namespace earshot
