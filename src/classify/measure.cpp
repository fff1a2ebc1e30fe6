#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "earshot/classify/train.hpp"

namespace earshot {
namespace {

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

/// Rank statistic of Mann and Whitney, ties counted half.
double area_under_curve(std::vector<std::pair<double, bool>> scored) {
  std::sort(scored.begin(), scored.end());
  double positives = 0, rank_sum = 0;
  for (std::size_t i = 0; i < scored.size();) {
    std::size_t end = i;
    double here = 0;
    while (end < scored.size() && scored[end].first == scored[i].first)
      here += scored[end++].second ? 1 : 0;
    rank_sum += here * (static_cast<double>(i + 1) + static_cast<double>(end)) / 2;
    positives += here;
    i = end;
  }
  const double negatives = static_cast<double>(scored.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

double calibration_error(const std::vector<std::pair<double, bool>>& scored) {
  struct Bin {
    double sum = 0, hits = 0, count = 0;
  };
  std::array<Bin, 10> bins{};
  for (const auto& [score, label] : scored) {
    Bin& bin = bins[std::min<std::size_t>(static_cast<std::size_t>(std::max(score, 0.0) * 10), 9)];
    bin.sum += score, bin.hits += label ? 1 : 0, bin.count += 1;
  }
  double error = 0;
  for (const Bin& bin : bins) error += std::abs(bin.sum - bin.hits);
  return ratio(error, static_cast<double>(scored.size()));
}

/// Hits, said and wanted of sets of labels, summed over texts.
struct Overlap {
  double hits = 0, said = 0, wanted = 0;
  template <class T>
  void add(const std::vector<T>& got, const std::vector<T>& want) {
    said += static_cast<double>(got.size());
    wanted += static_cast<double>(want.size());
    for (const T& one : got) hits += std::count(want.begin(), want.end(), one) > 0 ? 1 : 0;
  }
};

void add_labels(Figures& f, const std::vector<const Judged*>& judged) {
  double about = 0, told = 0, said = 0, severity = 0;
  Overlap cues, topics;
  for (const Judged* one : judged) {
    const Example& example = *one->example;
    const Assessment& got = one->said;
    if (example.about && (example.complaint == 1 || *example.about == About::rival)) {
      ++f.about_rows;
      about += got.about == *example.about ? 1 : 0;
    }
    if (example.principal) {
      f.principal_rows += example.principal->empty() ? 0U : 1U;
      told += !example.principal->empty() && got.principal == *example.principal ? 1 : 0;
      said += got.principal.empty() ? 0 : 1;
    }
    if (example.complaint != 1) continue;
    if (example.severity && got.is_complaint) {
      ++f.severity_rows;
      severity += got.severity == *example.severity ? 1 : 0;
    }
    if (example.cues) {
      std::vector<Cue> said_or_heard = got.cues;
      said_or_heard.insert(said_or_heard.end(), got.cues_heard.begin(), got.cues_heard.end());
      cues.add(said_or_heard, *example.cues);
    }
    if (example.topics) topics.add(got.topics, *example.topics);
  }
  f.about_right = ratio(about, static_cast<double>(f.about_rows));
  f.principal_recall = ratio(told, static_cast<double>(f.principal_rows));
  f.principal_precision = ratio(told, said);
  f.severity_right = ratio(severity, static_cast<double>(f.severity_rows));
  f.cue_recall = ratio(cues.hits, cues.wanted);
  f.cue_precision = ratio(cues.hits, cues.said);
  f.topic_recall = ratio(topics.hits, topics.wanted);
  f.topic_precision = ratio(topics.hits, topics.said);
}

Figures figures_of(std::string slice, const std::vector<const Judged*>& judged) {
  Figures f;
  f.slice = std::move(slice);
  std::vector<std::pair<double, bool>> scored;
  double hits = 0, alarms = 0, missed = 0, quiet = 0, urgent_hits = 0;
  for (const Judged* one : judged) {
    const bool complaint = one->example->complaint == 1;
    if (one->example->complaint >= 0) {
      scored.emplace_back(one->score, complaint);
      (complaint ? (one->flagged ? hits : missed) : (one->flagged ? alarms : quiet)) += 1;
    }
    f.urgent_rows += one->example->urgent == 1 ? 1U : 0U;
    urgent_hits += one->example->urgent == 1 && one->urgent ? 1 : 0;
    f.urgent_said += one->urgent ? 1U : 0U;
  }
  f.rows = scored.size();
  f.complaints = static_cast<std::uint64_t>(hits + missed);
  f.accuracy = ratio(hits + quiet, static_cast<double>(f.rows));
  f.precision = ratio(hits, hits + alarms);
  f.recall = ratio(hits, hits + missed);
  f.f1 = ratio(2 * hits, 2 * hits + alarms + missed);
  f.f1_other = ratio(2 * quiet, 2 * quiet + alarms + missed);
  f.macro_f1 = (f.f1 + f.f1_other) / 2;
  f.auc = area_under_curve(scored);
  f.ece = calibration_error(scored);
  f.false_alarms = ratio(alarms, alarms + quiet);
  f.urgent_recall = ratio(urgent_hits, static_cast<double>(f.urgent_rows));
  f.urgent_precision = ratio(urgent_hits, static_cast<double>(f.urgent_said));
  add_labels(f, judged);
  return f;
}

}  // namespace

std::vector<Figures> measure(std::span<const Judged> judged) {
  std::map<std::string, std::vector<const Judged*>> slices;
  std::vector<const Judged*> all;
  for (const Judged& one : judged) {
    all.push_back(&one);
    const Example& example = *one.example;
    const auto put = [&](const char* what, const std::string& name) {
      if (!name.empty()) slices[std::string{what} + "=" + name].push_back(&one);
    };
    put("dataset", example.dataset);
    put("domain", example.domain);
    put("kind", example.kind);
    put("language", example.language);
    put("source", example.post.source);
    put("channel", std::string{to_word(example.post.channel)});
  }
  std::vector<Figures> out{figures_of("all", all)};
  for (const auto& [name, members] : slices) out.push_back(figures_of(name, members));
  return out;
}

}  // namespace earshot
