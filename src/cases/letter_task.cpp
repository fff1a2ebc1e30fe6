#include "earshot/cases/letter_task.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/arguments.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

LetterAnswer refused(const LetterTask& it, std::string code, std::string text,
                     std::string field = {}) {
  return {it, Refusal{std::move(code), std::move(text), {}, std::move(field)}};
}

/// The reader, whoever acts for them, a manager.
bool may(const LetterTask& it, const LetterCommand& command, const Parties& parties) {
  if (command.manager || command.who == it.to) return true;
  const Party reader = parties(it.to);
  return std::ranges::find(reader.hands, command.who) != reader.hands.end();
}

}  // namespace

LetterAnswer apply_letter(const LetterTask& before, const LetterCommand& command, int swaps_left,
                          Instant now, const Parties& parties) {
  if (command.what != "done" && command.what != "swap")
    return refused(before, "no_action", "A letter is done, or swapped.");
  if (!may(before, command, parties))
    return refused(before, "not_yours", fmt::format("It is {}'s letter.", before.to));
  if (!before.owed()) return refused(before, "ended", "This letter is not owed any more.");
  LetterTask after = before;
  after.ended_at = now;
  after.by = command.who;
  if (command.what == "swap") {
    after.reason = argument(command.args, "reason");
    if (after.reason.empty())
      return refused(before, "reason_missing", "Say why another letter is wanted.", "reason");
    if (swaps_left <= 0)
      return refused(before, "no_swaps", "No letter of this lot may be given back any more.");
    after.state = LetterState::swapped;
    return {after, {}};
  }
  const auto way = from_word<LetterWay>(argument(command.args, "way"));
  if (!way)
    return refused(before, "way_missing", "Say how: called, answered or not_reached.", "way");
  after.way = *way;
  after.outcome = argument(command.args, "outcome");
  after.learnt = argument(command.args, "learnt");
  const bool reached = *way != LetterWay::not_reached;
  if (reached && after.outcome.empty())
    return refused(before, "outcome_missing", "Say what was said and agreed.", "outcome");
  if (reached && after.learnt.empty())
    return refused(before, "learnt_missing", "Say what you learnt.", "learnt");
  after.state = LetterState::done;
  return {after, {}};
}

std::string to_json(const LetterTask& it) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.field("lot", it.lot);
  out.field("seed", it.seed);
  out.field("reader", it.reader);
  out.field("to", it.to);
  out.field("place", it.place);
  out.key("item");
  out.raw(to_json_line(it.item));
  out.field("state", to_word(it.state));
  out.field("drawn_at", to_rfc3339_ms(it.drawn_at));
  out.field("due", to_rfc3339_ms(it.due));
  out.field("ended_at", it.ended_at);
  out.text_or_null("way", it.state == LetterState::done ? to_word(it.way) : std::string_view{});
  out.text_or_null("outcome", it.outcome);
  out.text_or_null("learnt", it.learnt);
  out.text_or_null("by", it.by);
  out.text_or_null("reason", it.reason);
  out.end();
  return out.take();
}

Result<LetterTask> letter_from_json(std::string_view json) {
  const auto document = parse_json(json);
  if (!document) return document.error().in("letter");
  if (!document->IsObject()) return permanent("letter: not an object");
  const JsonValue& in = *document;
  const auto at = [&](std::string_view name) { return parse_rfc3339(string_at(in, name)); };
  LetterTask out;
  out.id = string_at(in, "id");
  out.lot = string_at(in, "lot");
  out.seed = string_at(in, "seed");
  out.reader = string_at(in, "reader");
  out.to = string_at(in, "to");
  out.place = static_cast<int>(integer_at(in, "place").value_or(0));
  if (const JsonValue* item = find(in, "item"); item != nullptr && item->IsObject()) {
    out.item.id = string_at(*item, "id");
    out.item.fate = from_word<LetterFate>(string_at(*item, "fate")).value_or(LetterFate::open);
    out.item.channel = string_at(*item, "channel");
    out.item.band = string_at(*item, "band");
    out.item.urgency = string_at(*item, "urgency");
  }
  out.state = from_word<LetterState>(string_at(in, "state")).value_or(out.state);
  out.drawn_at = at("drawn_at").value_or(Instant{});
  out.due = at("due").value_or(Instant{});
  out.ended_at = at("ended_at");
  out.way = from_word<LetterWay>(string_at(in, "way")).value_or(out.way);
  out.outcome = string_at(in, "outcome");
  out.learnt = string_at(in, "learnt");
  out.by = string_at(in, "by");
  out.reason = string_at(in, "reason");
  return out;
}

}  // namespace earshot
