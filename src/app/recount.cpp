#include "recount.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "earshot/core/json.hpp"

namespace earshot {
namespace {

constexpr std::size_t kRecountPage = 1000;

/// What a row of a case says, read anew from its bytes.
struct Row {
  std::string state;
  bool grouped = false;
  std::string quiet;        ///< by whom it is kept quiet
  std::int64_t opener = 0;  ///< its lowest post
};

Row row_of(StoreReader& reader, const std::string& id) {
  Row out;
  const auto record = reader.case_by_id(id);
  if (!record) return out;
  rapidjson::Document body;
  body.Parse(record->body.c_str(), record->body.size());
  if (body.HasParseError() || !body.IsObject()) return out;
  if (body.HasMember("state") && body["state"].IsString()) out.state = body["state"].GetString();
  out.grouped = body.HasMember("grouped") && body["grouped"].IsBool() && body["grouped"].GetBool();
  if (const auto quiet = reader.record("quiet", id)) out.quiet = quiet->parent;
  for (const StoredPost& post : reader.posts_of(id))
    out.opener = out.opener == 0 ? post.seq : std::min(out.opener, post.seq);
  return out;
}

std::size_t bucket_of(const StoredPost& post, const Row& row) {
  enum : std::size_t { shown, grouped, rule, person, open };
  if (post.case_id.empty()) return rule;
  if (row.state == "dismissed") return person;
  if (row.state == "merged" || row.grouped || row.opener != post.seq) return grouped;
  if (row.state == "closed") return shown;
  if (row.state == "open" && !row.quiet.empty())
    return row.quiet.compare(0, 8, "silence/") == 0 ? person : rule;
  return open;
}

bool says_no(const rapidjson::Document& data, const char* name) {
  return data.IsObject() && data.HasMember(name) && data[name].IsString() &&
         std::string_view{data[name].GetString()} == "no";
}

std::uint64_t by_hand(StoreReader& reader, std::int64_t first, std::int64_t last) {
  static const std::set<std::string> kKinds{"dismissed",
                                            "dismissal_asked",
                                            "merged",
                                            "snoozed",
                                            "held",
                                            "customer_erased",
                                            "waiting",
                                            "silence_added",
                                            "storm_joined",
                                            "quarantine_dropped",
                                            "question_withdraw",
                                            "letter_swapped",
                                            "action_declined",
                                            "action_postponed"};
  std::uint64_t out = 0;
  LedgerQuery query;
  query.after = first;
  query.upto = last;
  query.limit = kRecountPage;
  for (;;) {
    const std::vector<LedgerEntry> page = reader.ledger(query);
    for (const LedgerEntry& entry : page) {
      if (entry.n > last) continue;
      out += kKinds.count(entry.kind);
      if (entry.kind != "taught") continue;
      rapidjson::Document data;
      data.Parse(entry.data.c_str(), entry.data.size());
      out += says_no(data, "complaint") || says_no(data, "urgent") ? 1U : 0U;
    }
    if (page.size() < kRecountPage) return out;
    query.after = page.back().n;
  }
}

}  // namespace

Recount recount(StoreReader& reader, std::int64_t after, std::int64_t first, std::int64_t last,
                std::int64_t& upto) {
  Recount out;
  std::unordered_map<std::string, Row> rows;
  upto = after;
  for (;;) {
    const std::vector<StoredPost> page = reader.posts_after(upto, kRecountPage);
    for (const StoredPost& post : page) {
      ++out.in;
      auto row = rows.find(post.case_id);
      if (row == rows.end())
        row =
            rows.emplace(post.case_id, post.case_id.empty() ? Row{} : row_of(reader, post.case_id))
                .first;
      ++out.buckets[bucket_of(post, row->second)];
      upto = post.seq;
    }
    if (page.size() < kRecountPage) break;
  }
  if (last > 0) out.by_hand = by_hand(reader, first, last);
  return out;
}

std::int64_t post_before(StoreReader& reader, Instant at) {
  std::int64_t seen = 0;
  for (;;) {
    const std::vector<StoredPost> page = reader.posts_after(seen, kRecountPage);
    for (const StoredPost& post : page) {
      if (post.seen_at >= at) return seen;
      seen = post.seq;
    }
    if (page.size() < kRecountPage) return seen;
  }
}

}  // namespace earshot
