#include <fmt/format.h>

#include "client.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {

std::string_view help_quarantine() {
  return "usage: earshot quarantine list [--source NAME]\n"
         "       earshot quarantine show ID\n"
         "       earshot quarantine replay|drop ID…\n"
         "Items that could not be read, one JSON line each; show adds the bytes. replay reads an "
         "item "
         "again as if its source had brought\n"
         "it now: after an update, or where the fault was passing. drop forgets it; the ledger "
         "keeps "
         "who did so.\n"
         "Takes --server URL, --token-file F ($EARSHOT_TOKEN_FILE), --config C (its web.listen), "
         "--as PERSON.\n";
}

int run_quarantine(std::span<const std::string> words) {
  const Args args{words, {"server=", "token-file=", "config=", "as=", "source="}};
  if (args.rest().empty()) throw UsageError("say what to do: list, show, replay, drop");
  const std::string& what = args.rest().front();
  const ApiClient api{args};
  if (what == "list") {
    std::string path = "/api/v1/quarantine?limit=1000";
    if (const auto source = args.value("source")) {
      path += "&source=";
      for (const char c : *source) path += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    const auto document = parse_json(api.need("GET", path));
    const JsonValue* items = document ? find(*document, "items") : nullptr;
    if (items == nullptr || !items->IsArray()) throw Failure(kNo, "the daemon's answer is no list");
    for (const JsonValue& row : items->GetArray()) {
      JsonWriter out;
      out.value(row);
      print_line(out.take());
    }
    return kOk;
  }
  if (what != "show" && what != "replay" && what != "drop")
    throw UsageError("no action \"" + printable(what) + "\"");
  if (args.rest().size() < 2) throw UsageError("which item?");
  int code = kOk;
  for (std::size_t i = 1; i < args.rest().size(); ++i) {
    const std::string path = "/api/v1/quarantine/" + args.rest()[i];
    try {
      print_line(what == "show" ? api.need("GET", path)
                                : api.need("POST", fmt::format("{}/{}", path, what), "{}"));
    } catch (const Failure& e) {
      if (args.rest().size() == 2) throw;
      warn(fmt::format("{}: {}", args.rest()[i], e.what()));
      code = e.code;
    }
  }
  return code;
}

}  // namespace earshot::cli
