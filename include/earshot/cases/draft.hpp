#pragma once

/// Draft: a reply to a customer in three parts - what is true, who owns it, what will change -
/// written by people, approved by one who did not write it, and only then sent. Pure: every door
/// comes through apply_draft, and check_draft says what is wrong with the words.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/cases/machine.hpp"

namespace earshot {

/// The kind of its records (one a case, its id is the case's) and of its timers.
inline constexpr std::string_view kDraft = "draft";

EARSHOT_ENUM(DraftState, writing, asked, approved, refused, sent);
/// Of what was sent. uncertain: it may have arrived, and nobody can look.
EARSHOT_ENUM(DraftDelivery, none, queued, delivered, uncertain, failed);
EARSHOT_ENUM(DraftAction, write, ask, approve, refuse, send);

struct DraftParts {
  std::string truth;   ///< what happened, ours to admit
  std::string owner;   ///< a name, and what happens now
  std::string change;  ///< the fix, and the day
  friend bool operator==(const DraftParts&, const DraftParts&) = default;
};

/// Where a reply to this case appears.
struct DraftPlace {
  std::string channel;  ///< mastodon, bluesky, email; else the word of the case's channel
  std::string as;       ///< account or address; "" where nothing is sent
  bool sends = false;   ///< a way is configured; else people copy the text
  bool is_public = true;
  int limit = 0;        ///< characters; 0 = none
  std::string mention;  ///< stands in front of the words: "@ann@social.example"; "" = none
};

/// What the words are judged by.
struct DraftBasis {
  DraftPlace place;
  std::vector<std::string> names;      ///< of our people: one of them must own it
  std::vector<std::string> addresses;  ///< the company's own: no personal data
  std::vector<std::string> granted;    ///< amounts that were granted to this customer
  std::string owner;                   ///< id: whose authority counts
};

EARSHOT_ENUM(LintLevel, bad, warn);
/// `bad` keeps a draft from being approved and sent; `warn` is for the eyes of whoever approves.
struct LintFinding {
  LintLevel level = LintLevel::warn;
  std::string code;
  std::string part;      ///< truth, owner, change; "" = the whole
  std::size_t from = 0;  ///< UTF-16 offsets within the part
  std::size_t to = 0;
  std::string text;
};
std::vector<LintFinding> check_draft(const DraftParts& parts, const DraftBasis& basis,
                                     const CasePolicy& policy);

/// The words as they appear.
std::string reply_text(const DraftParts& parts, const DraftPlace& place);
/// As a platform counts: code points, a link as 25.
std::size_t reply_length(std::string_view text);

struct Draft {
  std::string case_id;
  int version = 0;  ///< one more with every change of the words
  DraftParts parts;
  std::vector<std::string> writers;  ///< all who had a hand in these words
  std::string by;                    ///< the last of them
  Instant saved_at{};
  DraftState state = DraftState::writing;
  std::string asked;     ///< who was asked to approve
  std::string approver;  ///< who approved or refused
  std::string remark;
  std::string text;  ///< what was sent
  std::string sent_by;
  std::optional<Instant> sent_at{};
  int attempt = 0;  ///< how often a person sent it
  DraftDelivery delivery = DraftDelivery::none;
  std::string detail;  ///< why it did not arrive
  std::string link;    ///< where it stands

  bool under_way() const { return delivery == DraftDelivery::queued; }
};

struct DraftCommand {
  DraftAction action = DraftAction::write;
  std::string who;
  DraftParts parts{};  ///< write
  int version = 0;     ///< the draft that the person saw; 0 = any
  std::string person;  ///< ask: whom; "" = `usual_approver`
  std::string remark;  ///< refuse
  bool manager = false;
};
struct DraftRules {
  DraftBasis basis;
  std::vector<std::string> people;     ///< ids of all people
  std::vector<std::string> approvers;  ///< who may approve; empty: any of `people`
  std::string usual_approver;
};
struct DraftLetter {
  std::string person;
  std::string headline;
  std::string text;
};
struct DraftDone {
  Draft after{};
  bool changed = false;
  std::string entry{};  ///< word for the ledger: "draft_ask"; "" = none
  std::vector<DraftLetter> letters{};
  std::optional<Refusal> refusal{};
};
DraftDone apply_draft(const std::optional<Draft>& before, const DraftCommand& command,
                      const Case& about, const DraftRules& rules, Instant now,
                      const CasePolicy& policy);
/// What the outbox brought.
DraftDone draft_arrived(Draft it, std::string link);
DraftDone draft_lost(Draft it, DraftDelivery how, std::string why, const Case& about);

/// The sentence of a ledger entry of the kinds draft_*; "" for others.
std::string draft_sentence(std::string_view kind, std::string_view who, std::string_view data);

std::string to_json(const Draft& it);
Result<Draft> draft_from_json(std::string_view json);

}  // namespace earshot
