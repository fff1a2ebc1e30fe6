#pragma once

/// Questions in the store: the records, the ledger, the timers and the letters of what
/// cases/question.hpp decides. Called inside a transaction.

#include <optional>
#include <string>

#include "earshot/cases/question.hpp"
#include "earshot/config/parties.hpp"
#include "earshot/core/post.hpp"
#include "earshot/web/backend.hpp"
#include "effects.hpp"

namespace earshot {

/// Kinds of records: of a Message-ID that leads to its question, and of how much an address writes.
inline constexpr std::string_view kQuestionMail = "question_mail";
inline constexpr std::string_view kMailRate = "mail_rate";

/// The id of a question that is not taken.
std::string fresh_question_id(StoreReader& reader, const Chance& chance);
std::optional<Question> load_question(StoreReader& reader, std::string_view id);

/// Stores what was decided: record, timer, ledger, letters. `answers`: Message-ID of the mail that
/// brought it, which the letter to its author's other side answers.
void store_question(StoreWriter& writer, const Rules& rules, Effects& effects,
                    const QuestionDone& done);

/// Whom to ask about a case, or about words: the owner, whoever is told, the lead of its team, the
/// person of the policy. "" where there is nobody besides the asker.
std::string whom_to_ask(const Rules& rules, const std::optional<Case>& it, const Post* item,
                        const std::string& asker);

/// A person's command by the API or the CLI: ask, answer, add, remind, withdraw, accept, again.
DeskAnswer change_question(StoreWriter& writer, const Rules& rules, const AckKey& key,
                           Chance chance, const DeskCommand& command);

/// The timer of a question fires.
void question_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                        const TimerRecord& timer, Instant now);

/// A mail that asks, answers or goes on with a question. True where it was taken: it is no
/// customer's mail then. Machine mail and our own never count.
bool take_question_mail(StoreWriter& writer, const Post& post, const Rules& rules,
                        Effects& effects);

}  // namespace earshot
