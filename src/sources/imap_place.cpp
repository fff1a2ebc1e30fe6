#include "imap_place.hpp"

#include "earshot/core/json.hpp"

namespace earshot {

std::optional<ImapPlace> read_imap_place(const std::string& state) {
  const auto document = parse_json(state);
  if (!document) return std::nullopt;
  ImapPlace place;
  const auto validity = integer_at(*document, "validity");
  const auto last = integer_at(*document, "last");
  if (!validity || !last || *validity <= 0 || *last < 0 || *validity > UINT32_MAX ||
      *last > UINT32_MAX)
    return std::nullopt;
  place.validity = static_cast<std::uint32_t>(*validity);
  place.last = static_cast<std::uint32_t>(*last);
  if (const JsonValue* recent = find(*document, "recent"); recent != nullptr && recent->IsArray()) {
    for (const JsonValue& uid : recent->GetArray()) {
      if (uid.IsUint()) place.recent.push_back(uid.GetUint());
    }
  }
  return place;
}

std::string write_imap_place(const ImapPlace& place) {
  JsonWriter out;
  out.object();
  out.field("validity", static_cast<std::int64_t>(place.validity));
  out.field("last", static_cast<std::int64_t>(place.last));
  out.key("recent");
  out.array();
  for (const std::uint32_t uid : place.recent) out.value(static_cast<std::int64_t>(uid));
  out.end_array();
  out.end();
  return out.take();
}

}  // namespace earshot
