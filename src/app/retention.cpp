#include "retention.hpp"

#include <fmt/format.h>

#include <charconv>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "effects.hpp"
#include "person.hpp"

namespace earshot {
namespace {

constexpr std::size_t kPosts = 300;  // of one step
constexpr std::size_t kCases = 50;
constexpr std::size_t kEntries = 500;
constexpr Duration kSoon = seconds{1};
constexpr Duration kLater = hours{1};
constexpr std::string_view kPostMark = "retention_post";    // meta: the last post looked at
constexpr std::string_view kKeptMark = "retention_kept";    // the last kept post looked at
constexpr std::string_view kCaseMark = "retention_case";    // the last case looked at
constexpr std::string_view kAuditMark = "retention_audit";  // the last entry that was emptied

std::int64_t number_of(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::int64_t mark_of(StoreReader& reader, std::string_view name) {
  return number_of(reader.meta(name).value_or("0"));
}

/// Open cases need their posts; a hold keeps them.
bool keeps(StoreReader& reader, const std::string& case_id, Instant now) {
  if (case_id.empty()) return false;
  const auto record = reader.case_by_id(case_id);
  if (!record) return false;
  return !record->ended || !load_case(*record).hold.empty() ||
         is_held(reader, record->customer, now);
}

std::string kept_id(std::int64_t seq) {
  return fmt::format("{:020}", seq);
}

void keep_for_later(StoreWriter& writer, const StoredPost& post, Instant now) {
  Record it;
  it.kind = kKeptPost;
  it.id = kept_id(post.seq);
  it.state = "kept";
  it.created_at = it.updated_at = now;
  it.body = "{}";
  if (!writer.record(kKeptPost, it.id)) writer.put_record(it);
}

/// Posts in the order they came. Those of cases that go on are looked at again later.
bool retain_posts(StoreWriter& writer, Instant before, Instant now, std::uint64_t& gone) {
  std::int64_t seq = mark_of(writer, kPostMark);
  const std::vector<StoredPost> page = writer.posts_after(seq, kPosts);
  bool more = page.size() == kPosts;
  for (const StoredPost& it : page) {
    if (it.seen_at >= before) {
      more = false;
      break;
    }
    seq = it.seq;
    if (keeps(writer, it.case_id, now)) {
      keep_for_later(writer, it, now);
    } else {
      writer.blank_post(it.seq, "", now);
      ++gone;
    }
  }
  if (seq != mark_of(writer, kPostMark)) writer.put_meta(kPostMark, std::to_string(seq));
  return more;
}

/// A round over the kept ones takes as many steps as it needs; then it begins again.
bool retain_kept(StoreWriter& writer, Instant now, std::uint64_t& gone) {
  RecordQuery query;
  query.kind = kKeptPost;
  query.limit = kPosts;
  query.after = writer.meta(kKeptMark).value_or("");
  const std::vector<Record> page = writer.records(query);
  for (const Record& it : page) {
    const auto post = writer.post(number_of(it.id));
    if (post && keeps(writer, post->case_id, now)) continue;
    if (post) writer.blank_post(post->seq, "", now);
    writer.remove_record(kKeptPost, it.id);
    gone += post ? 1U : 0U;
  }
  const bool more = page.size() == kPosts;
  if (!page.empty() || !query.after.empty()) writer.put_meta(kKeptMark, more ? page.back().id : "");
  return more;
}

/// Entries of the case that were passed over because it was still there.
void empty_entries(StoreWriter& writer, const std::string& case_id, Instant now) {
  const std::int64_t mark = mark_of(writer, kAuditMark);
  std::vector<std::pair<std::int64_t, std::string>> entries;
  LedgerQuery query;
  query.case_id = case_id;
  for (const LedgerEntry& it : writer.ledger(query)) {
    if (it.n > mark) break;
    writer.rewrite({"ledger", std::to_string(it.n), it.case_id, it.kind, {{"data", "{}"}}});
    entries.emplace_back(it.n, to_hex(sha256("{}")));
  }
  if (!entries.empty()) name_erased(writer, entries, "tick", "retention", now);
}

bool retain_cases(StoreWriter& writer, Instant before, Instant now, std::uint64_t& gone) {
  const std::int64_t from = mark_of(writer, kCaseMark);
  const std::vector<CaseRecord> page = writer.cases_opened(before, from, kCases);
  for (const CaseRecord& it : page) {
    if (!it.ended || it.updated_at >= before) continue;
    if (!load_case(it).hold.empty() || is_held(writer, it.customer, now)) continue;
    for (const StoredPost& post : writer.posts_of(it.id)) {
      writer.blank_post(post.seq, "", now);
      writer.attach_post(post.seq, "");
    }
    empty_entries(writer, it.id, now);
    writer.remove_case(it.id);
    ++gone;
  }
  const bool more = page.size() == kCases;
  const std::int64_t to = more ? page.back().number : 0;
  if (to != from) writer.put_meta(kCaseMark, std::to_string(to));
  return more;
}

/// What the entries say goes; who did what kind of thing to which case, and when, stays.
bool retain_audit(StoreWriter& writer, Instant before, Instant now, std::uint64_t& gone) {
  LedgerQuery query;
  query.after = mark_of(writer, kAuditMark);
  query.limit = kEntries;
  query.to = before;
  const std::vector<LedgerEntry> page = writer.ledger(query);
  JsonWriter data;
  data.object();
  data.field("reason", "retention");
  data.key("emptied");
  data.array();
  std::int64_t begin = 0;
  std::int64_t last = 0;
  const auto close = [&] {
    if (begin == 0) return;
    data.array();
    data.value(begin);
    data.value(last);
    data.end_array();
    begin = 0;
  };
  for (const LedgerEntry& it : page) {
    // What erasures name must stay readable, or the chain would not hold; a case that is still
    // there is rebuilt from its entries.
    const bool stays =
        it.kind == "erased" || it.data == "{}" || writer.case_by_id(it.case_id).has_value();
    if (stays || it.n != last + 1) close();
    last = it.n;
    if (stays) continue;
    if (begin == 0) begin = it.n;
    writer.rewrite({"ledger", std::to_string(it.n), it.case_id, it.kind, {{"data", "{}"}}});
    ++gone;
  }
  close();
  data.end_array();
  data.end();
  if (gone > 0) writer.append_ledger({0, now, "tick", "erased", "", data.take(), ""});
  if (!page.empty()) writer.put_meta(kAuditMark, std::to_string(page.back().n));
  return page.size() == kEntries;
}

}  // namespace

void arm_retention(StoreWriter& writer, const RetentionConfig& config, Instant now) {
  if (config.posts == Duration{} && config.cases == Duration{} && config.audit == Duration{})
    return writer.disarm(kRetention);
  writer.arm({std::string{kRetention}, "", std::string{kRetention}, now + minutes{1}, ""});
}

void retain(StoreWriter& writer, const RetentionConfig& config, Instant now,
            std::map<std::string, std::uint64_t>& gone) {
  std::uint64_t posts = 0;
  std::uint64_t cases = 0;
  std::uint64_t audit = 0;
  bool more = false;
  if (config.posts > Duration{}) {
    more = retain_posts(writer, now - config.posts, now, posts) || more;
    more = retain_kept(writer, now, posts) || more;
  }
  if (config.cases > Duration{})
    more = retain_cases(writer, now - config.cases, now, cases) || more;
  if (config.audit > Duration{})
    more = retain_audit(writer, now - config.audit, now, audit) || more;
  if (posts + cases > 0) {
    JsonWriter data;
    data.object();
    data.field("posts", posts);
    data.field("cases", cases);
    data.end();
    writer.append_ledger({0, now, "tick", "retained", "", data.take(), ""});
  }
  for (const auto& [kind, count] :
       {std::pair{"posts", posts}, {"cases", cases}, {"audit", audit}}) {
    if (count > 0) gone[kind] += count;
  }
  writer.arm(
      {std::string{kRetention}, "", std::string{kRetention}, now + (more ? kSoon : kLater), ""});
}

}  // namespace earshot
