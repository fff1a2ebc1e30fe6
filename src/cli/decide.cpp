#include "decide.hpp"

#include <algorithm>

#include "../app/effects.hpp"
#include "../app/filing.hpp"
#include "../app/normalise.hpp"
#include "../app/targets.hpp"
#include "earshot/cases/escalation.hpp"
#include "earshot/cases/intake.hpp"
#include "earshot/core/post_json.hpp"

namespace earshot::cli {
namespace {

constexpr std::size_t kMostPages = 200;

void plan(Verdict& out, Case it, const Rules& rules, Instant at) {
  const EscalationPolicy* policy = rules.escalation(out.routing.escalation);
  if (policy == nullptr || policy->steps.empty()) return;
  std::optional<StepAt> step = first_step(*policy, it.level, at);
  const bool page = out.decision.urgency == Urgency::page;
  while (step && out.pages.size() < kMostPages) {
    const StepTargets targets =
        resolve_targets(policy->steps[static_cast<std::size_t>(step->step)], it, rules, step->at);
    for (const std::string& id : targets.people) {
      for (const Way& way : ways_of(*rules.person(id), page ? "page" : "queue", rules)) {
        out.pages.push_back({step->at + way.after, id,
                             way.target.empty() ? way.receiver : way.receiver + ":" + way.target});
      }
    }
    for (const std::string& receiver : targets.receivers)
      out.pages.push_back({step->at, "", receiver});
    if (!page) break;
    auto next = next_step(*policy, step->step, step->round, step->at);
    if (next && targets.people.empty() && targets.receivers.empty()) next->at = step->at;
    if (!targets.people.empty()) it.told = targets.people;
    step = next;
  }
  std::ranges::stable_sort(out.pages, {}, &PlannedPage::at);
}

}  // namespace

Verdict decide(Post post, const Rules& rules, Instant at) {
  Verdict out;
  normalise(post, rules.source(post.source));
  out.assessment = rules.classifier->assess(post);
  out.decision = post.automatic == Automatic::none
                     ? triage(post, out.assessment, {}, rules.config->triage)
                     : Decision{};
  out.case_key = conversation_key(post);
  const Filed filed = file_post(post, out.assessment, out.decision, {}, identity_of(post), "new",
                                at, rules.config->follow_through);
  out.action = filed.kind == Filed::Kind::opened ? "open" : "none";
  if (filed.kind != Filed::Kind::opened) {
    out.routing = {};
    return out;
  }
  out.routing = resolve_route(rules.config->route, labels_of(filed.after));
  plan(out, filed.after, rules, at);
  return out;
}

void write_verdict(JsonWriter& out, const Post& post, const Verdict& verdict) {
  out.object();
  out.key("post");
  write_post(out, post, false);
  out.key("assessment");
  out.raw(to_json(verdict.assessment));
  out.key("symbols");
  out.array();
  for (const Symbol& symbol : verdict.decision.symbols) {
    out.object();
    out.field("name", symbol.name);
    out.field("points", symbol.points);
    out.text_or_null("floor", symbol.floor ? to_word(*symbol.floor) : std::string_view{});
    out.text_or_null("ceiling", symbol.ceiling ? to_word(*symbol.ceiling) : std::string_view{});
    out.field("sentence", symbol.sentence);
    out.end();
  }
  out.end_array();
  out.field("points", verdict.decision.points);
  out.field("urgency", to_word(verdict.decision.urgency));
  out.field("reasons", verdict.decision.reasons);
  out.key("case");
  out.object();
  out.text_or_null("key", verdict.case_key);
  out.field("action", verdict.action);
  out.end();
  out.key("route");
  if (verdict.action == "none") {
    out.null();
  } else {
    out.object();
    out.key("path");
    out.array();
    for (const RouteMatch& match : verdict.routing.matches) out.value(match.path);
    out.end_array();
    out.text_or_null("team", verdict.routing.team);
    out.text_or_null("escalation", verdict.routing.escalation);
    out.field("receivers", verdict.routing.receivers);
    out.end();
  }
  out.key("pages");
  out.array();
  for (const PlannedPage& page : verdict.pages) {
    out.object();
    out.field("at", page.at);
    out.text_or_null("person", page.person);
    out.field("via", page.via);
    out.end();
  }
  out.end_array();
  out.end();
}

}  // namespace earshot::cli
