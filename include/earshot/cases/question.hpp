#pragma once

/// Question: an executive asks a named manager about an item; the manager owes an answer in
/// writing. It falls due, is reminded of, climbs the manager's line when it is late, and ends when
/// the asker accepts the answer or takes the question back. Pure: every door (mail, API, CLI, tick)
/// comes through apply_question.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

/// The kind of its records and of its timers.
inline constexpr std::string_view kQuestion = "question";

/// `questions:` of the configuration.
struct QuestionPolicy {
  std::vector<std::string> addresses;  ///< mail to these asks; lower case. Empty: none does
  std::string source;                  ///< an imap source all of whose mail asks; "" = none
  bool plus = true;                    ///< answers may go to ask+TAG@…, which the server delivers
  std::vector<std::string> askers;     ///< ids of people and principals; empty: all of them
  std::string to;                      ///< person who is asked where nobody else can be found
  Duration due = hours{24};
  Duration remind = hours{4};  ///< before it is due; 0 = never
  Duration climb = hours{8};   ///< late: so long until the next manager of the line hears of it
  int most_per_hour = 20;      ///< mails of one address that may move questions: stops loops
};

/// open and late want an answer; answered waits for the asker's word; the others are ends.
EARSHOT_ENUM(QuestionState, open, late, answered, accepted, withdrawn);

/// answer counts from those who owe it. add: further words of anybody. seen: "on it", no answer.
/// held: words kept without telling anybody (a loop, too many mails, an unknown address).
EARSHOT_ENUM(QuestionAction, ask, answer, add, seen, held, remind, withdraw, accept, again,
             fall_due);

struct QuestionWords {
  Instant at{};
  std::string who;
  QuestionAction kind = QuestionAction::ask;
  std::string text;
  std::string via;  ///< "mail", "api", "tick"
};

struct Question {
  std::string id;  ///< "q1a2b3c4d"
  std::string case_id;
  std::int64_t case_number = 0;
  std::string from;       ///< who asks: id of a person or a principal
  std::string from_mail;  ///< the address they wrote from; "" = their own
  std::string to;         ///< who is asked: id of a person
  std::string subject;
  std::string text;  ///< what is asked: "?" or more
  std::string item;  ///< what it is about: the forwarded words
  QuestionState state = QuestionState::open;
  Instant asked_at{};
  Instant due{};
  std::vector<std::string> line;  ///< who owe it: `to` first, then those it climbed to
  int reminders = 0;              ///< of this round
  std::optional<Instant> reminded_at{}, climbed_at{}, seen_at{}, answered_at{}, ended_at{};
  int round = 1;  ///< asked again: 2, 3, …
  std::vector<QuestionWords> talk;
  std::string asked_by_mail;  ///< Message-ID of the asker's mail; "" where they asked elsewhere

  bool owed() const { return state == QuestionState::open || state == QuestionState::late; }
};

/// What the rules need to know of somebody.
struct Party {
  std::string id;
  std::string name;
  std::string zone;                ///< IANA; "" = UTC
  std::string manager;             ///< id, or ""
  std::vector<std::string> hands;  ///< of a principal: delegate and aide, who may speak for them
};
using Parties = std::function<Party(std::string_view id)>;

struct QuestionCommand {
  QuestionAction action = QuestionAction::add;
  std::string who;
  std::string text{};
  std::string via = "api";
  bool manager = false;  ///< may remind and withdraw for others, and write an answer down for them
};

/// One letter to one person.
struct QuestionLetter {
  std::string person;
  std::string headline;
  std::string text;
};

struct QuestionDone {
  Question after;
  std::optional<Refusal> refusal{};
  bool changed = false;
  std::vector<QuestionLetter> letters;
  std::vector<QuestionWords> entries;  ///< what the ledger keeps
};

/// A new question; `draft` holds id, case, from, to, subject, text and item.
QuestionDone ask_question(Question draft, const std::string& via, Instant now,
                          const QuestionPolicy& policy, const Parties& parties);
QuestionDone apply_question(const Question& before, const QuestionCommand& command, Instant now,
                            const QuestionPolicy& policy, const Parties& parties);
/// When the tick shall look again; nullopt where nothing falls due.
std::optional<Instant> next_of(const Question& it, const QuestionPolicy& policy);
/// To whom it climbs next; "" where nobody is above.
std::string next_in_line(const Question& question, const Parties& parties);
/// May this person speak for the asker?
bool speaks_for_asker(const Question& question, std::string_view who, const Parties& parties);

/// "M. Lind asked Kim: …", for stories; "" where the kind is none of a question's.
std::string question_sentence(std::string_view ledger_kind, std::string_view who,
                              std::string_view data);

std::string to_json(const Question& it);
Result<Question> question_from_json(std::string_view json);

/// What an asker's reply means. again: their words ask further, as anything does that is no plain
/// thanks; `names`: of people, who may be thanked by name.
EARSHOT_ENUM(AskerReply, accept, withdraw, again);
AskerReply read_asker(std::string_view text, const std::vector<std::string>& names = {});
/// "Automatic reply: …", "Abwesenheit: …": a machine's, although no field says so.
bool is_absence_subject(std::string_view subject);
/// "On it", "ok", "got it" and nothing else: read, not answered.
bool only_seen(std::string_view text);

}  // namespace earshot
