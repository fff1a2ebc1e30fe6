#include "effects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/clocks.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/message_template.hpp"
#include "earshot/receivers/payload.hpp"
#include "earshot/text/normalise.hpp"
#include "follow.hpp"
#include "masking.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

std::string timer_id(const Case& it, std::string_view kind) {
  return fmt::format("{}/{}", it.id, kind);
}

std::string short_time(Instant at) {
  return to_rfc3339(at).substr(11, 5) + " UTC";
}

std::string people_text(const std::vector<std::string>& people) {
  std::string out;
  for (const std::string& id : people) out += (out.empty() ? "" : ",") + id;
  return out;
}

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
      writer_.disarm(timer_id(it, kEscalate));
      writer_.disarm(timer_id(it, kUnowned));
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
  if (it.state == CaseState::acknowledged && it.decays_at) {
    writer_.arm({timer_id(it, kDecay), it.id, std::string{kDecay}, *it.decays_at, "{}"});
    const Instant soon = *it.decays_at - rules_.config->acknowledge.remind;
    if (soon > chance_.now && soon < *it.decays_at)
      writer_.arm({timer_id(it, kRemind), it.id, std::string{kRemind}, soon, "{}"});
  } else if (!before.id.empty()) {
    writer_.disarm(timer_id(it, kDecay));
    writer_.disarm(timer_id(it, kRemind));
  }
  return it;
}

Case Effects::begin_escalation(Case it) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty()) {
    tell_ops(fmt::format("Nobody is told of case {}", it.number),
             "Its route names no escalation policy.", "no-escalation/" + it.id);
    return it;
  }
  const StepAt first = first_step(*policy, it.level, chance_.now);
  return take_step(std::move(it), first);
}

/// One step up from where the case stands; from the top it begins again.
Case Effects::go_on(Case it) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty()) return begin_escalation(std::move(it));
  auto next = next_step(*policy, it.step, it.round, chance_.now);
  StepAt step =
      next.value_or(StepAt{static_cast<int>(policy->steps.size()) - 1, it.round + 1, chance_.now});
  step.at = chance_.now;
  return take_step(std::move(it), step);
}

Case Effects::take_step(Case it, StepAt step) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty()) return begin_escalation(std::move(it));
  if (withheld(it)) return it;
  for (;;) {
    step.step = std::clamp(step.step, 0, step_count(*policy) - 1);
    const StepTargets targets =
        resolve_targets(step_of(*policy, step.step), it, rules_, chance_.now, live());
    auto next = next_step(*policy, step.step, step.round, chance_.now);
    const bool nobody = targets.people.empty() && targets.receivers.empty();
    const bool last_resort = step.step >= static_cast<int>(policy->steps.size());
    if (nobody && next && !last_resort) next->at = chance_.now;
    const Command escalate{Action::escalate,
                           "tick",
                           {{"step", std::to_string(step.step)},
                            {"round", std::to_string(step.round)},
                            {"next_at", next ? to_rfc3339_ms(next->at) : ""},
                            {"told", people_text(targets.people)}}};
    Applied applied = apply(it, escalate, chance_.now, rules_.config->follow_through);
    if (!applied.ok()) return it;
    it = store(fold_all(std::move(it), applied.events), applied.events);
    tell_of(it, CaseChange::escalated, "", sentence_of(applied.events.front()));
    std::string text;
    if (next && !nobody)
      text = fmt::format("If nobody takes it, the next step follows at {}.", short_time(next->at));
    nobody_there(it, targets.empty, step);
    for (const std::string& person : targets.people) page(it, person, step, text);
    for (const std::string& receiver : targets.receivers) page_receiver(it, receiver, step, text);
    if (!nobody || !next || last_resort) {
      if (next)
        writer_.arm({timer_id(it, kEscalate), it.id, std::string{kEscalate}, next->at, "{}"});
      else
        writer_.disarm(timer_id(it, kEscalate));
      if (nobody) {
        tell_ops(fmt::format("Nobody could be told of case {}", it.number),
                 fmt::format("No step of the escalation \"{}\" names anybody who is there now.",
                             it.escalation),
                 fmt::format("nobody/{}/{}", it.id, it.version));
      }
      return it;
    }
    step = *next;  // nobody is there: climb at once, and the ledger says so
  }
}

