#include "earshot/cases/letter.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

/// Places in the sorted pool, by stratum.
using Strata = std::vector<std::vector<std::size_t>>;

auto order_of(const LetterCandidate& it) {
  return std::tie(it.fate, it.channel, it.band, it.urgency, it.id);
}

bool same_stratum(const LetterCandidate& a, const LetterCandidate& b) {
  return a.fate == b.fate && a.channel == b.channel && a.band == b.band && a.urgency == b.urgency;
}

/// The pool must be sorted.
std::map<LetterFate, Strata> strata_of(const std::vector<LetterCandidate>& pool) {
  std::map<LetterFate, Strata> out;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    Strata& groups = out[pool[i].fate];
    if (groups.empty() || !same_stratum(pool[i - 1], pool[i])) groups.emplace_back();
    groups.back().push_back(i);
  }
  return out;
}

/// The lots of one reader and period: the same words give the same lots, on any machine.
class Lots {
 public:
  Lots(std::string_view seed, std::string_view reader, std::string_view period)
      : name_(fmt::format("{}/{}/{}", seed, reader, period)) {}

  /// 0 <= lot < 1.
  double share(std::size_t draw, std::string_view what) const {
    return static_cast<double>(bits(draw, what) >> 11U) * 0x1p-53;
  }
  std::size_t below(std::size_t draw, std::string_view what, std::size_t n) const {
    return std::min(n - 1, static_cast<std::size_t>(share(draw, what) * static_cast<double>(n)));
  }

 private:
  std::uint64_t bits(std::size_t draw, std::string_view what) const {
    return hash64(fmt::format("{}/{}/{}", name_, draw, what));
  }
  std::string name_;
};

/// By the shares of the fates that still have something; without any share each has the same.
LetterFate choose_fate(const std::map<LetterFate, Strata>& left,
                       const std::map<LetterFate, double>& shares, double lot) {
  const auto share_of = [&](LetterFate fate) {
    const auto found = shares.find(fate);
    return found == shares.end() ? 0.0 : found->second;
  };
  double sum = 0;
  for (const auto& [fate, strata] : left) sum += share_of(fate);
  const double equal = 1.0 / static_cast<double>(left.size());
  double at = 0;
  LetterFate last = left.rbegin()->first;
  for (const auto& [fate, strata] : left) {
    const double share = sum > 0 ? share_of(fate) / sum : equal;
    if (share > 0) last = fate;
    at += share;
    if (lot < at) return fate;
  }
  return last;  // rounding
}

std::chrono::local_days first_day(std::chrono::local_days day, LetterPeriod period) {
  if (period == LetterPeriod::daily) return day;
  if (period == LetterPeriod::monthly) {
    const std::chrono::year_month_day date{day};
    return std::chrono::local_days{date.year() / date.month() / 1};
  }
  return day - (std::chrono::weekday{day} - std::chrono::Monday);
}

std::chrono::local_days next_first(std::chrono::local_days first, LetterPeriod period) {
  if (period == LetterPeriod::daily) return first + std::chrono::days{1};
  if (period == LetterPeriod::weekly) return first + std::chrono::days{7};
  const std::chrono::year_month_day date{first};
  return std::chrono::local_days{(date.year() / date.month() + std::chrono::months{1}) / 1};
}

/// The ISO 8601 week of a Monday: that of its Thursday.
std::string week_name(std::chrono::local_days monday) {
  const std::chrono::local_days thursday = monday + std::chrono::days{3};
  const std::chrono::year year = std::chrono::year_month_day{thursday}.year();
  const std::chrono::local_days january{year / std::chrono::January / 1};
  return fmt::format("{:04}-W{:02}", static_cast<int>(year), (thursday - january).count() / 7 + 1);
}

}  // namespace

std::string LetterCandidate::stratum() const {
  return fmt::format("{} {} {} {}", to_word(fate), channel, band, urgency);
}

std::string score_band(double score) {
  return score < 0.4 ? "low" : score < 0.8 ? "middle" : "high";
}

std::vector<LetterCandidate> draw_letters(std::vector<LetterCandidate> pool,
                                          const std::map<LetterFate, double>& strata,
                                          std::string_view seed, std::string_view reader,
                                          std::string_view period, std::size_t count) {
  std::ranges::sort(pool, [](const LetterCandidate& a, const LetterCandidate& b) {
    return order_of(a) < order_of(b);
  });
  std::map<LetterFate, Strata> left = strata_of(pool);
  const Lots lots{seed, reader, period};
  std::vector<LetterCandidate> out;
  while (out.size() < count && !left.empty()) {
    const std::size_t draw = out.size();
    const LetterFate fate = choose_fate(left, strata, lots.share(draw, "fate"));
    Strata& groups = left[fate];
    const auto group =
        groups.begin() + static_cast<std::ptrdiff_t>(lots.below(draw, "stratum", groups.size()));
    const auto chosen =
        group->begin() + static_cast<std::ptrdiff_t>(lots.below(draw, "letter", group->size()));
    out.push_back(pool[*chosen]);
    group->erase(chosen);
    if (group->empty()) groups.erase(group);
    if (groups.empty()) left.erase(fate);
  }
  return out;
}

std::string to_json_line(const LetterCandidate& candidate) {
  JsonWriter out;
  out.object();
  out.field("id", candidate.id);
  out.field("fate", to_word(candidate.fate));
  out.field("channel", candidate.channel);
  out.field("band", candidate.band);
  out.field("urgency", candidate.urgency);
  out.end();
  return out.take();
}

Result<LetterCandidate> candidate_from_json(std::string_view line) {
  const auto document = parse_json(line);
  if (!document) return document.error().in("candidate");
  if (!document->IsObject()) return permanent("candidate: not an object");
  const auto fate = from_word<LetterFate>(string_at(*document, "fate"));
  LetterCandidate out;
  out.id = string_at(*document, "id");
  if (!fate || out.id.empty()) return permanent("candidate: wants id and fate");
  out.fate = *fate;
  out.channel = string_at(*document, "channel");
  out.band = string_at(*document, "band");
  out.urgency = string_at(*document, "urgency");
  return out;
}

LetterSpan letter_period(Instant at, const LetterPolicy& policy) {
  const auto day = std::chrono::floor<std::chrono::days>(to_civil(at, policy.zone));
  const auto first = first_day(day, policy.period);
  const std::chrono::year_month_day date{first};
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month());
  LetterSpan out;
  out.name = policy.period == LetterPeriod::weekly ? week_name(first)
             : policy.period == LetterPeriod::monthly
                 ? fmt::format("{:04}-{:02}", year, month)
                 : fmt::format("{:04}-{:02}-{:02}", year, month, static_cast<unsigned>(date.day()));
  out.from = to_instant(first, policy.zone);
  out.to = to_instant(next_first(first, policy.period), policy.zone);
  return out;
}

}  // namespace earshot
