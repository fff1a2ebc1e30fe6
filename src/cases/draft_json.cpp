#include <fmt/format.h>

#include "earshot/cases/draft.hpp"
#include "earshot/core/json.hpp"

namespace earshot {

std::string to_json(const Draft& it) {
  JsonWriter out;
  out.object();
  out.field("case", it.case_id);
  out.field("version", it.version);
  out.field("truth", it.parts.truth);
  out.field("owner", it.parts.owner);
  out.field("change", it.parts.change);
  out.field("writers", it.writers);
  out.field("by", it.by);
  out.field("saved_at", to_rfc3339_ms(it.saved_at));
  out.field("state", to_word(it.state));
  out.text_or_null("asked", it.asked);
  out.text_or_null("approver", it.approver);
  out.text_or_null("remark", it.remark);
  out.text_or_null("text", it.text);
  out.text_or_null("sent_by", it.sent_by);
  out.field("sent_at", it.sent_at);
  out.field("attempt", it.attempt);
  out.field("delivery", to_word(it.delivery));
  out.text_or_null("detail", it.detail);
  out.text_or_null("link", it.link);
  out.end();
  return out.take();
}

Result<Draft> draft_from_json(std::string_view json) {
  const auto document = parse_json(json);
  if (!document) return document.error().in("draft");
  if (!document->IsObject()) return permanent("draft: not an object");
  const JsonValue& in = *document;
  Draft out;
  out.case_id = string_at(in, "case");
  out.version = static_cast<int>(integer_at(in, "version").value_or(0));
  out.parts = {std::string{string_at(in, "truth")}, std::string{string_at(in, "owner")},
               std::string{string_at(in, "change")}};
  out.writers = strings_at(in, "writers");
  out.by = string_at(in, "by");
  out.saved_at = parse_rfc3339(string_at(in, "saved_at")).value_or(Instant{});
  out.state = from_word<DraftState>(string_at(in, "state")).value_or(out.state);
  out.asked = string_at(in, "asked");
  out.approver = string_at(in, "approver");
  out.remark = string_at(in, "remark");
  out.text = string_at(in, "text");
  out.sent_by = string_at(in, "sent_by");
  out.sent_at = parse_rfc3339(string_at(in, "sent_at"));
  out.attempt = static_cast<int>(integer_at(in, "attempt").value_or(0));
  out.delivery = from_word<DraftDelivery>(string_at(in, "delivery")).value_or(out.delivery);
  out.detail = string_at(in, "detail");
  out.link = string_at(in, "link");
  return out;
}

std::string draft_sentence(std::string_view kind, std::string_view who, std::string_view data) {
  const auto document = parse_json(data);
  if (!document || !kind.starts_with("draft_")) return {};
  const auto at = [&](std::string_view name) { return string_at(*document, name); };
  if (kind == "draft_write") return fmt::format("{} began to write a reply.", who);
  if (kind == "draft_ask")
    return fmt::format("{} asked {} to approve the reply.", who, at("asked"));
  if (kind == "draft_approve") return fmt::format("{} approved the reply.", who);
  if (kind == "draft_refuse") return fmt::format("{} sent the reply back: {}", who, at("remark"));
  if (kind == "draft_send") return fmt::format("{} sent the reply: {}", who, at("text"));
  if (kind == "draft_delivered") return "The reply is with the customer.";
  if (kind == "draft_uncertain")
    return fmt::format("Whether the reply arrived is not known: {}", at("detail"));
  if (kind == "draft_failed") return fmt::format("The reply did not go out: {}", at("detail"));
  return {};
}

}  // namespace earshot
