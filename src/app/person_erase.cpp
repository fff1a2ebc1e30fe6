// A person is forgotten: every table, the ledger's commitments, tombstones against coming back.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "earshot/cases/intake.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "effects.hpp"
#include "person.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

constexpr std::size_t kNamedAtOnce = 200;  // entries in one entry of the ledger

bool waits(const HeldRow& row) {
  return row.state == "pending" || row.state == "uncertain" || row.state == "started";
}

std::int64_t number_of(const std::string& key) {
  std::int64_t out = 0;
  std::from_chars(key.data(), key.data() + key.size(), out);
  return out;
}

class Eraser {
 public:
  Eraser(StoreWriter& writer, const PersonFound& person, const Tombstones& stones, Instant now)
      : writer_(writer), person_(person), stones_(stones), now_(now) {}

  void take(HeldRow row) {
    if (row.table == "post_version" && (person_.owns(row) || person_.is_talk(row)))
      return;  // goes with its post
    if (row.table == "post" || row.table == "post_version") return take_post(std::move(row));
    if (row.table == "quarantine") return take_quarantined(row);
    if (row.table == "customer" || row.table == "identity") return take_customer(std::move(row));
    if (row.table == "answer") return drop(row);
    if (row.table == "ledger") return take_entry(std::move(row));
    if (row.table == "outbox") return take_message(std::move(row));
    if (row.table == "record") return take_record(std::move(row));
    if (row.table == "cases" && person_.has_case(row.key)) return take_case(std::move(row));
    clean(std::move(row), false);
  }

  Erased done{};
  std::vector<std::pair<std::int64_t, std::string>> entries{};  ///< n, SHA-256 of the new data

 private:
  void drop(const HeldRow& row) {
    writer_.remove(row);
    ++done.rows;
  }

  /// Writes the row back where something of the person stood in it.
  bool clean(HeldRow row, bool own) {
    bool changed = false;
    for (auto& [name, text] : row.texts) {
      std::string after = own ? forget_own(text) : person_.traces.without(text);
      changed = changed || after != text;
      text = std::move(after);
    }
    if (!changed) return false;
    writer_.rewrite(row);
    ++done.rows;
    return true;
  }

  void take_post(HeldRow row) {
    if (person_.owns(row)) {
      const std::string native = row.text_or("native");
      stones_.bury_item(writer_, row.state, native, now_);
      writer_.blank_post(number_of(row.key), stones_.name_of_item(row.state, native), now_);
      ++done.posts;
      return;
    }
    if (person_.is_talk(row)) {
      writer_.blank_post(number_of(row.key), {}, now_);
      ++done.rows;
      return;
    }
    // What others wrote is theirs; the name goes.
    bool changed = false;
    for (auto& [name, text] : row.texts) {
      if (name == "native") continue;
      std::string after = person_.traces.without_names(text);
      changed = changed || after != text;
      text = std::move(after);
    }
    if (!changed) return;
    writer_.rewrite(row);
    ++done.rows;
  }

  void take_quarantined(const HeldRow& row) {
    if (const std::string native = row.text_or("native"); !native.empty())
      stones_.bury_item(writer_, row.state, native, now_);
    writer_.remove(row);
    ++done.quarantined;
  }

  void take_customer(HeldRow row) {
    const std::string& id = row.table == "identity" ? row.state : row.key;
    if (std::ranges::find(person_.customers, id) == person_.customers.end()) {
      clean(std::move(row), false);
      return;
    }
    if (row.table == "identity") return drop(row);
    row.text("name") = kErased;
    row.text("body").clear();
    writer_.rewrite(row);
    ++done.rows;
  }

  void take_case(HeldRow row) {
    row.text("body") = forget_own(row.text_or("body"));
    row.text("words").clear();
    row.text("conversation").clear();
    writer_.rewrite(row);
    ++done.cases;
  }

