// Somebody addressed a principal: the delegate and the aide - or the principal, who has neither -
// read one paragraph when the case opens or later words address them, and one when somebody has it.
#include <fmt/format.h>

#include "earshot/web/brief.hpp"
#include "effects.hpp"

namespace earshot {

void Effects::brief_principal(const Case& it, std::string_view when) {
  const Principal* principal = it.principal.empty() ? nullptr : rules_.principal(it.principal);
  if (principal == nullptr || it.grouped || it.kind != "customer" || it.urgency < Urgency::queue)
    return;
  LedgerQuery query;
  query.case_id = it.id;
  const std::vector<LedgerEntry> story = writer_.ledger(query);
  std::vector<std::string> readers;
  for (const std::string& hand : {principal->delegate, principal->aide}) {
    if (rules_.person(hand) != nullptr) readers.push_back(hand);
  }
  if (readers.empty() && !principal->mail.empty()) readers.push_back(principal->id);
  for (const std::string& reader : readers) {
    if (reader == it.owner && when != "opened") continue;  // they have it themselves
    Letter letter;
    letter.person = reader;
    letter.headline = fmt::format("{} was addressed {}: case {}",
                                  principal->name.empty() ? principal->id : principal->name,
                                  it.is_public ? "in public" : "in private", it.number);
    letter.text = brief_now(it, *rules_.config, reader, chance_.now, story);
    letter.key = fmt::format("brief/{}/{}/{}", it.id, when, it.reopened);
    letter.thread = "case-" + it.id;
    letter.case_id = it.id;
    letter.needed = false;  // whoever wants no notices of the queue wants none here
    send_letter(letter);
  }
}

}  // namespace earshot
