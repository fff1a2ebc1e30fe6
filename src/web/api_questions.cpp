// Questions: asking, answering, answers owed. Whoever is a party to one sees it; else it is seen by
// whoever sees its case.
#include <algorithm>
#include <map>

#include "earshot/config/parties.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "parts.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMost = 10'000;

std::optional<Question> question_of(const Record& record) {
  Result<Question> read = question_from_json(record.body);
  return read ? std::optional{std::move(*read)} : std::nullopt;
}

bool sees_all(const Viewer& viewer) {
  return viewer.role == "manager" || viewer.role == "auditor" || viewer.role == "admin";
}

bool is_party(const Question& it, const Viewer& viewer, const Parties& parties) {
  return it.to == viewer.who || std::ranges::find(it.line, viewer.who) != it.line.end() ||
         speaks_for_asker(it, viewer.who, parties);
}

bool may_see(StoreReader& reader, const Question& it, const Viewer& viewer, const Config& config) {
  if (sees_all(viewer) || is_party(it, viewer, parties_of(config))) return true;
  if (it.case_id.empty()) return false;
  const auto record = reader.case_by_id(it.case_id);
  return record && is_own(config, viewer, *record, false);
}

/// All that the viewer may see, in the order of their due times.
std::vector<Question> seen(StoreReader& reader, const Viewer& viewer, const Config& config,
                           const RecordQuery& query) {
  std::vector<Question> out;
  for (const Record& record : reader.records(query)) {
    auto it = question_of(record);
    if (it && may_see(reader, *it, viewer, config)) out.push_back(std::move(*it));
  }
  std::ranges::stable_sort(out, [](const Question& a, const Question& b) {
    return a.owed() != b.owed() ? a.owed() : a.due < b.due;
  });
  return out;
}

bool is_manager(const Viewer& viewer) {
  return viewer.role == "manager" || viewer.role == "admin";
}

WebResponse refused(const DeskAnswer& it) {
  if (!it.found) return refuse(404, it.code, it.text, it.field);
  const bool wrong = it.code == "to_missing" || it.code == "to_self" || it.code == "no_person" ||
                     it.code == "text_missing" || it.code == "who_missing";
  const int status = wrong ? 400 : it.code == "not_yours" ? 403 : it.code == "too_soon" ? 429 : 409;
  return refuse(status, it.code.empty() ? "refused" : it.code, it.text, it.field);
}

}  // namespace

std::vector<Question> questions_of_case(StoreReader& reader, const std::string& case_id) {
  RecordQuery query;
  query.kind = kQuestion;
  query.parent = case_id;
  std::vector<Question> out;
  for (const Record& record : reader.records(query)) {
    if (auto it = question_of(record)) out.push_back(std::move(*it));
  }
  std::ranges::stable_sort(out, {}, &Question::asked_at);
  return out;
}

