#include <chrono>

#include "../app/decide.hpp"
#include "command.hpp"
#include "configured.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot::cli {

std::string_view help_explain() {
  return "usage: earshot explain --config C [--store DB] [--at TIME] [FILE]\n"
         "Reads posts as JSON Lines and prints the whole decision about each: assessment, symbols, "
         "urgency, route, and who would be told when,\n"
         "if nobody took the case. Nothing is sent. With --store the overrides, absences, silences "
         "and "
         "storms of that database count.\n";
}

int run_explain(std::span<const std::string> words) {
  const Args args{words, {"config=", "store=", "at=", "json"}};
  Instant at = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  if (const auto given = args.value("at"); given && *given != "now") {
    const auto parsed = parse_rfc3339(*given);
    if (!parsed)
      throw UsageError("--at wants an RFC 3339 time such as 2026-11-23T17:25:00Z, or now");
    at = *parsed;
  }
  const std::string path = args.one("FILE", true);
  auto rules = make_rules(load_for_question({args.need("config")}));
  if (!rules) throw Failure(kConfig, rules.error().message);
  Circumstances known;
  if (const auto store = args.value("store"))
    read_sqlite(*store, [&](StoreReader& reader) { known = read_circumstances(reader, at); });
  return each_json_line(path, [&](const JsonValue& value, std::size_t) -> Result<void> {
    auto post = post_from_json(value, Wordless::allowed);
    if (!post) return post.error();
    post->source = string_at(value, "source");
    const Verdict verdict = decide(*post, **rules, at, known);
    JsonWriter out;
    write_verdict(out, *post, verdict);
    print_line(out.take());
    return {};
  });
}

}  // namespace earshot::cli
