#include "earshot/cases/letter_task.hpp"

namespace earshot {

std::string to_json(const LetterLot& lot) {
  JsonWriter out;
  out.object();
  out.field("period", lot.period);
  out.field("from", to_rfc3339_ms(lot.from));
  out.field("to", to_rfc3339_ms(lot.to));
  out.field("seed", lot.seed);
  out.key("strata");
  out.object();
  for (const auto& [fate, share] : lot.strata) out.field(to_word(fate), share);
  out.end();
  out.key("readers");
  out.array();
  for (const LetterReader& it : lot.readers) {
    out.object();
    out.field("to", it.to);
    out.field("count", it.count);
    out.end();
  }
  out.end_array();
  out.key("pool");
  out.array();
  for (const LetterCandidate& it : lot.pool) out.raw(to_json_line(it));
  out.end_array();
  out.end();
  return out.take();
}

Result<LetterLot> lot_from_json(std::string_view json) {
  const auto document = parse_json(json);
  if (!document) return document.error().in("lot");
  if (!document->IsObject()) return permanent("lot: not an object");
  const JsonValue& in = *document;
  LetterLot out;
  out.period = string_at(in, "period");
  out.from = parse_rfc3339(string_at(in, "from")).value_or(Instant{});
  out.to = parse_rfc3339(string_at(in, "to")).value_or(Instant{});
  out.seed = string_at(in, "seed");
  if (const JsonValue* strata = find(in, "strata"); strata != nullptr && strata->IsObject()) {
    for (const LetterFate fate :
         {LetterFate::suppressed, LetterFate::dismissed, LetterFate::solved, LetterFate::open}) {
      if (const auto share = number_at(*strata, to_word(fate))) out.strata[fate] = *share;
    }
  }
  if (const JsonValue* readers = find(in, "readers"); readers != nullptr && readers->IsArray()) {
    for (const JsonValue& it : readers->GetArray())
      out.readers.push_back({std::string{string_at(it, "to")},
                             static_cast<int>(integer_at(it, "count").value_or(1))});
  }
  if (const JsonValue* pool = find(in, "pool"); pool != nullptr && pool->IsArray()) {
    for (const JsonValue& it : pool->GetArray()) {
      JsonWriter line;
      line.value(it);
      auto candidate = candidate_from_json(line.take());
      if (!candidate) return candidate.error();
      out.pool.push_back(std::move(*candidate));
    }
  }
  return out;
}

}  // namespace earshot
