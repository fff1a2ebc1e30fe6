// Tokens that the configuration names: valid as long as it names them, and with the role of their
// key alone.
#include "../../src/app/tokens.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "earshot/core/ids.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-03-02T09:00:00Z");

class Tokens : public testing::Test {
 protected:
  Tokens() {
    std::string name = (std::filesystem::temp_directory_path() / "earshot-tokens-XXXXXX").string();
    config.directory = mkdtemp(name.data());
    SourceConfig push;
    push.name = "shop", push.type = "push";
    config.sources = {push};
  }
  ~Tokens() override { std::filesystem::remove_all(config.directory); }

  void file(const std::string& name, const std::string& text) {
    const std::string path = config.directory + "/" + name;
    std::ofstream{path} << text;
    std::filesystem::permissions(path, std::filesystem::perms{0600});
  }
  /// As at a start or a reload.
  void keep() {
    auto wanted = configured_tokens(config);
    ASSERT_TRUE(wanted) << wanted.error().message;
    loop.run(db->write([&](StoreWriter& writer) {
      for (const TokenRecord& it : tokens_to_put(writer.tokens(), *wanted, kNow))
        writer.put_token(it);
    }));
  }
  /// The role that this secret has; "" where it opens nothing.
  std::string role(const std::string& secret) {
    std::string out;
    loop.run(db->read([&](StoreReader& reader) {
      const auto it = reader.token_by_hash(to_hex(sha256(secret)));
      if (it && !it->revoked_at) out = it->role;
    }));
    return out;
  }

  Loop loop;
  std::unique_ptr<Store> db = open_sqlite(":memory:");
  Config config;
};

TEST_F(Tokens, TheFirstTokenIsAnAdminsAndASourcesMayPushOnly) {
  file("admin", "the-first-admin-token\n");
  file("shop", "the-token-of-the-shop\n");
  config.web.token_file = "admin";
  config.sources[0].token_file = "shop";
  keep();
  EXPECT_EQ(role("the-first-admin-token"), "admin");
  EXPECT_EQ(role("the-token-of-the-shop"), "service");
  keep();
  EXPECT_EQ(role("the-first-admin-token"), "admin") << "nothing changes at the next start";
}

TEST_F(Tokens, ANewSecretEndsTheOldOneAndANameTakenAwayEndsBoth) {
  file("admin", "the-first-admin-token");
  config.web.token_file = "admin";
  keep();
  file("admin", "the-second-admin-token");
  keep();
  EXPECT_EQ(role("the-first-admin-token"), "");
  EXPECT_EQ(role("the-second-admin-token"), "admin");
  config.web.token_file = "";
  keep();
  EXPECT_EQ(role("the-second-admin-token"), "");
  config.web.token_file = "admin";
  keep();
  EXPECT_EQ(role("the-second-admin-token"), "admin") << "named again";
}

TEST_F(Tokens, ASecretThatMovesToASourceIsNoAdminsAnyMore) {
  file("one", "a-secret-that-moves-on");
  file("two", "another-secret-of-ours");
  config.web.token_file = "one", config.sources[0].token_file = "two";
  keep();
  config.web.token_file = "two", config.sources[0].token_file = "one";
  keep();
  EXPECT_EQ(role("a-secret-that-moves-on"), "service");
  EXPECT_EQ(role("another-secret-of-ours"), "admin");
  config.web.token_file = "";
  keep();
  EXPECT_EQ(role("another-secret-of-ours"), "");
}

TEST_F(Tokens, WhatWasMadeOrRevokedByHandStaysSo) {
  file("admin", "made-by-the-token-command");
  config.web.token_file = "admin";
  TokenRecord made;
  made.id = "t1", made.role = "viewer", made.hash = to_hex(sha256("made-by-the-token-command"));
  loop.run(db->write([&](StoreWriter& writer) { writer.put_token(made); }));
  keep();
  EXPECT_EQ(role("made-by-the-token-command"), "viewer");
  file("admin", "revoked-by-an-operator");
  keep();
  loop.run(db->write([&](StoreWriter& writer) {
    for (TokenRecord it : writer.tokens()) {
      if (it.role != "admin") continue;
      it.revoked_at = kNow;
      writer.put_token(it);
    }
  }));
  keep();
  EXPECT_EQ(role("revoked-by-an-operator"), "");
}

TEST_F(Tokens, WhatCouldBeGuessedOrIsNotThereIsRefused) {
  config.web.token_file = "admin";
  EXPECT_FALSE(configured_tokens(config));
  file("admin", "secret");
  const auto short_one = configured_tokens(config);
  ASSERT_FALSE(short_one);
  EXPECT_EQ(short_one.error().message,
            "web.token_file: the token in admin has fewer than 16 characters");
}

}  // namespace
}  // namespace earshot
