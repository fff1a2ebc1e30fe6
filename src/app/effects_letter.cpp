// Letters to one person: a mail that can be replied to, or else a notice by the ways of the queue.
#include <fmt/format.h>

#include "earshot/core/ids.hpp"
#include "effects.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

/// Where a person or a principal is written to; "" where nobody knows.
std::string address_of(const std::string& id, const Rules& rules) {
  if (const Person* person = rules.person(id)) {
    for (const Contact& contact : person->contact) {
      if (contact.kind == ContactKind::mail && !contact.value.empty()) return contact.value;
    }
  }
  const Principal* principal = rules.principal(id);
  return principal != nullptr && !principal->mail.empty() ? principal->mail.front() : "";
}

}  // namespace

void Effects::send_letter(const Letter& letter) {
  const std::string address =
      letter.address.empty() ? address_of(letter.person, rules_) : letter.address;
  const ReceiverConfig* by_mail = rules_.receiver_of_type("email");
  std::vector<Way> ways;
  if (by_mail != nullptr && !address.empty()) {
    ways.push_back({by_mail->name, address, {}});
  } else if (const Person* person = rules_.person(letter.person)) {
    ways = ways_of(*person, "queue", rules_);
  } else if (const Principal* principal = rules_.principal(letter.person)) {
    for (const std::string& hand : {principal->delegate, principal->aide}) {
      const Person* person_there = rules_.person(hand);
      if (person_there != nullptr && ways.empty()) ways = ways_of(*person_there, "queue", rules_);
    }
  }
  if (ways.empty() && letter.needed)
    tell_ops(fmt::format("{} cannot be written to", letter.person), letter.headline,
             "letter/" + letter.key);
  for (const Way& way : ways) {
    OutboxRow row;
    row.key =
        fmt::format("letter/{}/{}/{}/{}", letter.key, letter.person, way.receiver, way.target);
    row.message_id = fmt::format("{}.{}", letter.thread, hash128_hex(row.key).substr(0, 16));
    row.case_id = letter.case_id;
    row.receiver = way.receiver;
    row.person = letter.person;
    row.target = way.target;
    row.not_before = chance_.now + way.after;
    Message message;
    message.kind = MessageKind::notice;
    message.headline = letter.headline;
    message.text = letter.text;
    message.said_html = letter.html;
    message.person = letter.person;
    message.thread = letter.thread;
    message.answers = letter.answers;
    message.reply_to = letter.reply_to;
    message.reply_tag = letter.tag;
    message.at = chance_.now;
    enqueue(std::move(row), *rules_.receiver(way.receiver), message);
  }
}

}  // namespace earshot
