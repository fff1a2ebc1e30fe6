#pragma once

/// Message: what is told, one value for every receiver; each renders it inside its own limits
/// (receivers/payload). It is rendered once, when it is committed to the outbox, so that every
/// attempt sends the same bytes. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

/// page wants an acknowledgement; notice tells a receiver of new cases; update follows a page
/// (taken, escalated, closed); self is about Earshot itself (a dead receiver, a blind source); test
/// is `earshot send-test`.
EARSHOT_ENUM(MessageKind, page, notice, update, self, test);

struct MessageCase {
  std::string id;
  std::int64_t number = 0;
  std::string state;
  std::string urgency;
  std::string severity;
  std::string customer;  ///< name and handle, as people read it
  std::optional<std::uint64_t> reach{};
  std::string source;
  bool is_public = true;
  std::string title;
  std::string excerpt;  ///< the customer's words: data, escaped by each receiver
  std::string language;
  std::string url;  ///< of the post
  std::string principal;
  std::string product;
  std::string team;
  std::string owner;
  std::vector<std::string> cues;
  std::vector<std::string> reasons;
  Instant posted_at{};
  std::optional<Instant> answer_due{};
};

struct MessageRunbook {
  std::string cue;
  std::string text;
  std::string url;
};

struct Message {
  MessageKind kind = MessageKind::notice;
  std::string headline;  ///< one line: "Page: Mara Velez writes to ceo"
  std::string text;      ///< updates, self-alerts and tests say it here; else ""
  std::string change;    ///< of an update: taken escalated answered closed; else ""
  std::string doer;      ///< person id: who took, answered or closed it; "" = nobody
  std::vector<MessageCase>
      cases;  ///< one for a page; several where a notice was grouped; none for self and test
  std::map<std::string, std::string> labels;  ///< group labels of a notice
  std::string person;                         ///< who is paged; "" for a receiver that is nobody's
  int step = 0;                               ///< escalation step and round of a page
  int round = 0;
  std::string ack_url;    ///< signed link; "" where there is none
  std::string ack_code;   ///< four digits that prove one has read the message; "" where none
  std::string label_url;  ///< signed link "not worth waking me"
  std::string reply_tag;  ///< "#12-1a2b3c4d": lets a mail's answer find its case
  std::string reply_to;   ///< mail: where answers go; "" = to the sender
  std::string thread;     ///< mail: our own root of the thread, without domain; "" = the case's
  std::string answers;    ///< mail: Message-ID of somebody's mail that this one answers; "" = none
  std::vector<MessageRunbook> runbooks;
  std::vector<std::string>
      cue_words;         ///< the cues in the reader's language where the post's is not
  std::string case_url;  ///< page of the case; "" where the web address is unknown
  std::string next;      ///< "If nobody takes it, kim is told at 17:36 UTC."
  std::int64_t sequence =
      0;  ///< version of the case: a late older message can be told from a newer one
  Instant at{};
  std::string said_text;  ///< by the receiver's own template: stands for all but headline and links
  std::string said_html;  ///< the same as HTML, escaped already
};

}  // namespace earshot
