#include "targets.hpp"

#include <algorithm>

#include "earshot/web/live.hpp"

namespace earshot {
namespace {

void add(std::vector<std::string>& list, const std::string& item) {
  if (!item.empty() && std::ranges::find(list, item) == list.end()) list.push_back(item);
}

std::string after_colon(const std::string& target) {
  return target.substr(target.find(':') + 1);
}

void add_manager(StepTargets& out, const Case& it, const Rules& rules) {
  std::vector<std::string> of = it.told;
  if (!it.owner.empty()) of.push_back(it.owner);
  if (!it.former_owners.empty()) of.push_back(it.former_owners.back().person);
  for (const std::string& id : of) {
    if (const Person* person = rules.person(id)) add(out.people, person->manager);
  }
}

void add_schedule(StepTargets& out, const Schedule& schedule, const LiveRota& live, Instant now) {
  const std::vector<std::string> people = people_on_call(merged(schedule, live), now);
  if (people.empty()) add(out.empty, schedule.name);
  for (const std::string& id : people) add(out.people, id);
}

void add_team(StepTargets& out, const std::string& name, const Rules& rules, const LiveRota& live,
              Instant now) {
  for (const Team& team : rules.config->teams) {
    if (team.name != name) continue;
    const auto schedule = rules.schedules.find(team.schedule);
    if (schedule == rules.schedules.end()) {
      for (const std::string& id : team.members) add(out.people, id);
    } else {
      add_schedule(out, *schedule->second, live, now);
    }
  }
}

/// Where contacts must be proved, the others take no page.
bool counts(const Person& person, const Contact& contact, const Rules& rules,
            const LiveRota& live) {
  return !rules.config->verify_contacts || live.proved.contains(contact_key(person.id, contact));
}

}  // namespace

StepTargets resolve_targets(const EscalationStep& step, const Case& it, const Rules& rules,
                            Instant now, const LiveRota& live) {
  StepTargets out;
  for (const std::string& target : step.notify) {
    const std::string name = after_colon(target);
    if (target.starts_with("schedule:")) {
      const auto schedule = rules.schedules.find(name);
      if (schedule == rules.schedules.end()) continue;
      add_schedule(out, *schedule->second, live, now);
    } else if (target.starts_with("person:")) {
      add(out.people, name);
    } else if (target.starts_with("team:")) {
      add_team(out, name, rules, live, now);
    } else if (target.starts_with("receiver:")) {
      add(out.receivers, name);
    } else if (target == "principal-delegate") {
      if (const Principal* principal = rules.principal(it.principal))
        add(out.people, principal->delegate);
    } else if (target == "manager") {
      add_manager(out, it, rules);
    }
  }
  std::erase_if(out.people, [&](const std::string& id) { return rules.person(id) == nullptr; });
  return out;
}

std::optional<Way> way_of(const Contact& contact, const Rules& rules) {
  if (contact.kind == ContactKind::via) {
    if (rules.receiver(contact.value) == nullptr) return std::nullopt;
    return Way{contact.value, "", {}};
  }
  const std::string_view type = contact.kind == ContactKind::mail  ? "email"
                                : contact.kind == ContactKind::sms ? "sms"
                                                                   : "voice";
  const ReceiverConfig* by = rules.receiver_of_type(type);
  if (by == nullptr) return std::nullopt;
  return Way{by->name, contact.value, {}};
}

std::vector<Way> page_contacts(const Person& person, const Rules& rules, const LiveRota& live) {
  std::vector<Way> out;
  for (const Contact& contact : person.contact) {
    if (!counts(person, contact, rules, live)) continue;
    if (auto way = way_of(contact, rules)) out.push_back(std::move(*way));
  }
  return out;
}

std::vector<Way> ways_of(const Person& person, std::string_view urgency, const Rules& rules) {
  std::vector<Way> out;
  for (const NotifyStep& step : notify_steps(person, urgency)) {
    const Contact* contact = find_contact(person, step.way);
    auto way = contact == nullptr ? std::nullopt : way_of(*contact, rules);
    if (!way) continue;
    way->after = step.after;
    out.push_back(std::move(*way));
  }
  return out;
}

std::vector<Way> page_ways(const Person& person, const Rules& rules, const LiveRota& live,
                           std::vector<std::string>& skipped) {
  std::vector<Way> out;
  for (const NotifyStep& step : notify_steps(person, "page")) {
    const Contact* contact = find_contact(person, step.way);
    auto way = contact == nullptr ? std::nullopt : way_of(*contact, rules);
    if (!way) continue;
    way->after = step.after;
    if (!counts(person, *contact, rules, live))
      skipped.push_back(step.way);
    else
      out.push_back(std::move(*way));
  }
  return out;
}

}  // namespace earshot
