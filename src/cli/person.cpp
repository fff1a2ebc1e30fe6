// `earshot export`, `earshot erase`, `earshot hold`: what is held on a person.
#include <unistd.h>

#include <fmt/format.h>

#include <iostream>

#include "client.hpp"
#include "command.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::string_view kClient =
    "Takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its web.listen), --as "
    "PERSON.\nA token of the role manager or admin is needed.\n";
constexpr std::string_view kAuthor =
    "WHO is a handle, a mail address, an identity such as mail:ann@example.org, or customer:ID. "
    "Where several\npeople have this name nothing is done, and their ids are named.\n";

std::string body_of(const Args& args, const std::string& confirm) {
  JsonWriter body;
  body.object();
  body.field("author", args.need("author"));
  body.field("reason", args.need("reason"));
  if (!confirm.empty()) body.field("confirm", confirm);
  if (args.has("open")) body.field("open", "yes");
  if (const auto until = args.value("until")) body.field("until", *until);
  body.end();
  return body.take();
}

std::string text_of(const std::string& problem) {
  const auto document = parse_json(problem);
  const JsonValue* error = document ? find(*document, "error") : nullptr;
  return error == nullptr ? problem : std::string{string_at(*error, "text")};
}

/// What would go, and the question whether it shall.
bool is_sure(const Args& args, const ApiClient& api) {
  const ApiAnswer first = api.request("POST", "/api/v1/privacy/erase", body_of(args, ""));
  if (first.status != 409 || first.body.find("\"confirm\"") == std::string::npos)
    throw Failure(kNo, text_of(first.body));
  if (args.has("yes")) return true;
  if (::isatty(STDIN_FILENO) == 0)
    throw Failure(kNo, text_of(first.body) + " Nobody is there to ask: give --yes.");
  fmt::print(stderr, "{}\nErase? Type the name again: ", printable(text_of(first.body)));
  std::string line;
  std::getline(std::cin, line);
  return trim(line) == args.need("author");
}

}  // namespace

std::string_view help_export() {
  static const std::string kText =
      "usage: earshot export --author WHO --reason TEXT\n"
      "One JSON document with everything that is held on a person, of every table. The ledger "
      "keeps "
      "who asked and why.\n" +
      std::string{kAuthor} + std::string{kClient};
  return kText;
}

int run_export(std::span<const std::string> words) {
  const Args args{words,
                  {"server=", "token-file=", "config=", "as=", "json", "author=", "reason="}};
  if (!args.rest().empty()) throw UsageError("it takes options only");
  const ApiClient api{args};
  print_line(api.need("POST", "/api/v1/privacy/export", body_of(args, "")));
  return kOk;
}

std::string_view help_erase() {
  static const std::string kText =
      "usage: earshot erase --author WHO --reason TEXT [--yes] [--open]\n"
      "Erases a person from every table; what was decided, when and by whom stays. Their items are "
      "kept out when a source\nshows them again. Says what would go and asks; --yes does not ask. "
      "--open: of open cases too. A legal hold forbids it.\nPrints the counts, and \"clean\": "
      "false where bytes remain in free places of a big database: docs/privacy.md.\n" +
      std::string{kAuthor} + std::string{kClient};
  return kText;
}

int run_erase(std::span<const std::string> words) {
  const Args args{
      words,
      {"server=", "token-file=", "config=", "as=", "json", "author=", "reason=", "yes", "open"}};
  if (!args.rest().empty()) throw UsageError("it takes options only");
  const ApiClient api{args};
  if (!is_sure(args, api)) throw Failure(kNo, "nothing was erased");
  print_line(api.need("POST", "/api/v1/privacy/erase", body_of(args, args.need("author"))));
  return kOk;
}

std::string_view help_hold() {
  static const std::string kText =
      "usage: earshot hold set --author WHO --reason TEXT [--until T]\n"
      "       earshot hold release --author WHO --reason TEXT\n"
      "A legal hold keeps all of a person from retention and erasure, until T or until it is "
      "released. One case is held with\n`earshot cases hold`.\n" +
      std::string{kAuthor} + std::string{kClient};
  return kText;
}

int run_hold(std::span<const std::string> words) {
  const Args args{
      words, {"server=", "token-file=", "config=", "as=", "json", "author=", "reason=", "until="}};
  const std::string what = args.one("set or release");
  if (what != "set" && what != "release") throw UsageError("set or release?");
  const ApiClient api{args};
  print_line(api.need("POST", what == "set" ? "/api/v1/privacy/hold" : "/api/v1/privacy/release",
                      body_of(args, "")));
  return kOk;
}

}  // namespace earshot::cli
