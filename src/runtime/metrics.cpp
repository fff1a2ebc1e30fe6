#include "earshot/runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <unordered_map>
#include <variant>
#include <vector>

#include "earshot/core/check.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {

namespace {

// More label sets than this in one family can only be a mistake; they are counted together rather
// than kept.
constexpr std::size_t kMostChildren = 2000;

std::vector<std::string> names_of(std::string_view labels) {
  std::vector<std::string> names;
  while (!labels.empty()) {
    const std::size_t comma = labels.find(',');
    names.emplace_back(labels.substr(0, comma));
    labels = comma == std::string_view::npos ? std::string_view{} : labels.substr(comma + 1);
  }
  return names;
}

prometheus::Histogram::BucketBoundaries boundaries(Buckets buckets) {
  if (buckets == Buckets::io) {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  }
  return {1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400};
}

using Counters = prometheus::Family<prometheus::Counter>;
using Gauges = prometheus::Family<prometheus::Gauge>;
using Histograms = prometheus::Family<prometheus::Histogram>;
using Child = std::variant<prometheus::Counter*, prometheus::Gauge*, prometheus::Histogram*>;

struct Series {
  const MetricSpec* spec = nullptr;
  std::vector<std::string> names;
  std::variant<Counters*, Gauges*, Histograms*> family;
  std::unordered_map<std::string, Child> children;  // by label values with 0x1F between
};

std::string key_of(Metrics::Labels labels) {
  std::string key;
  for (const std::string_view value : labels) {
    key += value;
    key += '\x1F';
  }
  return key;
}

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  mutable std::mutex mutex;
  std::map<std::string_view, Series> series;

  Series& find(std::string_view name, MetricKind kind, Labels labels) {
    const auto found = series.find(name);
    EARSHOT_CHECK(found != series.end());
    EARSHOT_CHECK(found->second.spec->kind == kind);
    EARSHOT_CHECK(found->second.names.size() == labels.size());
    return found->second;
  }

  Child make(Series& one, Labels labels, bool others) {
    prometheus::Labels set;
    auto name = one.names.begin();
    for (const std::string_view value : labels) {
      set[*name++] = others ? "other" : clean_utf8(cut_utf8(value, 128));
    }
    if (auto** counters = std::get_if<Counters*>(&one.family)) return &(*counters)->Add(set);
    if (auto** gauges = std::get_if<Gauges*>(&one.family)) return &(*gauges)->Add(set);
    return &std::get<Histograms*>(one.family)->Add(set, boundaries(one.spec->buckets));
  }

  template <class Metric>
  Metric& child(std::string_view name, MetricKind kind, Labels labels) {
    Series& one = find(name, kind, labels);
    const std::string key = key_of(labels);
    const auto found = one.children.find(key);
    if (found != one.children.end()) return *std::get<Metric*>(found->second);
    const bool full = one.children.size() >= kMostChildren;
    const Child made = make(one, labels, full);
    if (!full) one.children.emplace(key, made);
    return *std::get<Metric*>(made);
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {
  for (const MetricSpec& spec : kMetrics) {
    Series one;
    one.spec = &spec;
    one.names = names_of(spec.labels);
    const std::string name{spec.name};
    const std::string help{spec.help};
    switch (spec.kind) {
      case MetricKind::counter:
        one.family = &prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
        break;
      case MetricKind::gauge:
        one.family = &prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
        break;
      case MetricKind::histogram:
        one.family = &prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
        break;
    }
    EARSHOT_CHECK(state_->series.emplace(spec.name, std::move(one)).second);
  }
}

Metrics::~Metrics() = default;

void Metrics::count(std::string_view name, Labels labels, double by) {
  const std::lock_guard lock(state_->mutex);
  state_->child<prometheus::Counter>(name, MetricKind::counter, labels).Increment(by);
}

void Metrics::set(std::string_view name, double value, Labels labels) {
  const std::lock_guard lock(state_->mutex);
  state_->child<prometheus::Gauge>(name, MetricKind::gauge, labels).Set(value);
}

void Metrics::observe(std::string_view name, double value, Labels labels) {
  const std::lock_guard lock(state_->mutex);
  state_->child<prometheus::Histogram>(name, MetricKind::histogram, labels).Observe(value);
}

void Metrics::remove(std::string_view name, Labels labels) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->series.find(name);
  EARSHOT_CHECK(found != state_->series.end());
  Series& one = found->second;
  const auto child = one.children.find(key_of(labels));
  if (child == one.children.end()) return;
  if (auto** counters = std::get_if<Counters*>(&one.family)) {
    (*counters)->Remove(std::get<prometheus::Counter*>(child->second));
  } else if (auto** gauges = std::get_if<Gauges*>(&one.family)) {
    (*gauges)->Remove(std::get<prometheus::Gauge*>(child->second));
  } else {
    std::get<Histograms*>(one.family)->Remove(std::get<prometheus::Histogram*>(child->second));
  }
  one.children.erase(child);
}

std::string Metrics::serialise() const {
  return prometheus::TextSerializer{}.Serialize(state_->registry.Collect());
}

std::string metrics_markdown() {
  std::string out =
      "# Metrics\n\n"
      "At `/metrics`, in Prometheus' text format. This page is printed from the table in "
      "`include/earshot/runtime/metrics.hpp`.\n\n"
      "| metric | kind | labels | meaning |\n|---|---|---|---|\n";
  for (const MetricSpec& spec : kMetrics) {
    const char* kind = spec.kind == MetricKind::counter ? "counter"
                       : spec.kind == MetricKind::gauge ? "gauge"
                                                        : "histogram";
    std::string labels;
    for (const std::string& name : names_of(spec.labels))
      labels += (labels.empty() ? "`" : ", `") + name + "`";
    out += "| `" + std::string{spec.name} + "` | " + kind + " | " + labels + " | " +
           std::string{spec.help} + " |\n";
  }
  return out;
}

}  // namespace earshot
