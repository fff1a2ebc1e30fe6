#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "earshot/cases/machine.hpp"
#include "earshot/cases/storm.hpp"
#include "follow.hpp"

namespace earshot {
namespace {

std::string at(const Event& event, std::string_view name) {
  const auto found = event.data.find(name);
  return found == event.data.end() ? std::string{} : found->second;
}

int number(const Event& event, std::string_view name, int otherwise) {
  const std::string text = at(event, name);
  int value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<Instant> instant(const Event& event, std::string_view name) {
  return parse_rfc3339(at(event, name));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

void leave(Case& it, const Event& event, std::string why) {
  if (!it.owner.empty()) it.former_owners.push_back({it.owner, event.at, std::move(why)});
  it.owner.clear();
}

void open_again(Case& it) {
  it.state = CaseState::open;
  it.snoozed_until.reset();
  it.owner.clear();
  it.confirmed.clear();
  it.acknowledged_at.reset();
  it.decays_at.reset();
}

/// The customer is waited for no longer.
void went_on(Case& it, const Event& event) {
  if (it.waiting_since) it.waits.push_back({*it.waiting_since, event.at});
  it.waiting_since.reset();
}

void reopened(Case& it, const Event& event) {
  leave(it, event, "The case was reopened: " + at(event, "reason"));
  open_again(it);
  ++it.reopened;
  if (at(event, "why") != "dismissed" && at(event, "why") != "merged") {
    if (it.failed.empty()) it.failed = "It was closed and came back.";
    if (std::ranges::find(it.failures, "reopened") == it.failures.end())
      it.failures.emplace_back("reopened");
  }
  it.level = number(event, "level", it.level);
  it.step = -1;
  it.round = 0;
  it.next_step_at.reset();
  it.reopened_at = event.at;
  it.answered_at.reset();
  it.last_answer_at.reset();
  it.waiting_since.reset();
  it.waits.clear();
  it.feedback.reset();
  it.verification_needed = true;
  it.call_due.reset();
  it.call_from.reset();
  it.caller.clear();
  it.caller_named = false;
  it.call_why.clear();
  it.calls.clear();
  it.outcome.clear();
  it.dismissal.clear();
  it.dismissal_by.clear();
  it.merged_into.clear();
  it.ended_at.reset();
  it.grouped = false;
}

void given(Case& it, const Event& event) {
  Feedback feedback{at(event, "said"),
                    at(event, "done"),
                    at(event, "cost"),
                    at(event, "cause"),
                    at(event, "department"),
                    at(event, "product_change") == "yes",
                    at(event, "change"),
                    at(event, "change_owner"),
                    instant(event, "change_due"),
                    event.who,
                    event.at};
  it.feedback = std::move(feedback);
}

void ended(Case& it, const Event& event, CaseState state) {
  it.state = state;
  it.ended_at = event.at;
  went_on(it, event);
  it.decays_at.reset();
  it.next_step_at.reset();
}

void assigned(Case& it, const Event& event) {
  const std::string person = at(event, "person");
  if (it.owner.empty()) {  // nobody has it: the named person is told, and owns it once it is
                           // acknowledged
    it.told = {person};
    return;
  }
  leave(it, event,
        event.kind == EventKind::taken_over ? at(event, "reason") : "Handed over to " + person);
  it.owner = person;
  if (it.state == CaseState::acknowledged) it.decays_at = instant(event, "decays_at");
}

}  // namespace

Case fold(Case it, const Event& event) {
  it.updated_at = event.at;
  switch (event.kind) {
    case EventKind::opened:
      if (auto whole = case_from_json(at(event, "case"))) it = std::move(*whole);
      break;
    case EventKind::told:
      it.told = split(at(event, "told"));
      break;
    case EventKind::acknowledged:
      it.state = CaseState::acknowledged;
      it.owner = at(event, "owner");
      it.acknowledged_at = event.at;
      it.decays_at = instant(event, "decays_at");
      it.confirmed = {it.owner};
      it.grouped = false;
      it.snoozed_until.reset();
      if (!it.climbs()) it.next_step_at.reset();
      break;
    case EventKind::confirmed:
      it.confirmed.push_back(at(event, "person"));
      if (!it.climbs()) it.next_step_at.reset();
      break;
    case EventKind::ack_undone:
      open_again(it);
      break;
    case EventKind::ack_decayed:
      leave(it, event, "The acknowledgement brought no progress.");
      open_again(it);
      break;
    case EventKind::assigned:
    case EventKind::taken_over:
      assigned(it, event);
      break;
    case EventKind::answered:
      it.last_answer_at = instant(event, "at").value_or(event.at);
      if (!it.answered_at) it.answered_at = it.last_answer_at;
      if (!at(event, "link").empty()) it.answer_link = at(event, "link");
      if (it.state == CaseState::acknowledged) it.state = CaseState::answered;
      it.decays_at.reset();
      break;
    case EventKind::feedback_given:
      given(it, event);
      break;
    case EventKind::verification_due:
      it.state = CaseState::verifying;
      it.verification_needed = at(event, "needed") == "yes";
      it.caller = at(event, "by");
      it.caller_named = false;
      it.call_why = at(event, "why");
      it.call_due = instant(event, "due");
      it.call_from = event.at;
      break;
    case EventKind::called:
      it.calls.push_back(
          {event.at,
           from_word<CallOutcome>(at(event, "outcome")).value_or(CallOutcome::not_reached),
           at(event, "words"), event.who});
      if (it.calls.back().outcome == CallOutcome::not_reached) {
        it.call_due = instant(event, "next");
        it.call_from = event.at;
      }
      break;
    case EventKind::closed:
      it.outcome = at(event, "outcome");
      ended(it, event, CaseState::closed);
      break;
    case EventKind::dismissal_asked:
      it.dismissal_by = event.who;
      break;
    case EventKind::dismissed:
      it.dismissal = at(event, "reason");
      ended(it, event, CaseState::dismissed);
      break;
    case EventKind::merged:
      it.merged_into = at(event, "into");
      ended(it, event, CaseState::merged);
      break;
    case EventKind::reopened:
      reopened(it, event);
      break;
    case EventKind::retracted:
      if (at(event, "first") != "yes") break;
      it.title.clear();
      it.excerpt.clear();
      break;
    case EventKind::noted:
      if (auto decays = instant(event, "decays_at")) it.decays_at = decays;
      break;
    case EventKind::escalated:
      it.step = number(event, "step", it.step);
      it.round = number(event, "round", it.round);
      it.next_step_at = instant(event, "next_at");
      it.told = split(at(event, "told"));
      break;
    case EventKind::words_added:
      ++it.posts;
      it.last_words_at = event.at;
      if (it.principal.empty() && !at(event, "principal").empty()) {
        it.principal = at(event, "principal");
        it.principal_at = event.at;
      }
      went_on(it, event);
      break;
    case EventKind::joined:
      ++it.posts;
      ++it.joined;
      break;
    case EventKind::raised:
      it.urgency = from_word<Urgency>(at(event, "urgency")).value_or(it.urgency);
      it.step = -1;
      it.round = 0;
      it.grouped = false;  // new evidence is told, storm or not
      break;
    case EventKind::helper_added:
      it.helpers.push_back(at(event, "person"));
      break;
    case EventKind::snoozed:
      it.snoozed_until = it.decays_at = instant(event, "until");
      break;
    case EventKind::held:
      it.hold = at(event, "reason");
      break;
    case EventKind::released:
      it.hold.clear();
      break;
    case EventKind::entered_storm:
    case EventKind::left_storm:
      fold_storm(it, event);
      break;
    case EventKind::taught:
      break;
    case EventKind::waiting:
      it.waiting_since = event.at;
      break;
    case EventKind::went_on:
      went_on(it, event);
      break;
    case EventKind::call_given:
    case EventKind::granted:
    case EventKind::grant_asked:
    case EventKind::failed:
      fold_follow(it, event);
      break;
  }
  return it;
}

Case fold_all(Case before, const std::vector<Event>& events) {
  for (const Event& event : events) before = fold(std::move(before), event);
  return before;
}

std::string sentence_of(const Event& event) {
  const auto told = [&] {
    return at(event, "told").empty() ? std::string{"nobody"} : at(event, "told");
  };
  switch (event.kind) {
    case EventKind::opened:
      return "A case was opened.";
    case EventKind::told:
      return fmt::format("{} was told.", told());
    case EventKind::acknowledged:
      return fmt::format("{} has it.", at(event, "owner"));
    case EventKind::confirmed:
      return fmt::format("{} has seen it too.", at(event, "person"));
    case EventKind::ack_undone:
      return fmt::format("{} took the acknowledgement back.", event.who);
    case EventKind::ack_decayed:
      return fmt::format("{}'s acknowledgement brought no progress; the case goes one step up.",
                         at(event, "person"));
    case EventKind::assigned:
      return fmt::format("{} gave it to {}.", event.who, at(event, "person"));
    case EventKind::taken_over:
      return fmt::format("{} took it over: {}", event.who, at(event, "reason"));
    case EventKind::answered:
      return "The customer was answered.";
    case EventKind::feedback_given:
      return fmt::format("{} wrote what was said and done.", event.who);
    case EventKind::verification_due:
      return (at(event, "needed") == "yes" ? "A call-back is due. " : "No call-back is needed. ") +
             at(event, "why");
    case EventKind::called:
      return fmt::format("{} called back: {}.", event.who, at(event, "outcome"));
    case EventKind::closed:
      return fmt::format("Closed: {}.", at(event, "outcome"));
    case EventKind::dismissal_asked:
      return fmt::format("{} asks to dismiss it: {}. A second person must agree.", event.who,
                         at(event, "reason"));
    case EventKind::dismissed:
      return fmt::format("{} dismissed it: {}.", event.who, at(event, "reason"));
    case EventKind::reopened:
      return fmt::format("Reopened: {}", at(event, "reason"));
    case EventKind::merged:
      return fmt::format("{} merged it into {}.", event.who, at(event, "into"));
    case EventKind::noted:
      return fmt::format("{} noted: {}", event.who, at(event, "text"));
    case EventKind::escalated:
      return fmt::format("Step {} was taken: {} told.", number(event, "step", 0) + 1, told());
    case EventKind::words_added:
      return "The customer wrote again.";
    case EventKind::retracted:
      return "The customer deleted what they wrote there; the words are blanked here.";
    case EventKind::joined:
      return "Another customer has the same words.";
    case EventKind::raised:
      return fmt::format("Raised to {}: {}", at(event, "urgency"), at(event, "reason"));
    case EventKind::helper_added:
      return fmt::format("{} asked {} for help. {}", event.who, at(event, "person"),
                         at(event, "reason"));
    case EventKind::snoozed:
      return fmt::format("{} snoozed it until {}: {}", event.who, at(event, "until"),
                         at(event, "reason"));
    case EventKind::held:
      return fmt::format("{} put it under a legal hold: {}", event.who, at(event, "reason"));
    case EventKind::released:
      return fmt::format("{} lifted the legal hold: {}", event.who, at(event, "reason"));
    case EventKind::entered_storm:
      return fmt::format(
          "{} {}", at(event, "reason"),
          at(event, "grouped") == "yes" ? "It is grouped in the storm." : "It is told by itself.");
    case EventKind::left_storm:
      return fmt::format("It left the storm: {}", at(event, "reason"));
    case EventKind::taught:
      return fmt::format("{} says: {}. {}", event.who, at(event, "label"), at(event, "note"));
    case EventKind::waiting:
      return fmt::format("{} waits for the customer: {}", event.who, at(event, "reason"));
    case EventKind::went_on:
      return fmt::format("{} waits for the customer no longer. {}", event.who, at(event, "reason"));
    case EventKind::call_given:
    case EventKind::granted:
    case EventKind::grant_asked:
    case EventKind::failed:
      return follow_sentence(event);
  }
  return {};
}

std::string to_json(const Event& event) {
  JsonWriter out;
  out.object();
  for (const auto& [key, value] : event.data) out.field(key, value);
  out.end();
  return out.take();
}

Result<Event> event_from_json(std::string_view kind, std::string_view who, Instant when,
                              std::string_view data) {
  const auto known = from_word<EventKind>(kind);
  if (!known) return permanent(fmt::format("no event is called \"{}\"", kind));
  const auto document = parse_json(data);
  if (!document) return document.error().in("event");
  Event event{*known, std::string{who}, when, {}};
  if (!document->IsObject()) return permanent("an event's data must be an object");
  for (const auto& member : document->GetObject()) {
    if (member.value.IsString()) {
      event.data.emplace(std::string{member.name.GetString(), member.name.GetStringLength()},
                         std::string{member.value.GetString(), member.value.GetStringLength()});
    }
  }
  return event;
}

}  // namespace earshot
