// `earshot report`: one table of a period.
#include <fmt/format.h>

#include "client.hpp"
#include "command.hpp"

namespace earshot::cli {

std::string_view help_report() {
  return "usage: earshot report                      the names of all reports\n"
         "       earshot report NAME [--from T] [--to T] [--team T] [--source S] [--severity S]\n"
         "                      [--language L] [--csv]\n"
         "NAME over [from, to), the last 28 days by default: JSON, or CSV with --csv. A cell that "
         "a\nspreadsheet would take for a formula stands behind an apostrophe. Fewer than 20 cases "
         "are said to\nbe too few to compare. What counts cases can be asked for those of a team, "
         "a "
         "source, a\nseverity (none, mild, serious, grave) and a language.\n"
         "Every command takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its\n"
         "web.listen) and --as PERSON (where the daemon needs no token).\n";
}

int run_report(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json", "from=", "to=", "csv",
                   "team=", "source=", "severity=", "language="}};
  const ApiClient api{args};
  if (args.rest().empty()) {
    print_items(api.need("GET", "/api/v1/reports"));
    return kOk;
  }
  const std::string name = args.one("the name of a report");
  std::string query = query_of(args, {"from", "to", "team", "source", "severity", "language"});
  if (args.has("csv")) query += fmt::format("{}format=csv", query.empty() ? "?" : "&");
  print_text(api.need("GET", "/api/v1/reports/" + url_escaped(name) + query));
  return kOk;
}

}  // namespace earshot::cli
