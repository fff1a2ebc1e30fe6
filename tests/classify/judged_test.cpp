// What the classifier makes of some 240 texts, word for word: work on its speed must change
// nothing. Work on its rules, phrases or weights may:
//   UPDATE_GOLDEN=1 build/dev/tests/test_classify --gtest_filter='Judged.*'
// writes tests/golden/classify/judged.txt anew; read the diff. To compare every bit of many texts
// before and after a change, EARSHOT_JUDGE="FILE.jsonl …" EARSHOT_JUDGED=OUT writes them to OUT.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "earshot/classify/classifier.hpp"
#include "earshot/core/post_json.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

const std::string kGolden = source_tree() + "/tests/golden/classify/";

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

Watch brightwave() {
  Watch watch;
  watch.company.name = "Brightwave";
  watch.company.handles = {"Brightwave", "BrightwaveHelp", "Brightwave_IN"};
  watch.company.products = {{"Glow", {}}, {"Glow Mini", {}}, {"Brightwave Hub", {}}};
  watch.company.rivals = {
      {"Dimly", {}, {"dimly"}}, {"Zentel", {}, {"zentel"}}, {"Orbis Bank", {}, {}}};
  watch.principals = {{"ceo",
                       "Mara Lindqvist",
                       "chief executive",
                       {"maralindqvist"},
                       {"mara.lindqvist@brightwave.example"},
                       {},
                       "kim"}};
  return watch;
}

std::vector<Classifier> classifiers() {
  std::vector<Classifier> out;
  for (const Watch& watch : {Watch{}, brightwave()}) {
    auto model = Model::from_bytes(bytes_of(source_tree() + "/config/model/complaint.model"));
    if (model.ok()) out.emplace_back(std::move(*model), Lexicon{}, watch);
  }
  return out;
}

std::vector<Post> posts_of(const std::string& path) {
  std::vector<Post> posts;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const auto row = parse_json(line);
    auto post = row ? post_from_json(*row, Wordless::allowed) : Result<Post>{row.error()};
    EXPECT_TRUE(post.ok()) << path << ": " << line;
    if (post) posts.push_back(std::move(*post));
  }
  return posts;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

/// All of an assessment in one line; `exactly`: with every bit of its numbers, which need not be
/// the same in another C library.
std::string line_of(const Assessment& it, bool exactly) {
  const auto number = [&](double v) {
    return exactly ? fmt::format("{:a}", v) : fmt::format("{:.4f}", v);
  };
  std::vector<std::string> cues;
  for (const Cue cue : it.cues) cues.emplace_back(to_word(cue));
  std::string out = fmt::format(
      "{}/{} {}/{} {}{} {} {} cues={} topics={} product={} principal={}/{} language={} | {} |",
      number(it.complaint), number(it.threshold), number(it.urgency), number(it.urgency_threshold),
      it.is_complaint ? "complaint" : "-", it.urgent ? " urgent" : "", to_word(it.severity),
      to_word(it.about), joined(cues), joined(it.topics), it.product, it.principal,
      it.mentioned_principal, it.language, it.urgent_reason);
  for (const std::string& reason : it.reasons) out += " " + reason;
  out += " |";
  for (const Weight& weight : it.why) out += " " + weight.words + ":" + number(weight.weight);
  return out;
}

void write_out(const std::string& names, const std::string& path) {
  const std::vector<Classifier> all = classifiers();
  std::ofstream out(path, std::ios::binary);
  std::istringstream files{names};
  for (std::string file; files >> file;) {
    for (Post& post : posts_of(file)) {
      for (const char* language : {"", "en", "fr"}) {
        post.language = language;
        for (const Classifier& one : all) {
          out << line_of(one.account(post), true);
          for (const Weight& weight : one.explain(post))
            out << ' ' << weight.words << fmt::format(":{:a}", weight.weight);
          out << '\n';
        }
      }
    }
  }
}

TEST(Judged, TextsGetTheSameVerdictAsBefore) {
  const std::vector<Classifier> all = classifiers();
  ASSERT_EQ(all.size(), 2U);
  const std::vector<Post> posts = posts_of(kGolden + "texts.jsonl");
  ASSERT_GT(posts.size(), 200U);
  std::string got;
  for (std::size_t i = 0; i < posts.size(); ++i) {
    for (std::size_t c = 0; c < all.size(); ++c)
      got += fmt::format("{}{} {}\n", i + 1, c == 0 ? "" : " watched",
                         line_of(all[c].account(posts[i]), false));
  }
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream{kGolden + "judged.txt", std::ios::binary} << got;
    return;
  }
  std::istringstream is{got};
  std::istringstream was{bytes_of(kGolden + "judged.txt")};
  std::size_t differ = 0;
  for (std::string a, b; std::getline(is, a);) {
    std::getline(was, b);
    if (a != b && ++differ <= 5) ADD_FAILURE() << "is:  " << a << "\nwas: " << b;
  }
  if (const char* path = std::getenv("EARSHOT_JUDGED")) {
    const char* files = std::getenv("EARSHOT_JUDGE");
    write_out(files != nullptr ? files : kGolden + "texts.jsonl", path);
  }
  EXPECT_EQ(differ, 0U) << "UPDATE_GOLDEN=1 writes them anew where a rule or a weight was changed";
}

TEST(Judged, TheVerdictIsTheSameWithAndWithoutItsReasons) {
  const std::vector<Classifier> all = classifiers();
  for (const Post& post : posts_of(kGolden + "texts.jsonl")) {
    for (const Classifier& one : all) {
      const Assessment verdict = one.assess(post);
      Assessment told = one.account(post);
      EXPECT_TRUE(verdict.reasons.empty() && verdict.why.empty());
      EXPECT_FALSE(told.reasons.empty());
      told.reasons.clear();
      told.why.clear();
      told.topics.resize(told.topics_told);  // what the model hears belongs to the account, too
      if (verdict.language.empty()) told.language.clear();  // the slow guess belongs to the account
      EXPECT_EQ(line_of(verdict, true), line_of(told, true));
    }
  }
}

}  // namespace
}  // namespace earshot
