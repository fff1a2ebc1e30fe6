#include "earshot/route/labels.hpp"

#include <algorithm>
#include <array>

namespace earshot {
namespace {

constexpr std::array<std::string_view, 3> kHazards{"safety", "medical", "threat"};

}  // namespace

Labels labels_of(const Case& it) {
  Labels labels{{"urgency", {std::string{to_word(it.urgency)}}},
                {"severity", {std::string{to_word(it.severity)}}},
                {"channel", {std::string{to_word(it.channel)}}},
                {"about", {"us"}},
                {"kind", {it.kind}}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) labels[name] = {value};
  };
  add("principal", it.principal);
  add("product", it.product);
  add("source", it.source);
  add("language", it.language);
  add("storm", it.storm);
  if (!it.cues.empty()) labels["cue"] = it.cues;
  if (!it.cues_heard.empty()) labels["heard"] = it.cues_heard;
  if (!it.topics.empty()) labels["topic"] = it.topics;
  return labels;
}

bool speaks_anyway(const Case& it) {
  const bool hazard = std::ranges::any_of(it.cues, [](const std::string& cue) {
    return std::ranges::find(kHazards, cue) != kHazards.end();
  });
  return hazard || (!it.principal.empty() && it.urgency == Urgency::page);
}

}  // namespace earshot
