#include "earshot/config/updates.hpp"

#include <algorithm>
#include <array>

namespace earshot {
namespace {

using enum CaseChange;
constexpr std::array kAll{taken, escalated, answered, closed};
constexpr std::array kTakenAndClosed{taken, closed};
constexpr std::array kTakenAnsweredClosed{taken, answered, closed};

struct Suits {
  std::string_view type;
  std::span<const CaseChange> possible;
  std::span<const CaseChange> usual;
};

/// Threads and edits disturb nobody, so they hear all. Where each update is a message of its own,
/// it is told who has it and that it is over. PagerDuty knows no more than these two. Text messages
/// cost, and a call is for waking. Alertmanager's alerts follow the case by themselves.
constexpr std::array kSuits{
    Suits{"webhook", kAll, kAll},
    Suits{"exec", kAll, kAll},
    Suits{"log", kAll, kAll},
    Suits{"slack", kAll, kAll},
    Suits{"discord", kAll, kAll},
    Suits{"telegram", kAll, kAll},
    Suits{"matrix", kAll, kAll},
    Suits{"opsgenie", kAll, kAll},
    Suits{"mattermost", kAll, kTakenAnsweredClosed},
    Suits{"teams", kAll, kTakenAnsweredClosed},
    Suits{"email", kAll, kTakenAnsweredClosed},
    Suits{"ntfy", kAll, kTakenAndClosed},
    Suits{"pagerduty", kTakenAndClosed, kTakenAndClosed},
    Suits{"sms", kAll, {}},
};

const Suits* suits(std::string_view type) {
  const auto it = std::ranges::find(kSuits, type, &Suits::type);
  return it == kSuits.end() ? nullptr : &*it;
}

}  // namespace

std::span<const CaseChange> possible_updates(std::string_view type) {
  const Suits* found = suits(type);
  return found == nullptr ? std::span<const CaseChange>{} : found->possible;
}

bool wants_update(const ReceiverConfig& receiver, CaseChange change) {
  if (receiver.updates)
    return std::ranges::find(*receiver.updates, to_word(change)) != receiver.updates->end();
  const Suits* found = suits(receiver.type);
  return found != nullptr && std::ranges::find(found->usual, change) != found->usual.end();
}

bool tells_doer(std::string_view type) {
  return type != "email" && type != "sms" && type != "ntfy";
}

}  // namespace earshot
