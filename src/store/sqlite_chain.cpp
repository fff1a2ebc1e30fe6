#include <fmt/format.h>
#include <openssl/evp.h>

#include <cstdint>
#include <cstring>
#include <memory>

#include "earshot/store/ledger.hpp"
#include "sqlite_check.hpp"
#include "sqlite_db.hpp"

namespace earshot {
namespace {

constexpr std::size_t kCacheKib = 4'096;
constexpr std::string_view kDataMark = "earshot data 2\n";
constexpr std::string_view kMark = "earshot ledger 2\n";

/// One context for many hashes: making one costs more than hashing an entry.
class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex2(context_.get(), EVP_sha256(), nullptr) != 1)
      throw StoreError("SHA-256 is not to be had");
  }
  /// The digest of bytes that stand in one place.
  void hash(std::string_view bytes, unsigned char* out) {
    EVP_DigestInit_ex2(context_.get(), nullptr, nullptr);
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    EVP_DigestFinal_ex(context_.get(), out, nullptr);
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

void append_number(std::string& out, std::uint64_t value) {
  char bytes[8];
  for (std::size_t i = 0; i < sizeof bytes; ++i)
    bytes[i] = static_cast<char>((value >> (56 - 8 * i)) & 0xFFU);
  out.append(bytes, sizeof bytes);
}

/// The hash stored with an entry; zeros before the first.
bool read_previous(sqlite::Db& db, std::int64_t n, Sha256& out) {
  if (n == 0) return true;
  sqlite::Query query{db, "SELECT hash FROM ledger WHERE n = ?"};
  query.put(n);
  if (!query.step() || query.view(0).size() != out.size()) return false;
  std::memcpy(out.data(), query.view(0).data(), out.size());
  return true;
}

}  // namespace

ChainPart check_chain(const std::string& path, std::int64_t after, std::int64_t upto) {
  sqlite::Db db{path, sqlite::Access::read_only, kCacheKib};
  sqlite::check_ours(db);
  ChainPart out;
  Sha256 previous{};
  const auto fail = [&](std::int64_t n, std::string problem) {
    out.wrong = n;
    out.problem = std::move(problem);
    return out;
  };
  if (!read_previous(db, after, previous))
    return fail(after, fmt::format("entry {} has no hash", after));
  Hasher hasher;
  std::string bytes;
  std::string committed;
  Sha256 commitment{};
  Sha256 hash{};
  std::int64_t last = after;
  sqlite::Query query{
      db,
      "SELECT n, at, who, kind, case_id, data, hash, seal FROM ledger WHERE n > ? AND n "
      "<= ? ORDER BY n"};
  query.put(after).put(upto);
  while (query.step()) {
    const std::int64_t n = query.number(0);
    if (n != last + 1)
      return fail(last + 1, fmt::format("entry {} is missing: {} follows {}", last + 1, n, last));
    bytes.assign(kMark);
    bytes.append(reinterpret_cast<const char*>(previous.data()), previous.size());
    append_number(bytes, static_cast<std::uint64_t>(n));
    append_number(bytes, static_cast<std::uint64_t>(query.number(1)));
    for (int column = 2; column <= 4; ++column) {
      const std::string_view text = query.view(column);
      append_number(bytes, text.size());
      bytes.append(text);
    }
    const std::string_view seal = query.view(7);
    if (seal.size() == commitment.size()) {
      std::memcpy(commitment.data(), seal.data(), seal.size());
    } else {
      committed.assign(kDataMark).append(seal).append(query.view(5));
      hasher.hash(committed, commitment.data());
    }
    bytes.append(reinterpret_cast<const char*>(commitment.data()), commitment.size());
    hasher.hash(bytes, hash.data());
    const std::string_view stored = query.view(6);
    if (stored.size() != hash.size() || std::memcmp(stored.data(), hash.data(), hash.size()) != 0)
      return fail(n, fmt::format("entry {} was changed: its hash does not fit", n));
    out.erasures.take(n, query.view(3), query.view(5), seal);
    previous = hash;
    last = n;
    ++out.entries;
  }
  if (last < upto && upto != INT64_MAX)
    return fail(last + 1, fmt::format("entry {} is missing: none follows {}", last + 1, last));
  if (out.entries > 0) out.head = to_hex(previous);
  return out;
}

}  // namespace earshot
