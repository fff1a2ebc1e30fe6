#include "sqlite_keys.hpp"

#include <bit>

#include "earshot/core/ids.hpp"

namespace earshot::sqlite {
namespace {
std::int64_t key_of(std::int64_t origin, std::string_view native) {
  return std::bit_cast<std::int64_t>(hash64(native, static_cast<std::uint64_t>(origin)));
}
}  // namespace

std::optional<std::int64_t> PostKeys::find(Db& db, std::int64_t origin, std::string_view native) {
  Query query{db, "SELECT seq FROM post_key WHERE bucket = 0 AND hash = ?"};
  query.put(key_of(origin, native));
  while (query.step()) {
    // Two ids may share a hash, by chance or by an author's design: only the post itself tells.
    Query same{db, "SELECT 1 FROM post WHERE seq = ? AND origin = ? AND native = ?"};
    if (same.put(query.number(0)).put(origin).put(native).step()) return query.number(0);
  }
  return std::nullopt;
}

void PostKeys::add(Db& db, std::int64_t origin, std::string_view native, std::int64_t seq) {
  Query query{db, "INSERT INTO post_key(bucket, hash, seq) VALUES(0, ?, ?)"};
  query.put(key_of(origin, native)).put(seq).run();
}

}  // namespace earshot::sqlite
