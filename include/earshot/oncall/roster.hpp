#pragma once

/// The people and teams of the configuration, how each wants to be told, and what each may grant.
/// Pure data and its small readers.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {

/// via: `value` is the name of a receiver. sms, call, mail: a number or an address.
EARSHOT_ENUM(ContactKind, via, sms, call, mail);

struct Contact {
  ContactKind kind = ContactKind::via;
  std::string value;
};

/// "sms after 2m": tell by this way so long after the person's turn came, unless acknowledged
/// before.
struct NotifyStep {
  std::string way;  ///< "sms", "mail" or the name of a receiver
  Duration after{};
};

struct Person {
  std::string id;
  std::string name;  ///< empty: the id
  std::string title;
  std::vector<Contact> contact;                           ///< in order of preference
  std::map<std::string, std::vector<NotifyStep>> notify;  ///< by urgency: "page", "queue", "digest"
  std::map<std::string, std::string>
      authority;         ///< what they may grant without asking: refund_up_to -> "250 EUR"
  std::string manager;   ///< id, or empty
  std::string zone;      ///< IANA name of where they live, or empty
  std::string language;  ///< BCP 47, or empty
  std::vector<Absence> absences{};
};

struct Team {
  std::string name;
  std::vector<std::string> members;  ///< ids
  std::string lead;                  ///< id, or empty
  std::string schedule;              ///< who of them is on call, or empty
};

/// Reads "push-jo now", "sms after 2m" or "mail" (which means now).
Result<NotifyStep> parse_notify_step(std::string_view text);
/// The person with this id, or null.
const Person* find_person(const std::vector<Person>& people, std::string_view id);
/// The first contact that a way of telling means: "sms" and "mail" by kind, anything else by the
/// receiver's name. Null: they have none.
const Contact* find_contact(const Person& person, std::string_view way);
/// How a person is told at this urgency: their own steps; else, for a page or a queue item, the
/// first contact at once.
std::vector<NotifyStep> notify_steps(const Person& person, std::string_view urgency);

}  // namespace earshot
