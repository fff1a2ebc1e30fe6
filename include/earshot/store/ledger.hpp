#pragma once

/// The hash chain of the ledger: each entry's hash covers the one before it, so nothing can be
/// changed, moved or taken out without breaking every later hash. What it cannot show is a cut at
/// the very end: compare the head with one noted elsewhere (the digest prints it). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "earshot/core/ids.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// The bytes that are hashed, without ambiguity: "earshot ledger 1" and a line end; the 32 bytes of
/// the previous hash (zeros for the first entry); n and the instant (milliseconds since 1970) as 8
/// bytes, big-endian; then who, kind, case_id and data, each as its length in 8 bytes, big-endian,
/// and its bytes.
std::string ledger_bytes(const Sha256& previous, const LedgerEntry& entry);

/// SHA-256 of ledger_bytes.
Sha256 ledger_hash(const Sha256& previous, const LedgerEntry& entry);

/// Walks a chain, from its first entry on unless told otherwise.
class LedgerCheck {
 public:
  LedgerCheck() = default;
  /// Starts behind an entry that is taken as given.
  explicit LedgerCheck(const LedgerEntry& known);
  /// nullopt where the entry continues the chain; else what is wrong, with its number. Nothing
  /// after that means anything.
  std::optional<std::string> next(const LedgerEntry& entry);
  std::int64_t count() const { return n_; }
  std::string head() const { return n_ == 0 ? std::string{} : to_hex(previous_); }

 private:
  std::int64_t n_ = 0;
  Sha256 previous_{};
};

/// What walking a part of a file's chain showed.
struct ChainPart {
  std::int64_t entries = 0;             ///< that continue the chain
  std::string head;                     ///< hash of the last of them, hex; "" without any
  std::optional<std::int64_t> wrong{};  ///< number of the first entry that does not fit
  std::string problem;                  ///< what is wrong with it
};

/// Streams the entries after+1 … upto of a database, read-only on a connection of its own, so that
/// several threads may each take a part: the hash stored with entry `after` is taken as given, and
/// is the last word of the part before. Throws StoreError. SHA-256 is OpenSSL's, which uses the
/// processor's own instructions.
ChainPart check_chain(const std::string& path, std::int64_t after, std::int64_t upto);

}  // namespace earshot
