#pragma once

/// The store's contract: everything Earshot remembers. One transaction function at a time runs
/// against a Writer; what it wrote is durable when `write` returns, all of it or none (P1, P4).
/// SQLite is the embedded default; one suite tests any backend (tests/contract/store_contract.hpp).

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/post.hpp"
#include "earshot/core/words.hpp"
#include "earshot/runtime/poison.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/text/near.hpp"

namespace earshot {

/// The store failed: disk full, file gone, I/O error, corruption. Nothing is half-written; the
/// daemon stops (75).
struct StoreError : std::runtime_error {
  explicit StoreError(const std::string& text, bool disk_full = false)
      : std::runtime_error(text), full(disk_full) {}
  bool full = false;  ///< No room on the disk: the same write may succeed later (P18).
};

/// What a store that is only looked at could not give (open_to_look): no reason to end.
struct StoreUnreadable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Thrown by put_case and put_record: somebody was faster.
struct StoreConflict : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct SourceState {
  std::string name{};
  std::string state{};  ///< Batch::next
  std::optional<Instant> last_success{};
  std::optional<Instant> last_try{};
  int failures = 0;          ///< in a row
  std::string error{};       ///< last error's text; "" in health
  std::string blind_case{};  ///< the incident that owns its blindness; "" where it can be read
  std::uint64_t items = 0;   ///< posts stored in all
};

/// A post as stored. `seq` is ours: time-ordered, dense enough to page by.
struct StoredPost {
  std::int64_t seq = 0;
  Post post;
  Instant seen_at{};
  int version = 1;           ///< edits make versions
  std::string case_id{};     ///< "" where it belongs to none
  std::string assessment{};  ///< JSON; "" where it was not assessed (baseline)
};

struct NewPost {
  const Post* post = nullptr;  ///< outlives the call
  std::uint64_t copy_hash = 0;
  std::string_view case_id;
  std::string_view assessment;
  const MinHash* signature =
      nullptr;  ///< only for posts of a case: feeds the near-copy window after a restart
};

struct Quarantined {
  std::int64_t id = 0;
  std::string source{};
  std::string native_id{};
  std::string raw{};
  std::string reason{};
  Instant at{};
  int tries = 1;
};

/// A case as the store sees it: what is looked up by, and the whole as JSON. cases/ owns the
/// meaning.
struct CaseRecord {
  std::string id{};
  std::int64_t number = 0;   ///< for people; given by the store at the first put (0 = new)
  std::int64_t version = 0;  ///< 0 = new; put() adds one
  std::string state{};
  std::string urgency{};
  std::string team{};
  std::string owner{};
  std::string customer{};
  std::string conversation{};  ///< key; "" where there is none
  std::string principal{};
  std::string source{};
  std::optional<Instant> due{};  ///< nearest clock
  Instant opened_at{};
  Instant updated_at{};
  bool ended = false;   ///< closed, dismissed or merged
  std::string words{};  ///< folded words for searching
  std::string body{};   ///< the whole case, JSON
};

/// What somebody may not see: cases of these teams, unless they own them or were told of them.
struct CaseScope {
  std::vector<std::string> hidden_teams{};  ///< empty: everything is seen
  std::string person{};
};

struct CaseQuery {
  CaseScope scope{};
  std::vector<std::string> states{};  ///< empty: all that have not ended
  std::string team{}, owner{}, urgency{}, principal{}, source{}, customer{};
  std::string storm{};  ///< its id: cases that are or were in it
  bool unowned = false;
  bool late = false;    ///< due < now
  bool counted = true;  ///< `total` is wanted: every case that fits is visited
  Instant now{};
  std::string words{};     ///< each must occur (folded)
  std::string after{};     ///< cursor of the last page
  std::size_t limit = 60;  ///< 1..500
};
struct CasePage {
  std::vector<CaseRecord> items;  ///< unowned first, then by urgency, then by due
  std::string next;               ///< "" at the end
  std::uint64_t total = 0;        ///< 0 where it was not to be counted
};

struct CustomerRecord {
  std::string id{};
  std::vector<std::string>
      identities;  ///< "mastodon:https://…/@mara", "mail:ann@example.org"; never display names
  std::string name{};
  std::uint64_t contacts = 0;
  std::string body{};  ///< JSON
};

/// An entry of the hash-chained ledger. hash = SHA-256 over (prev, n, at, who, kind, case_id, and
/// a salted commitment of data), so that data can be erased and the chain still holds: see
/// store/ledger.hpp.
struct LedgerEntry {
  std::int64_t n = 0;
  Instant at{};
  std::string who{};
  std::string kind{};
  std::string case_id{};
  std::string data{};  ///< JSON
  std::string hash{};  ///< hex
  std::string seal{};  ///< bytes: the salt (16), or the commitment (32) where data was erased
};
struct LedgerQuery {
  std::int64_t after = 0;  ///< n > after
  std::int64_t upto = 0;   ///< n <= upto; 0 = to the end
  std::string case_id{};
  std::string who{}, kind{};
  std::optional<Instant> from{}, to{};
  std::size_t limit = 500;
};

struct TimerRecord {
  std::string id{};  ///< unique: "<case>/<kind>/…", so that arming twice is arming once
  std::string case_id{};
  std::string kind{};
  Instant due{};
  std::string data{};  ///< JSON
};

/// States of RELIABILITY 2.1.
EARSHOT_ENUM(OutboxState, pending, started, ok, uncertain, dead, cancelled);
/// Lanes: pages overtake everything.
EARSHOT_ENUM(Lane, page, notice);

struct OutboxRow {
  std::int64_t id = 0;  ///< given by the store
  std::string
      key{};  ///< unique (kind, case, step, person, channel, round): a second add is ignored
  std::string case_id{};
  Lane lane = Lane::notice;
  std::string receiver{};
  std::string person{};  ///< "" for a receiver that is nobody's
  std::string target{};  ///< address where the receiver serves many (a mail address); else ""
  int step = 0;
  std::string body{};  ///< what is said, JSON; rendered once, so every attempt sends the same bytes
  std::string message_id{};  ///< idempotency key: webhook-id, Message-ID, dedup_key
  OutboxState state = OutboxState::pending;
  int attempts = 0;
  Instant created_at{};
  Instant not_before{};
  std::optional<Instant> give_up_at{};
  std::optional<Instant> started_at{};
  std::optional<Instant> ended_at{};
  int possible_repeats = 0;  ///< attempts whose outcome is unknown
  std::string result{};      ///< provider's id, or the last error
  // Not stored; the outbox fills them in for one attempt.
  std::string
      thread{};  ///< of an update: the provider's id of our first message; "" = there is none
  std::string moved_to{};  ///< the address that the service told us of
};

struct TokenRecord {
  std::string id{};
  std::string
      hash{};  ///< SHA-256 of the token, hex: the token itself is shown once and never stored
  std::string role{};  ///< viewer responder manager admin auditor service
  std::string person{};
  std::string label{};
  Instant created_at{};
  std::optional<Instant> expires_at{}, last_used{}, revoked_at{};
};

/// Anything else with a life of its own: an override, a silence, a storm, a question, a letter. The
/// room that owns the kind owns the meaning of state and body; the store keeps it and finds it.
struct Record {
  std::string kind{};        ///< "override", "silence", …: one word of the code
  std::string id{};          ///< unique within the kind
  std::int64_t version = 0;  ///< 0 = new; put_record() adds one
  std::string parent{};      ///< what it belongs to: a case, a schedule, a principal; "" nothing
  std::string owner{};       ///< person id; "" nobody's
  std::string state{};       ///< a word of its kind
  std::optional<Instant> due{};
  Instant created_at{};
  Instant updated_at{};
  std::string body{};  ///< the whole, JSON
};
struct RecordQuery {
  std::string kind{};  ///< needed; the others narrow, empty ones do not
  std::string parent{}, owner{};
  std::vector<std::string> states{};
  std::optional<Instant> due_before{};                  ///< due < this
  std::optional<Instant> created_from{}, created_to{};  ///< [from, to)
  std::string after{};                                  ///< id of the last one seen
  std::size_t limit = 500;                              ///< 1..10000
};

/// Where something on a person may stand: rows whose texts hold one of the needles (ASCII letters
/// in either case), rows of these cases, and these posts.
struct HeldQuery {
  std::vector<std::string> needles{};  ///< in lower case
  std::vector<std::string> cases{};    ///< ids
};
/// A row of any table with the texts it holds, by column; what of it can be erased.
struct HeldRow {
  std::string table{};    ///< post post_version quarantine cases customer identity ledger timer
                          ///< outbox record answer source
  std::string key{};      ///< of the row within its table
  std::string case_id{};  ///< "" where it is of none
  std::string state{};    ///< outbox: state; record: kind; ledger: kind
  std::vector<std::pair<std::string, std::string>> texts{};
  std::string& text(std::string_view column);  ///< adds the column where it is not there
  std::string text_or(std::string_view column) const;
};

class StoreReader {
 public:
  virtual ~StoreReader() = default;
  /// Reads every table: for exports and erasures, not for every day. Rows in the order of tables
  /// and keys.
  virtual std::vector<HeldRow> held(const HeldQuery& query) = 0;
  /// Cases opened before this, the oldest first, after this number.
  virtual std::vector<CaseRecord> cases_opened(Instant before, std::int64_t after_number,
                                               std::size_t limit) = 0;
  virtual std::optional<SourceState> source(std::string_view name) = 0;
  virtual std::vector<SourceState> sources() = 0;
  virtual std::vector<Quarantined> quarantined(std::string_view source,
                                               std::size_t limit) = 0;  ///< "" = all sources
  virtual std::optional<Quarantined> quarantined_item(std::int64_t id) = 0;
  /// How much of a source is set aside: items and their bytes.
  virtual std::pair<std::uint64_t, std::uint64_t> quarantine_size(std::string_view source) = 0;

