#pragma once

/// A house to try things in: two teams, their people, a store in memory, fake time, the daemon's
/// own case machine, tick and intake, and the API's handlers.

#include <gtest/gtest.h>

#include "../../src/app/effects.hpp"
#include "../../src/app/pipeline.hpp"
#include "../../src/app/tick.hpp"
#include "../../src/web/parts.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {

Person person_of(std::string id, std::string receiver, std::string mail, std::string phone = "");

Config house_config();

inline constexpr const char* kHazard =
    "Smoke came out of my Brightwave lamp, the plug melted and my daughter burnt her hand";

class House : public testing::Test, public Backend {
 protected:
  explicit House(Config config = house_config());
  ~House() override;
  void use(Config config);

  // Backend
  std::shared_ptr<const Config> config() override { return rules->config; }
  Store& store() override { return *db; }
  Task<Result<IntakeAnswer>> push(std::string, std::vector<Post>,
                                  std::vector<RejectedPost>) override;
  Task<ActAnswer> act(std::string id, Command command,
                      std::optional<std::int64_t> version) override;
  Task<Result<IntakeAnswer>> replay_quarantined(std::int64_t, std::string) override;
  Task<Result<IntakeAnswer>> drop_quarantined(std::int64_t, std::string) override;
  std::vector<SourceHealth> sources() override;
  Task<Result<std::string>> reload() override;
  std::string metrics() override { return {}; }
  bool ready() override { return true; }
  Task<Result<void>> test_receiver(std::string, std::string) override;
  Task<> wait_for_ledger(std::int64_t, Duration) override;

  ActAnswer does(const std::string& who, Action action, Arguments args = {}, std::string id = "");
  void accept(Post post, const std::string& source = "push");
  void posts(std::string id, std::string text, std::string author = "ann");
  void look(std::function<void(StoreReader&)> work);
  void write(std::function<void(StoreWriter&)> work);
  std::vector<Case> all_cases();
  Case only_case();
  Case case_of_id(const std::string& id);
  std::vector<OutboxRow> rows(const std::string& id, const std::string& person = "");
  std::size_t waiting_pages(const std::string& id, const std::string& person);
  void later(Duration span);
  WebResponse ask(std::string method, std::string path, std::string body = "",
                  std::vector<std::pair<std::string, std::string>> headers = {},
                  std::string peer = "192.0.2.7");

  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  AckKey key{"k1", std::string(32, 's'), ""};
  std::unique_ptr<Store> db = open_sqlite(":memory:");
  std::shared_ptr<const Rules> rules;
  Pipeline pipeline{
      *db, clock, dice, loop.executor(), [this] { return rules; }, [this] { return key; }};
  Tick tick{*db, clock, dice, [this] { return rules; }, [this] { return key; }};
  Api api{*this, clock, [this] { return std::vector<AckKey>{key}; }};
};

}  // namespace earshot