  void take_entry(HeldRow row) {
    if (row.state == "erased") return;
    std::string& data = row.text("data");
    const bool own =
        person_.has_case(row.case_id) || (row.case_id.empty() && person_.is_named_in(data));
    std::string after = own                   ? forget_own(data)
                        : row.case_id.empty() ? person_.traces.without(data)
                                              : others_entry(data);
    if (after == data) return;
    data = std::move(after);
    writer_.rewrite(row);
    entries.emplace_back(number_of(row.key), to_hex(sha256(data)));
    ++done.entries;
  }

  /// Another customer's case keeps its own words: only the name goes, as in the case itself.
  std::string others_entry(const std::string& data) const {
    return person_.traces.without_names(data);
  }

  void take_message(HeldRow row) {
    const auto before = writer_.outbox_row(number_of(row.key));
    const std::string body = row.text_or("body");
    // One that is still to be sent, and is no case's, goes out without them.
    const bool told = !waits(row) && person_.is_thread(row.text_or("message_id"));
    if (person_.has_case(row.case_id) || told) {
      row.text("body").clear();
      for (const char* column : {"target", "result", "message_id"})
        row.text(column) = person_.traces.without_names(row.text_or(column));
      writer_.rewrite(row);
      if (before && waits(row)) cancel(*before);
      ++done.messages;
      return;
    }
    if (clean(std::move(row), false)) ++done.messages;
  }

  void cancel(OutboxRow row) {
    if (row.state == OutboxState::started) return;  // on its way; its end is told as ever
    row.state = OutboxState::cancelled;
    row.ended_at = now_;
    row.result = "the customer was erased";
    writer_.update_outbox(row);
  }

  void take_record(HeldRow row) {
    const std::string id = row.text_or("id");
    const std::string cleaned = person_.traces.without_names(id);
    if (cleaned != id && row.state != kTombstone) return drop(row);
    const bool own = person_.has_case(row.case_id) || person_.has_case(id) ||
                     (is_matter(row) && person_.is_named_in(row.text_or("body")));
    std::string& body = row.text("body");
    std::string after = own ? forget_own(body) : person_.traces.without(body);
    std::string& parent = row.text("parent");
    std::string parent_after = person_.traces.without_names(parent);
    if (after == body && parent_after == parent) return;
    body = std::move(after);
    parent = std::move(parent_after);
    writer_.rewrite(row);
    ++done.rows;
  }

  StoreWriter& writer_;
  const PersonFound& person_;
  const Tombstones& stones_;
  Instant now_;
};

/// Mails of no case of theirs: nobody finds a name in them by looking.
void clean_mails(StoreWriter& writer, const PersonFound& person, Erased& done) {
  std::vector<HeldRow> other;
  if (!person.with_mails) other = writer.held({{kEncodedMail.begin(), kEncodedMail.end()}, {}});
  for (const HeldRow& found : person.with_mails ? person.rows : other) {
    if (found.table != "outbox" || person.has_case(found.case_id)) continue;
    const auto mail = writer.outbox_row(number_of(found.key));  // as it was left above
    if (!mail) continue;
    std::string after = clean_mail(person.traces, mail->body);
    if (after == mail->body) continue;
    writer.rewrite({found.table,
                    found.key,
                    found.case_id,
                    found.state,
                    {{"body", std::move(after)},
                     {"target", mail->target},
                     {"result", mail->result},
                     {"message_id", mail->message_id}}});
    ++done.messages;
  }
}

}  // namespace

void name_erased(StoreWriter& writer,
                 const std::vector<std::pair<std::int64_t, std::string>>& entries,
                 const std::string& who, const std::string& reason, Instant now) {
  for (std::size_t from = 0; from == 0 || from < entries.size(); from += kNamedAtOnce) {
    JsonWriter data;
    data.object();
    data.field("reason", reason);
    data.key("entries");
    data.array();
    for (std::size_t i = from; i < std::min(entries.size(), from + kNamedAtOnce); ++i) {
      data.array();
      data.value(entries[i].first);
      data.value(entries[i].second);
      data.end_array();
    }
    data.end_array();
    data.end();
    writer.append_ledger({0, now, who, "erased", "", data.take(), ""});
  }
}

