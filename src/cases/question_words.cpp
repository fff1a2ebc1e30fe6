#include "question_words.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "earshot/core/utf8.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

constexpr std::size_t kShownItem = 12'000;

std::string name_of(std::string_view id, const Parties& parties) {
  const Party party = parties(id);
  return party.name.empty() ? std::string{id} : party.name;
}

/// "Tue 24 Nov 17:00", where the reader lives.
std::string when(Instant at, const std::string& zone) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string name = zone.empty() ? "UTC" : zone;
  const CivilTime local = to_civil(at, name);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::string clock = to_rfc3339(Instant{local.time_since_epoch()}).substr(11, 5);
  return fmt::format("{} {} {} {} ({})", kDays[std::chrono::weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], clock, name);
}

/// Other people's words: no control characters, each line behind the mark.
std::string lines_of(std::string_view text, std::string_view mark) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += std::string{mark} + printable(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// "Case 12, " and the subject.
std::string matter(const Question& it) {
  std::string out;
  if (it.case_number > 0) out = fmt::format("case {}", it.case_number);
  if (!it.subject.empty())
    out += (out.empty() ? "" : ", ") + fmt::format("\"{}\"", printable(it.subject));
  return out.empty() ? "an item" : out;
}

std::string about(const Question& it) {
  std::string out = fmt::format("\nAbout {}\n", matter(it));
  if (!it.item.empty()) out += lines_of(cut_utf8(it.item, kShownItem), "| ");
  return out;
}

std::string question_of(const Question& it) {
  std::string text = it.text;
  for (const QuestionWords& words : it.talk) {
    if (words.kind == QuestionAction::again) text = words.text;
  }
  return lines_of(text, "  ");
}

QuestionLetter letter(std::string headline, std::string text) {
  return {"", std::move(headline), std::move(text)};
}

std::string headline(const char* what, const std::string& who, const Question& it) {
  std::string out = fmt::format("{} {}", what, printable(who));
  if (!it.subject.empty()) out += ": " + printable(it.subject);
  return out;
}

}  // namespace

std::string question_names(const std::vector<std::string>& people, const Parties& parties) {
  std::string out;
  for (std::size_t i = 0; i < people.size(); ++i)
    out += (i == 0 ? "" : i + 1 == people.size() ? " and " : ", ") + name_of(people[i], parties);
  return out;
}

QuestionLetter letter_asked(const Question& it, const Parties& parties) {
  const std::string asker = name_of(it.from, parties);
  return letter(
      headline("Question from", asker, it),
      fmt::format("{} asks you:\n\n{}\nYou owe an answer in writing until {}. Reply to "
                  "this mail: what you write goes to {} as it stands.\n{}",
                  asker, question_of(it), when(it.due, parties(it.to).zone), asker, about(it)));
}

QuestionLetter letter_again(const Question& it, const std::string& text, const Parties& parties) {
  const std::string asker = name_of(it.from, parties);
  return letter(
      headline("Asked again by", asker, it),
      fmt::format("{} has read your answer and asks again:\n\n{}\nYou owe an answer in "
                  "writing until {}. Reply to this mail.\n{}",
                  asker, lines_of(text, "  "), when(it.due, parties(it.to).zone), about(it)));
}

QuestionLetter letter_reminder(const Question& it, const std::string& person,
                               const Parties& parties) {
  const std::string asker = name_of(it.from, parties);
  return letter(
      headline("Reminder: answer owed to", asker, it),
      fmt::format("{} asked:\n\n{}\nYour answer is {} {}. Reply to this mail.\n{}", asker,
                  question_of(it), it.state == QuestionState::late ? "late; it was due" : "due",
                  when(it.due, parties(person).zone), about(it)));
}

QuestionLetter letter_still_owed(const Question& it, const std::string& person,
                                 const Parties& parties) {
  return letter(headline("Noted; the answer is still owed to", name_of(it.from, parties), it),
                fmt::format("Your reply was read as \"seen\", not as an answer. What you write in "
                            "reply until {} goes to {}.\n",
                            when(it.due, parties(person).zone), name_of(it.from, parties)));
}

QuestionLetter letter_late(const Question& it, const std::string& person, const std::string& above,
                           const Parties& parties) {
  const std::string next =
      above.empty() ? "" : fmt::format(" {} has been told.", name_of(above, parties));
  return letter(headline("Late: answer owed to", name_of(it.from, parties), it),
                fmt::format("{} asked:\n\n{}\nThe answer was due {}.{} Reply to this mail.\n{}",
                            name_of(it.from, parties), question_of(it),
                            when(it.due, parties(person).zone), next, about(it)));
}

QuestionLetter letter_above(const Question& it, const std::string& person, const Parties& parties) {
  const std::string asker = name_of(it.from, parties);
  return letter(headline("Late answer of your line, owed to", asker, it),
                fmt::format("{} asked {}:\n\n{}\nThe answer was due {} and is not here. See that "
                            "it is given, or reply to this mail yourself: what you write goes to "
                            "{}.\n{}",
                            asker, name_of(it.to, parties), question_of(it),
                            when(it.due, parties(person).zone), asker, about(it)));
}

QuestionLetter letter_asker_late(const Question& it, const std::string& above,
                                 const Parties& parties) {
  return letter(headline("No answer yet from", name_of(it.to, parties), it),
                fmt::format("You asked:\n\n{}\nThe answer was due {}. {}\n", question_of(it),
                            when(it.due, parties(it.from).zone),
                            above.empty() ? "Nobody above could be told; reminders go on."
                                          : name_of(above, parties) + " has been told."));
}

QuestionLetter letter_answer(const Question& it, const std::string& by, const std::string& text,
                             const Parties& parties) {
  return letter(
      headline("Answer from", name_of(by, parties), it),
      fmt::format("{} answers:\n\n{}\nYou asked:\n\n{}\nReply OK to accept it. Anything "
                  "else that you write asks again.\n\nAbout {}\n",
                  name_of(by, parties), lines_of(text, "  "), question_of(it), matter(it)));
}

QuestionLetter letter_answered(const Question& it, const std::string& by, const std::string& text,
                               const Parties& parties) {
  return letter(headline("Answered by", name_of(by, parties), it),
                fmt::format("Nothing is owed now. The answer to {}:\n\n{}\nAbout {}\n",
                            name_of(it.from, parties), lines_of(text, "  "), matter(it)));
}

QuestionLetter letter_added(const Question& it, const std::string& by, const std::string& text,
                            const Parties& parties) {
  const std::string owed =
      it.owed() ? fmt::format("The answer to {} is still owed by {}.\n", name_of(it.from, parties),
                              question_names(it.line, parties))
                : "";
  return letter(headline("Words on a question from", name_of(by, parties), it),
                fmt::format("{} writes:\n\n{}\n{}About {}\n", name_of(by, parties),
                            lines_of(text, "  "), owed, matter(it)));
}

QuestionLetter letter_withdrawn(const Question& it, const std::string& by, const std::string& text,
                                const Parties& parties) {
  return letter(
      headline("Withdrawn by", name_of(by, parties), it),
      fmt::format("No answer is owed any more.\n\n{}About {}\n", lines_of(text, "  "), matter(it)));
}

QuestionLetter letter_accepted(const Question& it, const std::string& by, const std::string& text,
                               const Parties& parties) {
  return letter(
      headline("Accepted by", name_of(by, parties), it),
      fmt::format("Your answer was accepted.\n\n{}About {}\n", lines_of(text, "  "), matter(it)));
}

}  // namespace earshot
