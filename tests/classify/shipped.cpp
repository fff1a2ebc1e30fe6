#include "shipped.hpp"
#include "support/tree.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <utility>

namespace earshot::test {

std::string file(const std::string& name) {
  std::ifstream in(source_tree() + "/" + name, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

Model shipped() {
  auto model = Model::from_bytes(file("config/model/complaint.model"));
  EXPECT_TRUE(model.ok());
  return model.ok() ? std::move(*model) : Model{};
}

Watch brightwave() {
  Watch watch;
  watch.company.name = "Brightwave";
  watch.company.handles = {"Brightwave", "BrightwaveHelp"};
  watch.company.products = {{"Glow", {}}, {"Glow Mini", {"glowmini"}}};
  watch.company.rivals = {{"Dimly", {}, {"dimly"}}, {"Orbis Bank", {}, {}}};
  watch.principals = {{"ceo",
                       "Mara Lind",
                       "chief executive",
                       {"brightwave_ceo"},
                       {"ceo@brightwave.example"},
                       {"the CEO of Brightwave"},
                       "kim"}};
  return watch;
}

const Classifier& unwatched() {
  static const Classifier kOne{shipped(), Lexicon{}, Watch{}};
  return kOne;
}
const Classifier& watched() {
  static const Classifier kOne{shipped(), Lexicon{}, brightwave()};
  return kOne;
}

Post post_of(std::string text) {
  Post post;
  post.text = std::move(text);
  return post;
}

std::vector<Example> examples_of(const std::string& name) {
  std::vector<Example> out;
  std::istringstream lines(file(name));
  for (std::string line; std::getline(lines, line);) {
    auto document = parse_json(line);
    EXPECT_TRUE(document.ok()) << name;
    auto example = example_from_json(*document);
    EXPECT_TRUE(example.ok()) << name;
    out.push_back(std::move(*example));
  }
  return out;
}

}  // namespace earshot::test
