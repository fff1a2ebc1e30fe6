// `earshot draft`: a reply to a customer, written by one, approved by another, sent.
#include <fmt/format.h>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::string_view kDraftVerbs = "show, write, ask, approve, refuse, send";

}  // namespace

std::string_view help_draft() {
  return "usage: earshot draft show CASE       the words, what is wrong with them, their state\n"
         "       earshot draft write CASE [--truth T] [--owner T] [--change T]\n"
         "                                     what is true, who owns it, what will change; parts\n"
         "                                     that are not given stay as they are\n"
         "       earshot draft ask CASE [--person P]   somebody else is to approve it\n"
         "       earshot draft approve CASE\n"
         "       earshot draft refuse CASE --remark TEXT\n"
         "       earshot draft send CASE       as it was approved; off unless `replies:` says how\n"
         "--draft-version N refuses where somebody has changed the words since version N.\n"
         "Every command takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its\n"
         "web.listen) and --as PERSON (where the daemon needs no token).\n";
}

int run_draft(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json",
                   "truth=", "owner=", "change=", "person=", "remark=", "draft-version="}};
  if (args.rest().empty()) throw UsageError(fmt::format("say what to do: {}", kDraftVerbs));
  if (args.rest().size() != 2) throw UsageError("of which case? Give its number");
  const std::string& what = args.rest().front();
  const std::string path = fmt::format("/api/v1/cases/{}/draft", url_escaped(args.rest()[1]));
  const ApiClient api{args};
  if (what == "show") {
    print_line(api.need("GET", path));
    return kOk;
  }
  if (what != "write" && what != "ask" && what != "approve" && what != "refuse" && what != "send")
    throw UsageError(fmt::format("\"{}\" is none of {}", printable(what), kDraftVerbs));
  JsonWriter body;
  body.object();
  for (const std::string_view name : {"truth", "owner", "change", "person", "remark"}) {
    if (const auto value = args.value(name)) body.field(name, *value);
  }
  if (const auto version = args.value("draft-version")) body.field("version", *version);
  body.end();
  print_line(api.need("POST", fmt::format("{}/{}", path, what), body.take()));
  return kOk;
}

}  // namespace earshot::cli
