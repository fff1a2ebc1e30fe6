#include "earshot/web/live.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace earshot {
namespace {

constexpr std::size_t kPage = 1'000;

template <class T>
T need(Result<T> read, const Record& record) {
  if (!read)
    throw StoreError(
        fmt::format("{} {} cannot be read: {}", record.kind, record.id, read.error().message));
  return std::move(*read);
}

}  // namespace

std::vector<Record> records_of(StoreReader& reader, std::string_view kind, std::string_view state) {
  std::vector<Record> out;
  RecordQuery query;
  query.kind = kind;
  if (!state.empty()) query.states = {std::string{state}};
  query.limit = kPage;
  for (;;) {
    std::vector<Record> page = reader.records(query);
    const bool last = page.size() < kPage;
    if (!page.empty()) query.after = page.back().id;
    for (Record& it : page) out.push_back(std::move(it));
    if (last) return out;
  }
}

LiveRota read_live(StoreReader& reader) {
  LiveRota out;
  for (const Record& it : records_of(reader, kOverride, "active"))
    out.overrides.push_back(need(override_from_json(it.body), it));
  // Ids are random: the order in which they were made is the order in which they apply.
  std::stable_sort(out.overrides.begin(), out.overrides.end(),
                   [](const auto& a, const auto& b) { return a.made_at < b.made_at; });
  for (const Record& it : records_of(reader, kAbsence, "active"))
    out.absences.push_back(need(absence_from_json(it.body), it));
  for (const Record& it : records_of(reader, kContact, "proved")) out.proved.insert(it.id);
  return out;
}

std::string contact_key(std::string_view person, const Contact& contact) {
  return fmt::format("{}/{}/{}", person, to_word(contact.kind), contact.value);
}

}  // namespace earshot
