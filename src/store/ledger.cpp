#include "earshot/store/ledger.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "earshot/core/json.hpp"

namespace earshot {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

bool is_erased(const LedgerEntry& entry) {
  return entry.seal.size() == sizeof(Sha256);
}

}  // namespace

Sha256 ledger_commitment(std::string_view salt, std::string_view data) {
  std::string bytes{"earshot data 2\n"};
  bytes += salt;
  bytes += data;
  return sha256(bytes);
}

Sha256 ledger_commitment(const LedgerEntry& entry) {
  if (!is_erased(entry)) return ledger_commitment(entry.seal, entry.data);
  Sha256 out{};
  std::memcpy(out.data(), entry.seal.data(), out.size());
  return out;
}

std::string ledger_bytes(const Sha256& previous, const LedgerEntry& entry) {
  std::string out;
  out.reserve(144 + entry.who.size() + entry.kind.size() + entry.case_id.size());
  out += "earshot ledger 2\n";
  out.append(reinterpret_cast<const char*>(previous.data()), previous.size());
  append_number(out, static_cast<std::uint64_t>(entry.n));
  append_number(out, static_cast<std::uint64_t>(to_unix_ms(entry.at)));
  for (const std::string* text : {&entry.who, &entry.kind, &entry.case_id}) append_text(out, *text);
  const Sha256 commitment = ledger_commitment(entry);
  out.append(reinterpret_cast<const char*>(commitment.data()), commitment.size());
  return out;
}

Sha256 ledger_hash(const Sha256& previous, const LedgerEntry& entry) {
  return sha256(ledger_bytes(previous, entry));
}

LedgerCheck::LedgerCheck(const LedgerEntry& known) : n_(known.n) {
  // A hash that is not 64 hex digits leaves zeros, and the next entry will not fit.
  for (std::size_t i = 0; i < previous_.size() && 2 * i + 2 <= known.hash.size(); ++i) {
    std::from_chars(known.hash.data() + 2 * i, known.hash.data() + 2 * i + 2, previous_[i], 16);
  }
}

std::optional<std::string> LedgerCheck::next(const LedgerEntry& entry) {
  if (entry.n != n_ + 1)
    return fmt::format("entry {} is missing: {} follows {}", n_ + 1, entry.n, n_);
  const Sha256 hash = ledger_hash(previous_, entry);
  if (to_hex(hash) != entry.hash)
    return fmt::format("entry {} was changed: its hash does not fit", entry.n);
  previous_ = hash;
  n_ = entry.n;
  erasures_.take(entry.n, entry.kind, entry.data, entry.seal);
  return std::nullopt;
}

std::optional<std::string> LedgerCheck::finish() const {
  const auto n = erasures_.unnamed();
  return n ? std::optional{unnamed_text(*n)} : std::nullopt;
}

std::string unnamed_text(std::int64_t n) {
  return fmt::format("entry {} was erased, and no erasure names what stands there", n);
}

void ErasureCheck::take(std::int64_t n, std::string_view kind, std::string_view data,
                        std::string_view seal) {
  if (seal.size() == sizeof(Sha256))
    erased_[n] = to_hex(sha256(data));
  else if (kind == "erased")
    take_names(data, n);
}

void ErasureCheck::take_names(std::string_view data, std::int64_t by) {
  const auto document = parse_json(data);
  if (!document) return;
  const auto pairs = [&](std::string_view key, const auto& take_pair) {
    const JsonValue* list = find(*document, key);
    if (list == nullptr || !list->IsArray()) return;
    for (const JsonValue& it : list->GetArray()) {
      if (it.IsArray() && it.Size() == 2 && it[0].IsInt64()) take_pair(it[0].GetInt64(), it[1]);
    }
  };
  pairs("entries", [&](std::int64_t n, const JsonValue& hash) {
    if (hash.IsString() && named_[n].first <= by) named_[n] = {by, hash.GetString()};
  });
  pairs("emptied", [&](std::int64_t from, const JsonValue& to) {
    if (to.IsInt64()) emptied_.emplace_back(from, to.GetInt64());
  });
}

void ErasureCheck::join(const ErasureCheck& other) {
  erased_.insert(other.erased_.begin(), other.erased_.end());
  emptied_.insert(emptied_.end(), other.emptied_.begin(), other.emptied_.end());
  for (const auto& it : other.named_) {
    auto& known = named_[it.first];
    if (known.first <= it.second.first) known = it.second;
  }
}

std::optional<std::int64_t> ErasureCheck::unnamed() const {
  const std::string empty = to_hex(sha256("{}"));
  for (const auto& [n, stands] : erased_) {
    const auto named = named_.find(n);
    if (named != named_.end() && named->second.second == stands) continue;
    bool emptied = false;
    for (const auto& range : emptied_)
      emptied = emptied || (stands == empty && range.first <= n && n <= range.second);
    if (!emptied) return n;
  }
  return std::nullopt;
}

}  // namespace earshot
