#pragma once

/// Customers: one person over many channels. Joined by the same mailbox or account, or by an
/// operator's word, never by a display name; what was joined can be taken apart again. Pure.

#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

/// vip: somebody whose word carries far. vulnerable: ill, a child, in distress: slower and kinder.
EARSHOT_ENUM(CustomerFlag, vip, vulnerable);

struct FlagSet {
  CustomerFlag flag = CustomerFlag::vip;
  std::string reason;
  std::string by;
  Instant at{};
};

/// A customer that was merged into another, and what it brings back when it is split off.
struct CustomerPart {
  std::string id;
  std::string name;
  std::vector<std::string> identities;
  std::uint64_t contacts = 0;
  std::string reason;
  std::string by;
  Instant at{};
};

struct CustomerBody {
  std::vector<FlagSet> flags;
  std::vector<CustomerPart> parts;
  std::string merged_into;  ///< id; "" where it stands by itself
};

/// A customer as the rules see it; `id` "" where there is none.
struct Customer {
  std::string id;
  std::string name;
  std::vector<std::string> identities;
  std::uint64_t contacts = 0;
  CustomerBody body;

  /// Ids under which its cases stand: its own and those of its parts.
  std::vector<std::string> ids() const;
};

struct CustomersDone {
  Customer one;
  Customer other;  ///< the part, where two are changed; id "" where one is
  std::optional<Refusal> refusal{};
};

/// `from` becomes part of `into`.
CustomersDone merge_customers(const Customer& from, const Customer& into, const std::string& who,
                              const std::string& reason, Instant now);
/// `part` stands by itself again, with the identities that it came with. What the whole gained
/// since stays with the whole.
CustomersDone split_customer(const Customer& whole, const Customer& part,
                             const std::string& reason);
/// Sets a flag, or takes it away (`on` false); both want a reason.
CustomersDone flag_customer(const Customer& customer, const std::string& flag, bool on,
                            const std::string& who, const std::string& reason, Instant now);

std::string to_json(const CustomerBody& body);
/// An empty body for "" and for what is no object.
CustomerBody customer_body(std::string_view json);

}  // namespace earshot
