// `earshot silence`: keep cases quiet for a while.
#include <fmt/format.h>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

/// The matchers of the command line, and the other options, as the body of a request.
std::string body_of(const Args& args, std::size_t first) {
  JsonWriter out;
  out.object();
  out.field("matchers",
            std::vector<std::string>{args.rest().begin() + static_cast<std::ptrdiff_t>(first),
                                     args.rest().end()});
  for (const char* name : {"reason", "from", "to", "for"}) {
    if (const auto value = args.value(name)) out.field(name, *value);
  }
  out.end();
  return out.take();
}

}  // namespace

std::string_view help_silence() {
  return "usage: earshot silence add MATCHER… --for 2h|--to T [--from T] --reason TEXT\n"
         "       earshot silence preview MATCHER…   what it would keep quiet now; nothing is "
         "changed\n"
         "       earshot silence list [--all]       with what each matches now and in the last "
         "week\n"
         "       earshot silence expire ID          ends it; what it withheld is told\n"
         "MATCHER is like 'product = Glow' or 'urgency =~ \"page|queue\"'; all must hold. Hazards "
         "and principals' pages go out all\n"
         "the same and say so. Times are RFC 3339. Every command takes --server URL, --token-file "
         "F "
         "($EARSHOT_TOKEN_FILE),\n"
         "--config C (its web.listen) and --as PERSON (where the daemon needs no token).\n";
}

int run_silence(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json",
                   "reason=", "from=", "to=", "for=", "all"}};
  if (args.rest().empty()) throw UsageError("say what to do: add, preview, list, expire");
  const std::string& what = args.rest().front();
  const ApiClient api{args};
  if (what == "list") {
    print_line(api.need("GET", args.has("all") ? "/api/v1/silences?all=yes" : "/api/v1/silences"));
  } else if (what == "add" || what == "preview") {
    if (args.rest().size() < 2) throw UsageError("which cases? Give matchers");
    if (what == "add") args.need("reason");
    print_line(api.need("POST", what == "add" ? "/api/v1/silences" : "/api/v1/silences/preview",
                        body_of(args, 1)));
  } else if (what == "expire") {
    if (args.rest().size() != 2) throw UsageError("which silence? Give its id");
    print_line(api.need("POST", "/api/v1/silences/" + args.rest()[1] + "/expire"));
  } else {
    throw UsageError(fmt::format("\"{}\" is none of add, preview, list, expire", printable(what)));
  }
  return kOk;
}

}  // namespace earshot::cli
