#include "earshot/cases/corrective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "earshot/cases/arguments.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kKept = 200;

std::string day(Instant at) {
  return to_rfc3339(at).substr(0, 10);
}

std::string cause_name(const Corrective& it, const CauseRules& rules) {
  const RootCause* cause = rules.cause(it.cause);
  return cause == nullptr || cause->name.empty() ? it.cause : cause->name;
}

std::string department_name(const Corrective& it, const CauseRules& rules) {
  const Department* department = rules.department(it.department);
  return department == nullptr || department->name.empty() ? it.department : department->name;
}

std::string head_of(const Corrective& it, const CauseRules& rules) {
  const Department* department = rules.department(it.department);
  return department == nullptr ? "" : department->head;
}

bool holds(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

/// What is being made of one action: its words, the ledger's, the letters.
struct Making {
  CorrectiveDone out;
  Instant now;
  const CauseRules& rules;

  void note(CorrectiveDeed kind, const std::string& who, std::string text,
            std::string case_id = {}) {
    CorrectiveWords words{now, who, kind, std::move(text), std::move(case_id)};
    out.entries.push_back(words);
    auto& talk = out.after.talk;
    talk.push_back(std::move(words));
    if (talk.size() > kKept) talk.erase(talk.begin());
    out.changed = true;
  }
  void letter(const std::string& person, const std::string& headline, const std::string& text) {
    const bool twice = std::ranges::any_of(
        out.letters, [&](const QuestionLetter& it) { return it.person == person; });
    if (!person.empty() && !twice) out.letters.push_back({person, headline, text});
  }
  void owe(Instant due) {
    out.after.state = CorrectiveState::open;
    out.after.due = due;
    out.after.reminded_at.reset();
    out.after.climbed_at.reset();
    out.after.ended_at.reset();
    out.after.answer.clear();
    out.after.line = {out.after.owner};
  }
};

Instant due_of(const Case& it, Instant now, const CauseRules& rules) {
  const Instant usual = now + rules.due;
  if (!it.feedback || !it.feedback->change_due || *it.feedback->change_due <= now) return usual;
  return std::min(usual, *it.feedback->change_due);
}

void add_case(Corrective& action, const Case& it) {
  ++action.counted;
  action.cases.push_back(it.id);
  if (action.cases.size() > kKept) action.cases.erase(action.cases.begin());
  if (it.feedback->change_wanted)
    action.wanted.push_back({it.id, it.number, it.feedback->by, it.feedback->change});
}

std::string why(const Case& it) {
  return fmt::format("Case {}: {}", it.number, it.feedback->done);
}

void open_new(Making& making, const Case& it, const std::string& id, const Parties& parties) {
  Corrective& action = making.out.after;
  action = {};
  action.id = id;
  action.cause = it.feedback->cause;
  action.department = it.feedback->department;
  const std::string& named = it.feedback->change_owner;
  action.owner =
      !named.empty() && !parties(named).name.empty() ? named : head_of(action, making.rules);
  action.opened_at = making.now;
  making.owe(due_of(it, making.now, making.rules));
  add_case(action, it);
  making.note(CorrectiveDeed::opened, it.feedback->by, why(it), it.id);
  making.letter(
      action.owner,
      fmt::format("{} owes a corrective action: {}", department_name(action, making.rules),
                  cause_name(action, making.rules)),
      fmt::format(
          "{}\nUntil {} it is for you to say what is done so that it does not "
          "happen again, or why nothing will change.{}",
          why(it), day(action.due),
          it.feedback->change_wanted ? "\nThe product should change: " + it.feedback->change : ""));
}

void recur(Making& making, const Case& it) {
  Corrective& action = making.out.after;
  const std::string said = action.answer;
  const auto days =
      std::chrono::duration_cast<hours>(making.now - action.ended_at.value_or(making.now)).count() /
      24;
  ++action.recurrences;
  making.owe(due_of(it, making.now, making.rules));
  add_case(action, it);
  making.note(CorrectiveDeed::recurred, it.feedback->by, why(it), it.id);
  const std::string headline = fmt::format("It came back: {}", cause_name(action, making.rules));
  const std::string text = fmt::format(
      "{}\nIt was said to be done {} days ago: \"{}\". The action is open again, due {}.", why(it),
      days, said, day(action.due));
  making.letter(action.owner, headline, text);
  making.letter(head_of(action, making.rules), headline, text);
}

Making refused(const Corrective& before, Instant now, const CauseRules& rules, std::string code,
               std::string text, std::string field = {}) {
  Making out{{before, {}, false, {}, {}}, now, rules};
  out.out.refusal = Refusal{std::move(code), std::move(text), {}, std::move(field)};
  return out;
}

/// Those whose feedback wanted the product changed hear what became of it; they tell the customers.
void tell_wanting(Making& making) {
  Corrective& action = making.out.after;
  std::map<std::string, std::string> lists;
  for (const ChangeWanted& it : action.wanted) {
    lists[it.by] += fmt::format("\nCase {}: {}", it.case_number, it.text);
    making.out.entries.push_back(
        {making.now, action.owner, CorrectiveDeed::noted,
         fmt::format("{} answers: {}", department_name(action, making.rules), action.answer),
         it.case_id});
  }
  for (const auto& [person, list] : lists)
    making.letter(
        person, fmt::format("{} answers: {}", department_name(action, making.rules), action.answer),
        "You wanted this changed:" + list +
            "\nTell these customers where they want to hear of it (earshot draft write CASE, also "
            "in a case that is closed); nothing is sent to them by itself.");
  action.wanted.clear();
}

Making finish(const Corrective& before, const CorrectiveCommand& command, Instant now,
              const CauseRules& rules) {
  const bool done = command.what == "done";
  if (!before.owed()) return refused(before, now, rules, "ended", "It is not owed any more.");
  const std::string text = argument(command.args, "text");
  if (text.empty())
    return refused(
        before, now, rules, "text_missing",
        done ? "Say what was done, such as \"fixed in 4.2\"." : "Say why nothing will change.",
        "text");
  Making making{{before, {}, false, {}, {}}, now, rules};
  making.out.after.state = done ? CorrectiveState::done : CorrectiveState::declined;
  making.out.after.ended_at = now;
  making.out.after.answer = text;
  making.note(done ? CorrectiveDeed::done : CorrectiveDeed::declined, command.who, text);
  if (command.who != head_of(before, rules))
    making.letter(
        head_of(before, rules),
        fmt::format("{}: {}", done ? "Done" : "Will not change", cause_name(before, rules)),
        fmt::format("{} says: {}", command.who, text));
  tell_wanting(making);
  return making;
}

Making postpone(const Corrective& before, const CorrectiveCommand& command, Instant now,
                const CauseRules& rules) {
  if (!before.owed()) return refused(before, now, rules, "ended", "It is not owed any more.");
  if (command.who != head_of(before, rules) && !command.manager)
    return refused(before, now, rules, "not_yours",
                   "Only the head of the department postpones it.");
  const auto until = parse_rfc3339(argument(command.args, "until"));
  if (!until || *until <= now)
    return refused(before, now, rules, "until_wrong",
                   "Say until when, such as 2026-12-01T12:00:00Z.", "until");
  const std::string text = argument(command.args, "text");
  if (text.empty()) return refused(before, now, rules, "text_missing", "Say why it waits.", "text");
  Making making{{before, {}, false, {}, {}}, now, rules};
  making.owe(*until);
  making.note(CorrectiveDeed::postponed, command.who,
              fmt::format("Until {}: {}", day(*until), text));
  return making;
}

Making give(const Corrective& before, const CorrectiveCommand& command, Instant now,
            const CauseRules& rules, const Parties& parties) {
  if (!before.owed()) return refused(before, now, rules, "ended", "It is not owed any more.");
  const std::string person = argument(command.args, "person");
  if (person.empty() || parties(person).name.empty())
    return refused(before, now, rules, "no_person", "Nobody has this id.", "person");
  Making making{{before, {}, false, {}, {}}, now, rules};
  if (person == before.owner) return making;
  making.out.after.owner = person;
  if (!holds(making.out.after.line, person))
    making.out.after.line.insert(making.out.after.line.begin(), person);
  std::erase(making.out.after.line, before.owner);
  making.note(CorrectiveDeed::given, command.who,
              fmt::format("To {}. {}", person, argument(command.args, "text")));
  making.letter(person, fmt::format("A corrective action is yours: {}", cause_name(before, rules)),
                fmt::format("{} gave it to you. It is due {}. {}", command.who, day(before.due),
                            argument(command.args, "text")));
  return making;
}

/// Who hears of a late action next: the head first, then up the head's line.
std::string next_up(const Corrective& it, const CauseRules& rules, const Parties& parties) {
  std::string next = head_of(it, rules);
  for (int hops = 0; hops < 16 && !next.empty() && holds(it.line, next); ++hops)
    next = parties(next).manager;
  return holds(it.line, next) ? "" : next;
}

}  // namespace

