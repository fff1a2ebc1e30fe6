#include "earshot/triage/storm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::int64_t kWeek = 168;  // hours
constexpr std::int64_t kWeeks = 6;
constexpr std::int64_t kColdHours = 48;
constexpr std::size_t kLately = 256;
constexpr double kMadToDeviation = 1.4826;
constexpr double kDeviations = 5;

std::int64_t minute_of(Instant at) {
  return std::chrono::floor<minutes>(at.time_since_epoch()).count();
}
std::int64_t hour_of(Instant at) {
  return std::chrono::floor<hours>(at.time_since_epoch()).count();
}

void add_one(std::vector<CauseCounts::At>& list, std::int64_t unit, std::int64_t keep) {
  if (list.empty() || list.back().unit < unit)
    list.push_back({unit, 1});
  else
    ++list.back().n;  // a clock that was set back counts where it stood
  const auto old =
      std::ranges::find_if(list, [&](const auto& it) { return it.unit > unit - keep; });
  list.erase(list.begin(), old);
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double at_hour(const std::vector<CauseCounts::At>& list, std::int64_t hour) {
  const auto it = std::ranges::lower_bound(list, hour, {}, &CauseCounts::At::unit);
  return it != list.end() && it->unit == hour ? it->n : 0;
}

/// The cue that names what failed, or "" where none does: being angry is no cause.
std::string_view failure_of(const Assessment& it) {
  constexpr std::array kFailures{Cue::outage, Cue::breach, Cue::safety,        Cue::medical,
                                 Cue::fraud,  Cue::threat, Cue::discrimination};
  for (const Cue cue : kFailures) {
    if (std::ranges::find(it.cues, cue) != it.cues.end()) return to_word(cue);
  }
  return it.topics_told == 0 ? std::string_view{} : std::string_view{it.topics.front()};
}

void write_counts(JsonWriter& out, std::string_view name,
                  const std::vector<CauseCounts::At>& list) {
  out.key(name);
  out.array();
  for (const CauseCounts::At& it : list) {
    out.value(it.unit);
    out.value(it.n);
  }
  out.end_array();
}

std::vector<CauseCounts::At> read_counts(const JsonValue& object, std::string_view name) {
  std::vector<CauseCounts::At> out;
  const JsonValue* list = find(object, name);
  if (list == nullptr || !list->IsArray()) return out;
  for (rapidjson::SizeType i = 0; i + 1 < list->Size(); i += 2) {
    if ((*list)[i].IsInt64() && (*list)[i + 1].IsInt())
      out.push_back({(*list)[i].GetInt64(), (*list)[i + 1].GetInt()});
  }
  return out;
}

}  // namespace

bool is_hazard(Cue cue) {
  return cue == Cue::safety || cue == Cue::medical || cue == Cue::threat;
}

bool stands_alone(const Assessment& it) {
  return !it.principal.empty() || std::ranges::any_of(it.cues, is_hazard);
}

std::string cause_of(const Assessment& it) {
  const std::string_view failure = failure_of(it);
  if (failure.empty()) return {};
  return fmt::format("{}/{}", to_lower_ascii(it.product), failure);
}

std::vector<std::string> cause_words(const Assessment& it) {
  std::vector<std::string> out;
  if (!it.product.empty()) out.push_back(it.product);
  if (const std::string_view failure = failure_of(it); !failure.empty()) out.emplace_back(failure);
  return out;
}

void count_case(CauseCounts& counts, const std::string& case_id, Instant now) {
  add_one(counts.minutes, minute_of(now), 60);
  add_one(counts.hours, hour_of(now), kWeek * kWeeks + 2);
  counts.lately.push_back({case_id, minute_of(now)});
  if (counts.lately.size() > kLately) counts.lately.erase(counts.lately.begin());
  std::erase_if(counts.lately, [&](const auto& it) { return it.minute <= minute_of(now) - 60; });
}

int count_within(const CauseCounts& counts, Duration window, Instant now) {
  const std::int64_t from = minute_of(now - window);
  int sum = 0;
  for (const CauseCounts::At& it : counts.minutes) sum += it.unit > from ? it.n : 0;
  return sum;
}

