#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "../app/decide.hpp"
#include "command.hpp"
#include "configured.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot::cli {
namespace {

struct Tally {
  std::uint64_t posts = 0;
  std::uint64_t changed = 0;
  std::map<std::string, std::uint64_t> urgencies;
};

void judge(Tally& tally, const Post& post, const Rules& before, const Rules& after) {
  const Instant at =
      post.created_at.value_or(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  const Verdict was = decide(post, before, at);
  const Verdict is = decide(post, after, at);
  ++tally.posts;
  ++tally.urgencies[std::string{to_word(is.decision.urgency)}];
  const bool same_pages =
      std::ranges::equal(was.pages, is.pages, [](const PlannedPage& a, const PlannedPage& b) {
        return a.person == b.person && a.via == b.via;
      });
  if (was.decision.urgency == is.decision.urgency && same_pages &&
      was.routing.receivers == is.routing.receivers)
    return;
  ++tally.changed;
  JsonWriter out;
  out.object();
  out.text_or_null("source", post.source);
  out.text_or_null("id", post.id);
  out.field("text", std::string_view{post.text}.substr(0, 120));
  out.field("was", to_word(was.decision.urgency));
  out.field("is", to_word(is.decision.urgency));
  out.field("pages_were", static_cast<std::uint64_t>(was.pages.size()));
  out.field("pages_are", static_cast<std::uint64_t>(is.pages.size()));
  out.field("receivers", is.routing.receivers);
  out.end();
  print_line(out.take());
}

std::shared_ptr<const Rules> rules_of(const std::string& path) {
  auto rules = make_rules(load_for_question({path}));
  if (!rules) throw Failure(kConfig, rules.error().message);
  return std::move(*rules);
}

}  // namespace

std::string_view help_replay() {
  return "usage: earshot replay FILE --config NEW [--against OLD]\n"
         "       earshot replay --last 7d --config NEW --against OLD\n"
         "Says which verdicts, pages and receivers a new configuration would change, for posts of "
         "a JSON Lines file or of the store of OLD.\n"
         "The last line sums up. Nothing is sent.\n";
}

int run_replay(std::span<const std::string> words) {
  const Args args{words, {"config=", "against=", "last=", "json"}};
  const auto after = rules_of(args.need("config"));
  const auto before = rules_of(args.value_or("against", args.need("config")));
  Tally tally;
  int code = kOk;
  if (const auto last = args.value("last")) {
    const auto span = parse_duration(*last);
    if (!span) throw UsageError("--last wants a time such as 7d");
    const Instant since = std::chrono::floor<Duration>(std::chrono::system_clock::now()) - *span;
    read_sqlite(before->config->store.path, [&](StoreReader& reader) {
      for (std::int64_t at = 0;;) {
        const auto page = reader.posts_after(at, 500);
        if (page.empty()) break;
        for (const StoredPost& it : page) {
          if (it.seen_at >= since) judge(tally, it.post, *before, *after);
        }
        at = page.back().seq;
      }
    });
  } else {
    code =
        each_json_line(args.one("FILE"), [&](const JsonValue& value, std::size_t) -> Result<void> {
          auto post = post_from_json(value);
          if (!post) return post.error();
          post->source = string_at(value, "source");
          judge(tally, *post, *before, *after);
          return {};
        });
  }
  JsonWriter out;
  out.object();
  out.field("posts", tally.posts);
  out.field("changed", tally.changed);
  for (const auto& [urgency, n] : tally.urgencies) out.field(urgency, n);
  out.end();
  print_line(out.take());
  return code;
}

}  // namespace earshot::cli
