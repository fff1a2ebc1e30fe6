// What is said to people and receivers, and how it gets into the outbox.

#include <fmt/format.h>

#include "earshot/cases/clocks.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/receivers/message_template.hpp"
#include "earshot/receivers/payload.hpp"
#include "effects.hpp"
#include "masking.hpp"
#include "targets.hpp"

namespace earshot {

void Effects::tell_person(const Case& it, const std::string& person, const std::string& text) {
  const Person* who = rules_.person(person);
  if (who == nullptr) return;
  for (const Way& way : ways_of(*who, "queue", rules_)) {
    OutboxRow row;
    row.key =
        fmt::format("notice/{}/{}/{}/{}/{}", it.id, it.version, person, way.receiver, way.target);
    row.case_id = it.id;
    row.receiver = way.receiver;
    row.person = person;
    row.target = way.target;
    row.not_before = chance_.now + way.after;
    Message message = message_of(text.empty() ? MessageKind::notice : MessageKind::update, it);
    message.person = person;
    message.text = text;
    enqueue(std::move(row), *rules_.receiver(way.receiver), message);
  }
}

void Effects::tell_ops(const std::string& headline, const std::string& text,
                       const std::string& key) {
  const Routing root = resolve_route(rules_.config->route, Labels{{"kind", {"self"}}});
  for (const std::string& name : root.receivers) {
    const ReceiverConfig* receiver = rules_.receiver(name);
    if (receiver == nullptr) continue;
    OutboxRow row;
    row.key = fmt::format("self/{}/{}", key, name);
    row.receiver = name;
    row.not_before = chance_.now;
    Message message;
    message.kind = MessageKind::self;
    message.headline = headline;
    message.text = text;
    message.at = chance_.now;
    enqueue(std::move(row), *receiver, message);
  }
}

bool Effects::send_test(const std::string& receiver, const std::string& urgency) {
  const ReceiverConfig* config = rules_.receiver(receiver);
  if (config == nullptr) return false;
  OutboxRow row;
  row.key = fmt::format("test/{}/{:016x}", receiver, draw());
  row.receiver = receiver;
  row.not_before = chance_.now;
  Message message;
  message.kind = MessageKind::test;
  message.labels["urgency"] = urgency;
  message.headline = "Test of the receiver " + receiver;
  message.text = "Somebody asked Earshot to try this receiver. Nothing is wrong.";
  message.at = chance_.now;
  enqueue(std::move(row), *config, message);
  return true;
}

void Effects::enqueue(OutboxRow row, const ReceiverConfig& receiver, const Message& message,
                      const std::string& in_reply_to) {
  if (rules_.config->mode == Mode::shadow && message.kind != MessageKind::test) {
    JsonWriter data;
    data.object();
    data.field("receiver", row.receiver);
    data.text_or_null("person", row.person);
    data.field("lane", to_word(row.lane));
    data.end();
    writer_.append_ledger({0, chance_.now, "shadow", "withheld", row.case_id, data.take(), ""});
    return;
  }
  row.created_at = chance_.now;
  if (row.message_id.empty())
    row.message_id = fmt::format("{}.{}", row.case_id.empty() ? "earshot" : "case-" + row.case_id,
                                 hash128_hex(row.key).substr(0, 16));
  const Templated said =
      with_templates(receiver, rules_.config->privacy.mask_outgoing ? masked(message) : message);
  row.body = render(receiver, said.message,
                    {row.message_id, row.target, rules_.config->mail.from, in_reply_to});
  writer_.add_outbox(row);
  told_ = true;
  if (receiver.type == "alertmanager") remember_alerts(row.receiver, message);
  if (!said.trouble.empty() && message.kind != MessageKind::self) {
    tell_ops(fmt::format("A message of {} went out in the built-in words", receiver.name),
             said.trouble,
             fmt::format("template/{}/{}", receiver.name, to_rfc3339(chance_.now).substr(0, 13)));
  }
}

namespace {
/// "mara@stage.example" of a network is public, and the way to answer: it is written as a handle,
/// so that it is not taken for a mail address and masked. A feed's author is one.
std::string handle_of(const Case& it, const SourceConfig* source) {
  const bool network = it.channel == Channel::post && (source == nullptr || source->type != "feed");
  return network && it.customer_handle.find('@', 1) != std::string::npos &&
                 it.customer_handle.front() != '@'
             ? "@" + it.customer_handle
             : it.customer_handle;
}

std::string customer_of(const Case& it, const SourceConfig* source) {
  if (it.customer_handle.empty() || it.customer_handle == it.customer_name) return it.customer_name;
  const std::string handle = handle_of(it, source);
  return it.customer_name.empty() ? handle : fmt::format("{} ({})", it.customer_name, handle);
}
}  // namespace

Message Effects::message_of(MessageKind kind, const Case& it) const {
  Message message;
  message.kind = kind;
  const std::string customer = customer_of(it, rules_.source(it.source));
  MessageCase& in = message.cases.emplace_back();
  in.id = it.id;
  in.number = it.number;
  in.state = to_word(it.state);
  in.urgency = to_word(it.urgency);
  in.severity = to_word(it.severity);
  in.customer = customer.empty() ? "somebody" : customer;
  in.reach = it.reach;
  in.source = it.source;
  in.is_public = it.is_public;
  in.title = it.title;
  in.excerpt = it.excerpt;
  in.language = it.language;
  in.url = it.url;
  in.principal = it.principal;
  in.product = it.product;
  in.team = it.team;
  in.owner = it.owner;
  in.cues = it.cues;
  in.reasons = it.reasons;
  in.posted_at = it.posted_at;
  if (const auto clock =
          clock_of(it, rules_.config->follow_through, chance_.now, ClockKind::first_answer))
    in.answer_due = clock->due;
  const std::string what = kind == MessageKind::page     ? "Page"
                           : kind == MessageKind::update ? "Case " + std::to_string(it.number)
                                                         : "New case";
  message.headline = it.principal.empty()
                         ? fmt::format("{}: {} on {}", what, in.customer, it.source)
                         : fmt::format("{}: {} writes to {}", what, in.customer, it.principal);
  if (it.kind != "customer") message.headline = fmt::format("{}: {}", what, it.title);
  message.sequence = it.version;
  message.at = chance_.now;
  if (!base_url().empty()) message.case_url = fmt::format("{}/cases/{}", base_url(), it.id);
  return message;
}

std::string Effects::base_url() const {
  const WebConfig& web = rules_.config->web;
  if (!web.public_url.empty())
    return web.public_url.ends_with('/') ? web.public_url.substr(0, web.public_url.size() - 1)
                                         : web.public_url;
  return web.listen.empty() ? "" : "http://" + web.listen;
}

std::string Effects::ack_url(const Case& it, const std::string& person, int step) {
  if (base_url().empty() || key_.secret.empty()) return {};
  const AckGrant grant{it.id, person, step, chance_.now + rules_.config->web.ack_link_life, draw()};
  return base_url() + "/ack/" + sign_ack(grant, key_);
}

}  // namespace earshot
