#pragma once

/// What is held on a person: found over every table, handed out, erased, or kept by a legal hold.
/// Called inside a transaction.

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "earshot/store/store.hpp"
#include "earshot/text/forget.hpp"
#include "earshot/web/backend.hpp"
#include "tombstones.hpp"

namespace earshot {

inline constexpr std::string_view kHold = "hold";  ///< kind of records: id = the customer's

/// One person as the tables know them.
struct PersonFound {
  std::vector<std::string> customers;  ///< ids: their own and those of merged parts
  std::set<std::string> identities;    ///< "mail:ann@example.org", "press/mara"
  std::vector<CaseRecord> cases;
  HeldQuery query;            ///< finds all of it
  std::vector<HeldRow> rows;  ///< everything that holds something of them
  bool with_mails = false;    ///< and every mail in the outbox whose words are encoded
  Traces traces;
  bool owns(const HeldRow& post) const;  ///< a post or a version of one
  bool has_case(std::string_view id) const;
  /// The text names one of their cases or posts.
  bool is_named_in(std::string_view text) const;
  std::vector<std::string> marks;  ///< in lower case: ids of cases, "post/7" in quotes
  /// How messages about their cases, questions, letters and actions are called: "case-c1".
  std::vector<std::string> threads;
  std::set<std::string> mails;  ///< native ids of mails that asked or answered questions on them
  /// A post of no case by which somebody of ours asked about their matter, or answered.
  bool is_talk(const HeldRow& post) const;
  /// A Message-ID of ours in one of the threads.
  bool is_thread(std::string_view name) const;
};

/// A question, a letter or a corrective action: about one customer's matter.
bool is_matter(const HeldRow& record);

/// `author`: a handle, a mail address, an identity, or customer:ID. More than one where several
/// people have this name: nobody is guessed.
struct PersonSearch {
  std::optional<PersonFound> found;
  std::vector<std::string> several;  ///< customer:ID or identity of each
};
PersonSearch find_person(StoreReader& reader, const std::string& author);

/// The same in steps, each of which goes through the store at most once: others may read between.
class PersonHunt {
 public:
  explicit PersonHunt(const std::string& author);
  /// True after the last one.
  bool step(StoreReader& reader);
  PersonSearch take() { return std::move(out_); }

 private:
  void begin(StoreReader& reader);
  void read_own(StoreReader& reader);

  std::string wanted_;
  int step_ = 0;
  PersonSearch out_;
};

/// Reads the rows of somebody who was found before anew, in the transaction that changes them.
/// False where they have written meanwhile or there is more to look for: find them again.
/// `mails`: with every encoded mail, which nobody finds a name in by looking.
bool look_again(StoreReader& reader, PersonFound& person, bool mails);
/// What stands in an encoded mail.
inline constexpr std::array<const char*, 2> kEncodedMail{"transfer-encoding: base64", "=?utf-8?b?"};

/// Everything held on them as one JSON document.
std::string export_person(const PersonFound& person, const std::string& author, Instant now);

/// Why they must not be erased now: a legal hold on them or on a case, open cases (unless `open`).
std::optional<DeskAnswer> must_stay(StoreReader& reader, const PersonFound& person, bool open,
                                    Instant now);

struct Erased {
  std::uint64_t posts = 0, cases = 0, messages = 0, entries = 0, rows = 0, quarantined = 0;
};
Erased erase_person(StoreWriter& writer, const PersonFound& person, const Tombstones& stones,
                    const std::string& who, const std::string& reason, Instant now);
std::string to_json(const Erased& it, const PersonFound& person);

/// A mail as the outbox keeps it, without what `traces` finds in its headers and texts.
std::string clean_mail(const Traces& traces, std::string_view mail);

/// Names the rewritten entries of the ledger in further ones, as store/ledger.hpp says.
void name_erased(StoreWriter& writer,
                 const std::vector<std::pair<std::int64_t, std::string>>& entries,
                 const std::string& who, const std::string& reason, Instant now);

/// export, erase, hold, release: arguments author, reason, confirm (the author again), open, until.
/// `before`: who was found before the transaction, so that it goes through the store once. Refused
/// with kFindAgain where that is out of date; without it they are found here.
inline constexpr std::string_view kFindAgain = "find_again";
DeskAnswer change_person(StoreWriter& writer, const Tombstones& stones, const DeskCommand& command,
                         Instant now, PersonSearch* before = nullptr);

/// Erases again who was erased before: after a restore of an older backup. Returns how many.
std::uint64_t erase_again(StoreWriter& writer, const Tombstones& stones, Instant now);

/// A legal hold on this customer that has not ended.
bool is_held(StoreReader& reader, std::string_view customer, Instant now);

}  // namespace earshot
