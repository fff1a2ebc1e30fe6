// Corrective actions and letters.
#include <algorithm>

#include "../../src/app/follow.hpp"
#include "earshot/cases/letter_task.hpp"
#include "story.hpp"

namespace earshot::scenario {
namespace {

std::string newest(World& w, std::string_view kind) {
  std::string out;
  Instant at{};
  w.read([&](StoreReader& reader) {
    RecordQuery query;
    query.kind = kind;
    for (const Record& record : reader.records(query)) {
      if (record.updated_at >= at) out = record.id, at = record.updated_at;
    }
  });
  if (out.empty()) throw Untrue("there is none");
  return out;
}

void change(World& w, std::string_view kind, const std::string& who, const std::string& what,
            Arguments args) {
  DeskCommand command;
  command.who = who, command.what = what, command.args = std::move(args);
  command.args["id"] = newest(w, kind);
  DeskAnswer answer;
  w.write([&](StoreWriter& writer) {
    answer = change_desk(writer, *w.rules, w.key, w.chance(), std::string{kind}, command);
  });
  w.settle();
  if (!answer.done) throw Untrue("it is refused: " + answer.text);
}

}  // namespace

void add_follow(Phrases& phrases) {
  phrases.add(R"((\w+) says of the action (done|decline|note): (.+))",
              [](World& w, const Words& it) {
                change(w, kAction, it[1], it[2], {{"text", it[3]}});
              });
  phrases.add(R"((\w+) rings the writer of the letter: (.+); learnt: (.+))", [](World& w,
                                                                                const Words& it) {
    change(w, kLetter, it[1], "done", {{"way", "called"}, {"outcome", it[2]}, {"learnt", it[3]}});
  });
  phrases.add(R"(then the lot draws the same letters again)", [](World& w, const Words&) {
    std::vector<LetterTask> given;
    std::optional<LetterLot> lot;
    w.read([&](StoreReader& reader) {
      RecordQuery query;
      query.kind = kLetter;
      for (const Record& record : reader.records(query))
        given.push_back(*letter_from_json(record.body));
      query.kind = kLetterLot;
      for (const Record& record : reader.records(query)) lot = *lot_from_json(record.body);
    });
    if (!lot || given.empty()) throw Untrue("no letters were drawn");
    std::ranges::sort(given, {}, &LetterTask::place);
    const auto again = draw_letters(lot->pool, lot->strata, lot->seed, given.front().reader,
                                    lot->period, given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (again.size() <= i || !(again[i] == given[i].item))
        throw Untrue("another one is drawn: " + (i < again.size() ? again[i].id : "none"));
    }
  });
}

}  // namespace earshot::scenario