Task<WebResponse> Api::Parts::questions(WebRequest request, Viewer viewer,
                                        std::vector<std::string>) {
  RecordQuery query;
  query.kind = kQuestion;
  query.limit = kMost;
  query.owner = request.query_or("to");
  const std::string state = request.query_or("state");
  if (!state.empty() && state != "all" && !from_word<QuestionState>(state))
    co_return refuse(400, "state", "state is open, late, answered, accepted, withdrawn or all.",
                     "state");
  if (state.empty())
    query.states = {"open", "late", "answered"};
  else if (state != "all")
    query.states = {state};
  std::string of_case = request.query_or("case");
  if (!of_case.empty()) query.parent = co_await resolve(std::move(of_case));
  const std::string from = request.query_or("from");
  const std::shared_ptr<const Config> config = backend.config();
  std::vector<Question> all;
  auto look = [&](StoreReader& reader) { all = seen(reader, viewer, *config, query); };
  co_await backend.store().read(look);
  if (!from.empty()) std::erase_if(all, [&](const Question& it) { return it.from != from; });
  JsonWriter out;
  out.object();
  out.key("items");
  out.array();
  for (const Question& it : all) write_question(out, it, *config, viewer, clock.now());
  out.end_array();
  out.field("total", static_cast<std::uint64_t>(all.size()));
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::questions_owed(WebRequest, Viewer viewer, std::vector<std::string>) {
  RecordQuery query;
  query.kind = kQuestion;
  query.limit = kMost;
  query.states = {"open", "late"};
  const std::shared_ptr<const Config> config = backend.config();
  std::vector<Question> all;
  auto look = [&](StoreReader& reader) { all = seen(reader, viewer, *config, query); };
  co_await backend.store().read(look);
  std::map<std::string, std::vector<const Question*>> owed;
  for (const Question& it : all) {
    for (const std::string& person : it.line) owed[person].push_back(&it);
  }
  JsonWriter out;
  out.array();
  for (const auto& [person, list] : owed) {
    const auto late = std::ranges::count_if(
        list, [](const Question* it) { return it->state == QuestionState::late; });
    const std::string name = parties_of(*config)(person).name;
    out.object();
    out.key("person");
    out.object();
    out.field("id", person);
    out.field("name", name.empty() ? person : name);
    out.end();
    out.field("owed", static_cast<std::uint64_t>(list.size()));
    out.field("late", static_cast<std::uint64_t>(late));
    out.field("next_due", to_rfc3339_ms(list.front()->due));
    out.key("questions");
    out.array();
    for (const Question* it : list) out.value(it->id);
    out.end_array();
    out.end();
  }
  out.end_array();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::question(WebRequest, Viewer viewer, std::vector<std::string> taken) {
  std::optional<Question> it;
  const std::shared_ptr<const Config> config = backend.config();
  auto look = [&](StoreReader& reader) {
    const auto record = reader.record(kQuestion, taken.front());
    it = record ? question_of(*record) : std::nullopt;
    if (it && !may_see(reader, *it, viewer, *config)) it.reset();
  };
  co_await backend.store().read(look);
  if (!it) co_return refuse(404, "no_question", "There is no such question.");
  JsonWriter out;
  write_question(out, *it, *config, viewer, clock.now());
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::ask(DeskCommand command, Viewer viewer, WebRequest request, int ok) {
  auto args = arguments_of(request.body);
  if (!args) co_return refuse(400, "bad_body", args.error().message);
  for (auto& [name, value] : command.args) args->insert_or_assign(name, value);
  if (command.what == "ask" && !(*args)["case"].empty()) {
    std::string named = (*args)["case"];
    std::string id = co_await resolve(std::move(named));
    (*args)["case"] = id;
    auto no = co_await barred(std::move(id), viewer, &door_of_reading());
    if (no) co_return std::move(*no);
  }
  command.who = viewer.who;
  command.manager = is_manager(viewer);
  command.args = std::move(*args);
  const DeskAnswer done = co_await backend.change_question(std::move(command));
  if (!done.done) co_return refused(done);
  const auto it = question_from_json(done.body);
  if (!it) co_return refuse(503, "unreadable", it.error().message);
  JsonWriter out;
  write_question(out, *it, *backend.config(), viewer, clock.now());
  co_return json(ok, out.take());
}

Task<WebResponse> Api::Parts::question_ask(WebRequest request, Viewer viewer,
                                           std::vector<std::string>) {
  DeskCommand command;
  command.what = "ask";
  co_return co_await ask(std::move(command), std::move(viewer), std::move(request), 201);
}

Task<WebResponse> Api::Parts::question_of_case(WebRequest request, Viewer viewer,
                                               std::vector<std::string> taken) {
  DeskCommand command;
  command.what = "ask";
  command.args.emplace("case", taken.front());
  co_return co_await ask(std::move(command), std::move(viewer), std::move(request), 201);
}

Task<WebResponse> Api::Parts::question_act(WebRequest request, Viewer viewer,
                                           std::vector<std::string> taken) {
  const auto action = from_word<QuestionAction>(taken[1]);
  if (!action || *action == QuestionAction::ask || *action == QuestionAction::held ||
      *action == QuestionAction::fall_due)
    co_return refuse(404, "no_action",
                     "answer, add, seen, remind, withdraw, accept or again is done to a question.");
  WebRequest look;
  std::vector<std::string> which{taken.front()};
  Viewer same = viewer;
  WebResponse there = co_await question(std::move(look), std::move(same), std::move(which));
  if (there.status != 200) co_return there;
  DeskCommand command;
  command.what = taken[1];
  command.args.emplace("id", taken.front());
  co_return co_await ask(std::move(command), std::move(viewer), std::move(request), 200);
}

}  // namespace earshot
