#include "earshot/config/load.hpp"
#include "support/tree.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace earshot {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}
std::string example() {
  return bytes_of(fs::path{source_tree()} / "config/earshot.yaml");
}

Loaded load_text(const std::string& text, const LoadOptions& options = {}) {
  const std::vector<ConfigText> texts{{"earshot.yaml", text}};
  return parse_config(texts, "/etc/earshot", options);
}

/// A folder that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "earshot-config-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& text, ::mode_t mode = 0600) {
    const fs::path path = path_ / name;
    std::ofstream{path, std::ios::binary} << text;
    ::chmod(path.c_str(), mode);
    return path.string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

Loaded load_files(const std::vector<std::string>& paths, const LoadOptions& options = {}) {
  return load_config(paths, options);
}

TEST(LoadConfig, TheShippedExampleIsCleanAndKeepsTheDefaults) {
  const Loaded loaded = load_text(example());
  EXPECT_EQ(render(loaded.diagnostics), "");
  ASSERT_TRUE(loaded.config);
  const Config& config = *loaded.config;
  EXPECT_EQ(config.sources.size(), 6U);
  EXPECT_EQ(config.directory, "/etc/earshot");
  EXPECT_EQ(config.watch.company.handles,
            (std::vector<std::string>{"Brightwave", "BrightwaveHelp"}));
  EXPECT_EQ(config.watch.principals.at(0).delegate, "kim");
  EXPECT_EQ(config.sources.at(1).every, seconds{15});
  EXPECT_EQ(config.sources.at(3).start.back, hours{24 * 7});
  EXPECT_EQ(config.people.at(0).notify.at("page").at(1).after, minutes{5});
  EXPECT_EQ(config.schedules.at(0).layers.at(0).rotate, Rotate::weekly);
  EXPECT_EQ(config.escalations.at(0).steps.at(2).after, minutes{20});
  EXPECT_EQ(config.route.routes.at(1).receivers,
            (std::vector<std::string>{"care-chat", "ceo-office"}));
  EXPECT_TRUE(config.route.routes.at(1).continue_);
  EXPECT_EQ(config.receivers.size(), 17U);
  const auto alerts = std::ranges::find(config.receivers, "alerts", &ReceiverConfig::name);
  ASSERT_NE(alerts, config.receivers.end());
  EXPECT_EQ(alerts->urls.size(), 2U);
  // What the example writes out as defaults are the defaults.
  const TriagePolicy defaults;
  EXPECT_EQ(config.triage.page_at, defaults.page_at);
  EXPECT_EQ(config.triage.reach_cap, defaults.reach_cap);
  EXPECT_EQ(config.triage.principal_addressed.floor, defaults.principal_addressed.floor);
  EXPECT_EQ(config.triage.principal_addressed.when, defaults.principal_addressed.when);
  EXPECT_EQ(config.triage.about_rival.ceiling, defaults.about_rival.ceiling);
  const CasePolicy cases;
  EXPECT_EQ(config.follow_through.first_answer, cases.first_answer);
  EXPECT_EQ(config.follow_through.ack_decay, cases.ack_decay);
  EXPECT_DOUBLE_EQ(config.follow_through.verify_share, cases.verify_share);
  EXPECT_EQ(config.follow_through.call_back, cases.call_back);
  EXPECT_EQ(config.follow_through.same_matter, cases.same_matter);
}

TEST(LoadConfig, FilesOfAFolderAreMergedBySection) {
  Folder folder;
  folder.write("10-company.yaml", "company: {name: B}\nreceivers: [{name: a, type: log}]\n");
  folder.write("20-more.yml", "receivers: [{name: b, type: log}]\nroute: {receivers: [a, b]}\n");
  folder.write("ignored.yaml.bak", "rubbish: true\n");
  const Loaded loaded = load_files({folder.path()});
  EXPECT_EQ(render(loaded.diagnostics), "");
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->receivers.size(), 2U);
  EXPECT_EQ(loaded.config->directory, folder.path());
}

TEST(LoadConfig, AKeySetInTwoFilesIsAMistakeOfTheSecond) {
  Folder folder;
  const std::string a = folder.write("a.yaml", "mode: live\nlog: {level: info}\n");
  const std::string b = folder.write("b.yaml", "mode: shadow\nlog: {level: warn}\n");
  const Loaded loaded = load_files({a, b});
  EXPECT_FALSE(loaded.config);
  ASSERT_EQ(loaded.diagnostics.size(), 2U);
  EXPECT_EQ(loaded.diagnostics.at(0).file, b);
  EXPECT_EQ(loaded.diagnostics.at(0).line, 1U);
  EXPECT_EQ(loaded.diagnostics.at(1).path, "log.level");
}

TEST(LoadConfig, AnAbsentFileAndAnEmptyFolderAreToldAsSuch) {
  Folder folder;
  EXPECT_NE(render(load_files({folder.path() + "/none.yaml"}).diagnostics)
                .find("cannot be read: No such file or directory"),
            std::string::npos);
  EXPECT_NE(render(load_files({folder.path()}).diagnostics).find("holds no *.yaml file"),
            std::string::npos);
  EXPECT_FALSE(load_files({}).config);
}

