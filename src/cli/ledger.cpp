#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "command.hpp"
#include "database.hpp"
#include "earshot/core/utf8.hpp"
#include "ledger_verify.hpp"

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

/// "88126:HASH", as a digest prints it: whether that entry still has that hash.
std::string compare_noted(const std::string& path, const std::string& noted) {
  const std::size_t colon = noted.find(':');
  std::int64_t n = 0;
  const char* end = noted.data() + std::min(colon, noted.size());
  if (colon == std::string::npos || std::from_chars(noted.data(), end, n).ptr != end || n < 1)
    throw UsageError("--noted is an entry's number, a colon and its hash, as the digest has them");
  LedgerQuery query;
  query.after = n - 1;
  query.upto = n;
  std::vector<LedgerEntry> found;
  read_database(path, [&](StoreReader& reader) { found = reader.ledger(query); });
  if (found.empty()) return fmt::format("entry {} is gone: the end was cut off", n);
  return found.front().hash == noted.substr(colon + 1)
             ? ""
             : fmt::format("entry {} has another hash than was noted", n);
}

int verify(const std::string& path, const Args& args) {
  const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
  Verified found = verify_ledger(path, !args.has("chain-only"), threads);
  if (const auto noted = args.value("noted"); noted && found.problem.empty())
    found.problem = compare_noted(path, *noted);
  JsonWriter out;
  out.object();
  out.field("ok", found.problem.empty());
  out.field("entries", found.entries);
  out.text_or_null("head", found.head);
  out.field("erased", found.erased);
  out.field("cases", found.cases);
  out.text_or_null("problem", found.problem);
  out.field("wrong_entry", found.wrong_entry);
  out.text_or_null("wrong_case", found.wrong_case);
  out.end();
  print_line(out.take());
  return found.problem.empty() ? kOk : kNo;
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
  return "usage: earshot ledger verify (--db FILE | --config C) [--chain-only] [--noted N:HASH]\n"
         "       earshot ledger list (--db FILE | --config C) [--case ID] [--who W] [--kind K]\n"
         "                           [--from T] [--to T]\n"
         "verify walks the whole hash chain, then compares every case with what its entries make "
         "of "
         "it\n(not with --chain-only): {\"ok\",\"entries\",\"head\",\"cases\",\"problem\","
         "\"wrong_entry\",\"wrong_case\"},\nexit 1 where something is wrong. A chain cannot show "
         "that its end was cut off: --noted holds an\nentry and its hash as a digest printed "
         "them.\n"
         "list prints {\"n\",\"at\",\"who\",\"kind\",\"case\",\"data\",\"hash\"} a line, "
         "oldest first. The daemon may run meanwhile.\n";
}

int run_ledger(std::span<const std::string> words) {
  const Args args{
      words,
      {"db=", "config=", "case=", "who=", "kind=", "from=", "to=", "json", "chain-only", "noted="}};
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
  if (action == "verify") return verify(path, args);
  walk(path, query, [](const LedgerEntry& entry) {
    print_entry(entry);
    return true;
  });
  return kOk;
}

}  // namespace earshot::cli
