#pragma once

/// StoreReader and StoreWriter over one connection's tables: every call goes to the function of the
/// same name.

#include "sqlite_tables.hpp"

namespace earshot::sqlite {

template <class Base>
class Reading : public Base {
 public:
  explicit Reading(Tables& tables) : t_(tables) {}

  std::optional<SourceState> source(std::string_view name) override {
    return sqlite::source(t_, name);
  }
  std::vector<SourceState> sources() override { return sqlite::sources(t_); }
  std::vector<Quarantined> quarantined(std::string_view source, std::size_t limit) override {
    return sqlite::quarantined(t_, source, limit);
  }
  std::optional<Quarantined> quarantined_item(std::int64_t id) override {
    return sqlite::quarantined_item(t_, id);
  }
  std::pair<std::uint64_t, std::uint64_t> quarantine_size(std::string_view source) override {
    return sqlite::quarantine_size(t_, source);
  }
  std::optional<StoreReader::Known> known(std::string_view source,
                                          std::string_view native_id) override {
    return sqlite::known(t_, source, native_id);
  }
  std::optional<StoredPost> post(std::int64_t seq) override { return sqlite::post(t_, seq); }
  std::vector<StoredPost> posts_of(std::string_view case_id) override {
    return sqlite::posts_of(t_, case_id);
  }
  std::vector<StoredPost> posts_after(std::int64_t seq, std::size_t limit) override {
    return sqlite::posts_after(t_, seq, limit);
  }
  std::string case_of_copy(std::uint64_t copy_hash, Instant since) override {
    return sqlite::case_of_copy(t_, copy_hash, since);
  }
  std::vector<StoreReader::Signature> signatures(std::size_t newest) override {
    return sqlite::signatures(t_, newest);
  }
  std::optional<CaseRecord> case_by_id(std::string_view id) override {
    return sqlite::case_by_id(t_, id);
  }
  std::optional<CaseRecord> case_by_number(std::int64_t number) override {
    return sqlite::case_by_number(t_, number);
  }
  std::vector<CaseRecord> cases_of(std::string_view customer, std::string_view conversation,
                                   Instant since, std::size_t limit) override {
    return sqlite::cases_of(t_, customer, conversation, since, limit);
  }
  std::vector<HeldRow> held(const HeldQuery& query) override { return sqlite::held(t_, query); }
  std::vector<CaseRecord> cases_opened(Instant before, std::int64_t after_number,
                                       std::size_t limit) override {
    return sqlite::cases_opened(t_, before, after_number, limit);
  }
  CasePage cases(const CaseQuery& query) override { return sqlite::cases(t_, query); }
  std::map<std::string, std::uint64_t> case_counts(Instant now, const CaseScope& scope) override {
    return sqlite::case_counts(t_, now, scope);
  }
  std::optional<CustomerRecord> customer(std::string_view id) override {
    return sqlite::customer(t_, id);
  }
  std::optional<CustomerRecord> customer_by_identity(std::string_view identity) override {
    return sqlite::customer_by_identity(t_, identity);
  }
  std::optional<Record> record(std::string_view kind, std::string_view id) override {
    return sqlite::record(t_, kind, id);
  }
  std::vector<Record> records(const RecordQuery& query) override {
    return sqlite::records(t_, query);
  }
  std::vector<LedgerEntry> ledger(const LedgerQuery& query) override {
    return sqlite::ledger(t_, query);
  }
  std::pair<std::int64_t, std::string> ledger_head() override { return sqlite::ledger_head(t_); }
  std::int64_t ledger_before(Instant at) override { return sqlite::ledger_before(t_, at); }
  std::vector<TimerRecord> due_timers(Instant now, std::size_t limit) override {
    return sqlite::due_timers(t_, now, limit);
  }
  std::vector<TimerRecord> timers_of(std::string_view case_id) override {
    return sqlite::timers_of(t_, case_id);
  }
  std::vector<OutboxRow> due_outbox(Instant now, std::size_t limit) override {
    return sqlite::due_outbox(t_, now, limit);
  }
  std::vector<OutboxRow> due_outbox_of(std::string_view receiver, Lane lane, Instant now,
                                       std::size_t limit) override {
    return sqlite::due_outbox_of(t_, receiver, lane, now, limit);
  }
  std::optional<OutboxState> outbox_state(std::int64_t id) override {
    return sqlite::outbox_state(t_, id);
  }
  std::optional<OutboxRow> outbox_row(std::int64_t id) override {
    return sqlite::outbox_row(t_, id);
  }
  std::vector<OutboxRow> outbox_of(std::string_view case_id) override {
    return sqlite::outbox_of(t_, case_id);
  }
  std::vector<OutboxRow> outbox_to(std::string_view case_id, std::string_view receiver) override {
    return sqlite::outbox_to(t_, case_id, receiver);
  }
  std::vector<OutboxRow> live_pages_of(std::string_view case_id, int step) override {
    return sqlite::live_pages_of(t_, case_id, step);
  }
  std::vector<StoreReader::OutboxDepth> outbox_depths() override {
    return sqlite::outbox_depths(t_);
  }
  std::optional<Instant> next_due() override { return sqlite::next_due(t_); }
  std::vector<TokenRecord> tokens() override { return sqlite::tokens(t_); }
  std::optional<TokenRecord> token_by_hash(std::string_view hash) override {
    return sqlite::token_by_hash(t_, hash);
  }
  std::optional<std::string> meta(std::string_view key) override { return sqlite::meta(t_, key); }
  std::optional<std::string> answer(std::string_view scope, std::string_view key) override {
    return sqlite::answer(t_, scope, key);
  }