namespace {

/// The case is what its entries, as they stand now, make of it: `earshot ledger verify` compares.
void fold_again(StoreWriter& writer, const CaseRecord& before) {
  Case made;
  LedgerQuery query;
  query.case_id = before.id;
  query.limit = 1'000;
  for (;;) {
    const std::vector<LedgerEntry> page = writer.ledger(query);
    for (const LedgerEntry& entry : page) {
      const auto event = event_from_json(entry.kind, entry.who, entry.at, entry.data);
      if (event) made = fold(std::move(made), *event);
    }
    if (page.size() < query.limit) break;
    query.after = page.back().n;
  }
  if (made.id != before.id) return;  // its entries are past their time
  made.number = before.number;
  made.version = before.version;
  writer.rewrite({"cases",
                  before.id,
                  before.id,
                  before.state,
                  {{"body", to_json(made)}, {"words", ""}, {"conversation", made.conversation}}});
}

}  // namespace

Erased erase_person(StoreWriter& writer, const PersonFound& person, const Tombstones& stones,
                    const std::string& who, const std::string& reason, Instant now) {
  Eraser eraser{writer, person, stones, now};
  for (const std::string& it : person.identities) stones.bury_author(writer, it, now);
  for (const HeldRow& row : person.rows) eraser.take(row);
  clean_mails(writer, person, eraser.done);
  for (const CaseRecord& it : person.cases) fold_again(writer, it);
  name_erased(writer, eraser.entries, who, person.traces.without(reason), now);
  JsonWriter why;
  why.object();
  why.field("reason", person.traces.without(reason));
  why.end();
  const std::string said_why = why.take();
  for (const CaseRecord& it : person.cases)
    writer.append_ledger({0, now, who, "customer_erased", it.id, said_why, ""});
  return eraser.done;
}

std::string to_json(const Erased& it, const PersonFound& person) {
  JsonWriter out;
  out.object();
  out.field("customers", person.customers);
  out.field("identities", static_cast<std::uint64_t>(person.identities.size()));
  out.field("posts", it.posts);
  out.field("cases", it.cases);
  out.field("messages", it.messages);
  out.field("entries", it.entries);
  out.field("rows", it.rows);
  out.field("quarantined", it.quarantined);
  out.end();
  return out.take();
}

std::optional<DeskAnswer> must_stay(StoreReader& reader, const PersonFound& person, bool open,
                                    Instant now) {
  for (const std::string& id : person.customers) {
    const auto hold = reader.record(kHold, id);
    if (!is_held(reader, id, now)) continue;
    const auto body = parse_json(hold->body);
    return rota_refusal("held", fmt::format("A legal hold keeps this person: {}",
                                            body ? string_at(*body, "reason") : ""));
  }
  for (const CaseRecord& record : person.cases) {
    const Case it = load_case(record);
    if (!it.hold.empty())
      return rota_refusal("held",
                          fmt::format("A legal hold keeps case {}: {}", it.number, it.hold));
  }
  for (const CaseRecord& record : person.cases) {
    if (record.ended || open) continue;
    return rota_refusal(
        "open_case",
        fmt::format("Case {} is open: whoever solves it still needs the customer's words. End it "
                    "first, or say that open cases are erased too.",
                    record.number),
        "open");
  }
  return std::nullopt;
}

std::uint64_t erase_again(StoreWriter& writer, const Tombstones& stones, Instant now) {
  if (stones.empty()) return 0;
  std::set<std::string> back;
  std::int64_t seq = 0;
  for (;;) {
    const std::vector<StoredPost> page = writer.posts_after(seq, 1'000);
    for (const StoredPost& it : page) {
      seq = it.seq;
      const std::string identity = identity_of(it.post);
      if (stones.keeps_out(it.post) && stones.is_erased(identity)) back.insert(identity);
    }
    if (page.size() < 1'000) break;
  }
  for (const std::string& identity : back) {
    const auto customer = writer.customer_by_identity(identity);
    const PersonSearch search =
        find_person(writer, customer ? "customer:" + customer->id : identity);
    if (search.found)
      erase_person(writer, *search.found, stones, "restore", "erased before, and in the backup",
                   now);
  }
  return back.size();
}

}  // namespace earshot
