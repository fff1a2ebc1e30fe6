#pragma once

/// What is left of people who were erased: keyed hashes by which their old items are kept out when
/// a source shows them again. Nobody reads a name back out of one without the key, which lies in a
/// file of its own beside the database.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "earshot/core/post.hpp"
#include "earshot/core/result.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

inline constexpr std::string_view kTombstone = "tombstone";         ///< kind of records
inline constexpr std::string_view kTombstoneKey = "tombstone_key";  ///< meta: which key it was

class Tombstones {
 public:
  /// Nothing is kept out before there is a key.
  void use(std::string key) { key_ = std::move(key); }
  bool has_key() const { return !key_.empty(); }
  std::string mark() const { return mark_of(key_); }
  /// Reads all of them.
  void load(StoreReader& reader);
  bool empty() const { return stones_.empty(); }

  /// An item that was erased, whatever its words say now; or an older one of an erased author. What
  /// they write after the erasure is theirs to say: it comes in as a stranger's.
  bool keeps_out(const Post& post) const;
  bool keeps_out(std::string_view source, std::string_view native_id) const;
  bool is_erased(std::string_view identity) const;

  /// Stores one for the author with this identity (cases/intake.hpp), or for an item.
  void bury_author(StoreWriter& writer, std::string_view identity, Instant now) const;
  void bury_item(StoreWriter& writer, std::string_view source, std::string_view native_id,
                 Instant now) const;
  /// What an erased post is called from now on.
  std::string name_of_item(std::string_view source, std::string_view native_id) const;
  /// Tells keys apart without giving one away.
  static std::string mark_of(std::string_view key);

 private:
  std::string stone(std::string_view kind, std::string_view what) const;
  void put(StoreWriter& writer, std::string id, std::string_view kind, Instant now) const;

  std::string key_;
  std::map<std::string, Instant, std::less<>> stones_;
};

/// The key in this file; "" where there is no such file. An Error where it cannot be read.
Result<std::string> read_tombstone_key(const std::string& path);
/// Makes the file (mode 600, synced) with this key.
Result<void> make_tombstone_key(const std::string& path, const std::string& key);
/// An Error where the store has tombstones of another key than this one: then people who were
/// erased would come back.
Result<void> check_tombstone_key(StoreReader& reader, const std::string& key,
                                 const std::string& path);

}  // namespace earshot