 protected:
  Tables& t_;
};

using Reader = Reading<StoreReader>;

class Writer final : public Reading<StoreWriter> {
 public:
  using Reading::Reading;

  void put_source(const SourceState& state) override { sqlite::put_source(t_, state); }
  std::int64_t add_post(const NewPost& post, Instant now) override {
    ++posts_;
    return sqlite::add_post(t_, post, now);
  }
  void add_version(std::int64_t seq, const NewPost& post, Instant now) override {
    ++posts_;
    sqlite::add_version(t_, seq, post, now);
  }
  void mark_deleted(std::int64_t seq, Instant now) override { sqlite::mark_deleted(t_, seq, now); }
  void attach_post(std::int64_t seq, std::string_view case_id) override {
    sqlite::attach_post(t_, seq, case_id);
  }
  bool quarantine(const Quarantined& item) override { return sqlite::quarantine(t_, item); }
  void remove_quarantined(std::int64_t id) override { sqlite::remove_quarantined(t_, id); }
  std::pair<std::int64_t, std::int64_t> put_case(const CaseRecord& record) override {
    return sqlite::put_case(t_, record);
  }
  void put_customer(const CustomerRecord& record) override { sqlite::put_customer(t_, record); }
  std::int64_t put_record(const Record& record) override { return sqlite::put_record(t_, record); }
  void remove_record(std::string_view kind, std::string_view id) override {
    sqlite::remove_record(t_, kind, id);
  }
  void blank_post(std::int64_t seq, std::string_view native, Instant now) override {
    sqlite::blank_post(t_, seq, native, now);
  }
  void rewrite(const HeldRow& row) override { sqlite::rewrite(t_, row); }
  void remove(const HeldRow& row) override { sqlite::remove_held(t_, row); }
  void remove_case(std::string_view id) override { sqlite::remove_case(t_, id); }
  std::int64_t append_ledger(const LedgerEntry& entry) override {
    return sqlite::append_ledger(t_, entry);
  }
  void arm(const TimerRecord& timer) override { sqlite::arm(t_, timer); }
  void disarm(std::string_view id) override { sqlite::disarm(t_, id); }
  void disarm_case(std::string_view case_id, std::string_view kind) override {
    sqlite::disarm_case(t_, case_id, kind);
  }
  bool add_outbox(const OutboxRow& row) override { return sqlite::add_outbox(t_, row); }
  void update_outbox(const OutboxRow& row) override { sqlite::update_outbox(t_, row); }
  std::size_t cancel_outbox(std::string_view case_id, Lane lane) override {
    return sqlite::cancel_outbox(t_, case_id, lane);
  }
  std::size_t recover_outbox(Instant now) override { return sqlite::recover_outbox(t_, now); }
  void put_token(const TokenRecord& token) override { sqlite::put_token(t_, token); }
  void put_meta(std::string_view key, std::string_view value) override {
    sqlite::put_meta(t_, key, value);
  }
  void put_answer(std::string_view scope, std::string_view key, std::string_view answer,
                  Instant now) override {
    sqlite::put_answer(t_, scope, key, answer, now);
  }

  /// Posts written since the last call: how big the transaction has become.
  std::size_t take_posts() { return std::exchange(posts_, 0); }

 private:
  std::size_t posts_ = 0;
};

}  // namespace earshot::sqlite
