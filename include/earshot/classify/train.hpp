#pragma once

/// Training and measuring. Deterministic: the same rows in the same order give the same bytes.
/// Pure; the command reads the files.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "earshot/classify/classifier.hpp"
#include "earshot/classify/model.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/post.hpp"

namespace earshot {

/// A labelled text: one line of a data file.
struct Example {
  Post post;
  bool complaint = false;
  bool labelled = true;  ///< false: "complaint" is null or missing; such rows are skipped
  int urgent = -1;       ///< 1, 0, or -1 where not labelled
  std::string dataset;   ///< "own_seed" …; "" becomes the file's name
  std::string domain;
  std::string language;
  std::string kind;
  double weight = 1;  ///< "weight" of the row: how much a mistake in it counts
};
/// Reads one line. Besides `text` and `complaint`: id, dataset, domain, lang or language, kind,
/// urgent, channel, weight.
Result<Example> example_from_json(const JsonValue& value);

struct TrainOptions {
  std::uint32_t log2_buckets = 18;
  double c = 4;           ///< inverse of the L2 penalty, per row of weight 1
  int folds = 5;          ///< for calibration and thresholds, by groups of equal text
  double epsilon = 0.01;  ///< of the dual coordinate descent's stopping rule
  int max_passes = 200;
};

/// L2-regularised logistic regression by dual coordinate descent (Yu, Huang, Lin 2011, algorithm 5)
/// with a cost per row, one run a head; Platt's two numbers (Platt 1999, with Lin, Lin and Weng's
/// fix of 2007) and the threshold of best macro-F1 come from out-of-fold scores. Permanent error
/// where a class is missing.
Result<Model> train(std::span<const Example> examples, const TrainOptions& options,
                    std::string_view note);

/// Of one slice of the data.
struct Figures {
  std::string slice;  ///< "all", "dataset=airline", "domain=…", "language=…", "channel=…"
  std::uint64_t rows = 0, complaints = 0;
  double accuracy = 0, precision = 0, recall = 0, f1 = 0, f1_other = 0, macro_f1 = 0;
  double auc = 0;           ///< 0.5 where one class is missing
  double ece = 0;           ///< expected calibration error, ten equal bins
  double false_alarms = 0;  ///< share of the non-complaints that is flagged
  std::uint64_t urgent_rows = 0;
  double urgent_recall = 0, urgent_precision = 0;
};
struct Judged {
  const Example* example = nullptr;
  double score = 0;  ///< calibrated probability
  bool flagged = false;
  bool urgent = false;
};
/// "all" first, then the slices by name.
std::vector<Figures> measure(std::span<const Judged> judged);
/// Out-of-fold judgements of the model alone (without lexicon), folds grouped by equal text.
Result<std::vector<Judged>> cross_validate(std::span<const Example> examples,
                                           const TrainOptions& options);

}  // namespace earshot
