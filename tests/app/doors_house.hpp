#pragma once

/// A house of two teams behind the real daemon, without its sockets: of everything that a door can
/// name, one that is the asker's own (team care, person jo) and one of another team (billing, li).
/// What is of the other team holds the word kSecretWord, so that whoever reads an answer sees
/// whether it told of it.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "../../src/app/daemon.hpp"
#include "../../src/web/parts.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_mail.hpp"
#include "support/run.hpp"

namespace earshot {

inline constexpr const char* kSecretWord = "OtherTeamsMatter";

Config doors_config();

/// Built once: words and models are the slow part.
std::shared_ptr<const Rules> doors_rules();

class DoorsHouse {
 public:
  DoorsHouse();
  ~DoorsHouse();
  DoorsHouse(const DoorsHouse&) = delete;
  DoorsHouse& operator=(const DoorsHouse&) = delete;

  WebResponse ask(WebRequest request);
  /// "$case" and the like are what they are called; "$other_case" always the other team's.
  std::string named(std::string text, bool own) const;
  std::string link(bool own);

  Loop loop;
  FakeClock* clock = nullptr;
  AckKey key{"k1", std::string(32, 's'), ""};
  std::unique_ptr<Daemon> daemon;
  std::unique_ptr<Api> api;
  std::map<std::string, std::pair<std::string, std::string>> names;  ///< own, of another team

 private:
  using Named = std::function<std::string(const char* what, const std::string& id)>;

  void write(std::function<void(StoreWriter&)> work);
  void put_tokens(StoreWriter& writer);
  void put_record(StoreWriter& writer, const char* kind, const std::string& id,
                  const std::string& parent, const std::string& owner, const std::string& state,
                  const std::string& body);
  void put_all(StoreWriter& writer, bool own);
  void put_case(StoreWriter& writer, const std::string& id, const std::string& team,
                const std::string& words, const std::string& customer);
  void put_rota(StoreWriter& writer, const Named& name, const std::string& team,
                const std::string& person);

  std::string folder_;
  FakeMailServer mailbox_;
};

}  // namespace earshot
