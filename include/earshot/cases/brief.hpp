#pragma once

/// What a principal, or whoever acts for them, is told when somebody addresses them: one paragraph
/// that is read in ten seconds. Who, how far they reach, what happened, what is true so far, who
/// owns it, what answer is proposed. Pure.

#include <string>

#include "earshot/cases/case.hpp"

namespace earshot {

/// At 240 words a minute so many are read in ten seconds.
inline constexpr std::size_t kBriefWords = 40;

struct BriefNames {
  std::string owner;  ///< as people call them; "" where nobody has it
  std::string told;   ///< who is being told meanwhile; "" where nobody is
  std::string due;    ///< when the first answer is due, for the reader; "" where none is promised
};

/// `truth`: the newest words of the staff about the facts; `answer`: the draft of the answer. Both
/// may be "": then the paragraph says so, or proposes to say who answers until when. Never more
/// than kBriefWords words: the customer's own are cut first.
std::string brief_of(const Case& it, const BriefNames& names, const std::string& truth,
                     const std::string& answer);

}  // namespace earshot
