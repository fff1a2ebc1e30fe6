#include "earshot/cases/storm.hpp"

#include "earshot/core/json.hpp"

namespace earshot {
namespace {

constexpr Duration kBucket = minutes{10};
constexpr std::size_t kBuckets = 144;  // a day
constexpr std::uint64_t kGrowth = 5;

Instant bucket_of(Instant at) {
  const auto since = at.time_since_epoch();
  return Instant{since - since % kBucket};
}

std::string arg(const Command& command, std::string_view name) {
  const auto found = command.args.find(name);
  return found == command.args.end() ? std::string{} : found->second;
}

std::uint64_t number(const JsonValue& object, std::string_view name) {
  const auto value = integer_at(object, name);
  return value && *value > 0 ? static_cast<std::uint64_t>(*value) : 0;
}

}  // namespace

void count_customer(Storm& storm, Instant now, bool to_principal, bool hazard) {
  ++storm.count;
  storm.to_principal += to_principal ? 1U : 0U;
  storm.hazards += hazard ? 1U : 0U;
  storm.last_at = std::max(storm.last_at, now);
  const Instant bucket = bucket_of(now);
  if (storm.rate.empty() || storm.rate.back().first < bucket) storm.rate.emplace_back(bucket, 0);
  ++storm.rate.back().second;
  if (storm.rate.size() > kBuckets) storm.rate.erase(storm.rate.begin());
}

std::uint64_t count_since(const Storm& storm, Instant from) {
  std::uint64_t sum = 0;
  for (const auto& [at, n] : storm.rate) sum += at >= bucket_of(from) ? n : 0;
  return sum;
}

bool has_grown(Storm& storm) {
  if (storm.tell_at == 0) storm.tell_at = std::max<std::uint64_t>(storm.count, 1) * kGrowth;
  if (storm.count < storm.tell_at) return false;
  while (storm.tell_at <= storm.count) storm.tell_at *= kGrowth;
  return true;
}

std::string to_json(const Storm& it) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.field("name", it.name);
  out.field("words", it.words);
  out.field("cause", it.cause);
  out.field("lead", it.lead);
  out.field("why", it.why);
  out.field("by", it.by);
  out.field("since", to_rfc3339_ms(it.since));
  out.field("last_at", to_rfc3339_ms(it.last_at));
  if (it.ended_at) out.field("ended_at", to_rfc3339_ms(*it.ended_at));
  out.field("ended_by", it.ended_by);
  out.field("count", it.count);
  out.field("cases", it.cases);
  out.field("to_principal", it.to_principal);
  out.field("hazards", it.hazards);
  out.field("tell_at", it.tell_at);
  out.key("rate");
  out.array();
  for (const auto& [at, n] : it.rate) {
    out.value(to_unix(at));
    out.value(n);
  }
  out.end_array();
  out.end();
  return out.take();
}

Result<Storm> storm_from_json(std::string_view json) {
  const auto document = parse_json(json);
  if (!document) return document.error().in("storm");
  if (!document->IsObject()) return permanent("storm: not an object");
  Storm out;
  out.id = string_at(*document, "id");
  out.name = string_at(*document, "name");
  out.words = strings_at(*document, "words");
  out.cause = string_at(*document, "cause");
  out.lead = string_at(*document, "lead");
  out.why = string_at(*document, "why");
  out.by = string_at(*document, "by");
  out.since = parse_rfc3339(string_at(*document, "since")).value_or(Instant{});
  out.last_at = parse_rfc3339(string_at(*document, "last_at")).value_or(out.since);
  if (const auto ended = parse_rfc3339(string_at(*document, "ended_at"))) out.ended_at = *ended;
  out.ended_by = string_at(*document, "ended_by");
  out.count = number(*document, "count");
  out.cases = number(*document, "cases");
  out.to_principal = number(*document, "to_principal");
  out.hazards = number(*document, "hazards");
  out.tell_at = number(*document, "tell_at");
  const JsonValue* rate = find(*document, "rate");
  for (rapidjson::SizeType i = 0; rate != nullptr && rate->IsArray() && i + 1 < rate->Size();
       i += 2) {
    if ((*rate)[i].IsInt64() && (*rate)[i + 1].IsUint64())
      out.rate.emplace_back(from_unix((*rate)[i].GetInt64()), (*rate)[i + 1].GetUint64());
  }
  return out;
}

Applied apply_storm(const Case& it, const Command& command, Instant now) {
  const std::string reason = arg(command, "reason");
  if (command.action == Action::leave_storm) {
    if (it.storm.empty()) return {{}, Refusal{"no_storm", "This case is part of no storm."}};
    return {{{EventKind::left_storm, command.who, now, {{"storm", it.storm}, {"reason", reason}}}},
            {}};
  }
  const std::string storm = arg(command, "storm");
  if (storm.empty()) return {{}, Refusal{"storm_missing", "Say which storm.", {}, "storm"}};
  if (it.ended()) return {{}, Refusal{"ended", "This case has ended."}};
  // Somebody who has the case keeps it: only what nobody has is grouped.
  const bool grouped = arg(command, "grouped") == "yes" && it.owner.empty();
  if (it.storm == storm && it.grouped == grouped) return {};
  return {{{EventKind::entered_storm,
            command.who,
            now,
            {{"storm", storm}, {"grouped", grouped ? "yes" : "no"}, {"reason", reason}}}},
          {}};
}

void fold_storm(Case& it, const Event& event) {
  const auto text = [&](std::string_view name) {
    const auto found = event.data.find(name);
    return found == event.data.end() ? std::string{} : found->second;
  };
  const bool entered = event.kind == EventKind::entered_storm;
  it.storm = entered ? text("storm") : std::string{};
  it.grouped = entered && text("grouped") == "yes";
  if (!it.grouped) return;
  it.next_step_at.reset();  // another case climbs for it
  it.step = -1;
  it.round = 0;
}

}  // namespace earshot
