#pragma once

/// The rota's records, read from the store.

#include "earshot/oncall/live.hpp"
#include "earshot/oncall/roster.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// Kinds of records.
inline constexpr std::string_view kOverride = "override";
inline constexpr std::string_view kAbsence = "absence";
inline constexpr std::string_view kSwap = "swap";
inline constexpr std::string_view kContact = "contact";

/// All that is in force, was, or will be. A record that cannot be read is a StoreError: a rota with
/// a hole in it would page the wrong person.
LiveRota read_live(StoreReader& reader);
/// All records of a kind; `state` "" = any.
std::vector<Record> records_of(StoreReader& reader, std::string_view kind, std::string_view state);

/// The key under which a contact is proved: person, kind and value.
std::string contact_key(std::string_view person, const Contact& contact);

}  // namespace earshot
