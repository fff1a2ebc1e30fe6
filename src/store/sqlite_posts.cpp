#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "earshot/core/check.hpp"
#include "earshot/core/planted.hpp"
#include "sqlite_post_codec.hpp"
#include "sqlite_tables.hpp"

namespace earshot::sqlite {
namespace {

std::optional<std::int64_t> origin_of(Tables& t, std::string_view source) {
  const auto it = t.origins.find(std::string{source});
  if (it != t.origins.end()) return it->second;
  Query query{t.db, "SELECT id FROM origin WHERE name = ?"};
  if (!query.put(source).step()) return std::nullopt;
  return t.origins[std::string{source}] = query.number(0);
}

std::int64_t make_origin(Tables& t, std::string_view source) {
  if (const auto found = origin_of(t, source)) return *found;
  Query query{t.db, "INSERT INTO origin(name) VALUES(?)"};
  query.put(source).run();
  return t.origins[std::string{source}] = t.db.last_id();
}

const std::string& name_of(Tables& t, std::int64_t origin) {
  std::string& name = t.names[origin];
  if (name.empty()) {
    Query query{t.db, "SELECT name FROM origin WHERE id = ?"};
    if (query.put(origin).step()) name = query.text(0);
  }
  return name;
}

constexpr const char* kPost =
    "SELECT seq, origin, native, version, case_id, seen, deleted, assessment, body FROM post WHERE "
    "seq = ?";
constexpr const char* kPostsOf =
    "SELECT seq, origin, native, version, case_id, seen, deleted, assessment, body FROM post WHERE "
    "case_id = ? ORDER BY seq";
constexpr const char* kPostsAfter =
    "SELECT seq, origin, native, version, case_id, seen, deleted, assessment, body FROM post WHERE "
    "seq > ? ORDER BY seq LIMIT ?";

StoredPost read_post(Tables& t, const Query& row) {
  StoredPost out;
  if (!decode_post(row.view(8), out.post))
    throw StoreError(fmt::format("{}: post {} is damaged", t.db.path(), row.number(0)));
  out.seq = row.number(0);
  out.post.source = name_of(t, row.number(1));
  out.post.id = row.text(2);
  out.version = row.integer(3);
  out.case_id = row.text(4);
  out.seen_at = row.instant(5);
  out.post.deleted = row.maybe_instant(6).has_value();
  out.assessment = row.text(7);
  return out;
}

void put_signature(Tables& t, std::int64_t seq, const MinHash& signature) {
  Query query{t.db, "INSERT OR REPLACE INTO signature(seq, minhash) VALUES(?, ?)"};
  const auto bytes = std::bit_cast<std::array<char, sizeof(MinHash)>>(
      signature);  // little-endian on every machine we build for
  query.put(seq).blob({bytes.data(), bytes.size()}).run();
}

}  // namespace

std::optional<StoreReader::Known> known(Tables& t, std::string_view source,
                                        std::string_view native_id) {
  if (planted<4>) return std::nullopt;
  const auto origin = origin_of(t, source);
  if (!origin) return std::nullopt;
  const auto seq = t.keys.find(t.db, *origin, native_id);
  if (!seq) return std::nullopt;
  Query query{t.db, "SELECT version, copy, case_id FROM post WHERE seq = ?"};
  if (!query.put(*seq).step()) return std::nullopt;
  return StoreReader::Known{*seq, query.integer(0), static_cast<std::uint64_t>(query.number(1)),
                            query.text(2)};
}

std::optional<StoredPost> post(Tables& t, std::int64_t seq) {
  Query query{t.db, kPost};
  if (!query.put(seq).step()) return std::nullopt;
  return read_post(t, query);
}

std::vector<StoredPost> posts_of(Tables& t, std::string_view case_id) {
  std::vector<StoredPost> out;
  Query query{t.db, kPostsOf};
  query.put(case_id);
  while (query.step()) out.push_back(read_post(t, query));
  return out;
}

std::vector<StoredPost> posts_after(Tables& t, std::int64_t seq, std::size_t limit) {
  std::vector<StoredPost> out;
  Query query{t.db, kPostsAfter};
  query.put(seq).put(static_cast<std::int64_t>(limit));
  while (query.step()) out.push_back(read_post(t, query));
  return out;
}

std::string case_of_copy(Tables& t, std::uint64_t copy_hash, Instant since) {
  Query query{t.db,
              "SELECT case_id FROM post WHERE copy = ? AND case_id IS NOT NULL AND seen >= ? ORDER "
              "BY seq DESC LIMIT 1"};
  return query.put(static_cast<std::int64_t>(copy_hash)).put(since).step() ? query.text(0)
                                                                           : std::string{};
}

std::vector<StoreReader::Signature> signatures(Tables& t, std::size_t newest) {
  std::vector<StoreReader::Signature> out;
  Query query{
      t.db,
      "SELECT s.seq, s.minhash, p.case_id, p.seen FROM signature s JOIN post p ON p.seq = s.seq "
      "WHERE p.case_id IS NOT NULL ORDER BY s.seq DESC LIMIT ?"};
  query.put(static_cast<std::int64_t>(newest));
  while (query.step()) {
    StoreReader::Signature& item = out.emplace_back();
    item.seq = query.number(0);
    const std::string_view bytes = query.view(1);
    if (bytes.size() != sizeof item.signature)
      throw StoreError(fmt::format("{}: signature {} is damaged", t.db.path(), item.seq));
    std::memcpy(item.signature.data(), bytes.data(), bytes.size());
    item.case_id = query.text(2);
    item.seen_at = query.instant(3);
  }
  std::ranges::reverse(out);
  return out;
}

std::int64_t add_post(Tables& t, const NewPost& item, Instant now) {
  EARSHOT_CHECK(item.post != nullptr);
  const std::int64_t origin = make_origin(t, item.post->source);
  if (!planted<4> && t.keys.find(t.db, origin, item.post->id))
    throw ConstraintError(
        fmt::format("post {} of source {} is stored already", item.post->id, item.post->source));
  t.scratch.clear();
  encode_post(*item.post, t.scratch);
  std::int64_t seq = 0;
  {
    Query query{
        t.db,
        "INSERT INTO post(origin, native, version, copy, case_id, seen, deleted, assessment, body) "
        "VALUES(?, ?, 1, ?, ?, ?, ?, ?, ?)"};
    query.put(origin)
        .put(item.post->id)
        .put(static_cast<std::int64_t>(item.copy_hash))
        .put_or_null(item.case_id)
        .put(now);
    query.put(item.post->deleted ? std::optional{now} : std::nullopt)
        .put_or_null(item.assessment)
        .blob(t.scratch)
        .run();
    seq = t.db.last_id();
  }
  t.keys.add(t.db, origin, item.post->id, seq);
  if (item.signature != nullptr) put_signature(t, seq, *item.signature);
  return seq;
}

void add_version(Tables& t, std::int64_t seq, const NewPost& item, Instant now) {
  EARSHOT_CHECK(item.post != nullptr);
  {
    Query keep{t.db,
               "INSERT INTO post_version(seq, version, copy, seen, assessment, body) "
               "SELECT seq, version, copy, seen, assessment, body FROM post WHERE seq = ?"};
    keep.put(seq).run();
    if (t.db.changes() != 1) throw ConstraintError(fmt::format("there is no post {}", seq));
  }
  t.scratch.clear();
  encode_post(*item.post, t.scratch);
  // An edit that comes without a case leaves the post in the case it has; `seen` stays the time of
  // the first version.
  Query query{t.db,
              "UPDATE post SET version = version + 1, copy = ?, case_id = coalesce(?, case_id), "
              "assessment = ?, body = ?, "
              "deleted = ? WHERE seq = ?"};
  query.put(static_cast<std::int64_t>(item.copy_hash))
      .put_or_null(item.case_id)
      .put_or_null(item.assessment)
      .blob(t.scratch);
  query.put(item.post->deleted ? std::optional{now} : std::nullopt).put(seq).run();
  if (item.signature != nullptr) put_signature(t, seq, *item.signature);
}

namespace {

/// A post without its words: who, when and where stay.
std::string blanked(Tables& t, std::string_view body, std::int64_t seq) {
  Post post;
  if (!decode_post(body, post))
    throw StoreError(fmt::format("{}: post {} is damaged", t.db.path(), seq));
  post.title.clear();
  post.text.clear();
  post.quoted.clear();
  for (auto* list : {&post.mentions, &post.hashtags, &post.cashtags, &post.links}) list->clear();
  post.attachments.clear();
  std::string out;
  encode_post(post, out);
  return out;
}

}  // namespace

void mark_deleted(Tables& t, std::int64_t seq, Instant now) {
  std::string body;
  {
    Query query{t.db, "SELECT body FROM post WHERE seq = ?"};
    if (!query.put(seq).step()) return;
    body = blanked(t, query.view(0), seq);
  }
  Query query{t.db,
              "UPDATE post SET deleted = coalesce(deleted, ?), assessment = NULL, body = ? WHERE "
              "seq = ?"};
  query.put(now).blob(body).put(seq).run();
  std::vector<std::pair<std::int64_t, std::string>> versions;
  {
    Query older{t.db, "SELECT id, body FROM post_version WHERE seq = ?"};
    older.put(seq);
    while (older.step()) versions.emplace_back(older.number(0), blanked(t, older.view(1), seq));
  }
  for (const auto& [id, words] : versions) {
    Query put{t.db, "UPDATE post_version SET assessment = NULL, body = ? WHERE id = ?"};
    put.blob(words).put(id).run();
  }
}

void attach_post(Tables& t, std::int64_t seq, std::string_view case_id) {
  Query query{t.db, "UPDATE post SET case_id = ? WHERE seq = ?"};
  query.put_or_null(case_id).put(seq).run();
  if (t.db.changes() != 1) throw ConstraintError(fmt::format("there is no post {}", seq));
}

}  // namespace earshot::sqlite