CorrectiveDone cause_named(const std::optional<Corrective>& before, const Case& it,
                           const std::string& id, Instant now, const CauseRules& rules,
                           const Parties& parties) {
  Making making{{before.value_or(Corrective{}), {}, false, {}, {}}, now, rules};
  if (!it.feedback || rules.department(it.feedback->department) == nullptr)
    return std::move(making.out);
  const bool fresh =
      !before || (!before->owed() && now - before->ended_at.value_or(now) > rules.recurrence);
  if (fresh) {
    open_new(making, it, id, parties);
  } else if (!before->owed()) {
    recur(making, it);
  } else if (!holds(before->cases, it.id)) {
    add_case(making.out.after, it);
    making.note(CorrectiveDeed::added, it.feedback->by, why(it), it.id);
  }
  return std::move(making.out);
}

CorrectiveDone apply_corrective(const Corrective& before, const CorrectiveCommand& command,
                                Instant now, const CauseRules& rules, const Parties& parties) {
  const bool theirs =
      command.manager || holds(before.line, command.who) || command.who == head_of(before, rules);
  if (command.what != "note" && !theirs)
    return refused(before, now, rules, "not_yours",
                   fmt::format("{} owes it; add a note instead.", before.owner))
        .out;
  if (command.what == "done" || command.what == "decline")
    return finish(before, command, now, rules).out;
  if (command.what == "postpone") return postpone(before, command, now, rules).out;
  if (command.what == "give") return give(before, command, now, rules, parties).out;
  if (command.what != "note")
    return refused(before, now, rules, "no_action", "done, decline, postpone, give or note.").out;
  if (argument(command.args, "text").empty())
    return refused(before, now, rules, "text_missing", "The note is empty.", "text").out;
  Making making{{before, {}, false, {}, {}}, now, rules};
  making.note(CorrectiveDeed::noted, command.who, argument(command.args, "text"));
  return std::move(making.out);
}

