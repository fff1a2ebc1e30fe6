// What is held on a person, in whatever table: found, written back, removed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "earshot/core/check.hpp"
#include "earshot/store/ledger.hpp"
#include "sqlite_post_codec.hpp"
#include "sqlite_tables.hpp"

namespace earshot {

std::string& HeldRow::text(std::string_view column) {
  for (auto& [name, value] : texts) {
    if (name == column) return value;
  }
  return texts.emplace_back(std::string{column}, std::string{}).second;
}

std::string HeldRow::text_or(std::string_view column) const {
  for (const auto& [name, value] : texts) {
    if (name == column) return value;
  }
  return {};
}

namespace sqlite {
namespace {

/// A table with texts: its key, the case a row is of, its state, and the columns.
struct Spec {
  const char* table;
  const char* key;
  const char* case_id;
  const char* state;
  std::array<const char*, 4> columns;
};

// A record's key is its kind, a slash, and its id.
constexpr std::array kSpecs{
    Spec{"quarantine", "id", "''", "source", {"native", "raw", "reason"}},
    Spec{"cases", "id", "id", "state", {"body", "words", "conversation"}},
    Spec{"customer", "id", "''", "''", {"name", "body"}},
    Spec{"identity", "identity", "''", "customer", {"identity"}},
    Spec{"ledger", "n", "case_id", "kind", {"data"}},
    Spec{"timer", "id", "case_id", "kind", {"data"}},
    Spec{"outbox", "id", "case_id", "state", {"body", "target", "result", "message_id"}},
    Spec{"record",
         "kind || '/' || id",
         "CASE WHEN parent <> '' THEN parent ELSE id END",
         "kind",
         {"body", "id", "parent"}},
    Spec{"answer", "scope || char(31) || key", "''", "''", {"answer"}},
    Spec{"source", "name", "''", "''", {"state", "error"}},
};

constexpr std::string_view kPostSpec = "post";

std::string list_of(std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

void find_in(Tables& t, const Spec& spec, const HeldQuery& wanted, std::vector<HeldRow>& out) {
  std::string columns;
  std::string where = "0";
  std::size_t searched = 0;
  for (const char* column : spec.columns) {
    if (column == nullptr) break;
    columns += fmt::format(", {}", column);
    if (!wanted.needles.empty()) where += fmt::format(" OR holds({})", column);
    ++searched;
  }
  // A record may hang on a case either way: as its parent, or by its id ("c1", "c1/jo").
  if (!wanted.cases.empty()) {
    where += fmt::format(" OR {} IN ({})", spec.case_id, list_of(wanted.cases.size()));
    if (std::string_view{spec.table} == "record")
      where += fmt::format(" OR id IN ({})", list_of(wanted.cases.size()));
  }
  Query query{t.db, fmt::format("SELECT {}, {}, {}{} FROM {} WHERE {} ORDER BY 1", spec.key,
                                spec.case_id, spec.state, columns, spec.table, where)};
  for (const std::string& it : wanted.cases) query.put(it);
  if (std::string_view{spec.table} == "record") {
    for (const std::string& it : wanted.cases) query.put(it);
  }
  while (query.step()) {
    HeldRow row{spec.table, query.text(0), query.text(1), query.text(2), {}};
    for (std::size_t i = 0; i < searched; ++i)
      row.texts.emplace_back(spec.columns[i], query.text(static_cast<int>(i) + 3));
    out.push_back(std::move(row));
  }
}

struct Field {
  const char* name;
  std::string Post::*text;
};
constexpr std::array kFields{Field{"url", &Post::url},
                             Field{"title", &Post::title},
                             Field{"text", &Post::text},
                             Field{"quoted", &Post::quoted},
                             Field{"language", &Post::language},
                             Field{"in_reply_to", &Post::in_reply_to},
                             Field{"conversation", &Post::conversation}};
struct ListField {
  const char* name;
  std::vector<std::string> Post::*list;
};
constexpr std::array kLists{
    ListField{"mentions", &Post::mentions}, ListField{"hashtags", &Post::hashtags},
    ListField{"cashtags", &Post::cashtags}, ListField{"links", &Post::links},
    ListField{"addressed", &Post::addressed}};

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& it : list) out += (out.empty() ? "" : "\n") + it;
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string file_names(const Post& post) {
  std::vector<std::string> names;
  for (const Attachment& it : post.attachments) names.push_back(it.name);
  return joined(names);
}

void write_texts(const Post& post, HeldRow& row) {
  row.texts.emplace_back("author_id", post.author.id);
  row.texts.emplace_back("author_handle", post.author.handle);
  row.texts.emplace_back("author_name", post.author.name);
  row.texts.emplace_back("channel", to_word(post.channel));
  if (post.created_at) row.texts.emplace_back("created_at", to_rfc3339_ms(*post.created_at));
  for (const Field& it : kFields) row.texts.emplace_back(it.name, post.*it.text);
  for (const ListField& it : kLists) row.texts.emplace_back(it.name, joined(post.*it.list));
  row.texts.emplace_back("files", file_names(post));
}

void read_texts(const HeldRow& row, Post& post) {
  post.author.id = row.text_or("author_id");
  post.author.handle = row.text_or("author_handle");
  post.author.name = row.text_or("author_name");
  for (const Field& it : kFields) post.*it.text = row.text_or(it.name);
  for (const ListField& it : kLists) post.*it.list = lines_of(row.text_or(it.name));
  const std::vector<std::string> names = lines_of(row.text_or("files"));
  for (std::size_t i = 0; i < post.attachments.size(); ++i)
    post.attachments[i].name = i < names.size() ? names[i] : std::string{};
}

Post decoded(Tables& t, std::string_view body, std::string_view key) {
  Post post;
  if (!decode_post(body, post))
    throw StoreError(fmt::format("{}: post {} is damaged", t.db.path(), key));
  return post;
}

/// Posts and their older versions: what is searched is the body as it is stored.
void find_posts(Tables& t, const HeldQuery& wanted, bool versions, std::vector<HeldRow>& out) {
  const char* const words = versions ? "x" : "p";
  std::string where = "0";
  if (!wanted.needles.empty())
    where += fmt::format(" OR holds({0}.body) OR holds({0}.assessment) OR holds(p.native)", words);
  if (!wanted.cases.empty())
    where += fmt::format(" OR p.case_id IN ({})", list_of(wanted.cases.size()));
  Query query{
      t.db, fmt::format("SELECT {0}, p.case_id, o.name, p.native, {1}.assessment, {1}.body FROM "
                        "{2}post p {3}JOIN origin o ON o.id = p.origin WHERE {4} ORDER BY 1",
                        versions ? "x.id" : "p.seq", words, versions ? "post_version x JOIN " : "",
                        versions ? "ON p.seq = x.seq " : "", where)};
  for (const std::string& it : wanted.cases) query.put(it);
  while (query.step()) {
    HeldRow row{
        versions ? "post_version" : "post", query.text(0), query.text(1), query.text(2), {}};
    row.texts = {{"native", query.text(3)}, {"assessment", query.text(4)}};
    write_texts(decoded(t, query.view(5), row.key), row);
    out.push_back(std::move(row));
  }
}

std::int64_t number_of(const std::string& key) {
  std::int64_t out = 0;
  std::from_chars(key.data(), key.data() + key.size(), out);
  return out;
}

void rewrite_post(Tables& t, const HeldRow& row) {
  const bool versions = row.table != kPostSpec;
  const std::int64_t key = number_of(row.key);
  std::string body;
  {
    Query query{
        t.db, fmt::format("SELECT body FROM {} WHERE {} = ?", row.table, versions ? "id" : "seq")};
    if (!query.put(key).step()) return;
    Post post = decoded(t, query.view(0), row.key);
    read_texts(row, post);
    encode_post(post, body);
  }
  const std::string assessment = row.text_or("assessment");
  Query query{t.db, fmt::format("UPDATE {} SET body = ?, assessment = ? WHERE {} = ?", row.table,
                                versions ? "id" : "seq")};
  query.blob(body).put_or_null(assessment).put(key).run();
}

void rewrite_ledger(Tables& t, const HeldRow& row) {
  const std::int64_t n = number_of(row.key);
  LedgerQuery wanted;
  wanted.after = n - 1;
  wanted.limit = 1;
  const std::vector<LedgerEntry> found = ledger(t, wanted);
  if (found.empty() || found.front().n != n) return;
  const Sha256 commitment = ledger_commitment(found.front());
  const std::string data = row.text_or("data");
  Query query{t.db, "UPDATE ledger SET data = ?, seal = ? WHERE n = ?"};
  query.put(data)
      .blob({reinterpret_cast<const char*>(commitment.data()), commitment.size()})
      .put(n)
      .run();
}

/// A record's key in two parts, so that its index is used.
bool has_two_keys(const Spec& spec) {
  return std::string_view{spec.table} == "record";
}

std::string key_is(const Spec& spec) {
  return has_two_keys(spec) ? "kind = ? AND id = ?" : fmt::format("{} = ?", spec.key);
}

Query& put_key(Query& query, const Spec& spec, const std::string& key) {
  if (!has_two_keys(spec)) return query.put(key);
  const std::string_view whole{key};  // what is bound is not copied
  const std::size_t slash = std::min(whole.find('/'), whole.size());
  return query.put(whole.substr(0, slash)).put(whole.substr(std::min(slash + 1, whole.size())));
}

const Spec& spec_of(const HeldRow& row) {
  const auto* const found =
      std::ranges::find_if(kSpecs, [&](const Spec& it) { return row.table == it.table; });
  EARSHOT_CHECK(found != kSpecs.end());
  return *found;
}

}  // namespace

std::vector<HeldRow> held(Tables& t, const HeldQuery& wanted) {
  std::vector<HeldRow> out;
  if (wanted.needles.empty() && wanted.cases.empty()) return out;
  t.db.look_for(wanted.needles);
  find_posts(t, wanted, false, out);
  find_posts(t, wanted, true, out);
  for (const Spec& spec : kSpecs) find_in(t, spec, wanted, out);
  return out;
}

void rewrite(Tables& t, const HeldRow& row) {
  if (row.table == kPostSpec || row.table == "post_version") return rewrite_post(t, row);
  if (row.table == "ledger") return rewrite_ledger(t, row);
  const Spec& spec = spec_of(row);
  std::string set;
  std::vector<std::string> values;
  for (const char* column : spec.columns) {
    if (column == nullptr) break;
    // What a row is found by stays: who erases that removes the row.
    if (std::string_view{column} == "id" || row.table == "identity") continue;
    set += fmt::format("{}{} = ?", set.empty() ? "" : ", ", column);
    values.push_back(row.text_or(column));
  }
  if (set.empty()) return;
  Query query{t.db, fmt::format("UPDATE {} SET {} WHERE {}", spec.table, set, key_is(spec))};
  for (const std::string& it : values) query.put(it);
  put_key(query, spec, row.key).run();
}

void remove_held(Tables& t, const HeldRow& row) {
  const Spec& spec = spec_of(row);
  EARSHOT_CHECK(row.table != "ledger");
  Query query{t.db, fmt::format("DELETE FROM {} WHERE {}", spec.table, key_is(spec))};
  put_key(query, spec, row.key).run();
}

namespace {

/// A post without its author, words and place. Times and channel stay.
std::string bare(Tables& t, std::string_view body, std::string_view key) {
  const Post post = decoded(t, body, key);
  Post out;
  out.created_at = post.created_at;
  out.updated_at = post.updated_at;
  out.channel = post.channel;
  out.is_public = post.is_public;
  out.automatic = post.automatic;
  std::string bytes;
  encode_post(out, bytes);
  return bytes;
}

}  // namespace

void blank_post(Tables& t, std::int64_t seq, std::string_view native, Instant now) {
  std::string body;
  {
    Query query{t.db, "SELECT body FROM post WHERE seq = ?"};
    if (!query.put(seq).step()) return;
    body = bare(t, query.view(0), std::to_string(seq));
  }
  {
    Query query{t.db,
                "UPDATE post SET deleted = coalesce(deleted, ?), assessment = NULL, body = ? WHERE "
                "seq = ?"};
    query.put(now).blob(body).put(seq).run();
  }
  if (!native.empty()) {
    Query renamed{t.db, "UPDATE post SET native = ?, copy = 0 WHERE seq = ?"};
    renamed.put(native).put(seq).run();
    Query key{t.db, "DELETE FROM post_key WHERE bucket = ? AND seq = ?"};
    key.put(seq >> PostKeys::kBucketBits).put(seq).run();
  }
  Query versions{t.db, "DELETE FROM post_version WHERE seq = ?"};
  versions.put(seq).run();
  Query signature{t.db, "DELETE FROM signature WHERE seq = ?"};
  signature.put(seq).run();
}

std::vector<CaseRecord> cases_opened(Tables& t, Instant before, std::int64_t after_number,
                                     std::size_t limit) {
  std::vector<std::string> ids;
  {
    // In the order of their opening: the first younger one ends it, and none is read in vain.
    Query query{t.db, "SELECT id, opened FROM cases WHERE number > ? ORDER BY number LIMIT ?"};
    query.put(after_number).put(static_cast<std::int64_t>(limit));
    while (query.step() && query.instant(1) < before) ids.push_back(query.text(0));
  }
  std::vector<CaseRecord> out;
  out.reserve(ids.size());
  for (const std::string& id : ids) out.push_back(*case_by_id(t, id));
  return out;
}

void remove_case(Tables& t, std::string_view id) {
  for (const char* sql :
       {"DELETE FROM timer WHERE case_id = ?", "DELETE FROM outbox WHERE case_id = ?",
        "DELETE FROM record WHERE parent = ? AND parent <> ''", "DELETE FROM record WHERE id = ?",
        "DELETE FROM cases WHERE id = ?"}) {
    Query query{t.db, std::string{sql}};
    query.put(id).run();
  }
}

}  // namespace sqlite
}  // namespace earshot
