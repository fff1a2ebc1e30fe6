#include "earshot/runtime/clock.hpp"
#include "page.hpp"
#include "parts.hpp"

namespace earshot {

/// A signed link. GET and HEAD only show; POST with the token in the body acts (RELIABILITY 4.3).
Task<WebResponse> Api::Parts::ack_page(WebRequest request, std::string token) {
  const std::vector<AckKey> all = keys();
  const auto grant = verify_ack(token, all, clock.now());
  if (!grant)
    co_return ack_problem(410,
                          "This link is not valid any more. Open the case in Earshot instead.");
  std::optional<CaseRecord> record;
  auto look = [&](StoreReader& reader) { record = reader.case_by_id(grant->case_id); };
  co_await backend.store().read(look);
  if (!record) co_return ack_problem(404, "This case is not here.");
  if (request.method == "GET") co_return ack_question(case_of(*record), token);
  if (request.method != "POST")
    co_return ack_problem(405, "This link does not take " + request.method + ".");
  if (request.body.find(token) == std::string::npos)
    co_return ack_problem(400, "Use the button of the page.");
  Command command{Action::ack, grant->person, {{"via", "link"}}};
  const ActAnswer answer = co_await backend.act(grant->case_id, std::move(command), std::nullopt);
  if (answer.kind == ActAnswer::Kind::done) co_return ack_done(*answer.now_case);
  co_return ack_problem(409, answer.refusal ? answer.refusal->text : "It could not be done.");
}

}  // namespace earshot
