#include <gtest/gtest.h>
#include <sys/stat.h>

#include "../../src/cli/command.hpp"
#include "kit.hpp"
#include "support/tree.hpp"

namespace earshot::cli {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(CheckConfig, TheShippedExampleIsRight) {
  const Said said = run_words({"check-config", "--no-files", "--at", "2026-11-24T10:00:00Z",
                               source_tree() + "/config/earshot.yaml"});
  EXPECT_EQ(said.code, kOk);
  EXPECT_EQ(said.out, "OK: 6 sources, 17 receivers, 2 people, 1 schedule, 3 routes\n");
}

TEST(CheckConfig, MistakesEndWith78AndAreCounted) {
  const Scratch file{".yaml", "mode: shado\nlog: {level: loud}\n"};
  const Said said = run_words({"check-config", file.path()});
  EXPECT_EQ(said.code, kConfig);
  EXPECT_TRUE(has(said.out, file.path() + ":1:7: mode: ")) << said.out;
  EXPECT_TRUE(has(said.out, file.path() + ":2:14: log.level: ")) << said.out;
  EXPECT_TRUE(has(said.out, "NOT OK: 2 errors\n")) << said.out;
}

TEST(CheckConfig, WarningsDoNotFail) {
  const Scratch file{".yaml",
                     "receivers: [{name: a, type: log}]\n"
                     "people: [{id: jo, contact: [{via: a}]}]\n"
                     "schedules:\n"
                     "  - name: office\n"
                     "    zone: Europe/Berlin\n"
                     "    layers: [{people: [jo], during: [{days: mon-thu}]}]\n"
                     "route:\n"
                     "  receivers: [a]\n"
                     "  routes:\n"
                     "    - {group_by: [storm]}\n"
                     "    - {matchers: [cue = safety]}\n"};
  const Said said = run_words({"check-config", "--at", "2026-11-24T10:00:00Z", file.path()});
  EXPECT_EQ(said.code, kOk);
  EXPECT_TRUE(has(said.out, "2026-11-26T23:00:00Z to 2026-11-29T23:00:00Z, 2026-12-03"))
      << said.out;
  EXPECT_TRUE(has(said.out, ":11:7: warning: route.routes[1]: no case gets here")) << said.out;
  EXPECT_TRUE(has(said.out, "OK: 0 sources, 1 receiver, 1 person, 1 schedule, 3 routes, "))
      << said.out;
}

TEST(CheckConfig, PeopleStepsAndStrategiesThatReachNobodyAreForecast) {
  const Scratch file{".yaml",
                     "receivers: [{name: a, type: log}]\n"
                     "people:\n"
                     "  - {id: jo, contact: [{sms: \"+441632960123\"}]}\n"
                     "  - {id: kim, contact: [{via: a}]}\n"
                     "  - {id: lee, contact: [{sms: \"+441632960124\"}]}\n"
                     "teams: [{name: care, members: [], assign: {by: [least_open]}}]\n"
                     "escalations:\n"
                     "  - name: standard\n"
                     "    steps:\n"
                     "      - {notify: [\"person:jo\"], after: 0m}\n"
                     "      - {notify: [manager], after: 5m}\n"
                     "      - {notify: [\"person:kim\"], after: 9m}\n"
                     "route: {team: care, escalation: standard}\n"};
  const Said said = run_words({"check-config", "--no-files", file.path()});
  EXPECT_EQ(said.code, kOk);
  EXPECT_TRUE(has(said.out, "people[0]: pages go to jo, and none of their contacts works"))
      << said.out;
  EXPECT_FALSE(has(said.out, "pages go to lee")) << "nobody pages lee";
  EXPECT_TRUE(has(said.out, "step 1 of \"standard\" reaches nobody")) << said.out;
  EXPECT_TRUE(has(said.out, "step 2 of \"standard\" reaches nobody")) << said.out;
  EXPECT_FALSE(has(said.out, "step 3 of")) << said.out;
  EXPECT_TRUE(has(said.out, "choose among the team \"care\", which has no members")) << said.out;
}

TEST(CheckConfig, AnEscalationWithoutALastResortIsNamedWithItsPlace) {
  const std::string house =
      "receivers: [{name: a, type: log}]\n"
      "people: [{id: jo, contact: [{via: a}]}]\n"
      "escalations:\n"
      "  - {name: standard, steps: [{notify: [\"person:jo\"]}]}\n"
      "  - {name: spare, steps: [{notify: [\"person:jo\"]}]}\n"
      "route: {escalation: standard}\n";
  const Scratch bare{".yaml", house};
  const Said said = run_words({"check-config", bare.path()});
  EXPECT_EQ(said.code, kOk);
  EXPECT_TRUE(has(said.out,
                  ":4:5: warning: escalations[0]: after the last round of \"standard\" nobody is "
                  "told any more"))
      << said.out;
  EXPECT_FALSE(has(said.out, "\"spare\"")) << "no case gets it";
  const Scratch loud{".yaml", house + "last_resort: [\"receiver:a\"]\n"};
  EXPECT_FALSE(has(run_words({"check-config", loud.path()}).out, "nobody is told any more"));
}

TEST(CheckConfig, ASlipOfThePenInAMatcherIsNamed) {
  const Scratch file{
      ".yaml",
      "receivers: [{name: a, type: log}]\n"
      "principals: [{id: ceo, handles: [\"@boss\"]}]\n"
      "inhibit_rules:\n"
      "  - {source_matchers: ['cue = outtage'], target_matchers: ['cue = churn']}\n"
      "route:\n"
      "  receivers: [a]\n"
      "  routes:\n"
      "    - {matchers: ['urgency = pag']}\n"
      "    - {matchers: ['urgncy = page']}\n"
      "    - {matchers: ['principal != cep']}\n"
      "    - {matchers: ['severity =~ \"gr.ve|none\"', 'product = \"Any\"', 'cue != \"\"']}\n"};
  const Said said = run_words({"check-config", file.path()});
  EXPECT_EQ(said.code, kOk);
  EXPECT_TRUE(has(said.out, ":4:5: warning: inhibit_rules[0]: no case has the cue \"outtage\""))
      << said.out;
  EXPECT_TRUE(has(said.out, ":8:7: warning: route.routes[0]: no case has the urgency \"pag\""))
      << said.out;
  EXPECT_TRUE(has(said.out, "did you mean \"page\"?")) << said.out;
  EXPECT_TRUE(has(said.out, "route.routes[1]: no case has the label \"urgncy\"")) << said.out;
  EXPECT_TRUE(has(said.out, "route.routes[2]: no case has the principal \"cep\"")) << said.out;
  EXPECT_FALSE(has(said.out, "route.routes[3]: no case has")) << said.out;
}

TEST(CheckConfig, AFileThatShouldHoldAnAddressIsLookedInto) {
  const auto said_of = [](const std::string& content) {
    const Scratch secret{".url", content};
    ::chmod(secret.path().c_str(), 0600);
    const Scratch file{
        ".yaml", "receivers: [{name: a, type: teams, url_file: \"" + secret.path() + "\"}]\n"};
    return run_words({"check-config", file.path()});
  };
  const Said nonsense = said_of("the-secret-token\n");
  EXPECT_EQ(nonsense.code, kConfig);
  EXPECT_TRUE(has(nonsense.out, "receivers[0].url_file")) << nonsense.out;
  EXPECT_TRUE(has(nonsense.out, "does not hold an address")) << nonsense.out;
  EXPECT_FALSE(has(nonsense.out, "the-secret-token")) << "it is a secret all the same";
  const Said retired = said_of("https://brightwave.webhook.office.com/webhookb2/abc\n");
  EXPECT_EQ(retired.code, kConfig);
  EXPECT_TRUE(has(retired.out, "Office 365 connectors were retired in 2026")) << retired.out;
  EXPECT_EQ(said_of("https://prod-1.westeurope.logic.azure.com/x?sig=y\n").code, kOk);
}

TEST(CheckConfig, UsageAndUnreadableFiles) {
  EXPECT_EQ(run_words({"check-config"}).code, kUsage);
  EXPECT_EQ(run_words({"check-config", "--at", "noon", "x.yaml"}).code, kUsage);
  const Said said = run_words({"check-config", "/nowhere/x.yaml"});
  EXPECT_EQ(said.code, kConfig);
  EXPECT_TRUE(has(said.out, "/nowhere/x.yaml: cannot be read: No such file or directory"))
      << said.out;
}

TEST(ClassifyCommand, JudgesForWhomTheConfigurationWatches) {
  const Scratch posts{
      ".jsonl",
      "{\"text\":\"Dimly ruined my evening again, their lamp broke after a day and nobody "
      "answers\"}\n"
      "{\"text\":\"@Brightwave your lamp broke after a day and nobody answers my mails, I want my "
      "money back\"}\n"};
  const Said said =
      run_words({"classify", "--config", source_tree() + "/config/earshot.yaml", posts.path()});
  EXPECT_EQ(said.code, kOk);
  const std::string first = said.out.substr(0, said.out.find('\n'));
  EXPECT_TRUE(has(first, "\"about\":\"rival\"")) << first;
  EXPECT_TRUE(has(said.out.substr(first.size()), "\"about\":\"us\"")) << said.out;
}

}  // namespace
}  // namespace earshot::cli
