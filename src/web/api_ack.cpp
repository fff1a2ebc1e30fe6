// Signed links (RELIABILITY 4.3): GET and HEAD only show, POST with the token in its body acts. A
// scanner that follows every link, or even presses every button, acknowledges nothing at the levels
// `code` and `login`.
#include <fmt/format.h>

#include "earshot/config/config.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "page.hpp"
#include "parts.hpp"
#include "twilio.hpp"

namespace earshot {
namespace {

constexpr const char* kGone = "This link is not valid any more. Open the case in Earshot instead.";
constexpr const char* kSlow = "Too many wrong tries from here. Wait a minute.";

Command command_of(const AckGrant& grant, const WebRequest& request) {
  Arguments args{{"via", "link"}, {"from", request.peer}};
  if (grant.purpose == LinkPurpose::undo) return {Action::undo_ack, grant.person, args};
  if (grant.purpose == LinkPurpose::not_worth) {
    args.insert_or_assign("label", "not_worth_waking");
    return {Action::teach, grant.person, args};
  }
  const std::string device = printable(cut_utf8(request.header("User-Agent"), 120));
  if (!device.empty()) args.insert_or_assign("device", device);
  return {Action::ack, grant.person, args};
}

bool code_fits(const std::string& given, const AckGrant& grant, const std::vector<AckKey>& keys) {
  for (const AckKey& key : keys) {
    if (is_ack_code(given, key, grant.case_id, grant.person)) return true;
  }
  return false;
}

}  // namespace

Task<WebResponse> Api::Parts::ack_page(WebRequest request, std::string token) {
  const Instant now = clock.now();
  if (bad_tokens.barred(request.peer, now)) co_return ack_problem(429, kSlow);
  const std::vector<AckKey> all = keys();
  const auto grant = verify_ack(token, all, now);
  const std::shared_ptr<const Config> config = backend.config();
  if (!grant) bad_tokens.wrong(request.peer, now);
  if (!grant || find_person(config->people, grant->person) == nullptr)
    co_return ack_problem(410, kGone);
  std::optional<CaseRecord> record;
  auto look = [&](StoreReader& reader) { record = reader.case_by_id(grant->case_id); };
  co_await backend.store().read(look);
  if (!record) co_return ack_problem(404, "This case is not here.");
  const LinkLevel level =
      grant->purpose == LinkPurpose::ack ? config->acknowledge.link : LinkLevel::button;
  const AckPage page{*grant, level,
                     token,  all.empty() ? AckKey{} : all.front(),
                     now,    config->follow_through.undo_ack};
  if (request.method == "GET") co_return ack_question(case_of(*record), page);
  if (request.method != "POST")
    co_return ack_problem(405, "This link does not take " + request.method + ".");
  const Form form = parse_form(request.body);
  const auto given = form.find("token");
  if (given == form.end() || given->second != token)
    co_return ack_problem(400, "Use the button of the page.");
  if (level == LinkLevel::login)
    co_return ack_problem(403, "Sign in to Earshot to take this case.");
  if (level == LinkLevel::code) {
    const auto code = form.find("code");
    const std::string whose = grant->case_id + "/" + grant->person;
    // Four digits can be tried through: five wrong ones, and this link takes none any more for an
    // hour.
    if (bad_codes.barred(whose, now)) co_return ack_problem(429, kSlow);
    if (code == form.end() || !code_fits(code->second, *grant, all)) {
      bad_codes.wrong(whose, now);
      bad_tokens.wrong(request.peer, now);
      co_return ack_problem(403, "These are not the four digits that stand in the message.");
    }
  }
  Command command = command_of(*grant, request);
  const ActAnswer answer = co_await backend.act(grant->case_id, std::move(command), std::nullopt);
  if (answer.kind == ActAnswer::Kind::done) co_return ack_done(*answer.now_case, page);
  co_return ack_problem(409, answer.refusal ? answer.refusal->text : "It could not be done.");
}

}  // namespace earshot
