#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "earshot/classify/train.hpp"
#include "judging.hpp"
#include "labelled.hpp"

namespace earshot::cli {
namespace {

double rounded(double value) {
  return std::round(value * 10'000) / 10'000;
}

std::string line_of(const Figures& f) {
  JsonWriter out;
  out.object();
  out.field("slice", f.slice);
  out.field("rows", f.rows);
  out.field("complaints", f.complaints);
  for (const auto& [name, value] : {std::pair{"accuracy", f.accuracy},
                                    {"precision", f.precision},
                                    {"recall", f.recall},
                                    {"f1", f.f1},
                                    {"f1_other", f.f1_other},
                                    {"macro_f1", f.macro_f1},
                                    {"auc", f.auc},
                                    {"ece", f.ece},
                                    {"false_alarms", f.false_alarms}}) {
    out.field(name, rounded(value));
  }
  out.field("urgent_rows", f.urgent_rows);
  out.field("urgent_recall", rounded(f.urgent_recall));
  out.field("urgent_precision", rounded(f.urgent_precision));
  out.field("urgent_said", f.urgent_said);
  out.field("about_rows", f.about_rows);
  out.field("about_right", rounded(f.about_right));
  out.field("principal_rows", f.principal_rows);
  out.field("principal_recall", rounded(f.principal_recall));
  out.field("principal_precision", rounded(f.principal_precision));
  out.field("severity_rows", f.severity_rows);
  for (const auto& [name, value] : {std::pair{"severity_right", f.severity_right},
                                    {"cue_recall", f.cue_recall},
                                    {"cue_precision", f.cue_precision},
                                    {"topic_recall", f.topic_recall},
                                    {"topic_precision", f.topic_precision}}) {
    out.field(name, rounded(value));
  }
  out.end();
  return out.take();
}

std::vector<Judged> judge(const Classifier& classifier, std::span<const Example> examples) {
  std::vector<Judged> judged;
  for (const Example& example : examples) {
    Assessment a = classifier.judge(example.post);
    judged.push_back({&example, a.complaint, a.is_complaint, a.urgent, std::move(a)});
  }
  return judged;
}

bool wrong(const Judged& one) {
  return one.example->complaint >= 0 && one.flagged != (one.example->complaint == 1);
}

/// How far a score lies on the wrong side.
double wrongness(const Judged& one) {
  return one.flagged ? one.score : 1 - one.score;
}

/// The mistakes that were surest of themselves, and every urgent text missed or made up.
void print_confusions(std::span<const Judged> judged, std::size_t most) {
  std::vector<const Judged*> mistakes;
  for (const Judged& one : judged) {
    const bool urgent = one.example->urgent >= 0 && one.urgent != (one.example->urgent == 1);
    if (wrong(one) || urgent) mistakes.push_back(&one);
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Judged* a, const Judged* b) { return wrongness(*a) > wrongness(*b); });
  if (mistakes.size() > most) mistakes.resize(most);
  for (const Judged* one : mistakes) {
    JsonWriter out;
    out.object();
    out.field("confusion", wrong(*one) ? (one->flagged ? "flagged" : "missed")
                                       : (one->urgent ? "urgent made up" : "urgent missed"));
    out.field("score", rounded(one->score));
    out.field("threshold", rounded(one->said.threshold));
    out.text_or_null("kind", one->example->kind);
    out.text_or_null("language", one->example->language);
    out.field("text", words_of(one->example->post));
    out.end();
    print_line(out.take());
  }
}

/// One line: what two models say differently of the same texts.
void print_comparison(std::span<const Judged> now, std::span<const Judged> other) {
  std::uint64_t better = 0;
  std::uint64_t worse = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (wrong(other[i]) && !wrong(now[i])) ++better;
    if (!wrong(other[i]) && wrong(now[i])) ++worse;
  }
  JsonWriter out;
  out.object();
  out.field("comparison", "model with --against");
  out.field("right_only_here", better);
  out.field("right_only_there", worse);
  out.field("accuracy", rounded(measure(now).front().accuracy));
  out.field("accuracy_against", rounded(measure(other).front().accuracy));
  out.end();
  print_line(out.take());
}

void keep_part(const Args& args, std::vector<Example>& examples) {
  const std::string part = args.value_or("part", "all");
  if (part != "all" && part != "test" && part != "train")
    throw UsageError("--part wants train, test or all");
  if (part == "all") return;
  std::erase_if(examples, [&](const Example& example) {
    return kept_for_test(example.post.text) != (part == "test");
  });
}

}  // namespace

std::string_view help_eval() {
  return "usage: earshot eval [--config C] [--model MODEL] [--lexicon DIR] --data FILE [--data "
         "FILE …] [--part train|test|all]\n"
         "                    [--against MODEL] [--confusions N]\n"
         "       earshot eval --folds N [--config C] [--cost C] --data FILE [--data FILE …]\n"
         "Judges labelled texts (JSON Lines) and prints accuracy, precision, recall, F1 of both "
         "classes and their mean, AUC,\n"
         "calibration error (ece), false alarms, urgency, target, severity, cues and topics, for "
         "all and by dataset, domain, kind,\n"
         "language, channel and source. --part test keeps the fifth of a corpus that nothing is "
         "trained on. --against compares two\n"
         "models; --confusions prints the surest mistakes. With --folds the model alone is "
         "cross-validated on the data; equal texts\n"
         "never lie on both sides.\n";
}

int run_eval(std::span<const std::string> words) {
  const Args args{words,
                  {"config=", "model=", "lexicon=", "data=*",
                   "folds=", "cost=", "part=", "against=", "confusions=", "json"}};
  std::vector<std::string> files = args.values("data");
  files.insert(files.end(), args.rest().begin(), args.rest().end());
  if (files.empty()) throw UsageError("--data is missing");
  std::size_t bad = 0;
  std::vector<Example> examples = read_examples(files, bad);
  keep_part(args, examples);
  std::vector<Judged> judged;
  if (const auto folds = args.value("folds")) {
    TrainOptions options;
    options.folds = std::atoi(folds->c_str());
    options.c = std::atof(args.value_or("cost", "4").c_str());
    auto out = cross_validate(examples, training_with(args), options);
    if (!out) throw Failure(kNo, out.error().message);
    judged = std::move(*out);
  } else {
    judged = judge(judging_with(args), examples);
  }
  if (judged.empty()) throw Failure(kNo, "no labelled text");
  for (const Figures& figures : measure(judged)) print_line(line_of(figures));
  if (const auto other = args.value("against"))
    print_comparison(judged, judge(judging_with(args, *other), examples));
  if (const auto most = args.value("confusions"))
    print_confusions(judged, static_cast<std::size_t>(std::max(0, std::atoi(most->c_str()))));
  return bad == 0 ? kOk : kNo;
}

}  // namespace earshot::cli
