#pragma once

/// The whole decision about a post without a store and without sending: what `explain` and `replay`
/// show, and POST /api/v1/explain answers. Pure but for its rules.

#include <string>

#include "earshot/app/rules.hpp"
#include "earshot/cases/case.hpp"
#include "earshot/cases/storm.hpp"
#include "earshot/core/post.hpp"
#include "earshot/oncall/live.hpp"
#include "earshot/route/silence.hpp"
#include "earshot/store/store.hpp"
#include "earshot/triage/triage.hpp"

namespace earshot {

struct PlannedPage {
  Instant at{};
  int step = 0;
  int round = 0;
  std::string person;
  std::string via;
};

struct Verdict {
  Assessment assessment;
  Decision decision;
  std::string action;  ///< opened or nothing
  std::string case_key;
  Routing routing;
  std::vector<PlannedPage> pages;  ///< until the end of the escalation, if nobody takes it; of a
                                   ///< last resort the first time only
  std::vector<std::string> stopped_by;  ///< sentences: why nobody, or not somebody, is told
  Labels labels;
  std::optional<Asking> opinion{};  ///< none where no second opinion is configured
};

/// What a running daemon knows besides its configuration.
struct Circumstances {
  LiveRota live{};
  std::vector<Silence> silences{};
  std::vector<Storm> storms{};  ///< that last
};
Circumstances read_circumstances(StoreReader& reader, Instant at);

/// An inhibition depends on what is open then and is not looked at.
Verdict decide(Post post, const Rules& rules, Instant at, const Circumstances& known = {});
void write_verdict(JsonWriter& out, const Post& post, const Verdict& verdict);
/// The same in the shape of the API (docs/api.md).
void write_explain(JsonWriter& out, const Verdict& verdict, const Rules& rules, Instant at);

}  // namespace earshot
