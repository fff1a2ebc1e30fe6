#include <cmath>

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
  out.end();
  return out.take();
}

}  // namespace

std::string_view help_eval() {
  return "usage: earshot eval [--config C] [--model MODEL] [--lexicon DIR] --data FILE [--data "
         "FILE …]\n"
         "       earshot eval --folds N --data FILE [--data FILE …]\n"
         "Judges labelled texts (JSON Lines) and prints accuracy, precision, recall, F1 of both "
         "classes and their mean, AUC,\n"
         "calibration error (ece) and false alarms, for all and by dataset, domain, kind, language "
         "and channel. With --folds the\n"
         "model alone is cross-validated on the data; equal texts never lie on both sides.\n";
}

int run_eval(std::span<const std::string> words) {
  const Args args{words, {"config=", "model=", "lexicon=", "data=*", "folds=", "json"}};
  std::vector<std::string> files = args.values("data");
  files.insert(files.end(), args.rest().begin(), args.rest().end());
  if (files.empty()) throw UsageError("--data is missing");
  std::size_t bad = 0;
  const std::vector<Example> examples = read_examples(files, bad);
  std::vector<Judged> judged;
  if (const auto folds = args.value("folds")) {
    TrainOptions options;
    options.folds = std::atoi(folds->c_str());
    auto out = cross_validate(examples, options);
    if (!out) throw Failure(kNo, out.error().message);
    judged = std::move(*out);
  } else {
    const Classifier classifier = judging_with(args);
    for (const Example& example : examples) {
      const Assessment a = classifier.assess(example.post);
      judged.push_back({&example, a.complaint, a.is_complaint, a.urgent});
    }
  }
  if (judged.empty()) throw Failure(kNo, "no labelled text");
  for (const Figures& figures : measure(judged)) print_line(line_of(figures));
  return bad == 0 ? kOk : kNo;
}

}  // namespace earshot::cli
