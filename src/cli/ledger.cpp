#include <fmt/format.h>

#include "command.hpp"
#include "database.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/store/ledger.hpp"

namespace earshot::cli {
namespace {

constexpr std::size_t kPage = 1'000;

std::optional<Instant> instant_option(const Args& args, std::string_view name) {
  const auto text = args.value(name);
  if (!text) return std::nullopt;
  const auto at = parse_rfc3339(*text);
  if (!at) {
    throw UsageError(fmt::format("--{}: \"{}\" is no RFC 3339 time such as 2026-11-23T17:25:00Z",
                                 name, printable(*text)));
  }
  return at;
}

/// Calls `each` for the entries in order until it returns false.
void walk(const std::string& path, LedgerQuery query,
          const std::function<bool(const LedgerEntry&)>& each) {
  query.limit = kPage;
  read_database(path, [&](StoreReader& reader) {
    for (;;) {
      const std::vector<LedgerEntry> page = reader.ledger(query);
      for (const LedgerEntry& entry : page) {
        if (!each(entry)) return;
      }
      if (page.size() < kPage) return;
      query.after = page.back().n;
    }
  });
}

int verify(const std::string& path) {
  LedgerCheck check;
  std::optional<std::string> wrong;
  walk(path, {}, [&](const LedgerEntry& entry) {
    wrong = check.next(entry);
    return !wrong;
  });
  JsonWriter out;
  out.object();
  out.field("ok", !wrong);
  out.field("entries", check.count());
  out.text_or_null("head", check.head());
  out.text_or_null("problem", wrong.value_or(""));
  out.end();
  print_line(out.take());
  return wrong ? kNo : kOk;
}

void print_entry(const LedgerEntry& entry) {
  JsonWriter out;
  out.object();
  out.field("n", entry.n);
  out.field("at", entry.at);
  out.text_or_null("who", entry.who);
  out.field("kind", entry.kind);
  out.text_or_null("case", entry.case_id);
  out.key("data");
  // What is stored is shown; a damaged entry is shown as text, so that the list stays readable.
  if (parse_json(entry.data))
    out.raw(entry.data);
  else if (entry.data.empty())
    out.null();
  else
    out.value(entry.data);
  out.field("hash", entry.hash);
  out.end();
  print_line(out.take());
}

}  // namespace

std::string_view help_ledger() {
  return "usage: earshot ledger verify (--db FILE | --config C)\n"
         "       earshot ledger list (--db FILE | --config C) [--case ID] [--who W] [--kind K]\n"
         "                           [--from T] [--to T]\n"
         "verify walks the whole hash chain: {\"ok\",\"entries\",\"head\",\"problem\"}, exit 1 "
         "where it "
         "is broken.\nCompare the head with the one in the last digest: a chain cannot show that "
         "its "
         "end was cut off.\nlist prints {\"n\",\"at\",\"who\",\"kind\",\"case\",\"data\",\"hash\"} "
         "a line, "
         "oldest first. The daemon may run meanwhile.\n";
}

int run_ledger(std::span<const std::string> words) {
  const Args args{words, {"db=", "config=", "case=", "who=", "kind=", "from=", "to=", "json"}};
  const std::string action = args.one("verify or list");
  if (action != "verify" && action != "list") {
    throw UsageError(fmt::format("\"{}\" is neither verify nor list", printable(action)));
  }
  LedgerQuery query;
  query.case_id = args.value_or("case", "");
  query.who = args.value_or("who", "");
  query.kind = args.value_or("kind", "");
  query.from = instant_option(args, "from");
  query.to = instant_option(args, "to");
  const std::string path = database_path(args);
  if (action == "verify") return verify(path);
  walk(path, query, [](const LedgerEntry& entry) {
    print_entry(entry);
    return true;
  });
  return kOk;
}

}  // namespace earshot::cli
