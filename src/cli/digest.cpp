// `earshot digest`: what came in and what became of it; `earshot report` stands in report.cpp.
#include <fmt/format.h>
#include <unistd.h>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

std::string day_of(const Args& args) {
  const std::string day = args.need("day");
  return "/api/v1/digest/" + url_escaped(day);
}

}  // namespace

std::string_view help_digest() {
  return "usage: earshot digest [show] [--day D | --from T --to T | --name N] "
         "[--format json|text|html]\n"
         "       earshot digest items --day D [--bucket shown|grouped|rule|person|open]\n"
         "       earshot digest list\n"
         "show prints the digest of a local day, of any time, or one that was sent (without either "
         "the\nlast one): what came in = shown + grouped + set aside by a rule or a person + open, "
         "and all\nthat was done by hand. A terminal gets text, a pipe JSON. A period that has "
         "ended gives the same\nbytes whenever it is asked for. items names every post behind a "
         "bucket. list prints those that\nwere sent.\n"
         "Every command takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its\n"
         "web.listen) and --as PERSON (where the daemon needs no token).\n";
}

int run_digest(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json",
                   "day=", "from=", "to=", "name=", "format=", "bucket="}};
  const std::string what = args.rest().empty() ? "show" : args.rest().front();
  const ApiClient api{args};
  if (what == "list") {
    print_items(api.need("GET", "/api/v1/digests"));
  } else if (what == "items") {
    print_items(api.need("GET", day_of(args) + "/items" + query_of(args, {"bucket"})));
  } else if (what == "show") {
    const bool json = args.has("json") || isatty(STDOUT_FILENO) == 0;
    const std::string format = args.value_or("format", json ? "json" : "text");
    const std::string path = args.has("day") ? day_of(args) : "/api/v1/digest";
    std::string query = query_of(args, {"name", "from", "to"});
    query += fmt::format("{}format={}", query.empty() ? "?" : "&", url_escaped(format));
    print_text(api.need("GET", path + query));
  } else {
    throw UsageError(fmt::format("\"{}\" is none of show, items, list", printable(what)));
  }
  return kOk;
}

}  // namespace earshot::cli
