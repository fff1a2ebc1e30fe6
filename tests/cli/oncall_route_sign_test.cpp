#include <gtest/gtest.h>

#include "../../src/cli/command.hpp"
#include "kit.hpp"
#include "support/tree.hpp"

namespace earshot::cli {
namespace {

const std::string kExample = source_tree() + "/config/earshot.yaml";

std::vector<std::string> oncall(std::vector<std::string> more) {
  std::vector<std::string> words{"oncall", "--config", kExample, "--schedule", "care"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(OncallCommand, PrintsTheWholeShiftOfAnInstant) {
  const Said said = run_words(oncall({"--at", "2026-10-25T02:30:00+02:00"}));
  EXPECT_EQ(said.code, kOk);
  EXPECT_EQ(said.out,
            R"({"start":"2026-10-19T07:00:00Z","end":"2026-10-26T08:00:00Z","people":["kim"]})"
            "\n");
}

TEST(OncallCommand, ClipsShiftsToTheWindow) {
  const Said said = run_words(oncall({"--from=2026-12-23T00:00:00Z", "--to=2026-12-25T00:00:00Z"}));
  EXPECT_EQ(said.code, kOk);
  EXPECT_EQ(said.out,
            R"({"start":"2026-12-23T00:00:00Z","end":"2026-12-24T08:00:00Z","people":["jo"]})"
            "\n"
            R"({"start":"2026-12-24T08:00:00Z","end":"2026-12-25T00:00:00Z","people":["kim"]})"
            "\n");
}

TEST(OncallCommand, AShiftWithoutEndIsNull) {
  const Scratch file{
      "one.yaml",
      "people: [{id: jo}]\nschedules:\n  - {name: s, zone: UTC, layers: [{people: [jo]}]}\n"};
  const Said said = run_words({"oncall", "--config", file.path(), "--at", "now"});
  EXPECT_EQ(said.code, kOk);
  EXPECT_EQ(said.out, "{\"start\":null,\"end\":null,\"people\":[\"jo\"]}\n");
}

TEST(OncallCommand, SaysNoInTheRightWay) {
  EXPECT_EQ(run_words(oncall({})).code, kUsage);
  EXPECT_EQ(run_words(oncall({"--at", "yesterday"})).code, kUsage);
  EXPECT_EQ(run_words(oncall({"--from", "2026-01-01T00:00:00Z"})).code, kUsage);
  EXPECT_EQ(run_words(oncall({"--at", "now", "--to", "now"})).code, kUsage);
  EXPECT_EQ(
      run_words(oncall({"--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"})).code,
      kUsage);
  EXPECT_EQ(run_words({"oncall", "--config", kExample, "--schedule", "cara", "--at", "now"}).code,
            kNo);
  const Scratch file{"bad.yaml", "schedules: [{name: s, zone: Nowhere}]\n"};
  EXPECT_EQ(run_words({"oncall", "--config", file.path(), "--at", "now"}).code, kConfig);
}

TEST(RouteCommand, AnswersEachLineInItsPlace) {
  const Scratch file{"labels.jsonl",
                     "{\"labels\":{\"urgency\":[\"digest\",\"queue\"],\"principal\":\"ceo\"}}\n"
                     "{\"labels\":{\"cue\":7}}\n"
                     "\n"
                     "{\"labels\":{\"principal\":null}}\n"};
  const Said said = run_words({"route", "--config", kExample, file.path()});
  EXPECT_EQ(said.code, kNo);
  EXPECT_EQ(said.out,
            R"({"matches":[{"path":"route.routes[1]","team":"care","escalation":"standard",)"
            R"("receivers":["care-chat","ceo-office"],"group_by":["storm"]}],)"
            R"("team":"care","escalation":"standard","receivers":["care-chat","ceo-office"]})"
            "\n"
            R"({"error":"label \"cue\" is neither a string nor a list of strings","line":2})"
            "\n"
            R"({"matches":[{"path":"route","team":"care","escalation":"standard",)"
            R"("receivers":["care-chat"],"group_by":["storm"]}],)"
            R"("team":"care","escalation":"standard","receivers":["care-chat"]})"
            "\n");
}

const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::vector<std::string> sign(const std::string& option, const std::string& secret,
                              const std::string& file) {
  return {"sign",        option,       secret, "--id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
          "--timestamp", "1614265330", file};
}

TEST(SignCommand, PrintsTheSignatureOfTheSpecification) {
  const Scratch body{"body", "{\"test\": 2432232314}"};
  const Scratch secret{"secret", kSecret + "\n"};
  const std::string want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n";
  EXPECT_EQ(run_words(sign("--secret", kSecret, body.path())).out, want);
  EXPECT_EQ(run_words(sign("--secret-file", secret.path(), body.path())).out, want);
}

TEST(SignCommand, ABadSecretIsAMistakeOfUse) {
  const Scratch body{"body", ""};
  EXPECT_EQ(run_words(sign("--secret", "", body.path())).code, kUsage);
  EXPECT_EQ(run_words(sign("--secret", "whsec_", body.path())).code, kUsage);
  EXPECT_EQ(run_words(sign("--secret", "hunter2", body.path())).code, kUsage);
  const Scratch empty{"secret", ""};
  EXPECT_EQ(run_words(sign("--secret-file", empty.path(), body.path())).code, kUsage);
  EXPECT_EQ(run_words(sign("--secret", kSecret, body.path() + ".absent")).code, kNo);
}

}  // namespace
}  // namespace earshot::cli
