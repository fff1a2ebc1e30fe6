#pragma once

/// The letters that a question sends, as people read them. Pure.

#include <string>
#include <vector>

#include "earshot/cases/question.hpp"

namespace earshot {

/// "Kim Park and Ana".
std::string question_names(const std::vector<std::string>& people, const Parties& parties);

QuestionLetter letter_asked(const Question& it, const Parties& parties);
QuestionLetter letter_again(const Question& it, const std::string& text, const Parties& parties);
QuestionLetter letter_reminder(const Question& it, const std::string& person,
                               const Parties& parties);
QuestionLetter letter_still_owed(const Question& it, const std::string& person,
                                 const Parties& parties);
QuestionLetter letter_late(const Question& it, const std::string& person, const std::string& above,
                           const Parties& parties);
QuestionLetter letter_above(const Question& it, const std::string& person, const Parties& parties);
QuestionLetter letter_asker_late(const Question& it, const std::string& above,
                                 const Parties& parties);
/// To the asker, with the answer in writing.
QuestionLetter letter_answer(const Question& it, const std::string& by, const std::string& text,
                             const Parties& parties);
/// To the others who owed it.
QuestionLetter letter_answered(const Question& it, const std::string& by, const std::string& text,
                               const Parties& parties);
QuestionLetter letter_added(const Question& it, const std::string& by, const std::string& text,
                            const Parties& parties);
QuestionLetter letter_withdrawn(const Question& it, const std::string& by, const std::string& text,
                                const Parties& parties);
QuestionLetter letter_accepted(const Question& it, const std::string& by, const std::string& text,
                               const Parties& parties);

}  // namespace earshot
