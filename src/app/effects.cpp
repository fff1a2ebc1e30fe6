#include "effects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/clocks.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"
#include "follow.hpp"

namespace earshot {
namespace {

CaseRecord record_of(const Case& it, const CasePolicy& policy, Instant now) {
  CaseRecord record;
  record.id = it.id;
  record.number = it.number;
  record.version = it.version;
  record.state = to_word(it.state);
  record.urgency = to_word(it.urgency);
  record.team = it.team;
  record.owner = it.owner;
  record.customer = it.customer;
  record.conversation = it.conversation;
  record.principal = it.principal;
  record.source = it.source;
  if (const auto clock = nearest_clock(it, policy, now)) record.due = clock->due;
  record.opened_at = it.opened_at;
  record.updated_at = it.updated_at;
  record.ended = it.ended();
  record.words =
      fold(it.title + " " + it.excerpt + " " + it.customer_name + " " + it.customer_handle);
  record.body = to_json(it);
  return record;
}

}  // namespace

std::string case_timer(const Case& it, std::string_view kind) {
  return fmt::format("{}/{}", it.id, kind);
}

Case load_case(const CaseRecord& record) {
  Result<Case> read = case_from_json(record.body);
  if (!read) throw StoreError("case " + record.id + " cannot be read: " + read.error().message);
  read->version = record.version;
  read->number = record.number;
  return std::move(*read);
}

Effects::Effects(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance)
    : writer_(writer), rules_(rules), key_(key), chance_(chance) {}

std::uint64_t Effects::draw() {
  return chance_.seed = hash64("draw", chance_.seed + 1);
}

Case Effects::commit(const Case& before, Case after, std::vector<Event> events) {
  if (before.id.empty()) {
    const Routing routing = resolve_route(rules_.config->route, labels_of(after));
    after.team = routing.team;
    after.escalation = routing.escalation;
    if (const EscalationPolicy* policy = rules_.escalation(routing.escalation))
      after.acks_needed = policy->acknowledge;
    after.receivers = routing.receivers;
  }
  const std::vector<std::string> alerts = alerts_of(before.id);
  Case stored = store(std::move(after), events);
  note_storm_case(before, stored);
  for (const Event& event : events) stored = follow(before, std::move(stored), event);
  update_alerts(before, stored, alerts);
  if (before.id.empty()) brief_principal(stored, "opened");
  // Given to somebody at once, it has been stored again, and its clocks with it.
  const bool fresh = before.id.empty() && stored.version == 1;
  if (stored.kind == "customer") mind_clocks(stored, fresh, "");
  mind_inhibitors(stored);
  return stored;
}

Case Effects::store(Case it, std::vector<Event> events) {
  const auto [number, version] =
      writer_.put_case(record_of(it, rules_.config->follow_through, chance_.now));
  it.number = number;
  it.version = version;
  for (Event& event : events) {
    if (planted<28> && event.kind == EventKind::raised) continue;
    if (event.kind == EventKind::opened) event.data.insert_or_assign("case", to_json(it));
    writer_.append_ledger(
        {0, event.at, event.who, std::string{to_word(event.kind)}, it.id, to_json(event), ""});
  }
  return it;
}

Case Effects::follow(const Case& before, Case it, const Event& event) {
  tell_of_change(it, event);  // before an acknowledgement cancels what was on its way
  switch (event.kind) {
    case EventKind::opened:
      if (it.grouped) break;  // the case that stands for the storm was told
      notify_routes(it);
      if (it.urgency == Urgency::page) return begin_escalation(std::move(it));
      if (it.urgency == Urgency::queue) it = give_or_tell(std::move(it));
      break;
    case EventKind::reopened:
      forget_dismissal(it);
      writer_.disarm_case(it.id, "");
      notify_routes(it);
      tell_closers(before, it, event);
      if (it.urgency == Urgency::page) return begin_escalation(std::move(it));
      it = give_or_tell(std::move(it));
      break;
    case EventKind::raised:
      if (it.state == CaseState::open && it.urgency == Urgency::page)
        return begin_escalation(std::move(it));
      if (!it.owner.empty())
        tell_person(it, it.owner, fmt::format("Case {} is a page now.", it.number));
      break;
    case EventKind::acknowledged:
    case EventKind::confirmed:
      if (it.climbs()) {  // others must say so too: only this person's pages stop
        cancel_pages_of(it, event.who);
        break;
      }
      if (!planted<13>)
        writer_.cancel_outbox(it.id,
                              Lane::page);  // in the same transaction: no page starts after this
      leave_bundles(it);
      writer_.disarm(case_timer(it, kEscalate));
      writer_.disarm(case_timer(it, kUnowned));
      brief_principal(it, "taken");
      break;
    case EventKind::ack_undone:
      if (it.urgency == Urgency::page)
        return take_step(it, {std::max(0, it.step), it.round, chance_.now});
      break;
    case EventKind::ack_decayed:
      if (planted<31>) break;
      if (it.urgency == Urgency::page) return go_on(std::move(it));
      tell_people(it);
      break;
    case EventKind::assigned:
      if (it.owner.empty() && it.urgency == Urgency::page) {
        page(it, event.data.at("person"), {it.step, it.round, chance_.now}, "");
      } else if (it.owner.empty()) {
        tell_person(it, event.data.at("person"), "");
      } else {
        tell_person(
            it, it.owner,
            fmt::format("{} gave you case {}. {}", event.who, it.number, event.data.at("reason")));
      }
      break;
    case EventKind::taken_over:
      tell_person(
          it, before.owner,
          fmt::format("{} took over case {}: {}", event.who, it.number, event.data.at("reason")));
      break;
    case EventKind::words_added:
      wrote_again(it);
      if (before.principal != it.principal) brief_principal(it, "addressed");
      break;
    case EventKind::dismissed:
      learn_dismissal(it, event);
      [[fallthrough]];
    case EventKind::closed:
    case EventKind::merged:
      writer_.cancel_outbox(it.id, Lane::page);
      leave_bundles(it);
      writer_.disarm_case(it.id, "");
      give_waiting(it.team);
      next_lead(it.storm, it);
      break;
    case EventKind::entered_storm:
    case EventKind::left_storm:
      it = storm_changed(before, std::move(it));
      break;
    case EventKind::retracted:
      if (!it.owner.empty() && !it.ended())
        tell_person(it, it.owner,
                    fmt::format("The customer of case {} deleted their post. The "
                                "case stays.",
                                it.number));
      break;
    case EventKind::feedback_given:
      owe_action(writer_, rules_, *this, it);
      break;
    case EventKind::verification_due:
      it = name_caller(std::move(it));
      break;
    case EventKind::call_given:
      tell_caller(it, event);
      break;
    case EventKind::failed:
      it = lift_failed(before, std::move(it), event);
      break;
    case EventKind::granted:
    case EventKind::grant_asked:
      tell_grant(it, event);
      break;
    case EventKind::helper_added:
      ask_helper(it, event);
      break;
    case EventKind::taught:
      remember_label(it, event);
      break;
    default:
      break;
  }
  if (!before.owner.empty() && before.owner != it.owner)
    give_waiting(it.team);  // one has room again
  arm_decay(before, it);
  return it;
}

/// An acknowledgement decays without progress, and its owner is reminded before.
void Effects::arm_decay(const Case& before, const Case& it) {
  if (it.state == CaseState::acknowledged && it.decays_at) {
    writer_.arm({case_timer(it, kDecay), it.id, std::string{kDecay}, *it.decays_at, "{}"});
    const Instant soon = *it.decays_at - rules_.config->acknowledge.remind;
    if (soon > chance_.now && soon < *it.decays_at)
      writer_.arm({case_timer(it, kRemind), it.id, std::string{kRemind}, soon, "{}"});
  } else if (!before.id.empty()) {
    writer_.disarm(case_timer(it, kDecay));
    writer_.disarm(case_timer(it, kRemind));
  }
}

}  // namespace earshot
