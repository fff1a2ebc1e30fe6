#include "earshot/route/tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <regex>

namespace earshot {
namespace {

using Names = std::vector<std::string>;

Route node(const char* matchers, Names receivers = {}, std::vector<Route> routes = {},
           bool go_on = false) {
  Route out;
  if (*matchers != '\0') out.matchers = parse_matchers(matchers).matchers;
  if (!receivers.empty()) out.receivers = std::move(receivers);
  out.routes = std::move(routes);
  out.continue_ = go_on;
  return out;
}

/// The tree of the configuration's example.
Route example() {
  Route root = node("", {"care-chat"});
  root.team = "care";
  root.escalation = "standard";
  root.group_by = Names{"storm"};
  Route safety = node("cue = safety");
  safety.escalation = "safety";
  root.routes = {safety, node(R"(principal != "", urgency =~ "page|queue")",
                              {"care-chat", "ceo-office"}, {}, true)};
  return root;
}

std::string paths(const Routing& routing) {
  std::string out;
  for (const RouteMatch& match : routing.matches) out += (out.empty() ? "" : " ") + match.path;
  return out;
}

TEST(Route, TheRootTakesWhatNoChildMatches) {
  const Routing got = resolve_route(example(), {});
  EXPECT_EQ(paths(got), "route");
  EXPECT_EQ(got.team, "care");
  EXPECT_EQ(got.receivers, (Names{"care-chat"}));
}

TEST(Route, UnsetKeysAreTheParents) {
  const Routing got = resolve_route(
      example(), {{"cue", {"safety"}}, {"principal", {"ceo"}}, {"urgency", {"page"}}});
  EXPECT_EQ(paths(got), "route.routes[0]");
  EXPECT_EQ(got.escalation, "safety");
  EXPECT_EQ(got.team, "care");
  EXPECT_EQ(got.matches.front().group_by, (Names{"storm"}));
  EXPECT_EQ(got.matches.front().group_interval, minutes{5});
}

TEST(Route, AnEmptyListIsNotInherited) {
  Route root = example();
  root.routes[0].receivers = Names{};
  root.routes[0].group_by = Names{};
  const Routing got = resolve_route(root, {{"cue", {"safety"}}});
  EXPECT_TRUE(got.receivers.empty());
  EXPECT_TRUE(got.matches.front().group_by.empty());
}

TEST(Route, ContinueLooksAtLaterSiblingsOnly) {
  const Route root = node("", {"r"},
                          {node("a=1", {"x", "y"}, {}, true), node("b=1", {"n"}),
                           node("a=1", {"y", "z"}), node("a=1", {"never"})});
  const Routing got = resolve_route(root, {{"a", {"1"}}});
  EXPECT_EQ(paths(got), "route.routes[0] route.routes[2]");
  EXPECT_EQ(got.receivers, (Names{"x", "y", "z"}));
}

TEST(Route, ContinueOnTheLastMatchDoesNotBringTheParentBack) {
  const Route root = node("", {"r"}, {node("a=1", {"x"}, {}, true), node("b=1", {"n"})});
  EXPECT_EQ(paths(resolve_route(root, {{"a", {"1"}}})), "route.routes[0]");
}

TEST(Route, AMatchingNodeWhoseChildrenDoNotMatchStandsForItself) {
  const Route root =
      node("", {"r"}, {node("a=1", {"x"}, {node("b=1", {"deep"}), node("c=1", {"c"})})});
  EXPECT_EQ(paths(resolve_route(root, {{"a", {"1"}}})), "route.routes[0]");
  EXPECT_EQ(paths(resolve_route(root, {{"a", {"1"}}, {"c", {"1"}}})), "route.routes[0].routes[1]");
  EXPECT_EQ(paths(resolve_route(root, {{"c", {"1"}}})), "route");
}

TEST(Route, TeamAndEscalationAreOfTheFirstMatch) {
  Route first = node("a=1", {}, {}, true);
  first.team = "one";
  Route second = node("a=1");
  second.team = "two";
  second.escalation = "e2";
  const Routing got = resolve_route(node("", {"r"}, {first, second}), {{"a", {"1"}}});
  EXPECT_EQ(got.team, "one");
  EXPECT_EQ(got.escalation, "");
  EXPECT_EQ(got.receivers, (Names{"r"}));
}

TEST(GroupWait, APageNeverWaitsUnlessToldTo) {
  RouteMatch match;
  EXPECT_EQ(group_wait_of(match, true), Duration{0});
  EXPECT_EQ(group_wait_of(match, false), kGroupWait);
  match.group_wait = seconds{5};
  EXPECT_EQ(group_wait_of(match, true), seconds{5});
}

TEST(GroupKey, IsTheNodeAndTheValuesItGroupsBy) {
  RouteMatch match;
  match.path = "route";
  match.group_by = {"cue"};
  const Labels one{{"cue", {"a", "b"}}, {"other", {"x"}}};
  EXPECT_EQ(group_key(match, one), group_key(match, {{"cue", {"b", "a", "a"}}}));
  EXPECT_NE(group_key(match, one), group_key(match, {{"cue", {"a"}}}));
  EXPECT_NE(group_key(match, {{"cue", {"a b"}}}), group_key(match, {{"cue", {"a", "b"}}}));
  EXPECT_EQ(group_key(match, {{"cue", {""}}}), group_key(match, {}));
  match.group_by = {"..."};
  EXPECT_NE(group_key(match, one), group_key(match, {{"cue", {"a", "b"}}}));
  RouteMatch elsewhere = match;
  elsewhere.path = "route.routes[0]";
  EXPECT_NE(group_key(match, one), group_key(elsewhere, one));
}

struct UnreachableRow {
  const char* name;
  Route root;
  const char* want;
};
class Unreachable : public testing::TestWithParam<UnreachableRow> {};
TEST_P(Unreachable, IsFound) {
  std::string got;
  for (const UnreachableRoute& one : unreachable_routes(GetParam().root))
    got += (got.empty() ? "" : " ") + one.path;
  EXPECT_EQ(got, GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Unreachable,
    testing::Values(
        UnreachableRow{"nothing_in_the_example", example(), ""},
        UnreachableRow{"after_a_rule_without_matchers",
                       node("", {}, {node(""), node("a=1"), node("")}),
                       "route.routes[1] route.routes[2]"},
        UnreachableRow{"after_the_same_rule", node("", {}, {node("a=1"), node("a = \"1\"")}),
                       "route.routes[1]"},
        UnreachableRow{"not_after_the_same_rule_that_continues",
                       node("", {}, {node("a=1", {}, {}, true), node("a=1")}), ""},
        UnreachableRow{"after_a_weaker_rule", node("", {}, {node("a=1"), node("a=1,b=2")}),
                       "route.routes[1]"},
        UnreachableRow{"not_after_a_stricter_rule", node("", {}, {node("a=1,b=2"), node("a=1")}),
                       ""},
        UnreachableRow{"after_a_pattern_that_takes_it",
                       node("", {}, {node("a=~1|2"), node("a=2"), node("a=3")}), "route.routes[1]"},
        UnreachableRow{"within_what_the_parent_says",
                       node("", {}, {node("a=1", {}, {node("a=1"), node("b=2")})}),
                       "route.routes[0].routes[1]"},
        UnreachableRow{"matchers_that_contradict",
                       node("", {}, {node("a=1,a!=1"), node("a=1,a!~1|2"), node("a=1,a=2")}),
                       "route.routes[0] route.routes[1]"}),
    [](const auto& row) { return std::string{row.param.name}; });

// --- against a reference that knows no inheritance on the way down and no matcher class
// -------------------------------------------

struct Rule {
  std::string name;
  int op;
  std::string value;
};
struct Plain {
  std::vector<Rule> rules;
  Names receivers;
  bool go_on = false;
  std::vector<Plain> children;
};

bool slow_holds(const Rule& rule, const Labels& labels) {
  Names values = labels.count(rule.name) != 0 ? labels.find(rule.name)->second : Names{};
  if (values.empty()) values = {""};
  const bool any = std::any_of(values.begin(), values.end(), [&](const std::string& value) {
    return rule.op < 2 ? value == rule.value : std::regex_match(value, std::regex{rule.value});
  });
  return any == (rule.op % 2 == 0);
}

/// The paths that match, each with the receivers found by walking from the root to it again.
void slow_paths(const Plain& node, const std::string& path, const Names& receivers,
                const Labels& labels, std::string& out) {
  std::string below;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Plain& child = node.children[i];
    const bool holds = std::all_of(child.rules.begin(), child.rules.end(),
                                   [&](const Rule& rule) { return slow_holds(rule, labels); });
    if (!holds) continue;
    slow_paths(child, path + ".routes[" + std::to_string(i) + "]",
               child.receivers.empty() ? receivers : child.receivers, labels, below);
    if (!child.go_on) break;
  }
  if (below.empty()) {
    below = path + ":";
    for (const std::string& receiver : receivers) below += receiver;
    below += "\n";
  }
  out += below;
}

class Forest {
 public:
  explicit Forest(unsigned seed) : dice_(seed) {}
  int upto(int most) { return std::uniform_int_distribution<int>{0, most}(dice_); }
  Plain tree(int depth) {
    static constexpr const char* kValues[] = {"", "x", "y", "x|y", ".*", "x.*"};
    Plain out;
    for (int i = upto(2); i > 0; --i) {
      const int op = upto(3);
      out.rules.push_back(
          {std::string(1, static_cast<char>('a' + upto(2))), op, kValues[upto(op < 2 ? 2 : 5)]});
    }
    for (int i = upto(2); i > 0; --i)
      out.receivers.push_back(std::string(1, static_cast<char>('p' + upto(5))));
    out.go_on = upto(2) == 0;
    for (int i = depth == 0 ? 0 : upto(4); i > 0; --i) out.children.push_back(tree(depth - 1));
    return out;
  }
  Labels labels() {
    static constexpr const char* kValues[] = {"", "x", "y", "xy"};
    Labels out;
    for (int i = upto(3); i > 0; --i)
      out[std::string(1, static_cast<char>('a' + upto(2)))].emplace_back(kValues[upto(3)]);
    return out;
  }

