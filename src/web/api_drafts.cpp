// Replies to customers: written by one, approved by another, sent.
#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {

/// "draft_bad" and the like are gates (422); what is wrong in the request is 400.
int status_of_refusal(const DeskAnswer& done) {
  if (!done.found) return 404;
  if (done.code == "version") return 412;
  if (done.code == "not_yours" || done.code == "own_words") return 403;
  if (done.code == "draft_bad" || done.code == "not_approved" || done.code == "owner_missing" ||
      done.code == "not_configured")
    return 422;
  return done.field.empty() ? 409 : 400;
}

std::string detail_of(const DeskAnswer& done) {
  Refusal out;
  for (std::size_t at = 0; at < done.body.size();) {
    const std::size_t end = std::min(done.body.find(' ', at), done.body.size());
    out.missing.push_back(done.body.substr(at, end - at));
    at = end + 1;
  }
  return refusal_detail(out);
}

/// The three parts, given as they stand in the draft or as arguments of their own.
void take_parts(const JsonValue& body, Arguments& args) {
  const JsonValue* parts = find(body, "parts");
  const JsonValue& in = parts != nullptr && parts->IsObject() ? *parts : body;
  for (const char* part : {"truth", "owner", "change"})
    args[part] = clean_utf8(string_at(in, part));
}

}  // namespace

std::optional<Draft> draft_of_case(StoreReader& reader, const std::string& case_id) {
  const auto record = reader.record(kDraft, case_id);
  if (!record) return std::nullopt;
  Result<Draft> read = draft_from_json(record->body);
  if (!read) throw StoreError("draft " + case_id + " cannot be read: " + read.error().message);
  return std::move(*read);
}

Task<WebResponse> Api::Parts::draft(WebRequest, Viewer, std::vector<std::string> taken) {
  std::optional<Draft> found;
  std::optional<CaseRecord> record;
  auto look = [&](StoreReader& reader) {
    record = reader.case_by_id(taken.front());
    found = draft_of_case(reader, taken.front());
  };
  co_await backend.store().read(look);
  if (!found || !record) co_return refuse(404, "no_draft", "There is no draft yet.");
  JsonWriter out;
  write_draft(out, *found, case_of(*record), *backend.config());
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::draft_put(WebRequest request, Viewer viewer,
                                        std::vector<std::string> taken) {
  const auto body = parse_json(request.body);
  if (!body || !body->IsObject())
    co_return refuse(400, "bad_body", R"(Send {"parts":{"truth","owner","change"}}.)");
  DeskCommand command;
  command.what = "write";
  take_parts(*body, command.args);
  if (find(*body, "version") != nullptr) {  // 0, which is none, where it is no number
    const std::int64_t version = integer_at(*body, "version").value_or(0);
    command.args["version"] = std::to_string(version);
  }
  co_return co_await change_draft(std::move(taken.front()), std::move(command), std::move(viewer));
}

Task<WebResponse> Api::Parts::draft_act(WebRequest request, Viewer viewer,
                                        std::vector<std::string> taken) {
  auto args = arguments_of(request.body);
  if (!args) co_return refuse(400, "bad_body", args.error().message);
  DeskCommand command;
  command.what = taken[1];
  command.args = std::move(*args);
  if (command.what == "write" && request.method == "POST" && command.args.empty())
    co_return refuse(400, "bad_body", "Say which parts.");
  co_return co_await change_draft(std::move(taken.front()), std::move(command), std::move(viewer));
}

Task<WebResponse> Api::Parts::change_draft(std::string id, DeskCommand command, Viewer viewer) {
  command.args["id"] = id;
  command.who = viewer.who;
  command.manager = viewer.role == "manager" || viewer.role == "admin";
  std::string kind{kDraft};
  const DeskAnswer done = co_await backend.change_desk(std::move(kind), std::move(command));
  if (!done.done)
    co_return json(status_of_refusal(done),
                   problem(done.code, done.text, done.field, detail_of(done)));
  std::vector<std::string> which{std::move(id)};
  WebRequest none;
  co_return co_await draft(std::move(none), std::move(viewer), std::move(which));
}

}  // namespace earshot
