// `earshot customer`: one person over many channels.
#include <fmt/format.h>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::string_view kCustomerVerbs = "show, merge, split, flag, unflag";

}  // namespace

std::string_view help_customer() {
  return "usage: earshot customer show CUSTOMER          identities, cases, what was promised, "
         "flags\n"
         "       earshot customer merge CUSTOMER --into CUSTOMER --reason TEXT\n"
         "       earshot customer split CUSTOMER --part CUSTOMER --reason TEXT   apart again\n"
         "       earshot customer flag|unflag CUSTOMER --flag vip|vulnerable --reason TEXT\n"
         "CUSTOMER is an id, as a case shows it, or an identity such as mail:ann@example.org or\n"
         "SOURCE/ACCOUNT; merge takes one from which nothing has come yet, too.\n"
         "Every command takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its\n"
         "web.listen) and --as PERSON (where the daemon needs no token).\n";
}

int run_customer(std::span<const std::string> words) {
  const Args args{
      words,
      {"server=", "token-file=", "config=", "as=", "json", "into=", "part=", "flag=", "reason="}};
  if (args.rest().empty()) throw UsageError(fmt::format("say what to do: {}", kCustomerVerbs));
  if (args.rest().size() != 2) throw UsageError("which customer? Give its id or an identity");
  const std::string& what = args.rest().front();
  const std::string path = "/api/v1/customers/" + url_escaped(args.rest()[1]);
  const ApiClient api{args};
  if (what == "show") {
    print_line(api.need("GET", path));
    return kOk;
  }
  if (what != "merge" && what != "split" && what != "flag" && what != "unflag")
    throw UsageError(fmt::format("\"{}\" is none of {}", printable(what), kCustomerVerbs));
  JsonWriter body;
  body.object();
  for (const std::string_view name : {"into", "part", "flag", "reason"}) {
    if (const auto value = args.value(name)) body.field(name, *value);
  }
  body.field("on", what != "unflag");
  body.end();
  print_line(
      api.need("POST", fmt::format("{}/{}", path, what == "unflag" ? "flag" : what), body.take()));
  return kOk;
}

}  // namespace earshot::cli