  /// The post's seq and version, or nullopt: the cheap question of the hot path.
  struct Known {
    std::int64_t seq;
    int version;
    std::uint64_t copy_hash;
    std::string case_id;
  };
  virtual std::optional<Known> known(std::string_view source, std::string_view native_id) = 0;
  virtual std::optional<StoredPost> post(std::int64_t seq) = 0;
  virtual std::vector<StoredPost> posts_of(std::string_view case_id) = 0;
  /// Posts after `seq`, oldest first.
  virtual std::vector<StoredPost> posts_after(std::int64_t seq, std::size_t limit) = 0;
  /// Case of an exact copy seen since then; "" where there is none.
  virtual std::string case_of_copy(std::uint64_t copy_hash, Instant since) = 0;
  /// Signatures of the newest posts of cases, oldest first, with their cases: refills the near-copy
  /// window.
  struct Signature {
    std::int64_t seq = 0;
    MinHash signature{};
    std::string case_id;
    Instant seen_at;
  };
  virtual std::vector<Signature> signatures(std::size_t newest) = 0;

  virtual std::optional<CaseRecord> case_by_id(std::string_view id) = 0;
  virtual std::optional<CaseRecord> case_by_number(std::int64_t number) = 0;
  /// Newest first; `conversation` "" = any.
  virtual std::vector<CaseRecord> cases_of(std::string_view customer, std::string_view conversation,
                                           Instant since, std::size_t limit) = 0;
  virtual CasePage cases(const CaseQuery& query) = 0;
  /// Per state, plus "unowned", "late", of what is within the scope.
  virtual std::map<std::string, std::uint64_t> case_counts(Instant now, const CaseScope& scope) = 0;
  std::map<std::string, std::uint64_t> case_counts(Instant now) { return case_counts(now, {}); }

