#include "earshot/classify/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <set>

#include "command.hpp"
#include "earshot/config/classifier_files.hpp"
#include "earshot/core/utf8.hpp"
#include "judging.hpp"
#include "labelled.hpp"

namespace earshot::cli {
namespace {

/// Beside the target first, then renamed: a reader sees the old model or the new one.
void write_whole(const std::string& path, const std::string& bytes) {
  const std::string beside = path + ".new";
  std::FILE* file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr)
    throw Failure(kNo, fmt::format("{}: {}", printable(beside), std::strerror(errno)));
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed || std::rename(beside.c_str(), path.c_str()) != 0) {
    throw Failure(kNo, fmt::format("{}: {}", printable(path), std::strerror(errno)));
  }
}

double number_of(const Args& args, std::string_view name, double otherwise) {
  const auto text = args.value(name);
  if (!text) return otherwise;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || !(value > 0)) {
    throw UsageError(fmt::format("--{} wants a number above 0", name));
  }
  return value;
}

std::string note_of(const std::vector<Example>& examples) {
  std::map<std::string, std::size_t> rows;
  for (const Example& example : examples) {
    ++rows[example.dataset];
  }
  std::string note = "trained on";
  for (const auto& [name, count] : rows) note += fmt::format(" {}:{}", name, count);
  return note;
}

double accuracy(const Classifier& classifier, std::span<const Example> examples) {
  std::size_t right = 0;
  std::size_t all = 0;
  for (const Example& example : examples) {
    if (example.complaint < 0) continue;
    ++all;
    right += classifier.assess(example.post).is_complaint == (example.complaint == 1) ? 1U : 0U;
  }
  return all == 0 ? 1 : static_cast<double>(right) / static_cast<double>(all);
}

/// More than half a point less than what it replaces is refused: --force says it is meant.
constexpr double kMostLost = 0.005;

/// The files of --check judged by the model at `old_path` and by the new one.
void check_against(const Args& args, const std::string& old_path, const Model& fresh,
                   const TrainWith& with, JsonWriter& line) {
  const std::vector<std::string>& files = args.values("check");
  if (files.empty()) return;
  std::size_t bad = 0;
  const std::vector<Example> kept = read_examples(files, bad);
  const double now = accuracy(Classifier{fresh, with.lexicon, with.watch}, kept);
  line.field("accuracy", now);
  auto old = load_model(old_path);
  if (!old) return;
  const double before = accuracy(Classifier{std::move(*old), with.lexicon, with.watch}, kept);
  line.field("accuracy_before", before);
  if (now < before - kMostLost && !args.has("force"))
    throw Failure(kNo, fmt::format("refused: {:.4f} of {} texts right, the model it replaces has "
                                   "{:.4f}; --force writes it all the same",
                                   now, kept.size(), before));
}

/// Labels without those that --unlearn names by their text and source.
std::vector<Example> still_learnt(std::vector<Example> labels,
                                  std::span<const Example> taken_back) {
  std::erase_if(labels, [&](const Example& label) {
    return std::any_of(taken_back.begin(), taken_back.end(), [&](const Example& other) {
      return other.post.source == label.post.source && words_of(other.post) == words_of(label.post);
    });
  });
  return labels;
}

/// --base: only the deltas of the sources that have labels move.
Model adapted(const Args& args, const std::vector<Example>& examples, const TrainWith& with,
              std::size_t& bad) {
  auto model = load_model(args.need("base"));
  if (!model) throw Failure(kNo, model.error().message);
  const std::vector<Example> taken_back = read_examples(args.values("unlearn"), bad);
  const std::vector<Example> labels = still_learnt(examples, taken_back);
  std::set<std::string> sources;
  for (const Example& example : examples) sources.insert(example.post.source);
  for (const Example& example : taken_back) sources.insert(example.post.source);
  Model out = std::move(*model);
  for (const std::string& source : sources) {
    auto next = adapt(out, source, labels, with);
    if (!next) throw Failure(kNo, next.error().message);
    out = std::move(*next);
  }
  return out;
}

Model trained(const Args& args, const std::vector<Example>& examples, const TrainWith& with) {
  TrainOptions options;
  options.c = number_of(args, "cost", options.c);
  options.log2_buckets =
      static_cast<std::uint32_t>(number_of(args, "buckets", options.log2_buckets));
  auto model = train(examples, with, options, note_of(examples));
  if (!model) throw Failure(kNo, model.error().message);
  return std::move(*model);
}

}  // namespace

std::string_view help_train() {
  return "usage: earshot train --data FILE [--data FILE …] --out MODEL [--config C] [--cost C] "
         "[--buckets LOG2] [--check FILE …] [--force]\n"
         "       earshot train --base MODEL --data LABELS [--unlearn LABELS] --out MODEL "
         "[--config C] [--check FILE …] [--force]\n"
         "Trains the complaint model on labelled texts: JSON Lines with text, complaint (true or "
         "false) and, where known, channel,\n"
         "lang, urgent, severity, domain, dataset, weight. The configuration tells whose names the "
         "texts hold, so that they teach nothing.\n"
         "The same files in the same order give the same bytes. With --base the shipped weights "
         "stay: your labels, each with its\n"
         "source, move a layer of their own per source, and what --unlearn names is learnt no "
         "more. A model that judges the files of\n"
         "--check more than half a point worse than the one it replaces is refused.\n";
}

int run_train(std::span<const std::string> words) {
  const Args args{words,
                  {"data=*", "out=", "cost=", "buckets=", "config=", "lexicon=", "base=",
                   "unlearn=*", "check=*", "force", "json"}};
  std::vector<std::string> files = args.values("data");
  files.insert(files.end(), args.rest().begin(), args.rest().end());
  if (files.empty() && !args.value("base")) throw UsageError("--data is missing");
  const std::string out = args.need("out");
  std::size_t bad = 0;
  const std::vector<Example> examples = read_examples(files, bad);
  const TrainWith with = training_with(args);
  const Model model =
      args.value("base") ? adapted(args, examples, with, bad) : trained(args, examples, with);
  JsonWriter line;
  line.object();
  check_against(args, args.value_or("base", out), model, with, line);
  write_whole(out, std::string{model.bytes()});
  line.field("model", out);
  line.field("bytes", static_cast<std::uint64_t>(model.bytes().size()));
  line.field("note", std::string{model.note()});
  line.key("thresholds");
  line.object();
  for (std::size_t i = 0; i < kWordsOf<Place>.size(); ++i)
    line.field(kWordsOf<Place>[i], model.place(static_cast<Place>(i)).threshold);
  for (const Delta& delta : model.parts().deltas)
    line.field("source " + delta.source, delta.calibration.threshold);
  line.end();
  line.field("bad_lines", static_cast<std::uint64_t>(bad));
  line.end();
  print_line(line.take());
  return bad == 0 ? kOk : kNo;
}

}  // namespace earshot::cli
