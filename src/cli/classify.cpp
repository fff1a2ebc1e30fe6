#include <cmath>

#include "command.hpp"
#include "earshot/core/post_json.hpp"
#include "judging.hpp"

namespace earshot::cli {
namespace {

double rounded(double value) {
  return std::round(value * 10'000) / 10'000;
}

void write_weights(JsonWriter& out, std::string_view name, const std::vector<Weight>& weights,
                   std::size_t most) {
  out.key(name);
  out.array();
  for (const Weight& weight : weights) {
    if (most-- == 0) break;
    out.array();
    out.value(weight.words);
    out.value(rounded(weight.weight));
    out.end_array();
  }
  out.end_array();
}

std::string judged(const Classifier& classifier, const Post& post, bool explain) {
  const Assessment a = classifier.account(post);
  JsonWriter out;
  out.object();
  out.field("complaint", rounded(a.complaint));
  out.field("is_complaint", a.is_complaint);
  out.field("urgent", a.urgent);
  out.field("severity", to_word(a.severity));
  out.field("about", to_word(a.about));
  out.text_or_null("principal", a.principal);
  std::vector<std::string> cues;
  for (const Cue cue : a.cues) cues.emplace_back(to_word(cue));
  std::vector<std::string> heard;
  for (const Cue cue : a.cues_heard) heard.emplace_back(to_word(cue));
  out.field("cues", cues);
  out.field("cues_heard", heard);
  out.field("topics", a.topics);
  out.text_or_null("language", a.language);
  std::vector<Weight> all = classifier.explain(post);
  std::vector<Weight> why = a.why;
  if (why.empty()) {
    for (const Weight& weight : all) {
      if (weight.words != "(base)" && std::abs(weight.weight) >= 0.05 && why.size() < 6)
        why.push_back(weight);
    }
  }
  write_weights(out, "why", why, 6);
  if (explain) {
    out.field("threshold", rounded(a.threshold));
    out.field("urgency", rounded(a.urgency));
    out.field("urgency_threshold", rounded(a.urgency_threshold));
    out.text_or_null("urgent_reason", a.urgent_reason);
    out.text_or_null("mentioned_principal", a.mentioned_principal);
    out.text_or_null("product", a.product);
    out.field("reasons", a.reasons);
    write_weights(out, "weights", all, 50);
  }
  out.end();
  return out.take();
}

}  // namespace

std::string_view help_classify() {
  return "usage: earshot classify [--config C] [--model MODEL] [--lexicon DIR] [--explain] [FILE]\n"
         "Reads posts, one JSON object a line ({\"text\": …} or whole posts), and prints what they "
         "are, one line each. Without a\n"
         "configuration nobody is watched: is_complaint then means a customer's complaint about "
         "anybody; with one, about us.\n"
         "--explain adds the threshold, the reasons in sentences and the weights, which sum to the "
         "log-odds.\n";
}

int run_classify(std::span<const std::string> words) {
  const Args args{words, {"config=", "model=", "lexicon=", "explain", "json"}};
  const std::string path = args.one("FILE", true);
  const Classifier classifier = judging_with(args);
  const bool explain = args.has("explain");
  return each_json_line(path, [&](const JsonValue& value, std::size_t) -> Result<void> {
    auto post = post_from_json(value, Wordless::allowed);
    if (!post) return post.error();
    post->source = string_at(value, "source");
    print_line(judged(classifier, *post, explain));
    return {};
  });
}

}  // namespace earshot::cli
