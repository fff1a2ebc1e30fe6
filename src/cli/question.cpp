// `earshot question`: ask, answer and follow questions of a running daemon.
#include <fmt/format.h>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::string_view kQuestionVerbs =
    "add, list, owed, show, answer, note, seen, remind, withdraw, accept, again";

std::string body_of(const Args& args) {
  return body_of(args, {"case", "to", "text", "subject", "item"});
}

std::string list_path(const Args& args) {
  std::string path = "/api/v1/questions" + query_of(args, {"state", "to", "from", "case"});
  if (args.has("all") && !args.has("state"))
    path += path.find('?') == std::string::npos ? "?state=all" : "&state=all";
  return path;
}

}  // namespace

std::string_view help_question() {
  return "usage: earshot question add [--to PERSON] [--case C] [--text T] [--subject S] [--item "
         "T]\n"
         "                                          the person owes an answer in writing; without\n"
         "                                          --to the owner of the case or the team's lead\n"
         "       earshot question list [--to P] [--from P] [--case C] [--state S] [--all]\n"
         "       earshot question owed              answers owed, by person\n"
         "       earshot question show ID\n"
         "       earshot question answer ID --text T\n"
         "       earshot question note ID --text T  further words; no answer\n"
         "       earshot question seen|remind|withdraw|accept ID\n"
         "       earshot question again ID --text T the answer was not enough\n"
         "Every command takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its\n"
         "web.listen) and --as PERSON (where the daemon needs no token).\n";
}

int run_question(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json",
                   "to=", "from=", "case=", "text=", "subject=", "item=", "state=", "all"}};
  if (args.rest().empty()) throw UsageError(fmt::format("say what to do: {}", kQuestionVerbs));
  const std::string& what = args.rest().front();
  const auto id = [&] {
    if (args.rest().size() != 2) throw UsageError("which question? Give its id");
    return args.rest()[1];
  };
  const ApiClient api{args};
  if (what == "list") {
    print_items(api.need("GET", list_path(args)));
  } else if (what == "owed") {
    print_items(api.need("GET", "/api/v1/questions/owed"));
  } else if (what == "show") {
    print_line(api.need("GET", "/api/v1/questions/" + id()));
  } else if (what == "add") {
    print_line(api.need("POST", "/api/v1/questions", body_of(args)));
  } else if (what == "answer" || what == "note" || what == "again" || what == "seen" ||
             what == "remind" || what == "withdraw" || what == "accept") {
    const std::string path =
        fmt::format("/api/v1/questions/{}/{}", id(), what == "note" ? "add" : what);
    print_line(api.need("POST", path, body_of(args)));
  } else {
    throw UsageError(fmt::format("\"{}\" is none of {}", printable(what), kQuestionVerbs));
  }
  return kOk;
}

}  // namespace earshot::cli
