#include "keys.hpp"

#include <fmt/format.h>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"

namespace earshot {
namespace {

struct Kept {
  int n = 0;
  std::string secret;
  Instant made{};
};

std::vector<Kept> read_keys(StoreReader& reader, Instant now) {
  std::vector<Kept> out;
  if (const auto text = reader.meta("ack_keys")) {
    const auto document = parse_json(*text);
    if (!document || !document->IsArray())
      throw StoreError("the keys of signed links cannot be read");
    for (const JsonValue& it : document->GetArray()) {
      const auto secret = from_base64(string_at(it, "secret"));
      const auto made = parse_rfc3339(string_at(it, "made"));
      if (!secret || !made) throw StoreError("a key of signed links cannot be read");
      out.push_back({static_cast<int>(integer_at(it, "n").value_or(1)), *secret, *made});
    }
  } else if (const auto first = reader.meta("ack_key")) {
    if (const auto secret = from_base64(*first)) out.push_back({1, *secret, now});
  }
  return out;
}

void write_keys(StoreWriter& writer, const std::vector<Kept>& keys) {
  JsonWriter out;
  out.array();
  for (const Kept& it : keys) {
    out.object();
    out.field("n", it.n);
    out.field("secret", base64(it.secret));
    out.field("made", to_rfc3339(it.made));
    out.end();
  }
  out.end_array();
  writer.put_meta("ack_keys", out.take());
}

std::vector<AckKey> signing(const std::vector<Kept>& keys) {
  std::vector<AckKey> out;
  out.reserve(keys.size());
  for (const Kept& it : keys) out.push_back({fmt::format("k{}", it.n), it.secret, ""});
  if (out.size() == 2) out.front().previous = out.back().secret;
  return out;
}

}  // namespace

std::vector<AckKey> held_keys(StoreReader& reader) {
  return signing(read_keys(reader, Instant{}));
}

std::vector<AckKey> keep_keys(StoreWriter& writer, const std::string& fresh, Instant now,
                              Duration rotate, Duration life) {
  std::vector<Kept> keys = read_keys(writer, now);
  const bool had = writer.meta("ack_keys").has_value();
  bool changed = !had;
  if (keys.empty() || (rotate > Duration{0} && keys.front().made + rotate <= now)) {
    keys.insert(keys.begin(), {keys.empty() ? 1 : keys.front().n + 1, fresh, now});
    changed = true;
  }
  while (keys.size() > 2 || (keys.size() == 2 && keys.front().made + life <= now)) {
    keys.pop_back();
    changed = true;
  }
  if (changed) write_keys(writer, keys);
  return signing(keys);
}

}  // namespace earshot
