/// Items that could not be read: list, look at one, try again, drop.

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {

WebResponse not_here() {
  return refuse(404, "not_found", "No item of the quarantine has this number.");
}

void write_item(JsonWriter& out, const Quarantined& it, bool whole) {
  out.object();
  out.field("id", it.id);
  out.field("source", it.source);
  out.field("native_id", it.native_id);
  out.field("reason", it.reason);
  out.field("at", to_rfc3339_ms(it.at));
  out.field("tries", static_cast<std::int64_t>(it.tries));
  out.field("bytes", static_cast<std::uint64_t>(it.raw.size()));
  if (whole && is_utf8(it.raw)) out.field("raw", it.raw);
  if (whole && !is_utf8(it.raw)) out.field("raw_base64", base64(it.raw));
  out.end();
}

}  // namespace

Task<WebResponse> Api::Parts::quarantine(WebRequest request, Viewer, std::vector<std::string>) {
  const std::string source = request.query_or("source");
  const auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(number_of(request.query_or("limit")).value_or(100), 1, 1000));
  std::vector<Quarantined> items;
  auto look = [&](StoreReader& reader) { items = reader.quarantined(source, limit); };
  co_await backend.store().read(look);
  JsonWriter out;
  out.object();
  out.key("items");
  out.array();
  for (const Quarantined& it : items) write_item(out, it, false);
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

/// With the bytes: as text where they are UTF-8, else as base64.
Task<WebResponse> Api::Parts::quarantined(WebRequest, Viewer, std::vector<std::string> taken) {
  const std::int64_t wanted = number_of(taken.front()).value_or(0);
  std::optional<Quarantined> item;
  auto look = [&](StoreReader& reader) { item = reader.quarantined_item(wanted); };
  co_await backend.store().read(look);
  if (!item) co_return not_here();
  JsonWriter out;
  write_item(out, *item, true);
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::leave_quarantine(WebRequest, Viewer viewer,
                                               std::vector<std::string> taken) {
  const std::string action = taken.back();
  if (action != "replay" && action != "drop")
    co_return refuse(404, "no_action", "An item of the quarantine is replayed or dropped.");
  const std::int64_t wanted = number_of(taken.front()).value_or(0);
  const bool replay = action == "replay";
  Result<IntakeAnswer> done{IntakeAnswer{}};
  if (replay)
    done = co_await backend.replay_quarantined(wanted, viewer.who);
  else
    done = co_await backend.drop_quarantined(wanted, viewer.who);
  if (!done && done.error().status == 404) co_return not_here();
  if (!done) co_return refuse(422, "unreadable", done.error().message);
  JsonWriter out;
  out.object();
  out.field("accepted", done->accepted);
  out.field("known", done->known);
  out.end();
  co_return json(200, out.take());
}

}  // namespace earshot
