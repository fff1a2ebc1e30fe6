#include "targets.hpp"

#include <algorithm>

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
  if (!it.former_owners.empty()) of.push_back(it.former_owners.back().person);
  for (const std::string& id : of) {
    if (const Person* person = rules.person(id)) add(out.people, person->manager);
  }
}

void add_team(StepTargets& out, const std::string& name, const Rules& rules, Instant now) {
  for (const Team& team : rules.config->teams) {
    if (team.name != name) continue;
    const auto schedule = rules.schedules.find(team.schedule);
    if (schedule == rules.schedules.end()) {
      for (const std::string& id : team.members) add(out.people, id);
    } else {
      for (const std::string& id : people_on_call(*schedule->second, now)) add(out.people, id);
    }
  }
}

}  // namespace

StepTargets resolve_targets(const EscalationStep& step, const Case& it, const Rules& rules,
                            Instant now) {
  StepTargets out;
  for (const std::string& target : step.notify) {
    const std::string name = after_colon(target);
    if (target.starts_with("schedule:")) {
      const auto schedule = rules.schedules.find(name);
      if (schedule == rules.schedules.end()) continue;
      for (const std::string& id : people_on_call(*schedule->second, now)) add(out.people, id);
    } else if (target.starts_with("person:")) {
      add(out.people, name);
    } else if (target.starts_with("team:")) {
      add_team(out, name, rules, now);
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

std::vector<Way> contacts_of(const Person& person, const Rules& rules) {
  std::vector<Way> out;
  for (const Contact& contact : person.contact) {
    if (contact.kind == ContactKind::via && rules.receiver(contact.value) != nullptr)
      out.push_back({contact.value, "", Duration{}});
    const ReceiverConfig* mail =
        contact.kind == ContactKind::mail ? rules.receiver_of_type("email") : nullptr;
    if (mail != nullptr) out.push_back({mail->name, contact.value, Duration{}});
  }
  return out;
}

std::vector<Way> ways_of(const Person& person, std::string_view urgency, const Rules& rules) {
  std::vector<Way> out;
  for (const NotifyStep& step : notify_steps(person, urgency)) {
    const Contact* contact = find_contact(person, step.way);
    if (contact == nullptr) continue;
    if (contact->kind == ContactKind::via && rules.receiver(contact->value) != nullptr)
      out.push_back({contact->value, "", step.after});
    const ReceiverConfig* mail =
        contact->kind == ContactKind::mail ? rules.receiver_of_type("email") : nullptr;
    if (mail != nullptr) out.push_back({mail->name, contact->value, step.after});
  }
  return out;
}

}  // namespace earshot
