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

/// The case as it stood before and after the entry, from its own events.
void Waits::take(StoreReader& reader, const LedgerEntry& entry) {
  LedgerQuery query;
  query.case_id = entry.case_id;
  query.upto = entry.n;
  query.limit = kEventsOfACase;
  Case before;
  Case after;
  std::optional<Event> last;
  for (const LedgerEntry& it : reader.ledger(query)) {
    auto event = event_from_json(it.kind, it.who, it.at, it.data);
    if (!event) continue;
    before = after;
    after = fold(std::move(after), *event);
    last = std::move(*event);
  }
  if (!last) return;
  const auto waited = waited_in(before, after, *last);
  if (!waited) return;
  Sample sample{entry.at, waited->span, {}};
  auto groups = waited_groups(after);
  for (std::size_t i = 0; i < groups.size(); ++i) sample.groups[i] = named(i, std::move(groups[i]));
  std::deque<Sample>& list = samples_[std::string{waited->what}];
  list.push_back(sample);
  if (list.size() > kMost) list.pop_front();
}

/// True where nothing is left to read.
bool Waits::read_kind(StoreReader& reader, const char* kind, std::int64_t& after) {
  LedgerQuery query;
  query.kind = kind;
  query.after = after;
  query.limit = kAtOnce;
  const std::vector<LedgerEntry> page = reader.ledger(query);
  for (const LedgerEntry& entry : page) {
    after = entry.n;
    if (!entry.case_id.empty()) take(reader, entry);
  }
  return page.size() < kAtOnce;
}

void Waits::read_on(StoreReader& reader, Instant now) {
  if (!std::exchange(began_, true))
    answered_after_ = closed_after_ = reader.ledger_before(now - kWindow);
  const bool answers = read_kind(reader, "answered", answered_after_);
  const bool closings = read_kind(reader, "closed", closed_after_);
  caught_up_ = caught_up_ || (answers && closings);
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
