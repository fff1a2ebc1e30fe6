#pragma once

/// What the handlers share: the table of doors and the parts each handler reaches. A handler lives
/// in the file of its matter (api_cases.cpp, api_ack.cpp, …) and has one line in doors.cpp.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access.hpp"
#include "api.hpp"
#include "earshot/oncall/live.hpp"
#include "http/attempts.hpp"
#include "openapi.hpp"

namespace earshot {

/// One way in: who may use it, and what of cases it touches. Default deny: a path that is not here
/// is not there.
struct Door {
  std::string_view method;
  std::string_view pattern;
  std::string_view role;  ///< the least that may: viewer responder manager admin push audit
  Touches touches;
  Task<WebResponse> (Api::Parts::*handler)(WebRequest, Viewer, std::vector<std::string>);
  std::string_view summary{};  ///< for the OpenAPI document
  std::string_view query{};    ///< names of query parameters, separated by blanks
  int ok = 200;                ///< the status of success
};
std::span<const Door> doors();
/// What is served in front of the doors: health, metrics, signed links, the stream of events.
std::span<const ApiPath> open_paths();
/// All of both, as the OpenAPI document names them.
std::vector<ApiPath> api_paths();
/// The door of actions on one case: what acting on a case needs, whichever way it is named.
const Door& door_of_actions();
/// The same for reading one: who may read a case may ask about it.
const Door& door_of_reading();

WebResponse json(int status, std::string body);
WebResponse refuse(int status, const std::string& code, const std::string& text,
                   const std::string& field = {});
/// The status of a refusal of the case machine.
int status_of(const Refusal& refusal);
std::optional<std::int64_t> number_of(std::string_view text);
/// Arguments of an action: every string, number and flag of a JSON object, by name.
Result<Arguments> arguments_of(std::string_view body);

/// The questions on a case, oldest first.
std::vector<Question> questions_of_case(StoreReader& reader, const std::string& case_id);

/// The draft of a reply to a case.
std::optional<Draft> draft_of_case(StoreReader& reader, const std::string& case_id);

struct Api::Parts {
  Parts(Backend& b, Clock& c, std::function<std::vector<AckKey>()> k)
      : backend(b), clock(c), keys(std::move(k)) {}
  Backend& backend;
  Clock& clock;
  std::function<std::vector<AckKey>()> keys;
  Attempts bad_tokens{10, minutes{1}};  ///< by address (RELIABILITY 4.3)
  Attempts bad_codes{5, hours{1}};      ///< by link or telephone number

  Task<WebResponse> push(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> list(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> show(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> act(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> bulk(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> oncall(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> shifts_of(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> gaps_of(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> calendar(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> rota_list(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> rota_add(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> rota_end(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> swap_answer(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> override_preview(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> my_contacts(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> verify_contact(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> explain(WebRequest, Viewer, std::vector<std::string>);
  /// A command on the rota with the arguments of the body.
  Task<WebResponse> rota(RotaCommand command, Viewer viewer, WebRequest request, int ok);
  Task<LiveRota> live_rota();
  Task<WebResponse> storms(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> storm(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> storm_act(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> silences(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> silence_add(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> silence_preview(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> silence_expire(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> outbox(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> sources(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> me(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> ledger(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> reload(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> test(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> tokens(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> quarantine(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> quarantined(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> leave_quarantine(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> openapi(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> told(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> findings(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> page_load(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> labels(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> questions(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> questions_owed(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> question(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> question_ask(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> question_of_case(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> question_act(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> actions(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> action(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> action_act(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> causes(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> failed(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> grants(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> letters(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> letter_act(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> letter_lots(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> letter_pool(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> digest(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> digest_of_day(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> digest_items(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> digests(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> reports(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> report(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> tell(DigestAsk ask);
  Task<WebResponse> privacy(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> customer(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> customer_act(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> draft(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> draft_put(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> draft_act(WebRequest, Viewer, std::vector<std::string>);
  Task<WebResponse> change_draft(std::string id, DeskCommand command, Viewer viewer);
  /// Carries a command of the desk out: an action, a letter, a customer.
  Task<WebResponse> desk(std::string kind, DeskCommand command, Viewer viewer, WebRequest request);
  /// Carries a command on a question out; the question as it stands then.
  Task<WebResponse> ask(DeskCommand command, Viewer viewer, WebRequest request, int ok);
  Task<WebResponse> sms_reply(WebRequest request);
  Task<WebResponse> ack_page(WebRequest request, std::string token);
  Task<std::string> resolve(std::string id);
  Task<WebResponse> whole_case(std::string id, Viewer viewer);
  /// The object scope, in one place: the refusal where this case is beyond the viewer's reach. A
  /// case of another team does not exist for those who may not see it.
  Task<std::optional<WebResponse>> barred(std::string id, Viewer viewer, const Door* door);
  WebResponse answer_of(const ActAnswer& answer);
};

}  // namespace earshot