  virtual std::optional<CustomerRecord> customer(std::string_view id) = 0;
  virtual std::optional<CustomerRecord> customer_by_identity(std::string_view identity) = 0;

  virtual std::optional<Record> record(std::string_view kind, std::string_view id) = 0;
  /// In the order of their ids.
  virtual std::vector<Record> records(const RecordQuery& query) = 0;

  virtual std::vector<LedgerEntry> ledger(const LedgerQuery& query) = 0;
  virtual std::pair<std::int64_t, std::string>
  ledger_head() = 0;  ///< n and hash; {0, ""} where empty
  /// The last entry before the first one at this instant or later: where a period is cut. Once an
  /// entry stands behind it, it never moves again.
  virtual std::int64_t ledger_before(Instant at) = 0;

  virtual std::vector<TimerRecord> due_timers(Instant now, std::size_t limit) = 0;
  virtual std::vector<TimerRecord> timers_of(std::string_view case_id) = 0;

  /// Pending, or started/uncertain left over from before a crash (see Writer::outbox_recover):
  /// pages first, then by not_before.
  virtual std::vector<OutboxRow> due_outbox(Instant now, std::size_t limit) = 0;
  /// The same for one receiver and lane: a crowd that waits for another receiver hides nothing.
  virtual std::vector<OutboxRow> due_outbox_of(std::string_view receiver, Lane lane, Instant now,
                                               std::size_t limit) = 0;
  virtual std::optional<OutboxRow> outbox_row(std::int64_t id) = 0;
  /// Its state alone; nullopt where there is no such row.
  virtual std::optional<OutboxState> outbox_state(std::int64_t id) = 0;
  virtual std::vector<OutboxRow> outbox_of(std::string_view case_id) = 0;
  /// The same to one receiver alone.
  virtual std::vector<OutboxRow> outbox_to(std::string_view case_id, std::string_view receiver) = 0;
  /// Its rows in the lane of pages that are of this step, wait, or are on their way: in the life of
  /// a case that nobody closes that is a small part.
  virtual std::vector<OutboxRow> live_pages_of(std::string_view case_id, int step) = 0;
  struct OutboxDepth {
    std::string receiver;
    Lane lane;
    std::uint64_t depth;
    std::optional<Instant> oldest;
  };
  virtual std::vector<OutboxDepth> outbox_depths() = 0;
  /// When the next pending row or timer falls due.
  virtual std::optional<Instant> next_due() = 0;

