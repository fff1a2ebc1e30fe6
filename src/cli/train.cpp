#include "earshot/classify/train.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>

#include "command.hpp"
#include "earshot/core/utf8.hpp"
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
    if (example.labelled) ++rows[example.dataset];
  }
  std::string note = "trained on";
  for (const auto& [name, count] : rows) note += fmt::format(" {}:{}", name, count);
  return note;
}

}  // namespace

std::string_view help_train() {
  return "usage: earshot train --data FILE [--data FILE …] --out MODEL [--cost C] [--buckets "
         "LOG2]\n"
         "Trains the complaint model on labelled texts: JSON Lines with text, complaint (true or "
         "false) and, where known, channel,\n"
         "lang, domain, dataset, weight. Rows with \"complaint\": null are skipped. The same files "
         "in the same order give the same\n"
         "bytes. Prints a line about the model.\n";
}

int run_train(std::span<const std::string> words) {
  const Args args{words, {"data=*", "out=", "cost=", "buckets=", "json"}};
  std::vector<std::string> files = args.values("data");
  files.insert(files.end(), args.rest().begin(), args.rest().end());
  if (files.empty()) throw UsageError("--data is missing");
  const std::string out = args.need("out");
  TrainOptions options;
  options.c = number_of(args, "cost", options.c);
  options.log2_buckets =
      static_cast<std::uint32_t>(number_of(args, "buckets", options.log2_buckets));
  std::size_t bad = 0;
  const std::vector<Example> examples = read_examples(files, bad);
  auto model = train(examples, options, note_of(examples));
  if (!model) throw Failure(kNo, model.error().message);
  write_whole(out, model->bytes());
  JsonWriter line;
  line.object();
  line.field("model", out);
  line.field("bytes", static_cast<std::uint64_t>(model->bytes().size()));
  line.field("note", std::string{model->note()});
  for (const Head head : {Head::addressed, Head::plain}) {
    const HeadNumbers& n = model->numbers(head);
    line.key(to_word(head));
    line.object();
    line.field("threshold", n.threshold);
    line.field("platt_a", n.platt_a);
    line.field("platt_b", n.platt_b);
    line.end();
  }
  line.field("bad_lines", static_cast<std::uint64_t>(bad));
  line.end();
  print_line(line.take());
  return bad == 0 ? kOk : kNo;
}

}  // namespace earshot::cli
