// `earshot override`, `absence`, `swap` and `user`: the rota of a running daemon.
#include <fmt/format.h>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::string_view kEverywhere =
    "Times are RFC 3339. Every command takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), "
    "--config C (its web.listen)\n"
    "and --as PERSON (where the daemon needs no token).\n";

std::string second(const Args& args, std::string_view what) {
  if (args.rest().size() != 2) throw UsageError(fmt::format("which {}? Give its id", what));
  return args.rest()[1];
}

const std::string& verb(const Args& args, std::string_view verbs) {
  if (args.rest().empty()) throw UsageError(fmt::format("say what to do: {}", verbs));
  return args.rest().front();
}

/// Until when, or for how long.
void need_end(const Args& args) {
  if (args.has("to") == args.has("for"))
    throw UsageError("say until when (--to) or for how long (--for)");
}

[[noreturn]] void unknown(const std::string& word, std::string_view verbs) {
  throw UsageError(fmt::format("\"{}\" is none of {}", printable(word), verbs));
}

}  // namespace

std::string_view help_override() {
  static const std::string kText =
      "usage: earshot override add --schedule S --to T|--for 2h [--from T] [--add A,B] [--remove "
      "C] "
      "[--reason "
      "TEXT]\n"
      "       earshot override preview …       the shifts before and after; nothing is changed\n"
      "       earshot override list [--all]\n"
      "       earshot override expire ID       takes it back; what has been stays as it was\n" +
      std::string{kEverywhere};
  return kText;
}

int run_override(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json",
                   "schedule=", "from=", "to=", "for=", "add=", "remove=", "reason=", "all"}};
  constexpr std::string_view kVerbs = "add, preview, list, expire";
  const std::string& what = verb(args, kVerbs);
  const ApiClient api{args};
  if (what == "list") {
    print_line(
        api.need("GET", args.has("all") ? "/api/v1/overrides?all=yes" : "/api/v1/overrides"));
  } else if (what == "expire") {
    print_line(api.need("DELETE", "/api/v1/overrides/" + second(args, "override")));
  } else if (what == "add" || what == "preview") {
    args.need("schedule"), need_end(args);
    const std::string path = what == "add" ? "/api/v1/overrides" : "/api/v1/overrides/preview";
    print_line(api.need(
        "POST", path, body_of(args, {"schedule", "from", "to", "for", "add", "remove", "reason"})));
  } else {
    unknown(what, kVerbs);
  }
  return kOk;
}

std::string_view help_absence() {
  static const std::string kText =
      "usage: earshot absence add [--person P] --to T|--for 3d [--from T] [--substitute Q] "
      "[--reason "
      "TEXT]\n"
      "       earshot absence list [--all]\n"
      "       earshot absence end ID           they are back\n" +
      std::string{kEverywhere};
  return kText;
}

int run_absence(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json",
                   "person=", "from=", "to=", "for=", "substitute=", "reason=", "all"}};
  constexpr std::string_view kVerbs = "add, list, end";
  const std::string& what = verb(args, kVerbs);
  const ApiClient api{args};
  if (what == "list") {
    print_line(api.need("GET", args.has("all") ? "/api/v1/absences?all=yes" : "/api/v1/absences"));
  } else if (what == "end") {
    print_line(api.need("DELETE", "/api/v1/absences/" + second(args, "absence")));
  } else if (what == "add") {
    need_end(args);
    print_line(api.need("POST", "/api/v1/absences",
                        body_of(args, {"person", "from", "to", "for", "substitute", "reason"})));
  } else {
    unknown(what, kVerbs);
  }
  return kOk;
}

std::string_view help_swap() {
  static const std::string kText =
      "usage: earshot swap ask --schedule S --from T --to T --with P [--reason TEXT]\n"
      "       earshot swap accept|decline|withdraw ID\n"
      "       earshot swap list [--all]\n"
      "Whoever asks wants another to take their turn; it counts once the other has accepted.\n" +
      std::string{kEverywhere};
  return kText;
}

int run_swap(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json",
                   "schedule=", "from=", "to=", "with=", "reason=", "all"}};
  constexpr std::string_view kVerbs = "ask, accept, decline, withdraw, list";
  const std::string& what = verb(args, kVerbs);
  const ApiClient api{args};
  if (what == "list") {
    print_line(api.need("GET", args.has("all") ? "/api/v1/swaps?all=yes" : "/api/v1/swaps"));
  } else if (what == "accept" || what == "decline" || what == "withdraw") {
    print_line(api.need("POST", "/api/v1/swaps/" + second(args, "swap") + "/" + what));
  } else if (what == "ask") {
    for (const char* name : {"schedule", "from", "to", "with"}) args.need(name);
    print_line(api.need("POST", "/api/v1/swaps",
                        body_of(args, {"schedule", "from", "to", "with", "reason"})));
  } else {
    unknown(what, kVerbs);
  }
  return kOk;
}

std::string_view help_user() {
  static const std::string kText =
      "usage: earshot user contacts                   the ways of telling of who asks\n"
      "       earshot user verify N                   sends a code to the N-th of them\n"
      "       earshot user verify N --code CODE       proves it\n"
      "       --person P                              of somebody else, for managers\n" +
      std::string{kEverywhere};
  return kText;
}

int run_user(std::span<const std::string> words) {
  const Args args{words, {"server=", "token-file=", "config=", "as=", "json", "code=", "person="}};
  constexpr std::string_view kVerbs = "contacts, verify";
  const std::string& what = verb(args, kVerbs);
  const ApiClient api{args};
  if (what == "contacts") {
    const auto person = args.value("person");
    print_line(api.need("GET", "/api/v1/me/contact" + (person ? "?person=" + *person : "")));
  } else if (what == "verify") {
    print_line(api.need("POST", "/api/v1/me/contact/" + second(args, "contact") + "/verify",
                        body_of(args, {"code", "person"})));
  } else {
    unknown(what, kVerbs);
  }
  return kOk;
}

}  // namespace earshot::cli
