#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, POST /api/v2/alerts.
// The label set is the identity, so labels are few and constant; what changes goes into
// annotations. An empty label value would be dropped: it is left out.
namespace earshot {
namespace {

constexpr Duration kFiresFor =
    hours{4};  // repeated every half hour; without endsAt it would be resolved after five minutes

constexpr std::size_t kSummary = 1000;

void write_alert(JsonWriter& out, const ReceiverConfig& receiver, const Message& message,
                 const MessageCase* it) {
  const bool ended =
      it != nullptr && (it->state == "closed" || it->state == "dismissed" || it->state == "merged");
  out.object();
  out.key("labels");
  out.object();
  out.field("alertname", it != nullptr                       ? "EarshotCase"
                         : message.kind == MessageKind::test ? "EarshotTest"
                                                             : "EarshotSelf");
  if (it != nullptr) {
    out.field("case", fmt::format("{}", it->number));
    out.field("source", it->source);
    if (!it->team.empty()) out.field("team", it->team);
  }
  for (const auto& [name, value] : receiver.labels) {
    if (!value.empty()) out.field(name, value);
  }
  out.end();
  out.key("annotations");
  out.object();
  out.field("summary", payload::one_line(message.headline, kSummary));
  out.field("description", cut_utf8(render_text(message), 8000));
  if (it != nullptr) {
    out.field("urgency", it->urgency);
    out.field("state", it->state);
    if (!it->owner.empty()) out.field("owner", it->owner);
    if (const std::string url = payload::safe_url(it->url); !url.empty()) out.field("post", url);
  }
  if (!message.ack_url.empty()) out.field("ack", message.ack_url);
  out.end();
  // A post that is dated ahead would end before it starts, which is a 400.
  out.field("startsAt",
            to_rfc3339_ms(it != nullptr ? std::min(it->posted_at, message.at) : message.at));
  out.field("endsAt", to_rfc3339_ms(ended ? message.at : message.at + kFiresFor));
  if (!message.case_url.empty()) out.field("generatorURL", message.case_url);
  out.end();
}

}  // namespace

std::string render_alertmanager(const ReceiverConfig& receiver, const Message& message) {
  JsonWriter out;
  out.array();
  for (const MessageCase& it : message.cases) write_alert(out, receiver, message, &it);
  if (message.cases.empty()) write_alert(out, receiver, message, nullptr);
  out.end_array();
  return out.take();
}

}  // namespace earshot
