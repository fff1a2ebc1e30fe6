#include "parts.hpp"

#include <algorithm>
#include <charconv>

#include "earshot/core/utf8.hpp"
#include "views.hpp"

namespace earshot {

WebResponse json(int status, std::string body) {
  return {status, "application/json", std::move(body), {}};
}

WebResponse refuse(int status, const std::string& code, const std::string& text,
                   const std::string& field) {
  return json(status, problem(code, text, field));
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<Arguments> arguments_of(std::string_view body) {
  Arguments out;
  if (trim(body).empty()) return out;
  const auto document = parse_json(body);
  if (!document) return document.error();
  if (!document->IsObject()) return permanent("the body must be a JSON object");
  for (const auto& member : document->GetObject()) {
    const std::string name{member.name.GetString(), member.name.GetStringLength()};
    const JsonValue& value = member.value;
    if (value.IsString())
      out[name] = clean_utf8({value.GetString(), value.GetStringLength()});
    else if (value.IsBool())
      out[name] = value.GetBool() ? "yes" : "no";
    else if (value.IsInt64())
      out[name] = std::to_string(value.GetInt64());
    if (out[name].size() > 20'000) return permanent("\"" + name + "\" is longer than 20000 bytes");
  }
  return out;
}

int status_of(const Refusal& refusal) {
  if (!refusal.missing.empty()) return 422;
  if (refusal.code == "taken" || refusal.code == "ended" || refusal.code == "merged" ||
      refusal.code == "not_ended" || refusal.code == "second_person" ||
      refusal.code == "not_yours" || refusal.code == "too_late" ||
      refusal.code == "not_acknowledged") {
    return 409;
  }
  return 400;
}

Task<std::optional<WebResponse>> Api::Parts::barred(std::string id, Viewer viewer,
                                                    const Door* door) {
  const Reach reach = reach_of(viewer.role, door->method, door->role, door->touches);
  if (reach.own && reach.other) co_return std::nullopt;
  std::optional<CaseRecord> record;
  bool told = false;
  auto look = [&](StoreReader& reader) {
    record = reader.case_by_id(id);
    if (!record || viewer.who.empty()) return;
    for (const OutboxRow& row : reader.outbox_of(id)) told = told || row.person == viewer.who;
  };
  co_await backend.store().read(look);
  if (!record) co_return refuse(404, "no_case", "There is no such case.");
  const std::shared_ptr<const Config> config = backend.config();
  if (reach.own && is_own(*config, viewer, *record, told)) co_return std::nullopt;
  const bool seen = reach_of(viewer.role, "GET", "viewer", Touches::one).other;
  if (seen)
    co_return refuse(403, "team",
                     "This case is of the team " + record->team + ", which is not yours.");
  co_return refuse(404, "no_case", "There is no such case.");
}

}  // namespace earshot
