// `earshot letter`: letters that nobody chose; `draw` draws a lot again, here, from its pool.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "client.hpp"
#include "command.hpp"
#include "earshot/cases/letter_task.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::string_view kLetterVerbs = "list, done, swap, lots, pool, draw";

std::string pool_of(const Args& args) {
  const auto file = args.value("pool");
  if (!file) {
    args.need("period");
    return ApiClient{args}.need("GET",
                                "/api/v1/letters/lots/" + url_escaped(*args.value("period")));
  }
  std::ifstream in{*file, std::ios::binary};
  if (!in) throw Failure(kNo, fmt::format("{} cannot be read", *file));
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Draws with what the pool's file says; --seed, --to and --count put something else in its place.
int draw(const Args& args) {
  const auto lot = lot_from_json(pool_of(args));
  if (!lot) throw Failure(kNo, "the pool cannot be read: " + lot.error().message);
  const std::string seed = args.value_or("seed", lot->seed);
  const std::string period = args.value_or("period", lot->period);
  std::vector<LetterReader> readers = lot->readers;
  if (const auto to = args.value("to")) {
    std::erase_if(readers, [&](const LetterReader& it) { return it.to != *to; });
    if (readers.empty()) readers.push_back({*to, 1});
  }
  for (LetterReader& reader : readers) {
    if (const auto count = args.value("count"))
      reader.count = std::clamp(std::atoi(count->c_str()), 1, 100'000);
    const auto drawn = draw_letters(lot->pool, lot->strata, seed, reader.to, period,
                                    static_cast<std::size_t>(reader.count));
    for (std::size_t place = 0; place < drawn.size(); ++place) {
      JsonWriter out;
      out.object();
      out.field("to", reader.to);
      out.field("place", static_cast<std::uint64_t>(place));
      out.field("id", drawn[place].id);
      out.field("stratum", drawn[place].stratum());
      out.end();
      print_line(out.take());
    }
  }
  return kOk;
}

}  // namespace

std::string_view help_letter() {
  return "usage: earshot letter list [--to WHO] [--lot PERIOD] [--state "
         "due|late|done|swapped|all]\n"
         "       earshot letter done ID --way called|answered|not_reached --outcome TEXT --learnt "
         "TEXT\n"
         "       earshot letter swap ID --reason TEXT    another one in its place, counted\n"
         "       earshot letter lots                     periods, seeds and how much they were "
         "drawn from\n"
         "       earshot letter pool PERIOD              all that could have been drawn\n"
         "       earshot letter draw --period PERIOD [--pool FILE] [--seed S] [--to WHO] [--count "
         "N]\n"
         "                                               draws again; the same seed, the same "
         "letters\n"
         "Every command takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its\n"
         "web.listen) and --as PERSON (where the daemon needs no token); draw --pool needs no "
         "daemon.\n";
}

int run_letter(std::span<const std::string> words) {
  const Args args{
      words,
      {"server=", "token-file=", "config=", "as=", "json", "to=", "lot=", "state=", "way=",
       "outcome=", "learnt=", "reason=", "period=", "pool=", "seed=", "count="}};
  if (args.rest().empty()) throw UsageError(fmt::format("say what to do: {}", kLetterVerbs));
  const std::string& what = args.rest().front();
  if (what == "draw") return draw(args);
  const auto id = [&] {
    if (args.rest().size() != 2) throw UsageError("which one? Give its id");
    return args.rest()[1];
  };
  const ApiClient api{args};
  if (what == "list") {
    print_items(api.need("GET", "/api/v1/letters" + query_of(args, {"to", "lot", "state"})));
  } else if (what == "lots") {
    print_items(api.need("GET", "/api/v1/letters/lots"));
  } else if (what == "pool") {
    print_line(api.need("GET", "/api/v1/letters/lots/" + url_escaped(id())));
  } else if (what == "done" || what == "swap") {
    print_line(api.need("POST", fmt::format("/api/v1/letters/{}/{}", id(), what),
                        body_of(args, {"way", "outcome", "learnt", "reason"})));
  } else {
    throw UsageError(fmt::format("\"{}\" is none of {}", printable(what), kLetterVerbs));
  }
  return kOk;
}

}  // namespace earshot::cli