/// A queued case: the people of the first step hear of it by their own rules, without escalation.
void Effects::tell_people(const Case& it) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty() || withheld(it)) return;
  const StepTargets targets =
      resolve_targets(policy->steps.front(), it, rules_, chance_.now, live());
  for (const std::string& id : targets.people) tell_person(it, id, "");
}

void Effects::page(const Case& it, const std::string& person, StepAt step,
                   const std::string& next) {
  const Person* who = rules_.person(person);
  if (who == nullptr) return;
  std::vector<std::string> skipped;
  std::vector<Way> ways = page_ways(*who, rules_, live(), skipped);
  note_skipped(it, person, skipped);
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  const bool last_resort = policy != nullptr && step.step >= static_cast<int>(policy->steps.size());
  if (last_resort) {
    for (Way& way : ways) way.after = {};  // the last resort is loud
  }
  if (ways.empty()) {
    tell_ops(fmt::format("{} cannot be paged", person),
             skipped.empty() ? "No contact of theirs has a working receiver."
                             : "They have not proved any of their contacts.",
             fmt::format("unreachable/{}/{}", it.id, person));
  }
  if (!last_resort && bundle(it, person, step)) return;
  for (const Way& way : ways) {
    OutboxRow row;
    row.key = fmt::format("page/{}/{}/{}/{}/{}/{}/{}", it.id, it.version, step.round, step.step,
                          person, way.receiver, way.target);
    row.case_id = it.id;
    row.lane = Lane::page;
    row.receiver = way.receiver;
    row.person = person;
    row.target = way.target;
    row.step = step.step;
    row.not_before = chance_.now + way.after;
    supersede(row);
    page_by(std::move(row), it, step, next);
  }
}

void Effects::page_receiver(const Case& it, const std::string& receiver, StepAt step,
                            const std::string& next) {
  const ReceiverConfig* config = rules_.receiver(receiver);
  if (config == nullptr) return;
  OutboxRow row;
  row.key = fmt::format("page/{}/{}/{}/{}//{}", it.id, it.version, step.round, step.step, receiver);
  row.case_id = it.id;
  row.lane = Lane::page;
  row.receiver = receiver;
  row.step = step.step;
  row.not_before = chance_.now;
  Message message = message_of(MessageKind::page, it);
  message.headline += all_the_same(it);
  message.step = step.step;
  message.round = step.round;
  message.next = next;
  enqueue(std::move(row), *config, message);
}

void Effects::tell_person(const Case& it, const std::string& person, const std::string& text) {
  const Person* who = rules_.person(person);
  if (who == nullptr) return;
  for (const Way& way : ways_of(*who, "queue", rules_)) {
    OutboxRow row;
    row.key =
        fmt::format("notice/{}/{}/{}/{}/{}", it.id, it.version, person, way.receiver, way.target);
    row.case_id = it.id;
    row.receiver = way.receiver;
    row.person = person;
    row.target = way.target;
    row.not_before = chance_.now + way.after;
    Message message = message_of(text.empty() ? MessageKind::notice : MessageKind::update, it);
    message.person = person;
    message.text = text;
    enqueue(std::move(row), *rules_.receiver(way.receiver), message);
  }
}

void Effects::tell_ops(const std::string& headline, const std::string& text,
                       const std::string& key) {
  const Routing root = resolve_route(rules_.config->route, Labels{{"kind", {"self"}}});
  for (const std::string& name : root.receivers) {
    const ReceiverConfig* receiver = rules_.receiver(name);
    if (receiver == nullptr) continue;
    OutboxRow row;
    row.key = fmt::format("self/{}/{}", key, name);
    row.receiver = name;
    row.not_before = chance_.now;
    Message message;
    message.kind = MessageKind::self;
    message.headline = headline;
    message.text = text;
    message.at = chance_.now;
    enqueue(std::move(row), *receiver, message);
  }
}

bool Effects::send_test(const std::string& receiver, const std::string& urgency) {
  const ReceiverConfig* config = rules_.receiver(receiver);
  if (config == nullptr) return false;
  OutboxRow row;
  row.key = fmt::format("test/{}/{:016x}", receiver, draw());
  row.receiver = receiver;
  row.not_before = chance_.now;
  Message message;
  message.kind = MessageKind::test;
  message.labels["urgency"] = urgency;
  message.headline = "Test of the receiver " + receiver;
  message.text = "Somebody asked Earshot to try this receiver. Nothing is wrong.";
  message.at = chance_.now;
  enqueue(std::move(row), *config, message);
  return true;
}

