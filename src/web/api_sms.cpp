// Text messages that come back: "ACK 4821" takes the case whose page carried these digits. The door
// is open to the provider alone: its signature is the key.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/config/config.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/secrets.hpp"
#include "parts.hpp"
#include "twilio.hpp"

namespace earshot {
namespace {

WebResponse say(const std::string& sentence) {
  return {200, "text/xml; charset=utf-8", twilio_answer(sentence), {}};
}

/// "+49 170 / 12 34" and "+491701234" are one number.
std::string digits_of(std::string_view number) {
  std::string out;
  for (const char c : number) {
    if (c >= '0' && c <= '9') out += c;
  }
  return out;
}

std::vector<std::string> people_at(const Config& config, const std::string& number) {
  std::vector<std::string> out;
  const std::string wanted = digits_of(number);
  for (const Person& person : config.people) {
    for (const Contact& contact : person.contact) {
      const bool phone = contact.kind != ContactKind::via && contact.kind != ContactKind::mail;
      if (phone && wanted.size() >= 6 && digits_of(contact.value) == wanted) {
        out.push_back(person.id);
        break;
      }
    }
  }
  return out;
}

struct Meant {
  std::vector<std::pair<std::string, std::string>> cases;  ///< case id, person
};

/// Open cases of one page of the list that one of these people was paged for, under this code.
void cases_of_code(StoreReader& reader, const CasePage& page,
                   const std::vector<std::string>& people, const std::string& code,
                   const std::vector<AckKey>& keys, Meant& out) {
  for (const CaseRecord& record : page.items) {
    for (const std::string& person : people) {
      const bool fits = std::ranges::any_of(
          keys, [&](const AckKey& key) { return is_ack_code(code, key, record.id, person); });
      if (!fits) continue;
      const std::vector<OutboxRow> rows = reader.outbox_of(record.id);
      if (std::ranges::find(rows, person, &OutboxRow::person) != rows.end())
        out.cases.emplace_back(record.id, person);
    }
  }
}

}  // namespace

Task<WebResponse> Api::Parts::sms_reply(WebRequest request) {
  const std::shared_ptr<const Config> config = backend.config();
  const AcknowledgeConfig& how = config->acknowledge;
  if (how.sms_token_file.empty())
    co_return refuse(403, "no_provider", "No provider of text messages is configured.");
  const Instant now = clock.now();
  const auto token = read_secret(how.sms_token_file, config->directory);
  if (!token) co_return refuse(503, "secret", "The provider's token cannot be read.");
  const Form form = parse_form(request.body);
  const std::string url = how.sms_url.empty() ? config->web.public_url + "/hooks/sms" : how.sms_url;
  if (!twilio_signed(request.header("X-Twilio-Signature"), token->reveal(), url, form))
    co_return refuse(403, "signature", "This request does not carry the provider's signature.");
  const auto at = [&](std::string_view name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string{} : found->second;
  };
  const std::string from = at("From");
  const std::vector<std::string> people = people_at(*config, from);
  if (people.empty()) co_return say("Earshot does not know this number.");
  if (bad_codes.barred("sms " + from, now)) co_return say("Too many wrong codes. Wait an hour.");
  const std::string code = code_in(at("Body"));
  if (code.empty()) co_return say("Send the four digits of the message to take the case.");
  Meant meant;
  const std::vector<AckKey> all = keys();
  CaseQuery query;
  query.limit = 200;
  query.counted = false;
  // Every open case, however many: a page that was sent can be answered. Others read in between.
  auto look = [&](StoreReader& reader) {
    const CasePage page = reader.cases(query);
    cases_of_code(reader, page, people, code, all, meant);
    query.after = page.next;
  };
  do {
    co_await backend.store().read(look);
  } while (!query.after.empty());
  if (meant.cases.empty()) {
    bad_codes.wrong("sms " + from, now);
    co_return say("No open case has these four digits.");
  }
  if (meant.cases.size() > 1)
    co_return say("Several open cases have these digits. Take it by the link or in Earshot.");
  Command command{Action::ack, meant.cases.front().second, {{"via", "sms"}}};
  const ActAnswer answer =
      co_await backend.act(meant.cases.front().first, std::move(command), std::nullopt);
  if (answer.kind == ActAnswer::Kind::done)
    co_return say(fmt::format("You have case {} now. The pages stop.", answer.now_case->number));
  co_return say(answer.refusal ? answer.refusal->text : "It could not be done.");
}

}  // namespace earshot
