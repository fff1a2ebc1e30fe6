// A way of telling counts once its owner has read a code there.
#include <fmt/format.h>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "rota.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

constexpr Duration kCodeLife = minutes{15};
constexpr Duration kCodeSpacing = seconds{30};
constexpr int kTries = 5;

/// The body of a contact's record while its code is out.
struct Proof {
  std::string hash;  ///< of the record's id and the code
  Instant expires{};
  Instant sent{};
  int tries = 0;
};

std::string write(const Proof& it) {
  JsonWriter out;
  out.object();
  out.field("hash", it.hash);
  out.field("expires", to_rfc3339_ms(it.expires));
  out.field("sent", to_rfc3339_ms(it.sent));
  out.field("tries", it.tries);
  out.end();
  return out.take();
}

Proof read(const std::string& body) {
  Proof out;
  const auto read = parse_json(body);
  if (!read) return out;
  out.hash = string_at(*read, "hash");
  out.expires = parse_rfc3339(string_at(*read, "expires")).value_or(Instant{});
  out.sent = parse_rfc3339(string_at(*read, "sent")).value_or(Instant{});
  out.tries = static_cast<int>(integer_at(*read, "tries").value_or(kTries));
  return out;
}

std::string argument(const RotaCommand& command, std::string_view name) {
  const auto found = command.args.find(name);
  return found == command.args.end() ? std::string{} : std::string{trim(found->second)};
}

/// The n-th contact (from 1) of whom the command is about: oneself, or anybody for a manager.
const Contact* contact_of(const Rules& rules, const RotaCommand& command, std::string& person,
                          RotaAnswer& why) {
  person = argument(command, "person").empty() ? command.who : argument(command, "person");
  const Person* who = rules.person(person);
  if (person != command.who && !command.manager) {
    why = rota_refusal("not_yours", "Only the person, or a manager, may prove a contact.");
    return nullptr;
  }
  const std::string number = argument(command, "n");
  const bool one = number.size() == 1 && number[0] >= '1' && number[0] <= '9';
  const std::size_t n = one ? static_cast<std::size_t>(number[0] - '0') : 0;
  if (who == nullptr || n == 0 || n > who->contact.size()) {
    why = rota_refusal("not_found", "There is no such contact.", "n");
    why.found = false;
    return nullptr;
  }
  return &who->contact[n - 1];
}

void keep(StoreWriter& writer, Chance chance, const std::string& id, const std::string& person,
          const std::string& state, const Proof& proof) {
  Record record;
  if (auto before = writer.record(kContact, id)) record = std::move(*before);
  record.kind = kContact;
  record.id = id;
  record.owner = person;
  record.state = state;
  if (record.version == 0) record.created_at = chance.now;
  record.updated_at = chance.now;
  record.body = write(proof);
  writer.put_record(record);
}

void note(StoreWriter& writer, Chance chance, const std::string& who, const std::string& kind,
          const std::string& person, const Contact& contact) {
  JsonWriter data;
  data.object();
  data.field("person", person);
  data.field("way", to_word(contact.kind));
  data.end();
  writer.append_ledger({0, chance.now, who, kind, "", data.take(), ""});
}

RotaAnswer done(const std::string& state) {
  RotaAnswer out;
  out.done = true;
  out.body = R"({"state":")" + state + "\"}";
  return out;
}

}  // namespace

RotaAnswer send_code(StoreWriter& writer, const Rules& rules, Effects& effects, Chance chance,
                     const RotaCommand& command) {
  std::string person;
  RotaAnswer why;
  const Contact* contact = contact_of(rules, command, person, why);
  if (contact == nullptr) return why;
  const auto way = way_of(*contact, rules);
  if (!way) return rota_refusal("no_receiver", "Nothing here can send to this contact.", "n");
  const std::string id = contact_key(person, *contact);
  const auto before = writer.record(kContact, id);
  if (before && before->state == "proved") return done("proved");
  if (before && chance.now - read(before->body).sent < kCodeSpacing)
    return rota_refusal("too_soon", "A code was sent just now. Wait half a minute.");
  const std::string code =
      fmt::format("{:06}", hash64("contact code", chance.seed ^ hash64(id)) % 1'000'000);
  keep(writer, chance, id, person, "waiting",
       {to_hex(sha256(id + "/" + code)), chance.now + kCodeLife, chance.now, 0});
  note(writer, chance, command.who, "contact_code_sent", person, *contact);
  effects.tell_by(
      person, *way, fmt::format("Earshot's code: {}", code),
      fmt::format("The code {} proves that pages reach you here. It lasts 15 minutes.", code),
      fmt::format("contact/{}/{}", id, to_unix_ms(chance.now)));
  return done("waiting");
}

RotaAnswer prove_contact(StoreWriter& writer, const Rules& rules, Chance chance,
                         const RotaCommand& command) {
  std::string person;
  RotaAnswer why;
  const Contact* contact = contact_of(rules, command, person, why);
  if (contact == nullptr) return why;
  const std::string id = contact_key(person, *contact);
  const auto record = writer.record(kContact, id);
  if (record && record->state == "proved") return done("proved");
  if (!record) return rota_refusal("no_code", "Ask for a code first.", "code");
  Proof proof = read(record->body);
  if (proof.tries >= kTries || chance.now >= proof.expires)
    return rota_refusal("code_expired", "The code is not valid any more. Ask for a new one.",
                        "code");
  if (to_hex(sha256(id + "/" + argument(command, "code"))) != proof.hash) {
    ++proof.tries;
    keep(writer, chance, id, person, "waiting", proof);
    return rota_refusal("code_wrong", "That is not the code.", "code");
  }
  keep(writer, chance, id, person, "proved", {"", chance.now, chance.now, 0});
  note(writer, chance, command.who, "contact_proved", person, *contact);
  return done("proved");
}

}  // namespace earshot
