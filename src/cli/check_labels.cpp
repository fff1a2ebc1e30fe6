// Matchers that name a label no case has, or a value that it never has: a slip of the pen that
// would send pages elsewhere without a word.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "check_people.hpp"
#include "earshot/classify/assessment.hpp"
#include "earshot/core/nearest.hpp"
#include "earshot/core/post.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/triage/urgency.hpp"

namespace earshot::cli {
namespace {

using Op = Matcher::Op;

/// Of labels_of (route/labels.hpp).
constexpr std::array<std::string_view, 13> kLabels{
    "urgency", "severity", "channel", "about", "kind",  "principal", "product",
    "source",  "language", "storm",   "cue",   "heard", "topic"};

template <class E>
std::vector<std::string> words() {
  return {kWordsOf<E>.begin(), kWordsOf<E>.end()};
}

/// All values that a label can have; empty where that is not known.
std::vector<std::string> values_of(const Config& config, std::string_view label) {
  if (label == "urgency") return words<Urgency>();
  if (label == "severity") return words<Severity>();
  if (label == "channel") return words<Channel>();
  if (label == "cue" || label == "heard") return words<Cue>();
  std::vector<std::string> out;
  if (label == "principal")
    for (const Principal& it : config.watch.principals) out.push_back(it.id);
  return out;
}

std::string near_to(const std::string& word, const std::vector<std::string>& known) {
  const std::string meant = nearest(word, known);
  return meant.empty() ? fmt::format("there is {}", fmt::join(known, ", "))
                       : fmt::format("did you mean \"{}\"?", meant);
}

void look_at(const Config& config, const std::vector<Matcher>& matchers, const std::string& path,
             std::vector<Forecast>& out) {
  for (const Matcher& it : matchers) {
    if (std::ranges::find(kLabels, it.name()) == kLabels.end()) {
      out.push_back({path, fmt::format("no case has the label \"{}\"", printable(it.name())),
                     near_to(it.name(), {kLabels.begin(), kLabels.end()})});
      continue;
    }
    const std::vector<std::string> known = values_of(config, it.name());
    const bool some = it.accepts("") || known.empty() ||
                      std::ranges::any_of(known, [&](const auto& one) { return it.accepts(one); });
    if (some) continue;
    const bool exact = it.op() == Op::equal || it.op() == Op::not_equal;
    const std::string value = printable(it.value());
    out.push_back({path,
                   exact ? fmt::format("no case has the {} \"{}\"", it.name(), value)
                         : fmt::format("no case has a {} that matches \"{}\"", it.name(), value),
                   near_to(it.value(), known)});
  }
}

void look_at(const Config& config, const Route& node, const std::string& path,
             std::vector<Forecast>& out) {
  look_at(config, node.matchers, path, out);
  for (std::size_t i = 0; i < node.routes.size(); ++i)
    look_at(config, node.routes[i], fmt::format("{}.routes[{}]", path, i), out);
}

}  // namespace

std::vector<Forecast> forecast_labels(const Config& config) {
  std::vector<Forecast> out;
  look_at(config, config.route, "route", out);
  for (std::size_t i = 0; i < config.inhibit_rules.size(); ++i) {
    const std::string path = fmt::format("inhibit_rules[{}]", i);
    look_at(config, config.inhibit_rules[i].source, path, out);
    look_at(config, config.inhibit_rules[i].target, path, out);
  }
  return out;
}

}  // namespace earshot::cli