 private:
  std::mt19937 dice_;
};

Route as_route(const Plain& plain) {
  static constexpr const char* kOps[] = {"=", "!=", "=~", "!~"};
  Route out;
  for (const Rule& rule : plain.rules) {
    const auto read = parse_matchers(rule.name + kOps[rule.op] + rule.value);
    out.matchers.push_back(read.matchers.at(0));
  }
  if (!plain.receivers.empty()) out.receivers = plain.receivers;
  out.continue_ = plain.go_on;
  for (const Plain& child : plain.children) out.routes.push_back(as_route(child));
  return out;
}

TEST(Route, AgreesWithASlowReference) {
  Forest forest{20'260'105U};
  std::size_t deep = 0;
  for (int i = 0; i < 150; ++i) {
    const Plain plain = forest.tree(3);
    const Route root = as_route(plain);
    const std::vector<UnreachableRoute> dead = unreachable_routes(root);
    for (int k = 0; k < 8; ++k) {
      const Labels labels = forest.labels();
      std::string want;
      slow_paths(plain, "route", plain.receivers, labels, want);
      std::string got;
      for (const RouteMatch& match : resolve_route(root, labels).matches) {
        got += match.path + ":";
        for (const std::string& receiver : match.receivers) got += receiver;
        got += "\n";
        if (match.path != "route") ++deep;
        for (const UnreachableRoute& one : dead)
          ASSERT_FALSE(match.path.starts_with(one.path)) << one.path << " " << one.reason;
      }
      ASSERT_EQ(got, want);
    }
  }
  EXPECT_GT(deep, 500U);
}

}  // namespace
}  // namespace earshot
