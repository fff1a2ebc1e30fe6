#include <fmt/format.h>

#include <algorithm>

#include "by_hand.hpp"
#include "earshot/cases/corrective.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/cases/question.hpp"
#include "earshot/core/json.hpp"
#include "earshot/digest/digest.hpp"
#include "filter.hpp"
#include "places.hpp"
#include "times.hpp"
#include "top.hpp"

namespace earshot {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

std::vector<Counted> listed(const Counts& counts) {
  std::vector<Counted> out;
  for (const auto& [key, n] : counts) out.push_back({key, n});
  return out;
}

/// What somebody owes, by its id: the last entry tells.
struct Debt {
  std::string who;
  std::string state;
};

std::vector<Owed> owed(const std::map<std::string, Debt>& debts) {
  std::map<std::string, Owed> sum;
  for (const auto& [id, debt] : debts) {
    if (debt.state != "open" && debt.state != "late") continue;
    Owed& of = sum[debt.who];
    of.who = debt.who;
    ++of.open;
    of.late += debt.state == "late" ? 1U : 0U;
  }
  std::vector<Owed> out;
  out.reserve(sum.size());
  for (auto& [who, of] : sum) out.push_back(std::move(of));
  return out;
}

constexpr std::string_view kQuestionPrefix = "question_";
constexpr std::string_view kActionPrefix = "action_";
constexpr std::string_view kLetterPrefix = "letter_";

}  // namespace

struct DigestBuilder::Parts {
  Parts(DigestSpan span, DigestFilter filter) {
    out.span = std::move(span);
    out.filter = std::move(filter);
  }

  Digest out;
  std::map<std::string, DigestCase> cases;
  Places places{cases};
  Times times;
  Top top;
  Counts calls, ends, letters, missed;
  std::map<std::string, Granted> grants;
  std::map<std::string, Debt> answers, actions;

  void stands(const Fact& fact);
  void quiet(const Fact& fact);
  void event(const Fact& fact, bool within);
  void count_event(const DigestCase& of, const Event& event);
  void count_grant(const Event& event);
  void happened(const Fact& fact);
  std::string name_of(const std::string& case_id) const;
  void count_cases();
};

/// What is owed, and by whom, after this entry.
void DigestBuilder::Parts::stands(const Fact& fact) {
  const bool question = fact.kind.starts_with(kQuestionPrefix);
  if (!question && !fact.kind.starts_with(kActionPrefix)) return;
  const auto data = parse_json(fact.data);
  if (!data) return;
  const std::string id{string_at(*data, question ? "question" : "action")};
  (question ? answers : actions)[id] = {
      std::string{string_at(*data, question ? "to" : "department")},
      std::string{string_at(*data, "state")}};
}

void DigestBuilder::Parts::quiet(const Fact& fact) {
  if (fact.kind != "withheld" && fact.kind != "speaks_again" && fact.kind != "quiet_over") return;
  if (fact.who == "shadow") return;  // a rehearsal: nobody is told of anything
  DigestCase& of = cases[fact.case_id];
  of.quiet_by.clear();
  of.quiet_why.clear();
  const auto data = fact.kind == "withheld" ? parse_json(fact.data) : permanent("none");
  if (!data) return;
  of.quiet_by = string_at(*data, "by");
  of.quiet_why = string_at(*data, "why");
}

void DigestBuilder::Parts::event(const Fact& fact, bool within) {
  if (fact.case_id.empty()) return;
  const auto event = event_from_json(fact.kind, fact.who, fact.at, fact.data);
  if (!event) return;  // an entry of another kind
  DigestCase& of = cases[fact.case_id];
  Case after = fold(of.it, *event);
  const auto waited = within ? waited_in(of.it, after, *event) : std::nullopt;
  if (waited && keeps(out.filter, after)) times.add(*waited, after);
  if (event->kind == EventKind::dismissed) of.ended_by = event->who;
  if (event->kind == EventKind::opened) {
    of.earlier = !within;
    after.title.clear();  // a digest holds none of the customer's words
    after.excerpt.clear();
  }
  if (after.ended()) of.quiet_by.clear();
  of.it = std::move(after);
  if (event->kind == EventKind::merged) places.merge(fact.case_id, of.it.merged_into);
  top.event(*event, of, fact.n, within);
  if (within && keeps(out.filter, of.it)) count_event(of, *event);
}

/// Granted within and beyond, asked for needlessly or not.
void DigestBuilder::Parts::count_grant(const Event& event) {
  const auto says = [&](const char* name) {
    const auto found = event.data.find(name);
    return found != event.data.end() && found->second == "yes";
  };
  Granted& of = grants[event.who];
  of.person = event.who;
  if (event.kind == EventKind::granted) {
    ++of.granted;
    of.beyond += says("beyond") ? 1U : 0U;
  } else {
    ++of.asked;
    of.needlessly += says("allowed") ? 1U : 0U;
  }
}

