// What is held on a person: handed out, erased, kept by a legal hold.
#include "parts.hpp"

namespace earshot {

Task<WebResponse> Api::Parts::privacy(WebRequest request, Viewer viewer,
                                      std::vector<std::string> taken) {
  auto args = arguments_of(request.body);
  if (!args) co_return refuse(400, "bad_body", args.error().message);
  DeskCommand command;
  command.what = taken.front();
  command.who = viewer.who;
  command.manager = true;
  command.args = std::move(*args);
  const DeskAnswer done = co_await backend.change_person(std::move(command));
  if (done.done) co_return json(200, done.body);
  if (!done.found) co_return refuse(404, done.code, done.text, done.field);
  const bool bad = done.code.starts_with("no_") || done.code == "bad_time";
  co_return refuse(bad ? 400 : 409, done.code.empty() ? "refused" : done.code, done.text,
                   done.field);
}

}  // namespace earshot
