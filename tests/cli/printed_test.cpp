/// What the commands print, case by case. tests/printed/*.jsonl holds one case a line:
///   {"name","command":[words…],"config","input" or "input_base64","code","want":[{…}]}
/// The input is handed over as a file, and so is the configuration, for the word CONFIG; `want` has
/// one object for each printed line, and each of its members must be printed with that value.
/// UPDATE_GOLDEN=1 rewrites the values.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "kit.hpp"
#include "support/tree.hpp"

namespace earshot::cli {
namespace {

namespace fs = std::filesystem;

struct Printed {
  int code = 0;
  std::vector<JsonDocument> lines;
  std::string warnings;
};

Printed print_for(std::vector<std::string> words, const std::string& config,
                  const std::optional<std::string>& input) {
  const Scratch config_file{".yaml", config};
  const Scratch input_file{".in", input.value_or("")};
  std::replace(words.begin(), words.end(), std::string{"CONFIG"}, config_file.path());
  if (input) words.push_back(input_file.path());
  Said said = run_words(words);
  Printed printed;
  printed.code = said.code;
  printed.warnings = std::move(said.warnings);
  std::istringstream out{said.out};
  for (std::string line; std::getline(out, line);) {
    auto document = parse_json(line);
    EXPECT_TRUE(document) << line;
    if (document) printed.lines.push_back(std::move(*document));
  }
  return printed;
}

std::string written(const JsonValue& value) {
  JsonWriter out;
  out.value(value);
  return out.take();
}

/// The members of `got` that `want` names, at any depth.
std::string named_members(const JsonValue& want, const JsonValue* got) {
  if (got == nullptr) return "(absent)";
  if (!want.IsObject() || !got->IsObject()) return written(*got);
  std::string out = "{";
  for (const auto& member : want.GetObject()) {
    const std::string name{member.name.GetString(), member.name.GetStringLength()};
    out += (out.size() > 1 ? "," : "") + written(member.name) + ":" +
           named_members(member.value, find(*got, name));
  }
  return out + "}";
}

std::optional<std::string> input_of(const JsonValue& given) {
  if (find(given, "input") != nullptr) return std::string{string_at(given, "input")};
  if (find(given, "input_base64") == nullptr) return std::nullopt;
  return from_base64(string_at(given, "input_base64"));
}

struct Outcome {
  std::string want;
  std::string got;
  std::string warnings;
};

Outcome play(const JsonValue& given) {
  Printed printed = print_for(strings_at(given, "command"), std::string{string_at(given, "config")},
                              input_of(given));
  const JsonValue& want = *find(given, "want");
  Outcome outcome{"exit " + std::to_string(integer_at(given, "code").value_or(-1)) + "\n",
                  "exit " + std::to_string(printed.code) + "\n", std::move(printed.warnings)};
  const std::size_t most = std::max<std::size_t>(want.Size(), printed.lines.size());
  for (std::size_t i = 0; i < most; ++i) {
    const JsonValue* line = i < printed.lines.size() ? &printed.lines[i] : nullptr;
    const auto at = static_cast<rapidjson::SizeType>(i);
    const JsonValue* wanted = at < want.Size() ? &want[at] : nullptr;
    if (wanted != nullptr) outcome.want += written(*wanted) + "\n";
    if (line != nullptr)
      outcome.got += (wanted != nullptr ? named_members(*wanted, line) : written(*line)) + "\n";
  }
  return outcome;
}

/// The same case with what is printed now.
std::string updated(const JsonValue& given, const Outcome& outcome) {
  std::istringstream lines{outcome.got};
  std::string code;
  std::string want;
  std::getline(lines, code);
  for (std::string line; std::getline(lines, line);) want += (want.empty() ? "" : ",") + line;
  JsonWriter out;
  out.object();
  for (const auto& member : given.GetObject()) {
    const std::string name{member.name.GetString(), member.name.GetStringLength()};
    out.key(name);
    if (name == "code")
      out.raw(code.substr(5));
    else if (name == "want")
      out.raw("[" + want + "]");
    else
      out.value(member.value);
  }
  out.end();
  return out.take();
}

std::vector<fs::path> case_files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator{fs::path{source_tree()} / "tests" / "printed"}) {
    if (entry.path().extension() == ".jsonl") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

class PrintedCases : public testing::TestWithParam<fs::path> {};

TEST_P(PrintedCases, AreAsWanted) {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::ifstream file{GetParam()};
  std::string rewritten;
  std::size_t cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    const auto given = parse_json(line);
    ASSERT_TRUE(given) << GetParam() << ":" << cases + 1;
    const Outcome outcome = play(*given);
    rewritten += updated(*given, outcome) + "\n";
    if (!update) {
      EXPECT_EQ(outcome.got, outcome.want) << string_at(*given, "name") << "\n" << outcome.warnings;
    }
  }
  EXPECT_GT(cases, 0U);
  if (update) std::ofstream{GetParam(), std::ios::binary} << rewritten;
}

INSTANTIATE_TEST_SUITE_P(Files, PrintedCases, testing::ValuesIn(case_files()),
                         [](const auto& row) { return row.param.stem().string(); });

}  // namespace
}  // namespace earshot::cli
