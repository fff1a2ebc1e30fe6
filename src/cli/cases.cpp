#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "client.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

constexpr std::array kOptions{
    "person",         "reason",       "text",       "link",   "at",      "said",  "done",
    "cost",           "cause",        "department", "change", "outcome", "words", "into",
    "product-change", "change-owner", "change-due", "note",   "urgency", "for",   "until",
    "complaint",      "urgent",       "withdraw",   "kind",   "amount"};

void print_row(const JsonValue& row) {
  const JsonValue* owner = find(row, "owner");
  const JsonValue* customer = find(row, "customer");
  const JsonValue* clock = find(row, "clock");
  const std::string due =
      clock != nullptr && clock->IsObject()
          ? fmt::format("{} {}", string_at(*clock, "state"), string_at(*clock, "due"))
          : "-";
  fmt::print("{:>5}  {:<6} {:<12} {:<10} {:<38} {}\n", integer_at(row, "number").value_or(0),
             string_at(row, "urgency"), string_at(row, "state"),
             owner != nullptr && owner->IsObject() ? printable(string_at(*owner, "id")) : "nobody",
             due,
             printable(cut_utf8(
                 fmt::format("{}: {}", customer != nullptr ? string_at(*customer, "name") : "",
                             string_at(row, "excerpt")),
                 90)));
}

/// One sentence a message for people; one object a line where JSON is wanted.
void print_told(const std::string& answer, bool json) {
  const auto document = parse_json(answer);
  if (!document) throw Failure(kNo, "the daemon's answer is no JSON");
  const bool table = ::isatty(STDOUT_FILENO) == 1 && !json;
  const JsonValue* items = find(*document, "items");
  if (items == nullptr || !items->IsArray()) return;
  for (const JsonValue& row : items->GetArray()) {
    if (table) {
      fmt::print("{}\n", printable(string_at(row, "text")));
    } else {
      JsonWriter out;
      out.value(row);
      print_line(out.take());
    }
  }
}

int list(const Args& args, const ApiClient& api) {
  std::string path = "/api/v1/cases?limit=" + args.value_or("limit", "100");
  for (const char* name : {"view", "state", "owner", "urgency", "team", "q"}) {
    if (const auto value = args.value(name)) {
      path += fmt::format("&{}=", name);
      for (const char c : *value) path += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  const auto document = parse_json(api.need("GET", path));
  if (!document) throw Failure(kNo, "the daemon's answer is no JSON");
  const bool table = ::isatty(STDOUT_FILENO) == 1 && !args.has("json");
  if (table)
    fmt::print("{:>5}  {:<6} {:<12} {:<10} {:<38} {}\n", "case", "", "state", "owner", "clock",
               "customer");
  if (const JsonValue* items = find(*document, "items"); items != nullptr && items->IsArray()) {
    for (const JsonValue& row : items->GetArray()) {
      if (table) {
        print_row(row);
      } else {
        JsonWriter out;
        out.value(row);
        print_line(out.take());
      }
    }
  }
  return kOk;
}

}  // namespace

std::string_view help_cases() {
  return "usage: earshot cases list [--view needs|mine|late] [--state S] [--owner ID] [--urgency "
         "U] [--q WORDS]\n"
         "       earshot cases show CASE\n"
         "       earshot cases told CASE            who was told what, when, how, and did it "
         "arrive\n"
         "       earshot cases ack|undo_ack|close CASE …\n"
         "       earshot cases help CASE --person ID [--reason TEXT]   earshot cases snooze CASE "
         "--for "
         "2h --reason TEXT\n"
         "       earshot cases hold|release CASE --reason TEXT   (a legal hold; needs the role "
         "manager)\n"
         "       earshot cases wait CASE --reason TEXT   (for the customer: the solution's clock "
         "stands still)   earshot cases go-on CASE\n"
         "       earshot cases teach CASE [--complaint yes|no] [--urgent yes|no] [--note TEXT] "
         "[--withdraw yes]\n"
         "       earshot cases assign CASE --person ID [--reason TEXT]      earshot cases "
         "take-over CASE --reason TEXT\n"
         "       earshot cases answer CASE --text TEXT [--link URL] [--at TIME]\n"
         "       earshot cases feedback CASE --said TEXT --done TEXT --cause TEXT --department "
         "TEXT --product-change yes|no [--change TEXT]\n"
         "       earshot cases verify CASE --outcome satisfied|not_satisfied|not_reached [--words "
         "TEXT]\n"
         "       earshot cases call-to CASE --person ID --reason TEXT   (somebody else rings)\n"
         "       earshot cases grant|ask-grant CASE --kind refund --amount \"180 EUR\" [--reason "
         "TEXT]\n"
         "       earshot cases failed|granted [--from TIME] [--to TIME]   (counts: by team and "
         "sign; "
         "by person)\n"
         "       earshot cases dismiss CASE --reason "
         "not_a_complaint|not_about_us|spam|duplicate|test|handled_elsewhere\n"
         "       earshot cases reopen CASE --reason TEXT    earshot cases merge CASE --into CASE   "
         " earshot cases note CASE --text TEXT\n"
         "CASE is a number or an id. Every command takes --server URL, --token-file F "
         "($EARSHOT_TOKEN_FILE), --config C (its web.listen),\n"
         "--as PERSON (where the daemon needs no token, as in the demo) and --json.\n";
}

int run_cases(std::span<const std::string> words) {
  const Args args{words, {"server=",       "token-file=", "config=",   "as=",
                          "json",          "limit=",      "view=",     "state=",
                          "owner=",        "urgency=",    "team=",     "q=",
                          "person=",       "reason=",     "text=",     "link=",
                          "at=",           "said=",       "done=",     "cost=",
                          "cause=",        "department=", "change=",   "outcome=",
                          "words=",        "into=",       "note=",     "product-change=",
                          "change-owner=", "change-due=", "for=",      "until=",
                          "complaint=",    "urgent=",     "withdraw=", "kind=",
                          "amount=",       "from=",       "to="}};
  if (args.rest().empty()) throw UsageError("say what to do: list, show, ack, …");
  const std::string& what = args.rest().front();
  const ApiClient api{args};
  if (what == "list") return list(args, api);
  if (what == "failed" || what == "granted") {
    print_items(api.need("GET", (what == "failed" ? "/api/v1/failed" : "/api/v1/grants") +
                                    query_of(args, {"from", "to"})));
    return kOk;
  }
  if (args.rest().size() < 2) throw UsageError("which case?");
  std::string action = what;
  for (char& c : action) c = c == '-' ? '_' : c;
  if (what != "show" && what != "told" && !from_word<Action>(action))
    throw UsageError("no action \"" + printable(what) + "\"");
  int code = kOk;
  for (std::size_t i = 1; i < args.rest().size(); ++i) {
    const std::string path = "/api/v1/cases/" + args.rest()[i];
    try {
      if (what == "told") {
        print_told(api.need("GET", path + "/told"), args.has("json"));
        continue;
      }
      print_line(what == "show" ? api.need("GET", path)
                                : api.need("POST", fmt::format("{}/{}", path, action),
                                           body_of(args, {kOptions.begin(), kOptions.end()})));
    } catch (const Failure& e) {
      if (args.rest().size() == 2) throw;
      warn(fmt::format("{}: {}", args.rest()[i], e.what()));
      code = e.code;
    }
  }
  return code;
}

}  // namespace earshot::cli