CorrectiveDone corrective_due(const Corrective& before, Instant now, const CauseRules& rules,
                              const Parties& parties) {
  Making making{{before, {}, false, {}, {}}, now, rules};
  const auto next = next_of(before, rules);
  if (!next || *next > now) return std::move(making.out);
  Corrective& action = making.out.after;
  const std::string what =
      fmt::format("{}: {}", department_name(before, rules), cause_name(before, rules));
  if (now < before.due) {
    action.reminded_at = now;
    making.note(CorrectiveDeed::reminded, "tick", fmt::format("Due {}.", day(before.due)));
    making.letter(before.owner, "Reminder: a corrective action is due, " + what,
                  fmt::format("It is due {}.", day(before.due)));
    return std::move(making.out);
  }
  const bool first = before.state == CorrectiveState::open;
  const std::string up = next_up(before, rules, parties);
  action.state = CorrectiveState::late;
  action.climbed_at = now;
  if (!up.empty()) action.line.push_back(up);
  making.note(first ? CorrectiveDeed::late : CorrectiveDeed::climbed, "tick",
              up.empty() ? "Nobody is above." : fmt::format("{} owes it, too.", up));
  const std::string text = fmt::format("It was due {}. Owed by {}.", day(before.due), before.owner);
  making.letter(up, "Late corrective action of your department, " + what, text);
  making.letter(before.owner, "Late: a corrective action, " + what, text);
  return std::move(making.out);
}

std::optional<Instant> next_of(const Corrective& action, const CauseRules& rules) {
  if (!action.owed()) return std::nullopt;
  if (action.state == CorrectiveState::late)
    return action.climbed_at.value_or(action.due) + rules.climb;
  if (!action.reminded_at && rules.remind > Duration{0} &&
      action.due - rules.remind > action.opened_at)
    return action.due - rules.remind;
  return action.due;
}

std::vector<CauseTrend> cause_trend(const std::vector<CauseNamed>& named, Instant from, Instant to,
                                    Duration step) {
  if (step <= Duration{0} || to <= from) return {};
  const auto count = static_cast<std::size_t>((to - from + step - Duration{1}) / step);
  std::map<std::pair<std::string, std::string>, CauseTrend> rows;
  for (const CauseNamed& it : named) {
    if (it.at < from || it.at >= to) continue;
    CauseTrend& row = rows[{it.cause, it.department}];
    row.cause = it.cause;
    row.department = it.department;
    row.buckets.resize(count);
    ++row.total;
    ++row.buckets[static_cast<std::size_t>((it.at - from) / step)];
  }
  std::vector<CauseTrend> out;
  out.reserve(rows.size());
  for (auto& [key, row] : rows) out.push_back(std::move(row));
  std::ranges::stable_sort(out, std::ranges::greater{}, &CauseTrend::total);
  return out;
}

}  // namespace earshot
