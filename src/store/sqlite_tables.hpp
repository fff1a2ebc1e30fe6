#pragma once

/// The store's functions over one connection, a file per subject. `Tables` adds what a connection
/// remembers between calls.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "earshot/store/store.hpp"
#include "sqlite_db.hpp"
#include "sqlite_keys.hpp"

namespace earshot::sqlite {

struct Tables {
  /// `writes`: this connection alone adds posts.
  explicit Tables(Db& database, bool writes = false,
                  std::function<std::string(std::size_t)> secret_bytes = {})
      : db(database), keys(writes), secret(std::move(secret_bytes)) {}
  /// 16 secret bytes for an entry of the ledger.
  std::string salt() const;
  /// Forgets what a rollback has made untrue.
  void forget() {
    origins.clear();
    names.clear();
    ledger_head.reset();
  }

  Db& db;
  PostKeys keys;
  std::unordered_map<std::string, std::int64_t> origins;  ///< name -> id
  std::unordered_map<std::int64_t, std::string> names;    ///< id -> name
  std::optional<std::pair<std::int64_t, std::string>> ledger_head;
  std::string scratch;  ///< body of the post being written
  std::function<std::string(std::size_t)> secret;
};

// posts
std::optional<StoreReader::Known> known(Tables& t, std::string_view source,
                                        std::string_view native_id);
std::optional<StoredPost> post(Tables& t, std::int64_t seq);
std::vector<StoredPost> posts_of(Tables& t, std::string_view case_id);
std::vector<StoredPost> posts_after(Tables& t, std::int64_t seq, std::size_t limit);
std::string case_of_copy(Tables& t, std::uint64_t copy_hash, Instant since);
std::vector<StoreReader::Signature> signatures(Tables& t, std::size_t newest);
std::int64_t add_post(Tables& t, const NewPost& item, Instant now);
void add_version(Tables& t, std::int64_t seq, const NewPost& item, Instant now);
void mark_deleted(Tables& t, std::int64_t seq, Instant now);
void attach_post(Tables& t, std::int64_t seq, std::string_view case_id);
void blank_post(Tables& t, std::int64_t seq, std::string_view native, Instant now);

// what is held on a person
std::vector<HeldRow> held(Tables& t, const HeldQuery& wanted);
void rewrite(Tables& t, const HeldRow& row);
void remove_held(Tables& t, const HeldRow& row);

// sources, quarantine
std::optional<SourceState> source(Tables& t, std::string_view name);
std::vector<SourceState> sources(Tables& t);
void put_source(Tables& t, const SourceState& state);
std::vector<Quarantined> quarantined(Tables& t, std::string_view source, std::size_t limit);
std::optional<Quarantined> quarantined_item(Tables& t, std::int64_t id);
std::pair<std::uint64_t, std::uint64_t> quarantine_size(Tables& t, std::string_view source);
bool quarantine(Tables& t, const Quarantined& item);
void remove_quarantined(Tables& t, std::int64_t id);

// cases
std::optional<CaseRecord> case_by_id(Tables& t, std::string_view id);
std::optional<CaseRecord> case_by_number(Tables& t, std::int64_t number);
std::vector<CaseRecord> cases_of(Tables& t, std::string_view customer,
                                 std::string_view conversation, Instant since, std::size_t limit);
CasePage cases(Tables& t, const CaseQuery& wanted);
std::map<std::string, std::uint64_t> case_counts(Tables& t, Instant now, const CaseScope& scope);
std::vector<CaseRecord> cases_opened(Tables& t, Instant before, std::int64_t after_number,
                                     std::size_t limit);
void remove_case(Tables& t, std::string_view id);
std::pair<std::int64_t, std::int64_t> put_case(Tables& t, const CaseRecord& record);

// customers, tokens, meta, answers
std::optional<CustomerRecord> customer(Tables& t, std::string_view id);
std::optional<CustomerRecord> customer_by_identity(Tables& t, std::string_view identity);
void put_customer(Tables& t, const CustomerRecord& record);
std::vector<TokenRecord> tokens(Tables& t);
std::optional<TokenRecord> token_by_hash(Tables& t, std::string_view hash);
void put_token(Tables& t, const TokenRecord& token);
std::optional<std::string> meta(Tables& t, std::string_view key);
void put_meta(Tables& t, std::string_view key, std::string_view value);
std::optional<std::string> answer(Tables& t, std::string_view scope, std::string_view key);
void put_answer(Tables& t, std::string_view scope, std::string_view key, std::string_view answer,
                Instant now);

// records
std::optional<Record> record(Tables& t, std::string_view kind, std::string_view id);
std::vector<Record> records(Tables& t, const RecordQuery& wanted);
std::int64_t put_record(Tables& t, const Record& it);
void remove_record(Tables& t, std::string_view kind, std::string_view id);

// ledger
std::vector<LedgerEntry> ledger(Tables& t, const LedgerQuery& wanted);
std::pair<std::int64_t, std::string> ledger_head(Tables& t);
std::int64_t ledger_before(Tables& t, Instant at);
std::int64_t append_ledger(Tables& t, const LedgerEntry& given);

// timers
std::vector<TimerRecord> due_timers(Tables& t, Instant now, std::size_t limit);
std::vector<TimerRecord> timers_of(Tables& t, std::string_view case_id);
void arm(Tables& t, const TimerRecord& timer);
void disarm(Tables& t, std::string_view id);
void disarm_case(Tables& t, std::string_view case_id, std::string_view kind);

// outbox
std::vector<OutboxRow> due_outbox(Tables& t, Instant now, std::size_t limit);
std::vector<OutboxRow> due_outbox_of(Tables& t, std::string_view receiver, Lane lane, Instant now,
                                     std::size_t limit);
std::optional<OutboxState> outbox_state(Tables& t, std::int64_t id);
std::optional<OutboxRow> outbox_row(Tables& t, std::int64_t id);
std::vector<OutboxRow> outbox_of(Tables& t, std::string_view case_id);
std::vector<OutboxRow> outbox_to(Tables& t, std::string_view case_id, std::string_view receiver);
std::vector<OutboxRow> live_pages_of(Tables& t, std::string_view case_id, int step);
std::vector<StoreReader::OutboxDepth> outbox_depths(Tables& t);
std::optional<Instant> next_due(Tables& t);
bool add_outbox(Tables& t, const OutboxRow& row);
void update_outbox(Tables& t, const OutboxRow& row);
std::size_t cancel_outbox(Tables& t, std::string_view case_id, Lane lane);
std::size_t recover_outbox(Tables& t, Instant now);

}  // namespace earshot::sqlite
