// Letters: those that are owed, their outcomes, and the lots that anybody may draw again.
#include <algorithm>

#include "earshot/cases/letter_task.hpp"
#include "earshot/config/parties.hpp"
#include "earshot/core/utf8.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMost = 10'000;

bool may_see(const LetterTask& it, const Viewer& viewer, const Config& config) {
  if (viewer.role == "manager" || viewer.role == "auditor" || viewer.role == "admin") return true;
  const Party reader = parties_of(config)(it.to);
  return it.to == viewer.who || std::ranges::find(reader.hands, viewer.who) != reader.hands.end();
}

/// The letter, and the words it is about as they stand now.
void write_letter(JsonWriter& out, const LetterTask& it, StoreReader& store) {
  out.object();
  out.key("letter");
  out.raw(to_json(it));
  const bool post = it.item.id.starts_with("post/");
  if (const auto stored =
          post ? store.post(number_of(it.item.id.substr(5)).value_or(0)) : std::nullopt) {
    out.field("customer", stored->post.author.handle);
    out.field("words", cut_utf8(stored->post.text, 1600));
  }
  if (const auto record = post ? std::nullopt : store.case_by_id(it.item.id)) {
    const Case about = case_of(*record);
    out.field("case_number", about.number);
    out.field("customer", about.customer_handle);
    out.field("words", about.excerpt);
    out.field("outcome_before", to_word(about.state));
  }
  out.end();
}

}  // namespace

Task<WebResponse> Api::Parts::letters(WebRequest request, Viewer viewer, std::vector<std::string>) {
  RecordQuery query;
  query.kind = kLetter;
  query.limit = kMost;
  query.owner = request.query_or("to");
  query.parent = request.query_or("lot");
  const std::string state = request.query_or("state");
  if (!state.empty() && state != "all" && !from_word<LetterState>(state))
    co_return refuse(400, "state", "state is due, late, done, swapped or all.", "state");
  if (state.empty())
    query.states = {"due", "late"};
  else if (state != "all")
    query.states = {state};
  const std::shared_ptr<const Config> config = backend.config();
  JsonWriter out;
  std::uint64_t total = 0;
  out.object();
  out.key("items");
  out.array();
  auto look = [&](StoreReader& reader) {
    for (const Record& record : reader.records(query)) {
      const auto it = letter_from_json(record.body);
      if (!it || !may_see(*it, viewer, *config)) continue;
      write_letter(out, *it, reader);
      ++total;
    }
  };
  co_await backend.store().read(look);
  out.end_array();
  out.field("total", total);
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::letter_act(WebRequest request, Viewer viewer,
                                         std::vector<std::string> taken) {
  const std::shared_ptr<const Config> config = backend.config();
  bool shown = true;  // one that is not there is said so by the desk
  auto look = [&](StoreReader& reader) {
    const auto record = reader.record(kLetter, taken.front());
    if (!record) return;
    const auto it = letter_from_json(record->body);
    shown = !it || may_see(*it, viewer, *config);
  };
  co_await backend.store().read(look);
  if (!shown) co_return refuse(404, "no_letter", "There is no such letter.");
  DeskCommand command;
  command.what = taken[1];
  command.args.emplace("id", taken.front());
  std::string kind{kLetter};
  co_return co_await desk(std::move(kind), std::move(command), std::move(viewer),
                          std::move(request));
}

Task<WebResponse> Api::Parts::letter_lots(WebRequest, Viewer, std::vector<std::string>) {
  JsonWriter out;
  out.object();
  out.key("items");
  out.array();
  auto look = [&](StoreReader& reader) {
    RecordQuery query;
    query.kind = kLetterLot;
    query.limit = kMost;
    for (const Record& record : reader.records(query)) {
      const auto lot = lot_from_json(record.body);
      if (!lot) continue;
      out.object();
      out.field("period", lot->period);
      out.field("seed", lot->seed);
      out.field("from", to_rfc3339_ms(lot->from));
      out.field("to", to_rfc3339_ms(lot->to));
      out.field("pool", static_cast<std::uint64_t>(lot->pool.size()));
      out.end();
    }
  };
  co_await backend.store().read(look);
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::letter_pool(WebRequest, Viewer, std::vector<std::string> taken) {
  std::string body;
  auto look = [&](StoreReader& reader) {
    if (const auto record = reader.record(kLetterLot, taken.front())) body = record->body;
  };
  co_await backend.store().read(look);
  if (body.empty()) co_return refuse(404, "no_lot", "No letters were drawn for this period.");
  co_return json(200, body);
}

}  // namespace earshot
