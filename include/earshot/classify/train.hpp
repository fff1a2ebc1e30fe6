#pragma once

/// Training and measuring. Deterministic: the same rows in the same order give the same bytes.
/// Pure; the command reads the files.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/classify/assessment.hpp"
#include "earshot/classify/model.hpp"
#include "earshot/classify/watch.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/post.hpp"

namespace earshot {

/// Which expert a row teaches most.
EARSHOT_ENUM(Expert, own, tweets, finance, open);

/// A labelled text: one line of a data file. -1 and nullopt: not labelled.
struct Example {
  Post post;
  int complaint = -1;
  int urgent = -1;
  std::optional<Severity> severity{};
  std::optional<About> about{};
  std::optional<std::vector<std::string>> topics{};
  std::optional<std::vector<Cue>> cues{};
  std::optional<std::string> principal{};  ///< "" = nobody is spoken to
  Expert expert = Expert::own;
  std::string dataset;  ///< "own_seed" …; "" becomes the file's name
  std::string domain;
  std::string language;
  std::string kind;
  double weight = 1;  ///< "weight" of the row: how much a mistake in it counts
};
/// Reads one line. Besides `text` and `complaint`: id, dataset, domain, lang or language, kind,
/// urgent, severity, about, topics, cues, principal, channel, source, weight.
Result<Example> example_from_json(const JsonValue& value);

/// True where a text of the project's corpus belongs to the part that nothing is trained on: the
/// SHA-256 of the text, read as a number, leaves 0 when divided by 5.
bool kept_for_test(std::string_view text);

struct TrainOptions {
  std::uint32_t log2_buckets = 18;
  double c = 4;           ///< inverse of the L2 penalty, per row of weight 1
  int folds = 5;          ///< for calibration and thresholds, by groups of equal text
  double epsilon = 0.02;  ///< of the dual coordinate descent's stopping rule
  int max_passes = 60;
  bool topics = true;
  /// Of a place's non-complaints, the share that may be flagged when thresholds are chosen; of
  /// posts, only everyday ones count here (Expert::open).
  std::array<double, kWordsOf<Place>.size()> most_alarms{0.15, 0.005, 0.063, 1,    1,
                                                         0.05, 0.05,  1,     0.04, 1};
};

/// What the features are read with.
struct TrainWith {
  Lexicon lexicon;
  Watch watch;  ///< whose names the texts tell
};

/// The lanes by logistic regression; calibration and thresholds from out-of-fold scores. Permanent
/// error where a class is missing.
Result<Model> train(std::span<const Example> examples, const TrainWith& with,
                    const TrainOptions& options, std::string_view note);

/// `base` with a delta for one source, learnt from that source's labels alone: every other weight
/// stays. The same labels give the same bytes whatever was learnt before. Fewer than ten labels, or
/// labels of one class only, move just the threshold's calibration. No labels: the delta goes.
Result<Model> adapt(const Model& base, std::string_view source, std::span<const Example> examples,
                    const TrainWith& with);

/// Of one slice of the data.
struct Figures {
  std::string slice;  ///< "all", "dataset=airline", "domain=…", "language=…", "channel=…"
  std::uint64_t rows = 0, complaints = 0;
  double accuracy = 0, precision = 0, recall = 0, f1 = 0, f1_other = 0, macro_f1 = 0;
  double auc = 0;           ///< 0.5 where one class is missing
  double ece = 0;           ///< expected calibration error, ten equal bins
  double false_alarms = 0;  ///< share of the non-complaints that is flagged
  std::uint64_t urgent_rows = 0;
  std::uint64_t urgent_said = 0;
  double urgent_recall = 0, urgent_precision = 0;
  std::uint64_t about_rows = 0;  ///< complaints and rivals' cases
  double about_right = 0;
  std::uint64_t principal_rows = 0;
  double principal_recall = 0, principal_precision = 0;
  std::uint64_t severity_rows = 0;  ///< complaints that were flagged, too
  double severity_right = 0;
  double cue_recall = 0, cue_precision = 0, topic_recall = 0, topic_precision = 0;  ///< micro
};
struct Judged {
  const Example* example = nullptr;
  double score = 0;  ///< calibrated probability
  bool flagged = false;
  bool urgent = false;
  Assessment said{};  ///< all of it; empty in cross-validation
};
/// "all" first, then the slices by name.
std::vector<Figures> measure(std::span<const Judged> judged);
/// Out-of-fold judgements of the model alone, folds grouped by equal text.
Result<std::vector<Judged>> cross_validate(std::span<const Example> examples, const TrainWith& with,
                                           const TrainOptions& options);

}  // namespace earshot