void Effects::enqueue(OutboxRow row, const ReceiverConfig& receiver, const Message& message,
                      const std::string& in_reply_to) {
  if (rules_.config->mode == Mode::shadow && message.kind != MessageKind::test) {
    JsonWriter data;
    data.object();
    data.field("receiver", row.receiver);
    data.text_or_null("person", row.person);
    data.field("lane", to_word(row.lane));
    data.end();
    writer_.append_ledger({0, chance_.now, "shadow", "withheld", row.case_id, data.take(), ""});
    return;
  }
  row.created_at = chance_.now;
  if (row.message_id.empty())
    row.message_id = fmt::format("{}.{}", row.case_id.empty() ? "earshot" : "case-" + row.case_id,
                                 hash128_hex(row.key).substr(0, 16));
  const Templated said =
      with_templates(receiver, rules_.config->privacy.mask_outgoing ? masked(message) : message);
  row.body = render(receiver, said.message,
                    {row.message_id, row.target, rules_.config->mail.from, in_reply_to});
  writer_.add_outbox(row);
  if (receiver.type == "alertmanager") remember_alerts(row.receiver, message);
  if (!said.trouble.empty() && message.kind != MessageKind::self) {
    tell_ops(fmt::format("A message of {} went out in the built-in words", receiver.name),
             said.trouble,
             fmt::format("template/{}/{}", receiver.name, to_rfc3339(chance_.now).substr(0, 13)));
  }
}

Message Effects::message_of(MessageKind kind, const Case& it) const {
  Message message;
  message.kind = kind;
  const std::string customer =
      it.customer_handle.empty() || it.customer_handle == it.customer_name ? it.customer_name
      : it.customer_name.empty()                                           ? it.customer_handle
                                 : fmt::format("{} ({})", it.customer_name, it.customer_handle);
  MessageCase& in = message.cases.emplace_back();
  in.id = it.id;
  in.number = it.number;
  in.state = to_word(it.state);
  in.urgency = to_word(it.urgency);
  in.severity = to_word(it.severity);
  in.customer = customer.empty() ? "somebody" : customer;
  in.reach = it.reach;
  in.source = it.source;
  in.is_public = it.is_public;
  in.title = it.title;
  in.excerpt = it.excerpt;
  in.language = it.language;
  in.url = it.url;
  in.principal = it.principal;
  in.product = it.product;
  in.team = it.team;
  in.owner = it.owner;
  in.cues = it.cues;
  in.reasons = it.reasons;
  in.posted_at = it.posted_at;
  if (const auto clock =
          clock_of(it, rules_.config->follow_through, chance_.now, ClockKind::first_answer))
    in.answer_due = clock->due;
  const std::string what = kind == MessageKind::page     ? "Page"
                           : kind == MessageKind::update ? "Case " + std::to_string(it.number)
                                                         : "New case";
  message.headline = it.principal.empty()
                         ? fmt::format("{}: {} on {}", what, in.customer, it.source)
                         : fmt::format("{}: {} writes to {}", what, in.customer, it.principal);
  if (it.kind != "customer") message.headline = fmt::format("{}: {}", what, it.title);
  message.sequence = it.version;
  message.at = chance_.now;
  if (!base_url().empty()) message.case_url = fmt::format("{}/cases/{}", base_url(), it.id);
  return message;
}

std::string Effects::base_url() const {
  const WebConfig& web = rules_.config->web;
  if (!web.public_url.empty())
    return web.public_url.ends_with('/') ? web.public_url.substr(0, web.public_url.size() - 1)
                                         : web.public_url;
  return web.listen.empty() ? "" : "http://" + web.listen;
}

std::string Effects::ack_url(const Case& it, const std::string& person, int step) {
  if (base_url().empty() || key_.secret.empty()) return {};
  const AckGrant grant{it.id, person, step, chance_.now + rules_.config->web.ack_link_life, draw()};
  return base_url() + "/ack/" + sign_ack(grant, key_);
}

}  // namespace earshot
