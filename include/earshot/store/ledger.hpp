#pragma once

/// The hash chain of the ledger: each entry's hash covers the one before it, so nothing can be
/// changed, moved or taken out without breaking every later hash. What it cannot show is a cut at
/// the very end: compare the head with one noted elsewhere (the digest prints it). Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/core/ids.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// What an entry says (its data) is personal and may have to be erased, so the chain covers a
/// commitment of it: SHA-256 of "earshot data 2", a line end, 16 secret bytes of salt, and the
/// data. Erasing takes data and salt away and keeps the commitment; without the salt nobody can try
/// out what was said. What stands in place of the data is covered by a later entry of the kind
/// "erased", whose data names it: {"entries":[[n,"SHA-256 of the new data,
/// hex"]…],"emptied":[[from,to]…]}; emptied entries say "{}".
Sha256 ledger_commitment(std::string_view salt, std::string_view data);
/// The commitment that an entry's hash covers: made of its salt and data, or kept in its place.
Sha256 ledger_commitment(const LedgerEntry& entry);

/// The bytes that are hashed, without ambiguity: "earshot ledger 2" and a line end; the 32 bytes of
/// the previous hash (zeros for the first entry); n and the instant (milliseconds since 1970) as 8
/// bytes, big-endian; then who, kind, case_id, each as its length in 8 bytes, big-endian, and its
/// bytes; then the 32 bytes of the commitment.
std::string ledger_bytes(const Sha256& previous, const LedgerEntry& entry);

/// SHA-256 of ledger_bytes.
Sha256 ledger_hash(const Sha256& previous, const LedgerEntry& entry);

/// Which entries were erased, and what erasures say of them; collected in any order, in parts.
class ErasureCheck {
 public:
  void take(std::int64_t n, std::string_view kind, std::string_view data, std::string_view seal);
  void join(const ErasureCheck& other);
  /// nullopt where every erased entry is named by an erasure as it stands; else the first that is
  /// not.
  std::optional<std::int64_t> unnamed() const;
  std::int64_t count() const { return static_cast<std::int64_t>(erased_.size()); }

 private:
  void take_names(std::string_view data, std::int64_t by);

  std::map<std::int64_t, std::string> erased_{};  ///< by number: SHA-256 of what stands there, hex
  /// As erasures tell it, and which one said it last.
  std::map<std::int64_t, std::pair<std::int64_t, std::string>> named_{};
  std::vector<std::pair<std::int64_t, std::int64_t>> emptied_{};
};
std::string unnamed_text(std::int64_t n);

/// Walks a chain, from its first entry on unless told otherwise.
class LedgerCheck {
 public:
  LedgerCheck() = default;
  /// Starts behind an entry that is taken as given.
  explicit LedgerCheck(const LedgerEntry& known);
  /// nullopt where the entry continues the chain; else what is wrong, with its number. Nothing
  /// after that means anything.
  std::optional<std::string> next(const LedgerEntry& entry);
  /// After the last entry: nullopt where every erased one is named by an erasure as it stands.
  std::optional<std::string> finish() const;
  std::int64_t count() const { return n_; }
  std::int64_t erased() const { return erasures_.count(); }
  std::string head() const { return n_ == 0 ? std::string{} : to_hex(previous_); }

 private:
  std::int64_t n_ = 0;
  Sha256 previous_{};
  ErasureCheck erasures_{};
};

/// What walking a part of a file's chain showed.
struct ChainPart {
  std::int64_t entries = 0;             ///< that continue the chain
  std::string head;                     ///< hash of the last of them, hex; "" without any
  std::optional<std::int64_t> wrong{};  ///< number of the first entry that does not fit
  std::string problem;                  ///< what is wrong with it
  ErasureCheck erasures{};              ///< join those of all parts, then ask for unnamed()
};

/// Streams the entries after+1 … upto of a database, read-only on a connection of its own, so that
/// several threads may each take a part: the hash stored with entry `after` is taken as given, and
/// is the last word of the part before. Throws StoreError. SHA-256 is OpenSSL's, which uses the
/// processor's own instructions.
ChainPart check_chain(const std::string& path, std::int64_t after, std::int64_t upto);

}  // namespace earshot
