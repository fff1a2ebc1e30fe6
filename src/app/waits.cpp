#include "waits.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "earshot/cases/machine.hpp"

namespace earshot {
namespace {

constexpr std::size_t kEventsOfACase = 5000;  // what a case that never ends may have had
constexpr std::array<std::string_view, 3> kQuantiles{"0.5", "0.9", "1"};

double in_seconds(Duration span) {
  return std::chrono::duration<double>(span).count();
}

}  // namespace

/// A string of the set, which stays where it is. What is no plain word is "other": languages are
/// what platforms and mails say.
const std::string* Waits::named(std::size_t by, std::string name) {
  const bool plain = name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
                       return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
                     });
  if (!plain) name = "other";
  std::set<std::string>& known = names_[by];
  if (known.size() >= kMostGroups && !known.contains(name)) name = "other";
  return &*known.insert(std::move(name)).first;
}

/// What was waited at each of these entries, from the case as it stood before and after: its own
/// events, folded once.
void Waits::fold_case(StoreReader& reader, const std::string& case_id,
                      const std::set<std::int64_t>& at, std::vector<Found>& out) {
  LedgerQuery query;
  query.case_id = case_id;
  query.upto = *at.rbegin();
  query.limit = kEventsOfACase;
  Case it;
  for (const LedgerEntry& entry : reader.ledger(query)) {
    const auto event = event_from_json(entry.kind, entry.who, entry.at, entry.data);
    if (!event) continue;
    if (!at.contains(entry.n)) {
      it = fold(std::move(it), *event);
      continue;
    }
    const Case before = it;
    it = fold(std::move(it), *event);
    const auto waited = waited_in(before, it, *event);
    if (!waited) continue;
    Found found{entry.n, std::string{waited->what}, {entry.at, waited->span, {}}};
    auto groups = waited_groups(it);
    for (std::size_t i = 0; i < groups.size(); ++i)
      found.sample.groups[i] = named(i, std::move(groups[i]));
    out.push_back(std::move(found));
  }
}

/// True where nothing is left to read.
bool Waits::read_kind(StoreReader& reader, const char* kind, std::int64_t& after, Wanted& wanted) {
  LedgerQuery query;
  query.kind = kind;
  query.after = after;
  query.limit = kAtOnce;
  const std::vector<LedgerEntry> page = reader.ledger(query);
  for (const LedgerEntry& entry : page) {
    after = entry.n;
    if (!entry.case_id.empty()) wanted[entry.case_id].insert(entry.n);
  }
  return page.size() < kAtOnce;
}

bool Waits::read_on(StoreReader& reader, Instant now) {
  if (!std::exchange(began_, true))
    answered_after_ = closed_after_ = reader.ledger_before(now - kWindow);
  Wanted wanted;
  const bool answers = read_kind(reader, "answered", answered_after_, wanted);
  const bool closings = read_kind(reader, "closed", closed_after_, wanted);
  std::vector<Found> found;
  for (const auto& [case_id, at] : wanted) fold_case(reader, case_id, at, found);
  std::ranges::sort(found, {}, &Found::n);
  for (Found& it : found) {
    std::deque<Sample>& list = samples_[it.what];
    list.push_back(it.sample);
    if (list.size() > kMost) list.pop_front();
  }
  const bool all = answers && closings;
  caught_up_ = caught_up_ || all;
  return all;
}

std::vector<Measured> Waits::measure(Instant now) {
  std::vector<Measured> out;
  for (auto& [what, list] : samples_) {
    while (!list.empty() && list.front().at < now - kWindow) list.pop_front();
    std::map<std::pair<std::string_view, std::string_view>, std::vector<Duration>> spans;
    for (const Sample& it : list) {
      spans[{"all", ""}].push_back(it.span);
      for (std::size_t i = 0; i < it.groups.size(); ++i)
        spans[{kWaitedBy[i], *it.groups[i]}].push_back(it.span);
    }
    for (auto& [key, all] : spans)
      out.push_back(
          {what, std::string{key.first}, std::string{key.second}, spread_of(std::move(all))});
  }
  return out;
}

void Waits::show(const std::vector<Measured>& list, Metrics& metrics) {
  std::set<std::array<std::string, 3>> gone = std::exchange(shown_, {});
  for (const Measured& it : list) {
    const std::array<Duration, 3> spans{it.spread.half, it.spread.nine, it.spread.worst};
    for (std::size_t i = 0; i < spans.size(); ++i)
      metrics.set("earshot_waited_seconds", in_seconds(spans[i]),
                  {it.what, it.by, it.group, kQuantiles[i]});
    metrics.set("earshot_waited_cases", static_cast<double>(it.spread.n),
                {it.what, it.by, it.group});
    gone.erase({it.what, it.by, it.group});
    shown_.insert({it.what, it.by, it.group});
  }
  for (const auto& [what, by, group] : gone) {
    for (const std::string_view quantile : kQuantiles)
      metrics.remove("earshot_waited_seconds", {what, by, group, quantile});
    metrics.remove("earshot_waited_cases", {what, by, group});
  }
}

}  // namespace earshot