TEST(LoadConfig, PlannedPartsAreWarningsForQuestions) {
  const std::string text = "store: {type: postgresql, dsn_file: pg.dsn}\n";
  EXPECT_FALSE(load_text(text).config);
  LoadOptions options;
  options.tolerate_planned = true;
  const Loaded loaded = load_text(text, options);
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.diagnostics.size(), 1U);
}

TEST(LoadConfig, NumbersAreReadWithTheirCountryAndWantAReceiver) {
  const Loaded loaded = load_text(
      "people: [{id: jo, contact: [{sms: \"+44 1632 960-123\"}, {call: soon}]}]\n"
      "receivers: [{name: t, type: sms, account: AC1, token_file: t, from: \"+15550100\"}]\n");
  ASSERT_TRUE(loaded.config) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.config->people.at(0).contact.at(0).value, "+441632960123");
  const std::string told = render(loaded.diagnostics);
  EXPECT_NE(told.find("\"soon\" is not a telephone number"), std::string::npos) << told;
  EXPECT_NE(told.find("no receiver has the type voice"), std::string::npos) << told;
  EXPECT_EQ(told.find("no receiver has the type sms"), std::string::npos) << told;
}

struct SecretRow {
  const char* name;
  const char* key;   ///< as the configuration names it
  const char* text;  ///< nullptr: there is no file
  ::mode_t mode;
  bool credentials;
  const char* want;  ///< part of the diagnostic; "" = none
  bool loads;
};
class SecretFiles : public testing::TestWithParam<SecretRow> {};
TEST_P(SecretFiles, AreLookedAt) {
  const SecretRow& row = GetParam();
  Folder folder;
  Folder credentials;
  if (row.text != nullptr) folder.write("s", row.text, row.mode);
  credentials.write("c", "https://beat.example/x", 0440);
  const std::string file =
      folder.write("earshot.yaml", std::string{"heartbeat: {url_file: "} + row.key + "}\n");
  LoadOptions options;
  options.secrets = true;
  if (row.credentials) options.credentials_directory = credentials.path();
  const Loaded loaded = load_files({file}, options);
  EXPECT_EQ(loaded.config.has_value(), row.loads);
  const std::string told = render(loaded.diagnostics);
  if (*row.want == '\0') {
    EXPECT_EQ(told, "");
  } else {
    EXPECT_NE(told.find(row.want), std::string::npos) << told;
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, SecretFiles,
    testing::Values(
        SecretRow{"a_private_file_is_right", "s", "https://beat.example/x", 0600, false, "", true},
        SecretRow{"others_may_not_read_it", "s", "x", 0604, false, "by others", false},
        SecretRow{"nor_may_the_group", "./s", "x", 0640, false, "by others", false},
        SecretRow{"an_empty_one_is_wrong", "s", "", 0600, false, "is empty", false},
        SecretRow{"a_plain_name_may_come_from_systemd", "s", nullptr, 0, false, "LoadCredential",
                  true},
        SecretRow{"a_path_may_not", "./s", nullptr, 0, false, "there is no file", false},
        SecretRow{"no_address_is_wrong", "s", "a token", 0600, false, "does not hold an address",
                  false},
        SecretRow{"systemd_hands_it_over", "c", nullptr, 0, true, "", true},
        SecretRow{"systemd_does_not", "s", nullptr, 0, true, "there is no file", false}),
    [](const auto& row) { return row.param.name; });

using Dice = std::mt19937;
std::size_t pick(Dice& dice, std::size_t n) {
  return static_cast<std::size_t>(dice() % n);
}

/// The words of a text that stand after ": " or "- ": where they begin and how long they are.
std::vector<std::pair<std::size_t, std::size_t>> words_of(const std::string& text) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t at = 0; (at = text.find_first_of(":-", at)) != std::string::npos; ++at) {
    if (at + 2 >= text.size() || text[at + 1] != ' ') continue;
    const std::size_t end = std::min(text.find_first_of(",]}\n", at + 2), text.size());
    found.emplace_back(at + 2, end - at - 2);
  }
  return found;
}

/// One mistake as a hand, an editor or a disk makes it.
void mutate(std::string& text, Dice& dice) {
  static constexpr char kBytes[] =
      "\"'[]{}:,#&*!|>-\t\n \0\xFF"
      "a0%@";
  const std::size_t at = pick(dice, text.size());
  const std::size_t begin = text.rfind('\n', at) + 1;
  const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
  const auto words = words_of(text);
  switch (pick(dice, words.empty() ? 6 : 8)) {
    case 0:
      text[at] = kBytes[pick(dice, sizeof kBytes - 1)];
      break;
    case 1:
      text.erase(at, 1 + pick(dice, 8));
      break;
    case 2:
      text.insert(at, 1 + pick(dice, 3), kBytes[pick(dice, sizeof kBytes - 1)]);
      break;
    case 3:
      text.erase(begin, end - begin);
      break;
    case 4:
      text.insert(begin, text.substr(begin, end - begin));
      break;
    case 5:
      text.resize(at + 1);
      break;
    default: {  // a value where another belongs: names that are not there, wrong kinds
      const auto [from, from_size] = words[pick(dice, words.size())];
      const auto [to, to_size] = words[pick(dice, words.size())];
      text.replace(to, to_size, text.substr(from, from_size));
    }
  }
}

