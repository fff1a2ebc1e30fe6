// Silences: what people keep quiet for a while.
#include <fmt/format.h>

#include "story.hpp"

namespace earshot::scenario {
namespace {

RotaCommand silence(const Words& it) {
  return {"silence_add", it[1], false, {{"matchers", it[2]}, {"for", it[3]}, {"reason", it[4]}}};
}

/// The id of the newest_silence silence.
std::string newest_silence(World& w) {
  std::string id;
  Instant made{};
  w.read([&](StoreReader& reader) {
    RecordQuery query;
    query.kind = "silence";
    for (const Record& it : reader.records(query)) {
      if (id.empty() || it.created_at >= made) id = it.id, made = it.created_at;
    }
  });
  if (id.empty()) throw Untrue("there is no silence");
  return id;
}

}  // namespace

void add_quiet(Phrases& phrases) {
  const std::string add = R"((\w+) silences (.+) for (\w+) because (.+))";
  phrases.add(add + R"~( is refused because "(.+)")~", [](World& w, const Words& it) {
    try {
      w.change(silence(it));
    } catch (const Untrue& refused) {
      if (std::string_view{refused.what()}.find(it[5]) == std::string_view::npos) throw;
      return;
    }
    throw Untrue("it was allowed");
  });
  phrases.add(add, [](World& w, const Words& it) { w.change(silence(it)); });
  phrases.add(R"((\w+) ends the silence)", [](World& w, const Words& it) {
    w.change({"silence_expire", it[1], false, {{"id", newest_silence(w)}}});
  });
  phrases.add(R"~((\w+) ends the silence is refused because "(.+)")~",
              [](World& w, const Words& it) {
                try {
                  w.change({"silence_expire", it[1], false, {{"id", newest_silence(w)}}});
                } catch (const Untrue& refused) {
                  if (std::string_view{refused.what()}.find(it[2]) == std::string_view::npos) throw;
                  return;
                }
                throw Untrue("it was allowed");
              });
}

}  // namespace earshot::scenario
