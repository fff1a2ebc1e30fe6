#include "earshot/cases/question.hpp"

#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "gate_rules.hpp"
#include "question_words.hpp"

namespace earshot {
namespace {

constexpr Duration kRemindSpacing = minutes{10};
constexpr std::size_t kMostWords = std::size_t{64} << 10U;
constexpr std::size_t kMostTalk = 200;
constexpr int kLongestLine = 16;  // managers who speak for the asker, one above the other

bool holds(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

/// One command while it is carried out.
struct Desk {
  const Question& before;
  const QuestionCommand& command;
  Instant now;
  const QuestionPolicy& policy;
  const Parties& parties;
  QuestionDone done{};

  QuestionDone refuse(std::string code, std::string text, std::string field = {}) {
    done.after = before;
    done.refusal = Refusal{std::move(code), std::move(text), {}, std::move(field)};
    return std::move(done);
  }
  std::string text() const { return std::string{cut_utf8(trim(command.text), kMostWords)}; }
  bool of_asker() const { return speaks_for_asker(before, command.who, parties); }
  bool owes() const { return holds(before.line, command.who); }

  /// Writes down what happened: in the question's own talk and for the ledger.
  void note(QuestionAction kind, std::string words) {
    QuestionWords entry{now, command.who, kind, std::move(words), command.via};
    if (done.after.talk.size() < kMostTalk) done.after.talk.push_back(entry);
    done.entries.push_back(std::move(entry));
    done.changed = true;
  }
  void tell(const std::string& person, QuestionLetter letter) {
    if (person.empty()) return;
    letter.person = person;
    done.letters.push_back(std::move(letter));
  }
  void tell_line(const QuestionLetter& letter) {
    for (const std::string& person : done.after.line) {
      if (person != command.who) tell(person, letter);
    }
  }
};

QuestionDone answer(Desk& desk) {
  const std::string text = desk.text();
  if (!desk.owes() && !desk.command.manager)
    return desk.refuse("not_yours", "This answer is owed by " +
                                        question_names(desk.before.line, desk.parties) +
                                        "; add your words instead.");
  if (bare(text).empty()) return desk.refuse("text_missing", "Say what the answer is.", "text");
  if (desk.before.state == QuestionState::withdrawn)
    return desk.refuse("ended", "The question was withdrawn.");
  if (desk.before.state == QuestionState::accepted)
    return desk.refuse("ended", "An answer was accepted already.");
  desk.note(QuestionAction::answer, text);
  desk.done.after.state = QuestionState::answered;
  desk.done.after.answered_at = desk.now;
  desk.tell(desk.before.from, letter_answer(desk.done.after, desk.command.who, text, desk.parties));
  for (const std::string& person : desk.before.line) {
    if (person != desk.command.who)
      desk.tell(person, letter_answered(desk.done.after, desk.command.who, text, desk.parties));
  }
  return std::move(desk.done);
}

QuestionDone add(Desk& desk) {
  const std::string text = desk.text();
  if (text.empty()) return desk.refuse("text_missing", "There are no words.", "text");
  desk.note(QuestionAction::add, text);
  const QuestionLetter letter = letter_added(desk.done.after, desk.command.who, text, desk.parties);
  const bool owed = desk.before.owed();
  if (desk.of_asker() || owed) desk.tell_line(letter);
  if (!desk.of_asker() && (!owed || desk.owes())) desk.tell(desk.before.from, letter);
  return std::move(desk.done);
}

QuestionDone seen(Desk& desk) {
  if (!desk.owes()) return desk.refuse("not_yours", "Only who owes the answer can have seen it.");
  if (!desk.before.owed()) return desk.refuse("answered", "It is answered.");
  desk.note(QuestionAction::seen, desk.text());
  desk.done.after.seen_at = desk.now;
  if (desk.command.via == "mail")
    desk.tell(desk.command.who, letter_still_owed(desk.done.after, desk.command.who, desk.parties));
  return std::move(desk.done);
}

QuestionDone remind(Desk& desk) {
  if (!desk.of_asker() && !desk.command.manager)
    return desk.refuse("not_yours", "The asker reminds.");
  if (!desk.before.owed()) return desk.refuse("answered", "No answer is owed.");
  if (desk.before.reminded_at && desk.now - *desk.before.reminded_at < kRemindSpacing)
    return desk.refuse("too_soon", "They were reminded less than ten minutes ago.");
  desk.note(QuestionAction::remind, desk.text());
  desk.done.after.reminded_at = desk.now;
  for (const std::string& person : desk.before.line)
    desk.tell(person, letter_reminder(desk.done.after, person, desk.parties));
  return std::move(desk.done);
}

QuestionDone withdraw(Desk& desk) {
  if (!desk.of_asker() && !desk.command.manager)
    return desk.refuse("not_yours", "Who asked may take it back.");
  if (desk.before.state == QuestionState::withdrawn)
    return desk.refuse("ended", "It was withdrawn already.");
  if (!desk.before.owed())
    return desk.refuse("answered", "It is answered: accept it, or ask again.");
  desk.note(QuestionAction::withdraw, desk.text());
  desk.done.after.state = QuestionState::withdrawn;
  desk.done.after.ended_at = desk.now;
  desk.tell_line(letter_withdrawn(desk.done.after, desk.command.who, desk.text(), desk.parties));
  return std::move(desk.done);
}

QuestionDone accept(Desk& desk) {
  if (!desk.of_asker()) return desk.refuse("not_yours", "Who asked accepts the answer.");
  if (desk.before.state == QuestionState::accepted)
    return desk.refuse("ended", "It was accepted already.");
  if (desk.before.state != QuestionState::answered)
    return desk.refuse("not_answered", "There is no answer to accept.");
  desk.note(QuestionAction::accept, desk.text());
  desk.done.after.state = QuestionState::accepted;
  desk.done.after.ended_at = desk.now;
  desk.tell_line(letter_accepted(desk.done.after, desk.command.who, desk.text(), desk.parties));
  return std::move(desk.done);
}

QuestionDone again(Desk& desk) {
  if (!desk.of_asker()) return desk.refuse("not_yours", "Who asked asks again.");
  if (desk.before.owed()) return desk.refuse("not_answered", "The first answer is still owed.");
  const std::string text = desk.text();
  if (text.empty()) return desk.refuse("text_missing", "Say what is still missing.", "text");
  desk.note(QuestionAction::again, text);
  Question& after = desk.done.after;
  after.state = QuestionState::open;
  after.round += 1;
  after.due = desk.now + desk.policy.due;
  after.line = {after.to};
  after.reminders = 0;
  after.reminded_at.reset(), after.climbed_at.reset(), after.seen_at.reset();
  after.answered_at.reset(), after.ended_at.reset();
  desk.tell(after.to, letter_again(after, text, desk.parties));
  return std::move(desk.done);
}

/// Late: the next of the line owes it too, and the asker is told once.
void climb(Desk& desk) {
  Question& after = desk.done.after;
  const bool first = after.state == QuestionState::open;
  after.state = QuestionState::late;
  after.climbed_at = desk.now;
  const std::string above = next_in_line(desk.before, desk.parties);
  if (!above.empty()) after.line.push_back(above);
  desk.note(QuestionAction::fall_due, above);
  for (const std::string& person : desk.before.line)
    desk.tell(person, letter_late(after, person, above, desk.parties));
  if (!above.empty()) desk.tell(above, letter_above(after, above, desk.parties));
  if (first) desk.tell(after.from, letter_asker_late(after, above, desk.parties));
}

QuestionDone fall_due(Desk& desk) {
  const auto next = next_of(desk.before, desk.policy);
  if (!desk.before.owed() || !next || *next > desk.now) return std::move(desk.done);
  if (desk.before.state == QuestionState::open && desk.now < desk.before.due) {
    desk.note(QuestionAction::remind, "");
    desk.done.after.reminders += 1;
    desk.done.after.reminded_at = desk.now;
    for (const std::string& person : desk.before.line)
      desk.tell(person, letter_reminder(desk.done.after, person, desk.parties));
    return std::move(desk.done);
  }
  climb(desk);
  return std::move(desk.done);
}

}  // namespace

bool speaks_for_asker(const Question& question, std::string_view who, const Parties& parties) {
  return !who.empty() && (question.from == who || holds(parties(question.from).hands, who));
}

std::string next_in_line(const Question& question, const Parties& parties) {
  if (question.line.empty()) return {};
  std::string above = parties(question.line.back()).manager;
  for (int step = 0; step < kLongestLine && speaks_for_asker(question, above, parties); ++step) {
    if (above == question.from) return {};  // nobody is above the asker
    above = parties(above).manager;
  }
  if (holds(question.line, above) || speaks_for_asker(question, above, parties)) return {};
  return above;
}

std::optional<Instant> next_of(const Question& it, const QuestionPolicy& policy) {
  if (it.state == QuestionState::late) return it.climbed_at.value_or(it.due) + policy.climb;
  if (it.state != QuestionState::open) return std::nullopt;
  const Instant first = it.due - policy.remind;
  const Instant begun = it.due - policy.due;
  if (policy.remind > Duration{0} && it.reminders == 0 && first > begun) return first;
  return it.due;
}

QuestionDone ask_question(Question draft, const std::string& via, Instant now,
                          const QuestionPolicy& policy, const Parties& parties) {
  draft.text = std::string{cut_utf8(trim(draft.text), kMostWords)};
  draft.item = std::string{cut_utf8(trim(draft.item), kMostWords)};
  draft.subject = std::string{cut_utf8(collapse_space(draft.subject), 300)};
  const QuestionCommand command{QuestionAction::ask, draft.from, draft.text, via, false};
  Desk desk{draft, command, now, policy, parties, {}};
  if (draft.to.empty()) return desk.refuse("to_missing", "Say who is asked.", "to");
  if (speaks_for_asker(draft, draft.to, parties))
    return desk.refuse("to_self", "Nobody asks themselves: name somebody else.", "to");
  if (draft.text.empty() && draft.item.empty())
    return desk.refuse("text_missing", "There is nothing to ask.", "text");
  if (draft.text.empty()) draft.text = "?";
  draft.state = QuestionState::open;
  draft.asked_at = now;
  draft.due = now + policy.due;
  draft.line = {draft.to};
  desk.done.after = draft;
  desk.note(QuestionAction::ask, draft.text);
  desk.tell(draft.to, letter_asked(draft, parties));
  return std::move(desk.done);
}

QuestionDone apply_question(const Question& before, const QuestionCommand& command, Instant now,
                            const QuestionPolicy& policy, const Parties& parties) {
  Desk desk{before, command, now, policy, parties, {}};
  desk.done.after = before;
  switch (command.action) {
    case QuestionAction::answer:
      return answer(desk);
    case QuestionAction::add:
      return add(desk);
    case QuestionAction::seen:
      return seen(desk);
    case QuestionAction::held:
      desk.note(QuestionAction::held, desk.text());
      return std::move(desk.done);
    case QuestionAction::remind:
      return remind(desk);
    case QuestionAction::withdraw:
      return withdraw(desk);
    case QuestionAction::accept:
      return accept(desk);
    case QuestionAction::again:
      return again(desk);
    case QuestionAction::fall_due:
      return fall_due(desk);
    case QuestionAction::ask:
      break;
  }
  return desk.refuse("action", "There is no such action.");
}

}  // namespace earshot
