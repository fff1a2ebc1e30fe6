#pragma once

/// What a person's written reply to a page means. Only a clear word takes a case: whoever is on
/// holiday and says so must not stop the pages. Pure.

#include <string>
#include <string_view>

#include "earshot/core/words.hpp"

namespace earshot {

/// take: "ack", "mine", "bin dran", or nothing but the send button. not_worth: "false alarm".
/// question: the first line asks. note: anything else.
EARSHOT_ENUM(ReplyKind, take, not_worth, question, note);

struct Reply {
  ReplyKind kind = ReplyKind::note;
  std::string rest;  ///< what stands there besides the word
};

/// `text`: the new words alone, without quotes and signature.
Reply read_reply(std::string_view text);

/// "Re: Page: … [#12-1a2b3c4d]" -> number 12, tag "1a2b3c4d"; number 0 where there is none.
struct SubjectTag {
  std::int64_t number = 0;
  std::string tag;
};
SubjectTag subject_tag(std::string_view subject);

}  // namespace earshot
