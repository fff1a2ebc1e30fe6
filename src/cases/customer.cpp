#include "earshot/cases/customer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

CustomersDone refused(std::string code, std::string text, std::string field = {}) {
  CustomersDone out;
  out.refusal = Refusal{std::move(code), std::move(text), {}, std::move(field)};
  return out;
}

void write_part(JsonWriter& out, const CustomerPart& it) {
  out.object();
  out.field("id", it.id);
  out.field("name", it.name);
  out.field("identities", it.identities);
  out.field("contacts", it.contacts);
  out.field("reason", it.reason);
  out.field("by", it.by);
  out.field("at", to_rfc3339_ms(it.at));
  out.end();
}

}  // namespace

std::vector<std::string> Customer::ids() const {
  std::vector<std::string> out{id};
  for (const CustomerPart& part : body.parts) out.push_back(part.id);
  return out;
}

CustomersDone merge_customers(const Customer& from, const Customer& into, const std::string& who,
                              const std::string& reason, Instant now) {
  if (trim(reason).empty())
    return refused("reason_missing", "Say how it is known that they are one person.", "reason");
  if (from.id == into.id)
    return refused("into_itself", "A customer cannot be merged into itself.", "into");
  for (const Customer* it : {&from, &into}) {
    if (!it->body.merged_into.empty())
      return refused("merged",
                     fmt::format("{} is part of {} already.", it->id, it->body.merged_into));
  }
  if (!from.body.parts.empty())
    return refused("has_parts",
                   fmt::format("{} has parts of its own; merge the other way round, or split them "
                               "first.",
                               from.id));
  CustomersDone out{into, from, {}};
  out.one.body.parts.push_back(
      {from.id, from.name, from.identities, from.contacts, reason, who, now});
  out.one.identities.insert(out.one.identities.end(), from.identities.begin(),
                            from.identities.end());
  out.one.contacts += from.contacts;
  out.one.body.flags.insert(out.one.body.flags.end(), from.body.flags.begin(),
                            from.body.flags.end());
  out.other.identities.clear();
  out.other.body.merged_into = into.id;
  return out;
}

CustomersDone split_customer(const Customer& whole, const Customer& part,
                             const std::string& reason) {
  if (trim(reason).empty())
    return refused("reason_missing", "Say how it is known that they are two.", "reason");
  const auto found = std::ranges::find(whole.body.parts, part.id, &CustomerPart::id);
  if (found == whole.body.parts.end())
    return refused("no_part", fmt::format("{} is no part of {}.", part.id, whole.id), "part");
  CustomersDone out{whole, part, {}};
  out.other.identities = found->identities;
  out.other.body.merged_into.clear();
  std::erase_if(out.one.identities, [&](const std::string& it) {
    return std::ranges::find(found->identities, it) != found->identities.end();
  });
  out.one.contacts -= std::min(out.one.contacts, found->contacts);
  // Flags that came with the part leave with it.
  std::erase_if(out.one.body.flags, [&](const FlagSet& it) {
    return std::ranges::any_of(part.body.flags, [&](const FlagSet& own) {
      return own.flag == it.flag && own.at == it.at && own.by == it.by;
    });
  });
  std::erase_if(out.one.body.parts, [&](const CustomerPart& it) { return it.id == part.id; });
  return out;
}

CustomersDone flag_customer(const Customer& customer, const std::string& flag, bool on,
                            const std::string& who, const std::string& reason, Instant now) {
  const auto known = from_word<CustomerFlag>(flag);
  if (!known) return refused("flag_missing", "The flags are vip and vulnerable.", "flag");
  if (trim(reason).empty()) return refused("reason_missing", "Say why.", "reason");
  if (!customer.body.merged_into.empty())
    return refused("merged",
                   fmt::format("{} is part of {}.", customer.id, customer.body.merged_into));
  CustomersDone out{customer, {}, {}};
  std::erase_if(out.one.body.flags, [&](const FlagSet& it) { return it.flag == *known; });
  if (on) out.one.body.flags.push_back({*known, reason, who, now});
  return out;
}

std::string to_json(const CustomerBody& body) {
  JsonWriter out;
  out.object();
  out.key("flags");
  out.array();
  for (const FlagSet& it : body.flags) {
    out.object();
    out.field("flag", to_word(it.flag));
    out.field("reason", it.reason);
    out.field("by", it.by);
    out.field("at", to_rfc3339_ms(it.at));
    out.end();
  }
  out.end_array();
  out.key("parts");
  out.array();
  for (const CustomerPart& it : body.parts) write_part(out, it);
  out.end_array();
  out.text_or_null("merged_into", body.merged_into);
  out.end();
  return out.take();
}

CustomerBody customer_body(std::string_view json) {
  CustomerBody out;
  const auto document = parse_json(json);
  if (!document || !document->IsObject()) return out;
  const auto each = [&](std::string_view name, const auto& read) {
    const JsonValue* items = find(*document, name);
    if (items == nullptr || !items->IsArray()) return;
    for (const JsonValue& item : items->GetArray()) read(item);
  };
  each("flags", [&](const JsonValue& it) {
    out.flags.push_back({from_word<CustomerFlag>(string_at(it, "flag")).value_or(CustomerFlag::vip),
                         std::string{string_at(it, "reason")}, std::string{string_at(it, "by")},
                         parse_rfc3339(string_at(it, "at")).value_or(Instant{})});
  });
  each("parts", [&](const JsonValue& it) {
    out.parts.push_back({std::string{string_at(it, "id")}, std::string{string_at(it, "name")},
                         strings_at(it, "identities"),
                         static_cast<std::uint64_t>(integer_at(it, "contacts").value_or(0)),
                         std::string{string_at(it, "reason")}, std::string{string_at(it, "by")},
                         parse_rfc3339(string_at(it, "at")).value_or(Instant{})});
  });
  out.merged_into = string_at(*document, "merged_into");
  return out;
}

}  // namespace earshot
