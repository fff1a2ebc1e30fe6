// `earshot action`: corrective actions of a running daemon, and how often causes are named.
#include <fmt/format.h>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::string_view kActionVerbs = "list, show, done, decline, postpone, give, note, trend";

}  // namespace

std::string_view help_action() {
  return "usage: earshot action list [--state open|late|done|declined|all] [--owner P]\n"
         "                           [--department D] [--cause C]   what departments owe\n"
         "       earshot action show ID\n"
         "       earshot action done ID --text \"fixed in 4.2\"\n"
         "       earshot action decline ID --text \"will not change, because …\"\n"
         "       earshot action postpone ID --until TIME --text TEXT   (the head, or a manager)\n"
         "       earshot action give ID --person P [--text T]\n"
         "       earshot action note ID --text T\n"
         "       earshot action trend [--from TIME] [--to TIME]   how often each cause was named\n"
         "Every command takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its\n"
         "web.listen) and --as PERSON (where the daemon needs no token).\n";
}

int run_action(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json", "state=", "owner=",
                   "department=", "cause=", "text=", "until=", "person=", "from=", "to="}};
  if (args.rest().empty()) throw UsageError(fmt::format("say what to do: {}", kActionVerbs));
  const std::string& what = args.rest().front();
  const auto id = [&] {
    if (args.rest().size() != 2) throw UsageError("which action? Give its id");
    return args.rest()[1];
  };
  const ApiClient api{args};
  if (what == "list") {
    print_items(api.need(
        "GET", "/api/v1/actions" + query_of(args, {"state", "owner", "department", "cause"})));
  } else if (what == "trend") {
    print_items(api.need("GET", "/api/v1/causes" + query_of(args, {"from", "to"})));
  } else if (what == "show") {
    print_line(api.need("GET", "/api/v1/actions/" + id()));
  } else if (what == "done" || what == "decline" || what == "postpone" || what == "give" ||
             what == "note") {
    print_line(api.need("POST", fmt::format("/api/v1/actions/{}/{}", id(), what),
                        body_of(args, {"text", "until", "person"})));
  } else {
    throw UsageError(fmt::format("\"{}\" is none of {}", printable(what), kActionVerbs));
  }
  return kOk;
}

}  // namespace earshot::cli
