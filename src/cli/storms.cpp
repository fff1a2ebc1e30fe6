// `earshot storms`: many customers, one cause, on a running daemon.
#include <fmt/format.h>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::string_view kStormVerbs = "list, show, rename, split, join, end";

std::string id_of(const Args& args) {
  if (args.rest().size() != 2) throw UsageError("which storm? Give its id");
  return args.rest()[1];
}

std::string one_field(const Args& args, std::string_view name) {
  args.need(name);
  JsonWriter out;
  out.object();
  out.field(name, *args.value(name));
  out.end();
  return out.take();
}

/// `--cases 17,23` as a list.
std::string cases_body(const Args& args) {
  args.need("cases");
  const std::string text = *args.value("cases");
  JsonWriter out;
  out.object();
  out.key("cases");
  out.array();
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    if (end > start) out.value(trim(std::string_view{text}.substr(start, end - start)));
    start = end + 1;
  }
  out.end_array();
  out.end();
  return out.take();
}

}  // namespace

std::string_view help_storms() {
  return "usage: earshot storms list [--state open|ended|all]\n"
         "       earshot storms show ID                 with its cases\n"
         "       earshot storms rename ID --name TEXT\n"
         "       earshot storms split ID --cases A,B    takes cases out: they are told by "
         "themselves\n"
         "       earshot storms join ID --into ID       the second one stays\n"
         "       earshot storms end ID\n"
         "Cases are named by id or number. Every command takes --server URL, --token-file F "
         "($EARSHOT_TOKEN_FILE),\n"
         "--config C (its web.listen) and --as PERSON (where the daemon needs no token).\n";
}

int run_storms(std::span<const std::string> words) {
  const Args args{
      words,
      {"server=", "token-file=", "config=", "as=", "json", "state=", "name=", "cases=", "into="}};
  if (args.rest().empty()) throw UsageError(fmt::format("say what to do: {}", kStormVerbs));
  const std::string& what = args.rest().front();
  const ApiClient api{args};
  const std::string base = "/api/v1/storms";
  const auto act = [&](const std::string& body) {
    print_line(api.need("POST", base + "/" + id_of(args) + "/" + what, body));
  };
  if (what == "list")
    print_line(api.need("GET", base + "?state=" + args.value_or("state", "open")));
  else if (what == "show")
    print_line(api.need("GET", base + "/" + id_of(args)));
  else if (what == "rename")
    act(one_field(args, "name"));
  else if (what == "split")
    act(cases_body(args));
  else if (what == "join")
    act(one_field(args, "into"));
  else if (what == "end")
    act("{}");
  else
    throw UsageError(fmt::format("\"{}\" is none of {}", printable(what), kStormVerbs));
  return kOk;
}

}  // namespace earshot::cli
