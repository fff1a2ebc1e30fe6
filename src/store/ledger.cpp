#include "earshot/store/ledger.hpp"

#include <fmt/format.h>

#include <charconv>

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

}  // namespace

std::string ledger_bytes(const Sha256& previous, const LedgerEntry& entry) {
  std::string out;
  out.reserve(112 + entry.who.size() + entry.kind.size() + entry.case_id.size() +
              entry.data.size());
  out += "earshot ledger 1\n";
  out.append(reinterpret_cast<const char*>(previous.data()), previous.size());
  append_number(out, static_cast<std::uint64_t>(entry.n));
  append_number(out, static_cast<std::uint64_t>(to_unix_ms(entry.at)));
  for (const std::string* text : {&entry.who, &entry.kind, &entry.case_id, &entry.data})
    append_text(out, *text);
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
  return std::nullopt;
}

}  // namespace earshot
