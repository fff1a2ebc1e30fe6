#include "earshot/cases/machine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aid.hpp"
#include "applied.hpp"
#include "earshot/cases/arguments.hpp"
#include "earshot/cases/storm.hpp"
#include "earshot/cases/verification.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/utf8.hpp"
#include "follow.hpp"
#include "gate_rules.hpp"

namespace earshot {
namespace {

struct Context {
  const Case& it;
  const Command& command;
  Instant now;
  const CasePolicy& policy;

  std::string arg(std::string_view name) const { return argument(command.args, name); }
  Event event(EventKind kind, Arguments data = {}) const {
    return {kind, command.who, now, std::move(data)};
  }
  Applied one(EventKind kind, Arguments data = {}) const {
    return {{event(kind, std::move(data))}, {}};
  }
};

Applied refuse_ended(const Case& it) {
  if (it.state == CaseState::merged)
    return refuse("merged", fmt::format("This case was merged into {}.", it.merged_into));
  return refuse("ended", fmt::format("This case is {}. Reopen it first.", to_word(it.state)));
}

std::string decay_time(const Context& in) {
  return to_rfc3339(in.now + in.policy.ack_decay);
}

Event acknowledged(const Context& in, const std::string& owner) {
  Arguments data{{"owner", owner}, {"decays_at", decay_time(in)}};
  // Where it was acknowledged from: said in the channel and kept.
  for (const std::string_view name : {"via", "from", "device"}) {
    if (const std::string value = in.arg(name); !value.empty()) data.emplace(name, value);
  }
  return in.event(EventKind::acknowledged, std::move(data));
}

Applied ack(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  if (in.it.owner == in.command.who) return {};  // twice gives the same answer
  const auto& has = in.it.confirmed;
  if (!in.it.owner.empty() && in.it.climbs()) {  // several must, and they are not all yet
    if (std::ranges::find(has, in.command.who) != has.end()) return {};
    return in.one(EventKind::confirmed, {{"person", in.command.who}});
  }
  if (!in.it.owner.empty()) return refuse("taken", fmt::format("{} has it already.", in.it.owner));
  return {{acknowledged(in, in.command.who)}, {}};
}

Applied undo_ack(const Context& in) {
  if (in.it.state != CaseState::acknowledged)
    return refuse("not_acknowledged", "Nobody's acknowledgement can be taken back now.");
  if (in.it.owner != in.command.who)
    return refuse(
        "not_yours",
        fmt::format("It is {}'s acknowledgement. Take the case over instead.", in.it.owner));
  if (in.it.acknowledged_at && in.now - *in.it.acknowledged_at > in.policy.undo_ack) {
    return refuse("too_late",
                  fmt::format("It can be taken back for {} only. Assign it to somebody instead.",
                              to_text(in.policy.undo_ack)));
  }
  return in.one(EventKind::ack_undone);
}

Applied assign(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  const std::string person = in.arg("person");
  if (person.empty()) return refuse("person_missing", "Say to whom.", "person");
  if (person == in.it.owner) return {};
  if (in.it.owner.empty() && person == in.command.who) return ack(in);
  return in.one(EventKind::assigned,
                {{"person", person}, {"reason", in.arg("reason")}, {"decays_at", decay_time(in)}});
}

Applied take_over(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  if (in.it.owner == in.command.who) return {};
  if (in.it.owner.empty()) return ack(in);
  const std::string reason = in.arg("reason");
  if (reason.empty())
    return refuse("reason_missing", "Say why; the former owner reads it.", "reason");
  return in.one(EventKind::taken_over,
                {{"person", in.command.who}, {"reason", reason}, {"decays_at", decay_time(in)}});
}

Applied answer(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  const bool seen = in.command.action == Action::answer_seen;
  if (in.arg("text").empty() && in.arg("link").empty())
    return refuse("text_missing", "Say what was answered, or give the link.", "text");
  Applied out;
  const bool owned = !in.it.owner.empty();
  if (!owned && !seen) out.events.push_back(acknowledged(in, in.command.who));
  const std::string at = in.arg("at").empty() ? to_rfc3339(in.now) : in.arg("at");
  const auto when = parse_rfc3339(at);
  if (!when || *when > in.now)
    return refuse("at_wrong", "When it was answered must be an RFC 3339 time, not in the future.",
                  "at");
  // A promise is not kept by a date from before there was anything to answer.
  const Instant asked = std::max(in.it.posted_at, in.it.reopened_at.value_or(in.it.posted_at));
  if (!seen && *when < std::chrono::floor<seconds>(asked))
    return refuse("at_wrong",
                  fmt::format("What was said before {} is no answer to this.", to_rfc3339(asked)),
                  "at");
  out.events.push_back(in.event(EventKind::answered,
                                {{"text", in.arg("text")}, {"link", in.arg("link")}, {"at", at}}));
  if (in.it.feedback && in.it.state == CaseState::acknowledged)
    out.events.push_back(verification_due(in.it, in.command.who, in.now, in.policy));
  return out;
}

Applied feedback(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  if (in.it.owner.empty())
    return refuse("owner_missing", "Nobody has the case yet. Acknowledge it first.", {}, {"owner"});
  if (auto refusal = check_feedback(in.it, in.command.args, in.policy))
    return {{}, std::move(refusal)};
  Arguments data;
  for (const std::string_view key : {"said", "done", "cost", "cause", "department",
                                     "product_change", "change", "change_owner", "change_due"}) {
    data.emplace(key, in.arg(key));
  }
  data["department"] = department_of(in.command.args, in.policy);
  Applied out = in.one(EventKind::feedback_given, std::move(data));
  if (in.it.state == CaseState::answered)
    out.events.push_back(verification_due(in.it, in.command.who, in.now, in.policy));
  return out;
}

Applied close(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  if (in.it.state == CaseState::verifying && !in.it.verification_needed)
    return in.one(EventKind::closed, {{"outcome", "not_needed"}});
  if (in.it.state == CaseState::answered && !in.policy.feedback_required &&
      !choose_verification(in.it, in.policy).needed) {
    return in.one(EventKind::closed, {{"outcome", "not_needed"}});
  }
  return {{}, gate_refusal(in.it, "")};
}

Applied dismiss(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  const auto reason = from_word<Dismissal>(in.arg("reason"));
  if (!reason) {
    return refuse("reason_missing",
                  "Give one of the reasons: not_a_complaint, not_about_us, spam, duplicate, test, "
                  "handled_elsewhere.",
                  "reason");
  }
  Arguments data{{"reason", std::string{to_word(*reason)}}, {"note", in.arg("note")}};
  if (in.it.urgency != Urgency::page) return in.one(EventKind::dismissed, std::move(data));
  // A page is not waved away by one person alone.
  if (in.it.dismissal_by.empty()) return in.one(EventKind::dismissal_asked, std::move(data));
  if (in.it.dismissal_by == in.command.who)
    return refuse("second_person",
                  "A page wants a second person to agree. You have asked already.");
  data.insert_or_assign("asked_by", in.it.dismissal_by);
  return in.one(EventKind::dismissed, std::move(data));
}

Applied reopen(const Context& in) {
  if (!in.it.ended())
    return refuse("not_ended",
                  fmt::format("The case is {}; it need not be reopened.", to_word(in.it.state)));
  const std::string reason = in.arg("reason");
  if (reason.empty()) return refuse("reason_missing", "Say why it is reopened.", "reason");
  // What had been closed and comes back has failed once: one level up. An undone dismissal or merge
  // has not.
  const int level = in.it.level + (in.it.state == CaseState::closed ? 1 : 0);
  return in.one(EventKind::reopened, {{"reason", reason},
                                      {"level", std::to_string(level)},
                                      {"why", std::string{to_word(in.it.state)}}});
}

Applied merge(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  const std::string into = in.arg("into");
  if (into.empty()) return refuse("into_missing", "Say which case stays.", "into");
  if (into == in.it.id)
    return refuse("into_itself", "A case cannot be merged into itself.", "into");
  return in.one(EventKind::merged, {{"into", into}, {"reason", in.arg("reason")}});
}

Applied note(const Context& in) {
  const std::string text = in.arg("text");
  if (text.empty()) return refuse("text_missing", "The note is empty.", "text");
  Arguments data{{"text", text}};
  if (in.it.state == CaseState::acknowledged && in.it.owner == in.command.who)
    data.emplace("decays_at", decay_time(in));
  return in.one(EventKind::noted, std::move(data));
}

Applied escalate(const Context& in) {
  if (!in.it.climbs() && !planted<14>)
    return refuse("not_open", "Only a case that nobody has climbs.");
  return in.one(EventKind::escalated, {{"step", in.arg("step")},
                                       {"round", in.arg("round")},
                                       {"next_at", in.arg("next_at")},
                                       {"told", in.arg("told")}});
}

Applied decay(const Context& in) {
  if (in.it.state != CaseState::acknowledged || !in.it.decays_at || *in.it.decays_at > in.now) {
    return refuse("not_due", "The acknowledgement has not decayed.");
  }
  return in.one(EventKind::ack_decayed, {{"person", in.it.owner}});
}

Applied words(const Context& in) {
  Arguments data{{"post", in.arg("post")}, {"excerpt", in.arg("excerpt")}};
  if (!in.arg("principal").empty()) data["principal"] = in.arg("principal");
  if (in.it.state == CaseState::merged) return refuse_ended(in.it);
  Applied out = in.one(EventKind::words_added, data);
  if (in.it.ended()) {
    const int level = in.it.level + (in.it.state == CaseState::closed ? 1 : 0);
    out.events.push_back(in.event(EventKind::reopened, {{"reason", "The customer wrote again."},
                                                        {"level", std::to_string(level)},
                                                        {"why", "words"}}));
  }
  return out;
}

Applied join(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  return in.one(EventKind::joined, {{"post", in.arg("post")}, {"customer", in.arg("customer")}});
}

Applied raise(const Context& in) {
  if (in.it.ended()) return refuse_ended(in.it);
  const auto urgency = from_word<Urgency>(in.arg("urgency"));
  if (!urgency)
    return refuse("urgency_missing", "Say the urgency: digest, queue or page.", "urgency");
  if (*urgency <= in.it.urgency) return {};
  Applied out = in.one(EventKind::raised,
                       {{"urgency", std::string{to_word(*urgency)}}, {"reason", in.arg("reason")}});
  ask_after_all(in.it, out, in.command.who, in.now, in.policy);
  return out;
}

/// The words go, the facts stay: who, when, what was decided and done.
Applied retract(const Context& in) {
  return in.one(EventKind::retracted, {{"post", in.arg("post")}, {"first", in.arg("first")}});
}

}  // namespace

Applied apply(const Case& it, const Command& command, Instant now, const CasePolicy& policy) {
  const Context in{it, command, now, policy};
  if (command.who.empty()) return refuse("who_missing", "It must be known who does this.", "who");
  switch (command.action) {
    case Action::ack:
      return ack(in);
    case Action::undo_ack:
      return undo_ack(in);
    case Action::assign:
      return assign(in);
    case Action::take_over:
      return take_over(in);
    case Action::answer:
    case Action::answer_seen:
      return answer(in);
    case Action::feedback:
      return feedback(in);
    case Action::verify:
      return verify(it, command, now, policy);
    case Action::close:
      return close(in);
    case Action::dismiss:
      return dismiss(in);
    case Action::reopen:
      return reopen(in);
    case Action::merge:
      return merge(in);
    case Action::note:
      return note(in);
    case Action::escalate:
      return escalate(in);
    case Action::decay:
      return decay(in);
    case Action::words:
      return words(in);
    case Action::join:
      return join(in);
    case Action::raise:
      return raise(in);
    case Action::retract:
      return retract(in);
    case Action::help:
    case Action::snooze:
    case Action::hold:
    case Action::release:
    case Action::teach:
    case Action::wait:
    case Action::go_on:
      return apply_aid(it, command, now, policy);
    case Action::call_to:
    case Action::grant:
    case Action::ask_grant:
    case Action::fail:
      return apply_follow(it, command, now, policy);
    case Action::enter_storm:
    case Action::leave_storm:
      return apply_storm(it, command, now);
  }
  return refuse("unknown", "No such action.");
}

}  // namespace earshot