std::size_t lines_of(const std::string& text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// 1,000 mutations (EARSHOT_MUTATIONS: so many) of the complete example through the loader that the
/// daemon and its reload use, each from its seed: a configuration or errors, never both and never
/// neither, and every mistake has its file, line and column.
TEST(LoadConfig, NoMutationGivesAPartialState) {
  const std::string whole = example();
  Folder folder;
  const char* wanted = std::getenv("EARSHOT_MUTATIONS");
  const unsigned mutations = wanted ? static_cast<unsigned>(std::atoi(wanted)) : 1000;
  unsigned loads = 0;
  for (unsigned seed = 0; seed < mutations; ++seed) {
    Dice dice{seed};
    std::string text = whole;
    for (std::size_t n = 1 + pick(dice, 4); n > 0; --n) mutate(text, dice);
    const std::string path = folder.write("earshot.yaml", text);
    const Loaded loaded = load_files({path});
    bool wrong = false;
    for (const Diagnostic& it : loaded.diagnostics) {
      wrong = wrong || it.level == Diagnostic::Level::error;
      EXPECT_EQ(it.file, path) << "seed " << seed;
      EXPECT_FALSE(it.problem.empty()) << "seed " << seed;
      EXPECT_GE(it.line, 1U) << "seed " << seed << ": " << it.problem;
      EXPECT_LE(it.line, lines_of(text)) << "seed " << seed << ": " << it.problem;
      EXPECT_GE(it.column, 1U) << "seed " << seed << ": " << it.problem;
      const std::string place =
          it.file + ":" + std::to_string(it.line) + ":" + std::to_string(it.column) + ": ";
      EXPECT_TRUE(render(it).starts_with(place)) << render(it);
    }
    EXPECT_NE(loaded.config.has_value(), wrong) << "seed " << seed;
    loads += loaded.config.has_value() ? 1U : 0U;
  }
  // Mutations in comments and names leave a right configuration.
  EXPECT_GT(loads, mutations / 50);
  EXPECT_LT(loads, mutations - mutations / 25);
  RecordProperty("loads", std::to_string(loads));
}

struct HostileRow {
  const char* name;
  std::string text;
};
class HostileConfig : public testing::TestWithParam<HostileRow> {};
TEST_P(HostileConfig, IsRefusedQuickly) {
  const auto begin = std::chrono::steady_clock::now();
  const Loaded loaded = load_text(GetParam().text);
  const std::string told = render(loaded.diagnostics);
  EXPECT_FALSE(loaded.config);
  EXPECT_LE(loaded.diagnostics.size(), 201U);
  EXPECT_LT(told.size(), 200'000U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin,
            seconds{5});  // a debug or sanitizer build on a busy machine
}

std::string repeat(const std::string& text, std::size_t n) {
  std::string out;
  out.reserve(text.size() * n);
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}
std::string numbered(std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += "key" + std::to_string(i) + ": x\n";
  return out;
}
INSTANTIATE_TEST_SUITE_P(
    Table, HostileConfig,
    testing::Values(HostileRow{"two_megabytes", "a: " + std::string(2'000'000, 'x')},
                    HostileRow{"brackets", std::string(1'000'000, '[')},
                    HostileRow{"dashes", repeat("- ", 500'000)},
                    HostileRow{"questions", repeat("? ", 500'000)},
                    HostileRow{"flow_keys", "{" + repeat("a,", 500'000)},
                    HostileRow{"unknown_keys", numbered(60'000)},
                    HostileRow{"unknown_sources", "sources: [" + repeat("{a: b}, ", 20'000) + "]"},
                    HostileRow{"one_long_line", "mode: \"" + std::string(1'000'000, 'y') + "\""},
                    HostileRow{"anchors", repeat("- &a [*a]\n", 50'000)},
                    HostileRow{"quotes", repeat("\"", 1'000'000)},
                    HostileRow{"nul", std::string(1000, '\0')}),
    [](const auto& row) { return row.param.name; });

TEST(Render, FollowsItsForm) {
  const Loaded loaded =
      load_text("receivers:\n  - {name: pagers, type: log}\nroute:\n  receivers: [pager]\n");
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(render(loaded.diagnostics.front()),
            "earshot.yaml:4:15: route.receivers: no receiver is named \"pager\"\n"
            "    4 |   receivers: [pager]\n"
            "      |               ^ did you mean \"pagers\"? receivers are declared under "
            "\"receivers\"\n");
}

}  // namespace
}  // namespace earshot