void DigestBuilder::Parts::count_event(const DigestCase& of, const Event& event) {
  if (event.kind == EventKind::granted || event.kind == EventKind::grant_asked) count_grant(event);
  if (of.it.kind != "customer") return;
  if (event.kind == EventKind::opened) ++out.opened;
  if (event.kind == EventKind::reopened) ++out.reopened;
  if (event.kind == EventKind::dismissed) ++out.dismissed;
  if (event.kind == EventKind::merged) ++out.merged;
  if (event.kind == EventKind::called && !of.it.calls.empty())
    ++calls[std::string{to_word(of.it.calls.back().outcome)}];
  if (event.kind != EventKind::closed) return;
  ++out.closed;
  ++ends[of.it.outcome];
}

/// "case 17"; by its id where its number is not known.
std::string DigestBuilder::Parts::name_of(const std::string& case_id) const {
  const auto found = cases.find(case_id);
  return found == cases.end() || found->second.it.number == 0
             ? "case " + case_id
             : fmt::format("case {}", found->second.it.number);
}

/// What an entry of the period says beside the state of its case.
void DigestBuilder::Parts::happened(const Fact& fact) {
  if (fact.kind == "came_in") places.take(fact);
  if (fact.kind == "quarantined") ++out.unread;
  if (fact.kind == "gap") ++out.gaps;
  if (fact.kind.starts_with(kLetterPrefix)) ++letters[fact.kind.substr(kLetterPrefix.size())];
  const auto found = cases.find(fact.case_id);
  if (fact.kind == "clock_missed" && found != cases.end() && keeps(out.filter, found->second.it)) {
    const auto data = parse_json(fact.data);
    if (data) ++missed[fmt::format("{} {}", found->second.it.team, string_at(*data, "clock"))];
  }
  auto item = by_hand_of(fact, fact.case_id.empty() ? "" : name_of(fact.case_id));
  if (!item) return;
  if (fact.kind == "merged") {
    if (const auto data = parse_json(fact.data))
      item->about += " into " + name_of(std::string{string_at(*data, "into")});
  }
  out.by_hand.push_back(std::move(*item));
}

/// Cases opened in the period, and how many of them address somebody at the top.
void DigestBuilder::Parts::count_cases() {
  for (const auto& [id, of] : cases) {
    if (of.earlier || of.it.id.empty() || of.it.kind != "customer" || !keeps(out.filter, of.it))
      continue;
    ++out.top_of;
    out.top_named += of.it.principal.empty() ? 0U : 1U;
  }
}

DigestBuilder::DigestBuilder(DigestSpan span, DigestFilter filter)
    : parts_(std::make_unique<Parts>(std::move(span), std::move(filter))) {}
DigestBuilder::~DigestBuilder() = default;

void DigestBuilder::take(const Fact& fact) {
  const bool within = fact.n > parts_->out.span.first;
  parts_->event(fact, within);
  parts_->quiet(fact);
  parts_->stands(fact);
  parts_->top.fact(fact, parts_->cases, within);
  if (within) parts_->happened(fact);
}

Digest DigestBuilder::finish() {
  Digest& out = parts_->out;
  parts_->places.count(out);
  parts_->count_cases();
  parts_->top.finish(out.filter, parts_->cases, out);
  for (auto& [person, of] : parts_->grants) out.grants.push_back(std::move(of));
  out.times = parts_->times.finish();
  out.calls = listed(parts_->calls);
  out.ends = listed(parts_->ends);
  out.missed = listed(parts_->missed);
  out.letters = listed(parts_->letters);
  out.answers = owed(parts_->answers);
  out.departments = owed(parts_->actions);
  return std::move(out);
}

const std::vector<std::string>& standing_kinds() {
  static const std::vector<std::string> kKinds = [] {
    std::vector<std::string> out;
    out.reserve(kWordsOf<QuestionAction>.size() + kWordsOf<CorrectiveDeed>.size());
    for (const std::string_view word : kWordsOf<QuestionAction>)
      out.push_back(fmt::format("{}{}", kQuestionPrefix, word));
    for (const std::string_view word : kWordsOf<CorrectiveDeed>)
      out.push_back(fmt::format("{}{}", kActionPrefix, word));
    return out;
  }();
  return kKinds;
}

std::vector<std::string> cases_in(const Fact& fact) {
  std::vector<std::string> out;
  if (!fact.case_id.empty()) out.push_back(fact.case_id);
  if (fact.kind != "came_in" && fact.kind != "merged") return out;
  const auto data = parse_json(fact.data);
  if (!data) return out;
  if (fact.kind == "merged") out.emplace_back(string_at(*data, "into"));
  if (const JsonValue* list = find(*data, "cases"); list != nullptr && list->IsObject()) {
    for (const auto& member : list->GetObject())
      out.emplace_back(member.name.GetString(), member.name.GetStringLength());
  }
  if (const JsonValue* list = find(*data, "moved"); list != nullptr && list->IsArray()) {
    for (const JsonValue& it : list->GetArray())
      for (const char* name : {"from", "into"})
        if (!string_at(it, name).empty()) out.emplace_back(string_at(it, name));
  }
  return out;
}

}  // namespace earshot
