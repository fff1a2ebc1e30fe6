#pragma once

/// What ops may set about the life of a case (`follow_through:` and `escalations:` of the
/// configuration). Pure data.

#include <map>
#include <string>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/oncall/business.hpp"
#include "earshot/triage/urgency.hpp"

namespace earshot {

/// Who may be named as the side that caused a failure; its head answers for it.
struct Department {
  std::string id;
  std::string name;  ///< "" = the id
  std::string head;  ///< person id
};
struct RootCause {
  std::string id;
  std::string name;        ///< "" = the id
  std::string department;  ///< whose it is; "" = feedback names one
};

/// `root_causes:` of the configuration.
struct CauseRules {
  std::vector<Department> departments;  ///< empty: any words are taken
  std::vector<RootCause> causes;
  Duration due = hours{24 * 14};         ///< a department owes a corrective action so long after
  Duration remind = hours{24 * 2};       ///< before it is due; 0 = never
  Duration climb = hours{24 * 3};        ///< late: so long until the next one up owes it, too
  Duration recurrence = hours{24 * 30};  ///< the same cause within this reopens what was done

  const Department* department(std::string_view id) const {
    for (const Department& it : departments) {
      if (it.id == id) return &it;
    }
    return nullptr;
  }
  const RootCause* cause(std::string_view id) const {
    for (const RootCause& it : causes) {
      if (it.id == id) return &it;
    }
    return nullptr;
  }
};

struct CasePolicy {
  std::map<Urgency, Duration> first_answer{
      {Urgency::page, minutes{15}}, {Urgency::queue, hours{4}}};  ///< from the post's own time
  /// Somebody addressed a principal: the first answer is due so soon, whatever the urgency allows.
  Duration principal_public = minutes{10};
  Duration principal_private = minutes{60};
  Duration reread = minutes{5};  ///< conversations of open cases are read again so often; 0 = never
  std::map<Urgency, Duration> next_update{};  ///< from the last answer; absent = none is promised
  std::map<Urgency, Duration> solution{};     ///< from the post's own time; absent = none
  /// The hours in which the clocks of an urgency run; absent = every hour counts.
  std::map<Urgency, BusinessCalendar> calendar{};
  Duration waiting_most = hours{24 * 7};  ///< waiting for the customer stops clocks so long at most
  double warn = 0.2;  ///< told when this share of a clock's time is left; 0 = never
  std::vector<std::string> warn_notify{
      "owner"};  ///< targets, and "owner": whoever has it or is told
  std::vector<std::string> breach_notify{"owner", "manager"};

  const BusinessCalendar* calendar_of(Urgency urgency) const {
    const auto found = calendar.find(urgency);
    return found == calendar.end() ? nullptr : &found->second;
  }
  Duration ack_decay = minutes{60};  ///< an acknowledgement without progress lasts this long
  Duration undo_ack = minutes{10};
  Duration snooze_most = hours{24};  ///< the longest a person may keep a case without progress
  bool feedback_required = true;
  std::string verify_by = "principal";  ///< principal | delegate | owner | manager
  double verify_share = 0.2;            ///< of the cases that are not always verified, 0..1
  std::vector<Urgency> verify_always{Urgency::page};
  Duration call_back = hours{24};           ///< after the feedback
  int call_tries = 3;                       ///< not reached this often ends it, visibly
  Duration call_spacing = hours{4};         ///< between tries that did not reach the customer
  Duration failed_again = minutes{30};      ///< words so long after the last are a second contact
  Duration failed_window = hours{24 * 14};  ///< on another channel within this: the same matter
  int failed_clocks = 2;                    ///< so many missed clocks make a failed case
  CauseRules root_causes{};
  /// What may be granted without asking, by person ("" = everybody): refund_up_to -> "250 EUR".
  std::map<std::string, std::map<std::string, std::string>, std::less<>> authority{};
  Duration same_matter = hours{48};  ///< near-same words of one customer within this are one case
};

struct EscalationStep {
  std::vector<std::string>
      notify;        ///< schedule:NAME person:ID team:NAME receiver:NAME principal-delegate manager
  Duration after{};  ///< since the round began
};

struct EscalationPolicy {
  std::string name;
  int repeat = 0;           ///< further rounds after the first
  Duration repeat_after{};  ///< from a round's last step to the next round; 0 = as long as the last
                            ///< gap, at least 5 min
  std::vector<EscalationStep> steps;
  int acknowledge = 1;  ///< so many people must acknowledge before the pages stop
  std::vector<std::string>
      last_resort{};  ///< told after the last round, by all their ways at once, again and again
};

}  // namespace earshot