  virtual std::vector<TokenRecord> tokens() = 0;
  virtual std::optional<TokenRecord> token_by_hash(std::string_view hash) = 0;
  virtual std::optional<std::string> meta(std::string_view key) = 0;
  /// The stored answer to an unsafe request that was made before with this key (Idempotency-Key).
  virtual std::optional<std::string> answer(std::string_view scope, std::string_view key) = 0;
};

class StoreWriter : public StoreReader {
 public:
  virtual void put_source(const SourceState& state) = 0;
  /// Stores a new post and returns its seq. Calling it for a known (source, id) is a mistake of
  /// ours.
  virtual std::int64_t add_post(const NewPost& post, Instant now) = 0;
  /// An edit: the old version is kept, the new text becomes current.
  virtual void add_version(std::int64_t seq, const NewPost& post, Instant now) = 0;
  /// Its author took it back: its words, those of older versions and what was judged of them go;
  /// who, when and where stay.
  virtual void mark_deleted(std::int64_t seq, Instant now) = 0;
  virtual void attach_post(std::int64_t seq, std::string_view case_id) = 0;
  /// Author, words and place go, of all versions; times and case stay. With a `native` id it goes
  /// under that name from now on, and the old one is unknown; "" keeps the id, so that the post is
  /// known if its source shows it again.
  virtual void blank_post(std::int64_t seq, std::string_view native, Instant now) = 0;
  /// Puts the texts back as they stand in `row`. An entry of the ledger keeps the commitment of
  /// what it said; who rewrites one appends an entry "erased" that names it (store/ledger.hpp).
  virtual void rewrite(const HeldRow& row) = 0;
  virtual void remove(const HeldRow& row) = 0;
  /// A case that is past its time, with its timers and messages; its number is never given again.
  virtual void remove_case(std::string_view id) = 0;
  /// True where it is new; the same native id again only counts a try more.
  virtual bool quarantine(const Quarantined& item) = 0;
  virtual void remove_quarantined(std::int64_t id) = 0;

  /// Inserts (version 0) or replaces; a version that is not the current one throws StoreConflict.
  /// Returns number and new version.
  virtual std::pair<std::int64_t, std::int64_t> put_case(const CaseRecord& record) = 0;
  virtual void put_customer(const CustomerRecord& record) = 0;
  /// Inserts (version 0) or replaces; a version that is not the current one throws StoreConflict.
  /// Returns the new version.
  virtual std::int64_t put_record(const Record& record) = 0;
  virtual void remove_record(std::string_view kind, std::string_view id) = 0;
  /// n, prev and hash are the store's; returns n.
  virtual std::int64_t append_ledger(const LedgerEntry& entry) = 0;

  virtual void arm(const TimerRecord& timer) = 0;  ///< replaces one of the same id
  virtual void disarm(std::string_view id) = 0;
  virtual void disarm_case(std::string_view case_id, std::string_view kind) = 0;  ///< kind "" = all

  /// False where a row with this key was added before.
  virtual bool add_outbox(const OutboxRow& row) = 0;
  virtual void update_outbox(const OutboxRow& row) = 0;  ///< by id: state, attempts, times, result
  /// Rows of a case in this lane that wait (pending, uncertain) become cancelled (an ack, a close);
  /// one that is started may still arrive and is left to the outbox. Returns how many.
  virtual std::size_t cancel_outbox(std::string_view case_id, Lane lane) = 0;
  /// At start: rows left `started` have an unknown outcome; they become `uncertain` and due.
  /// Returns how many.
  virtual std::size_t recover_outbox(Instant now) = 0;

  virtual void put_token(const TokenRecord& token) = 0;
  virtual void put_meta(std::string_view key, std::string_view value) = 0;
  virtual void put_answer(std::string_view scope, std::string_view key, std::string_view answer,
                          Instant now) = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  /// Runs `work` on the writer, alone. Several queued calls may share one commit (group commit);
  /// each is all or nothing. What `work` throws (StoreConflict, anything of its own) undoes its
  /// part and comes out of the co_await; StoreError stops all.
  virtual Task<> write(std::function<void(StoreWriter&)> work) = 0;
  /// Runs `work` on a reader that sees the last commit; never waits for a writer.
  virtual Task<> read(std::function<void(StoreReader&)> work) = 0;
  /// How many commits there were; grows after a commit can be read. Where it is what it was before
  /// a read, that read would find the same again.
  virtual std::uint64_t commits() const = 0;

  /// Leaves no bytes of what was removed: rebuilds the file where it is at most `limit` bytes long,
  /// and empties the write-ahead log. False where something remains: the file is longer, or
  /// somebody reads an older state of it.
  virtual Task<bool> scrub(std::uint64_t limit) = 0;

  /// What was being read when the process died (P16).
  virtual PoisonGuard& poison() = 0;
  /// The process ends for a reason of its own: nothing that is being read is to blame.
  virtual void ends() = 0;
};

}  // namespace earshot