Usual usual_at(const CauseCounts& counts, Instant since, Instant now) {
  const std::int64_t first = hour_of(since) + 1;  // the first whole hour
  const std::int64_t current = hour_of(now);
  std::vector<double> samples;
  // The hour before and after too: a clock change moves the rhythm by one.
  for (std::int64_t week = 1; week <= kWeeks; ++week) {
    for (std::int64_t near = -1; near <= 1; ++near) {
      const std::int64_t hour = current - week * kWeek + near;
      if (hour >= first) samples.push_back(at_hour(counts.hours, hour));
    }
  }
  Usual out;
  if (samples.size() < 6) {
    out.cold = true;
    samples.clear();
    for (std::int64_t hour = std::max(first, current - kColdHours); hour < current; ++hour)
      samples.push_back(at_hour(counts.hours, hour));
  }
  out.samples = static_cast<int>(samples.size());
  out.median = median_of(samples);
  for (double& it : samples) it = std::abs(it - out.median);
  out.spread = kMadToDeviation * median_of(samples);
  return out;
}

int storm_threshold(const Usual& usual, const StormPolicy& policy) {
  if (usual.samples == 0 || policy.at_least <= 0) return 0;
  const double share = std::chrono::duration<double>(policy.window).count() / 3600;
  const int careful = usual.cold ? 2 : 1;
  const double expected = usual.median * share;
  // Counts wander by their root even where the hours before were all alike.
  const double wide = expected + kDeviations * std::max(usual.spread * share, std::sqrt(expected));
  const double needed = std::max(
      {static_cast<double>(policy.at_least * careful), expected * policy.times * careful, wide});
  return static_cast<int>(std::ceil(needed));
}

StormVerdict is_storm(const CauseCounts& counts, Instant since, const StormPolicy& policy,
                      Instant now) {
  const Usual usual = usual_at(counts, since, now);
  const int threshold = storm_threshold(usual, policy);
  const int seen = count_within(counts, policy.window, now);
  if (threshold == 0 || seen < threshold) return {};
  const double share = std::chrono::duration<double>(policy.window).count() / 3600;
  return {true, fmt::format("{} customers within {} report the same cause; at this hour {:.1f} are "
                            "usual.",
                            seen, to_text(policy.window), usual.median * share)};
}

StormVerdict is_storm_of_copies(std::uint64_t customers, const StormPolicy& policy) {
  if (policy.at_least <= 0 || customers < static_cast<std::uint64_t>(policy.at_least)) return {};
  return {true, fmt::format("{} customers within {} spread the same words.", customers,
                            to_text(policy.window))};
}

bool is_over(std::uint64_t lately, const Usual& usual, const StormPolicy& policy) {
  const double share = std::chrono::duration<double>(policy.cool_down).count() / 3600;
  const double expected = usual.median * share;
  return static_cast<double>(lately) <= 1 + expected + 2 * std::sqrt(expected);
}

std::string to_json(const CauseCounts& counts) {
  JsonWriter out;
  out.object();
  write_counts(out, "minutes", counts.minutes);
  write_counts(out, "hours", counts.hours);
  out.key("lately");
  out.array();
  for (const CauseCounts::Lately& it : counts.lately) {
    out.value(it.case_id);
    out.value(it.minute);
  }
  out.end_array();
  out.end();
  return out.take();
}

CauseCounts counts_from_json(std::string_view json) {
  CauseCounts out;
  const auto document = parse_json(json);
  if (!document || !document->IsObject()) return out;
  out.minutes = read_counts(*document, "minutes");
  out.hours = read_counts(*document, "hours");
  const JsonValue* lately = find(*document, "lately");
  if (lately == nullptr || !lately->IsArray()) return out;
  for (rapidjson::SizeType i = 0; i + 1 < lately->Size(); i += 2) {
    if ((*lately)[i].IsString() && (*lately)[i + 1].IsInt64())
      out.lately.push_back({(*lately)[i].GetString(), (*lately)[i + 1].GetInt64()});
  }
  return out;
}

}  // namespace earshot
