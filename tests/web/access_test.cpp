// The table of doors x roles x own/other, written out: reading the diff of the golden file is the
// review.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "../../src/web/access.hpp"
#include "../../src/web/parts.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

constexpr std::array kRoles{"viewer", "responder", "manager", "auditor", "admin", "service"};

std::string written_out() {
  std::string out = "door | what it touches | role: own team / other team\n";
  for (const Door& door : doors()) {
    out += fmt::format("{} {} | {} |", door.method, door.pattern, to_word(door.touches));
    for (const char* role : kRoles) {
      const Reach reach = reach_of(role, door.method, door.role, door.touches);
      out += fmt::format(" {}: {}/{}", role, reach.own ? "yes" : "no", reach.other ? "yes" : "no");
    }
    out += "\n";
  }
  return out;
}

TEST(Access, EveryDoorRoleAndTeamIsAsWritten) {
  const std::string path = source_tree() + "/tests/golden/web/access.txt";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream{path} << written_out();
  std::stringstream want;
  want << std::ifstream{path}.rdbuf();
  EXPECT_EQ(written_out(), want.str());
}

TEST(Access, AnUnknownRoleOrNeedOpensNothing) {
  for (const Door& door : doors()) {
    for (const char* role : {"", "root", "Admin", "service "}) {
      const Reach reach = reach_of(role, door.method, door.role, door.touches);
      EXPECT_FALSE(reach.own || reach.other) << role << " " << door.pattern;
    }
  }
  EXPECT_FALSE(role_may("admin", "misspelt"));
}

Config house() {
  Config it;
  it.teams = {{"care", {"jo", "bo"}, "kim", ""}, {"billing", {"li"}, "", ""}};
  Person jo, li, kim, boss;
  jo.id = "jo", jo.manager = "kim";
  li.id = "li", li.manager = "boss";
  kim.id = "kim", kim.manager = "boss";
  boss.id = "boss";
  it.people = {jo, li, kim, boss};
  return it;
}

TEST(Access, TeamsAreThoseOnePersonBelongsToLeadsOrManages) {
  const Config config = house();
  EXPECT_EQ(teams_of(config, "jo"), std::vector<std::string>{"care"});
  EXPECT_EQ(teams_of(config, "kim"), std::vector<std::string>{"care"});
  EXPECT_EQ(teams_of(config, "boss"), (std::vector<std::string>{"care", "billing"}));
  EXPECT_TRUE(teams_of(config, "stranger").empty());
  EXPECT_TRUE(teams_of(config, "").empty());
}

TEST(Access, ATokenThatNamesNobodyOfATeamSeesNoTeamsCases) {
  const Config config = house();
  EXPECT_EQ(scope_of(config, {"wallboard", "viewer"}).hidden_teams,
            (std::vector<std::string>{"care", "billing"}));
  EXPECT_EQ(scope_of(config, {"jo", "responder"}).hidden_teams,
            std::vector<std::string>{"billing"});
  EXPECT_TRUE(scope_of(config, {"audit", "auditor"}).hidden_teams.empty());
  EXPECT_TRUE(scope_of(Config{}, {"jo", "viewer"}).hidden_teams.empty()) << "no team is declared";
}

TEST(Access, OwnIsAlsoWhatOneOwnsOrWasToldOf) {
  const Config config = house();
  CaseRecord record;
  record.team = "billing";
  EXPECT_FALSE(is_own(config, {"jo", "responder"}, record, false));
  EXPECT_TRUE(is_own(config, {"jo", "responder"}, record, true));
  record.owner = "jo";
  EXPECT_TRUE(is_own(config, {"jo", "responder"}, record, false));
  record.owner.clear();
  record.team = "undeclared";
  EXPECT_TRUE(is_own(config, {"jo", "responder"}, record, false));
}

}  // namespace
}  // namespace earshot
