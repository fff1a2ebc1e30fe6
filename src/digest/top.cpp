#include "top.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/json.hpp"
#include "filter.hpp"

namespace earshot {
namespace {

std::string at(const Event& event, const char* name) {
  const auto found = event.data.find(name);
  return found == event.data.end() ? std::string{} : found->second;
}

bool had_nobody(const Case& it) {
  return it.owner.empty() && it.former_owners.empty() && !it.acknowledged_at && !it.ended();
}

}  // namespace

/// The first time counts.
void Top::sign(const std::string& case_id, std::string word, Instant when) {
  signs_[case_id].emplace(std::move(word), when);
}

/// The same person at the top by the same way, about the same case: once in a period.
void Top::enter(TopEntry entry, const Case* it) {
  const bool known = std::ranges::any_of(entries_, [&](const TopEntry& one) {
    return !entry.case_id.empty() && one.case_id == entry.case_id && one.how == entry.how &&
           one.who == entry.who;
  });
  if (known) return;
  if (it != nullptr && entry.how != TopWay::opened && had_nobody(*it))
    entry.why.emplace_back("never_owned");
  entries_.push_back(std::move(entry));
}

void Top::event(const Event& event, const DigestCase& after, std::int64_t n, bool within) {
  const Case& it = after.it;
  if (it.kind != "customer") return;
  switch (event.kind) {
    case EventKind::failed:
      sign(it.id, at(event, "kind"), event.at);
      break;
    case EventKind::reopened:
      sign(it.id, "reopened", event.at);
      break;
    case EventKind::ack_decayed:
      sign(it.id, "taken_and_left", event.at);
      break;
    default:
      break;
  }
  if (!within) return;
  TopEntry entry{n, event.at, TopWay::opened, "", it.id, it.number, {}};
  if (event.kind == EventKind::opened) {
    entry.who = it.principal;
  } else if (event.kind == EventKind::words_added) {
    entry.how = TopWay::addressed;
    entry.who = at(event, "principal");
  } else if (event.kind == EventKind::taken_over) {
    entry.how = TopWay::taken_over;
    entry.who = event.who;
  }
  if (!entry.who.empty()) enter(std::move(entry), &it);
}

void Top::fact(const Fact& fact, const std::map<std::string, DigestCase>& cases, bool within) {
  if (fact.kind != "clock_missed" && fact.kind != "question_ask") return;
  const auto data = parse_json(fact.data);
  if (!data) return;
  const auto found = cases.find(fact.case_id);
  const Case* it =
      found == cases.end() || found->second.it.id.empty() ? nullptr : &found->second.it;
  if (fact.kind == "clock_missed") {
    if (it != nullptr && it->kind == "customer")
      sign(it->id, fmt::format("late_{}", string_at(*data, "clock")), fact.at);
    return;
  }
  if (!within || (it != nullptr && it->kind != "customer")) return;
  TopEntry entry{fact.n,
                 fact.at,
                 TopWay::asked,
                 std::string{string_at(*data, "from")},
                 fact.case_id,
                 it == nullptr ? 0 : it->number,
                 {}};
  if (fact.case_id.empty()) entry.why.emplace_back("no_case");
  if (!entry.who.empty()) enter(std::move(entry), it);
}

void Top::finish(const DigestFilter& filter, const std::map<std::string, DigestCase>& cases,
                 Digest& out) const {
  std::map<std::string, std::uint64_t> why;
  for (TopEntry entry : entries_) {
    const auto found = cases.find(entry.case_id);
    if (found == cases.end() ? !filter.empty() : !keeps(filter, found->second.it)) continue;
    const auto signs = signs_.find(entry.case_id);
    if (signs != signs_.end()) {
      for (const auto& [word, since] : signs->second)
        if (since <= entry.at) entry.why.push_back(word);
    }
    std::ranges::sort(entry.why);
    for (const std::string& word : entry.why) ++why[word];
    if (entry.why.empty()) ++why["straight_to_the_top"];
    out.top_entries.push_back(std::move(entry));
  }
  for (const auto& [key, n] : why) out.top_why.push_back({key, n});
}

}  // namespace earshot
