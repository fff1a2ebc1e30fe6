#pragma once

/// The whole decision about a post without a store and without sending: what `explain` and `replay`
/// show. Pure but for its rules.

#include <string>

#include "earshot/app/rules.hpp"
#include "earshot/cases/case.hpp"
#include "earshot/core/post.hpp"
#include "earshot/triage/triage.hpp"

namespace earshot::cli {

struct PlannedPage {
  Instant at{};
  std::string person;
  std::string via;
};

struct Verdict {
  Assessment assessment;
  Decision decision;
  std::string action;  ///< opened or nothing
  std::string case_key;
  Routing routing;
  std::vector<PlannedPage> pages;  ///< until the end of the escalation, if nobody takes it
};

Verdict decide(Post post, const Rules& rules, Instant at);
void write_verdict(JsonWriter& out, const Post& post, const Verdict& verdict);

}  // namespace earshot::cli
