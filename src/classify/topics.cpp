#include "topics.hpp"

#include <algorithm>
#include <map>

#include "hazards.hpp"

namespace earshot {
namespace {

constexpr std::size_t kFewest = 60;        ///< rows of a topic from which it is learnt
constexpr std::size_t kTopicsOfAText = 3;  ///< topics of one text
constexpr double kSurest = 0.5;            ///< share of right ones that a threshold must keep

bool has_topics(const Example& example) {
  return example.topics.has_value();
}

bool has(const Example& example, std::string_view topic) {
  return std::ranges::find(*example.topics, topic) != example.topics->end();
}

}  // namespace

LearntJudges learn_topics(const TrainingRows& rows, std::size_t most, const TrainOptions& options) {
  const SmallRows known = small_rows(rows, options, has_topics);
  std::map<std::string, std::size_t> count;
  for (const Example* example : known.examples) {
    for (const std::string& topic : *example->topics) ++count[topic];
  }
  std::erase_if(count, [](const auto& it) {
    return it.second < kFewest || it.first.size() > kTopicNameBytes ||
           it.first.starts_with(kCuePrefix);
  });
  while (count.size() > most)
    count.erase(std::ranges::min_element(count, {}, [](const auto& it) { return it.second; }));
  LearntJudges out;
  for (const auto& [topic, n] : count) {
    std::vector<Label> labels;
    for (const Example* example : known.examples)
      labels.push_back({has(*example, topic), options.c});
    out.weights.push_back(learn_small(known, labels, shuffled(labels.size()), options));
    out.judges.push_back({topic, 0, out.weights.back().bias,
                          threshold_of(known, labels, has_topics, kSurest, options)});
  }
  return out;
}

std::vector<std::string> topics_of(const Model& model, const FeatureText& text) {
  const std::size_t first = cues_in(model);
  const std::span topics = std::span{model.parts().topics}.subspan(first);
  if (topics.empty()) return {};
  std::vector<double> scores(topics.size());
  small_scores(model, text, first, scores);
  std::vector<std::pair<double, std::size_t>> heard;
  for (std::size_t t = 0; t < topics.size(); ++t) {
    const double above = scores[t] - topics[t].threshold;
    if (above >= 0) heard.emplace_back(-above, t);
  }
  std::ranges::sort(heard);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(kTopicsOfAText, heard.size()); ++i)
    out.push_back(topics[heard[i].second].name);
  return out;
}

}  // namespace earshot
