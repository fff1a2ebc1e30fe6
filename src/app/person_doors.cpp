// The commands on a person, as API and CLI give them.
#include <fmt/format.h>

#include "earshot/cases/arguments.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "person.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

DeskAnswer nobody(const PersonSearch& search, const std::string& author) {
  if (search.several.empty()) {
    DeskAnswer none = rota_refusal(
        "no_person", fmt::format("Nothing is held on \"{}\".", printable(author)), "author");
    none.found = false;
    return none;
  }
  std::string list;
  for (const std::string& it : search.several) list += (list.empty() ? "" : ", ") + printable(it);
  return rota_refusal(
      "several", fmt::format("Several people have this name: say which one: {}.", list), "author");
}

DeskAnswer hold(StoreWriter& writer, const PersonFound& person, const DeskCommand& command,
                Instant now) {
  const bool on = command.what == "hold";
  const std::string until = argument(command.args, "until");
  const auto end = parse_rfc3339(until);
  if (!until.empty() && (!end || *end <= now))
    return rota_refusal("bad_time", "until: a time to come, as 2027-01-31T00:00:00Z.", "until");
  if (person.customers.empty())
    return rota_refusal("no_customer", "Only a customer with a case can be held.", "author");
  for (const std::string& id : person.customers) {
    Record it = writer.record(kHold, id).value_or(Record{});
    it.kind = kHold;
    it.id = id;
    it.owner = command.who;
    it.state = on ? "held" : "released";
    it.due = end;
    if (it.version == 0) it.created_at = now;
    it.updated_at = now;
    JsonWriter body;
    body.object();
    body.field("reason", argument(command.args, "reason"));
    body.end();
    it.body = body.take();
    writer.put_record(it);
  }
  JsonWriter data;
  data.object();
  data.field("customers", person.customers);
  data.field("reason", argument(command.args, "reason"));
  data.text_or_null("until", until);
  data.end();
  DeskAnswer out;
  out.done = true;
  out.body = data.take();
  writer.append_ledger(
      {0, now, command.who, on ? "person_held" : "person_released", "", out.body, ""});
  return out;
}

DeskAnswer hand_out(StoreWriter& writer, const PersonFound& person, const DeskCommand& command,
                    Instant now) {
  JsonWriter data;
  data.object();
  data.field("customers", person.customers);
  data.field("reason", person.traces.without(argument(command.args, "reason")));
  data.end();
  writer.append_ledger({0, now, command.who, "person_exported", "", data.take(), ""});
  DeskAnswer out;
  out.done = true;
  out.body = export_person(person, argument(command.args, "author"), now);
  return out;
}

DeskAnswer erase(StoreWriter& writer, const PersonFound& person, const Tombstones& stones,
                 const DeskCommand& command, Instant now) {
  const std::string open = argument(command.args, "open");
  if (auto kept = must_stay(writer, person, open == "yes" || open == "true", now)) return *kept;
  if (argument(command.args, "confirm") != argument(command.args, "author")) {
    std::uint64_t posts = 0;
    for (const HeldRow& row : person.rows) posts += row.table == "post" && person.owns(row) ? 1 : 0;
    return rota_refusal("confirm",
                        fmt::format("{} posts and {} cases of {} identities would be erased, and "
                                    "nothing brings them back. Give `confirm` the same value as "
                                    "`author`.",
                                    posts, person.cases.size(), person.identities.size()),
                        "confirm");
  }
  writer.put_meta(kTombstoneKey, stones.mark());
  DeskAnswer out;
  out.done = true;
  out.body = to_json(
      erase_person(writer, person, stones, command.who, argument(command.args, "reason"), now),
      person);
  return out;
}

}  // namespace

DeskAnswer change_person(StoreWriter& writer, const Tombstones& stones, const DeskCommand& command,
                         Instant now, PersonSearch* before) {
  const bool known = command.what == "export" || command.what == "erase" ||
                     command.what == "hold" || command.what == "release";
  if (!known) {
    DeskAnswer none = rota_refusal("no_action", "A person is exported, erased, held or released.");
    none.found = false;
    return none;
  }
  if (argument(command.args, "author").empty())
    return rota_refusal("no_author", "author: a handle, a mail address or customer:ID.", "author");
  if (argument(command.args, "reason").empty())
    return rota_refusal("no_reason", "Say why: the ledger keeps it.", "reason");
  PersonSearch here;
  if (before == nullptr) here = find_person(writer, argument(command.args, "author"));
  PersonSearch& search = before == nullptr ? here : *before;
  if (!search.found) return nobody(search, argument(command.args, "author"));
  if (before != nullptr && !look_again(writer, *search.found, command.what == "erase"))
    return rota_refusal(std::string{kFindAgain}, "They have written meanwhile.");
  if (command.what == "export") return hand_out(writer, *search.found, command, now);
  if (command.what == "erase") return erase(writer, *search.found, stones, command, now);
  return hold(writer, *search.found, command, now);
}

}  // namespace earshot
