// Customers in the store: merged, split and flagged, with the ledger in the same transaction.
#include "earshot/cases/arguments.hpp"
#include "earshot/cases/customer.hpp"

#include <fmt/format.h>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "follow.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

/// By id, or by an identity such as mail:ann@example.org.
std::optional<Customer> load(StoreReader& reader, const std::string& name) {
  auto record = reader.customer(name);
  if (!record) record = reader.customer_by_identity(name);
  if (!record) return std::nullopt;
  return Customer{record->id, record->name, record->identities, record->contacts,
                  customer_body(record->body)};
}

/// A handle or mailbox that a customer named before anything came from it: "mail:ann@example.org",
/// "SOURCE/ACCOUNT". nullopt where the name is neither.
std::optional<Customer> foretold(std::string name, Instant now) {
  constexpr std::string_view kMail = "mail:";
  if (name.starts_with(kMail)) name = to_lower_ascii(name);
  const std::size_t mark = name.starts_with(kMail) ? name.find('@') : name.find('/');
  const bool form = mark != std::string::npos && mark > 0 && mark + 1 < name.size() &&
                    mark != kMail.size() && name.size() <= 300 &&
                    name.find_first_of(" \t\n<>\"") == std::string::npos;
  if (!form) return std::nullopt;
  Customer out;
  out.id = "u" + ordered_id(now, hash64(name, static_cast<std::uint64_t>(to_unix_ms(now))));
  out.identities = {std::move(name)};
  return out;
}

void put(StoreWriter& writer, const Customer& it) {
  writer.put_customer({it.id, it.identities, it.name, it.contacts, to_json(it.body)});
}

DeskAnswer nobody(const std::string& name, const std::string& field) {
  DeskAnswer none =
      rota_refusal("no_customer", fmt::format("No customer is \"{}\".", printable(name)), field);
  none.found = false;
  return none;
}

}  // namespace

std::vector<std::string> customer_ids(const CustomerRecord& customer) {
  if (customer.body.empty()) return {customer.id};
  Customer it;
  it.id = customer.id;
  it.body = customer_body(customer.body);
  return it.ids();
}

DeskAnswer change_customer(StoreWriter& writer, const DeskCommand& command, Instant now) {
  std::optional<Customer> one = load(writer, argument(command.args, "id"));
  if (!one && command.what == "merge") one = foretold(argument(command.args, "id"), now);
  if (!one) return nobody(argument(command.args, "id"), "id");
  const std::string reason = argument(command.args, "reason");
  CustomersDone done;
  if (command.what == "merge") {
    const auto into = load(writer, argument(command.args, "into"));
    if (!into) return nobody(argument(command.args, "into"), "into");
    done = merge_customers(*one, *into, command.who, reason, now);
  } else if (command.what == "split") {
    const auto part = load(writer, argument(command.args, "part"));
    if (!part) return nobody(argument(command.args, "part"), "part");
    done = split_customer(*one, *part, reason);
  } else if (command.what == "flag") {
    const std::string on = argument(command.args, "on");
    done = flag_customer(*one, argument(command.args, "flag"),
                         on.empty() || on == "yes" || on == "true", command.who, reason, now);
  } else {
    DeskAnswer none = rota_refusal("no_action", "merge, split or flag is done to a customer.");
    none.found = false;
    return none;
  }
  if (done.refusal)
    return rota_refusal(done.refusal->code, done.refusal->text, done.refusal->field);
  // Who gives identities up is stored first, so that they are free for whom they go to.
  const bool splits = command.what == "split";
  if (!done.other.id.empty() && !splits) put(writer, done.other);
  put(writer, done.one);
  if (!done.other.id.empty() && splits) put(writer, done.other);
  JsonWriter data;
  data.object();
  data.field("customer", done.one.id);
  data.text_or_null("other", done.other.id);
  data.text_or_null("flag", argument(command.args, "flag"));
  data.text_or_null("on", argument(command.args, "on"));
  data.field("reason", reason);
  data.end();
  writer.append_ledger({0, now, command.who, "customer_" + command.what, "", data.take(), ""});
  DeskAnswer out;
  out.done = true;
  out.body = to_json(done.one.body);
  return out;
}

}  // namespace earshot
