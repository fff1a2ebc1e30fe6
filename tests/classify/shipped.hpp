#pragma once

/// What tests of the shipped model share.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "earshot/classify/classifier.hpp"
#include "earshot/classify/train.hpp"

namespace earshot::test {

/// The bytes of a file of the project.
inline std::string file(const std::string& name) {
  std::ifstream in(EARSHOT_SOURCE_DIR "/" + name, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

inline Model shipped() {
  auto model = Model::from_bytes(file("config/model/complaint.model"));
  EXPECT_TRUE(model.ok());
  return model.ok() ? std::move(*model) : Model{};
}

inline Watch brightwave() {
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

inline const Classifier& unwatched() {
  static const Classifier kOne{shipped(), Lexicon{}, Watch{}};
  return kOne;
}
inline const Classifier& watched() {
  static const Classifier kOne{shipped(), Lexicon{}, brightwave()};
  return kOne;
}

inline Post post_of(std::string text) {
  Post post;
  post.text = std::move(text);
  return post;
}

inline std::vector<Example> examples_of(const std::string& name) {
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
