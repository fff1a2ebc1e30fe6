// What waits to be sent, and until when a rate limit delays it.
#include "earshot/runtime/clock.hpp"
#include "parts.hpp"

namespace earshot {

Task<WebResponse> Api::Parts::outbox(WebRequest, Viewer, std::vector<std::string>) {
  std::vector<StoreReader::OutboxDepth> depths;
  auto look = [&](StoreReader& reader) { depths = reader.outbox_depths(); };
  co_await backend.store().read(look);
  const std::vector<OutboxDelay> delays = backend.outbox_delays();
  const Instant now = clock.now();
  JsonWriter out;
  out.array();
  for (const auto& it : depths) {
    out.object();
    out.field("lane", to_word(it.lane));
    out.field("receiver", it.receiver);
    out.field("depth", it.depth);
    const Duration age = it.oldest ? now - *it.oldest : Duration{};
    out.field("oldest_s", static_cast<std::int64_t>(age.count() / 1000));
    std::optional<std::string> until;
    std::optional<int> rate;
    for (const OutboxDelay& delay : delays) {
      if (delay.receiver != it.receiver || delay.lane != it.lane) continue;
      until = to_rfc3339_ms(delay.until);
      rate = delay.per_minute;
    }
    out.field("delayed_until", until);
    out.field("per_minute", rate);
    out.end();
  }
  out.end_array();
  co_return json(200, out.take());
}

}  // namespace earshot
