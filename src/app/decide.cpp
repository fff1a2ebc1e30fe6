#include "decide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "earshot/cases/escalation.hpp"
#include "earshot/cases/intake.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/oncall/time_interval.hpp"
#include "earshot/route/labels.hpp"
#include "earshot/web/live.hpp"
#include "effects.hpp"
#include "filing.hpp"
#include "normalise.hpp"
#include "quiet.hpp"
#include "rota.hpp"
#include "storms.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostPages = 200;

void stop(Verdict& out, std::string why) {
  if (std::ranges::find(out.stopped_by, why) == out.stopped_by.end())
    out.stopped_by.push_back(std::move(why));
}

/// One person's ways at a step; a last resort speaks by all of them at once.
void plan_person(Verdict& out, const Person& person, StepAt step, bool loud, bool page,
                 const Rules& rules, const LiveRota& live) {
  std::vector<std::string> skipped;
  std::vector<Way> ways =
      page ? page_ways(person, rules, live, skipped) : ways_of(person, "queue", rules);
  for (const std::string& way : skipped)
    stop(out, fmt::format("{} of {} does not count: it is not proved by a code.", way, person.id));
  if (ways.empty())
    stop(out, fmt::format("{} cannot be told: no contact of theirs works.", person.id));
  for (const Way& way : ways) {
    out.pages.push_back({step.at + (loud ? Duration{} : way.after), step.step, step.round,
                         person.id,
                         way.target.empty() ? way.receiver : way.receiver + ":" + way.target});
  }
}

/// The receivers of the routes: once each, by the first route that names them, after its
/// group_wait. One whose own route is mute hears of it afterwards.
void plan_rooms(Verdict& out, const Rules& rules, Instant at) {
  const bool page = out.decision.urgency == Urgency::page;
  std::set<std::string> seen;
  for (const RouteMatch& match : out.routing.matches) {
    const auto mute = muted(rules.config->time_intervals, match.mute_time_intervals,
                            match.active_time_intervals, at);
    for (const std::string& receiver : match.receivers) {
      if (!seen.insert(receiver).second) continue;
      if (mute)
        stop(out,
             fmt::format("{} is told afterwards: {} is {}.", receiver, match.path, mute->text));
      else
        out.pages.push_back({at + group_wait_of(match, page), 0, 0, "", receiver});
    }
  }
}

void plan(Verdict& out, Case it, const Rules& rules, Instant at, const LiveRota& live) {
  const EscalationPolicy* policy = rules.escalation(out.routing.escalation);
  if (policy == nullptr || policy->steps.empty())
    return stop(out, "Its route names no escalation policy: nobody is paged.");
  std::optional<StepAt> step = first_step(*policy, it.level, at);
  const bool page = out.decision.urgency == Urgency::page;
  while (step && out.pages.size() < kMostPages) {
    const bool loud = step->step >= static_cast<int>(policy->steps.size());
    const StepTargets targets =
        resolve_targets(step_of(*policy, step->step), it, rules, step->at, live);
    for (const std::string& name : targets.empty)
      stop(out, fmt::format("Nobody is on call for {} at {}.", name, to_rfc3339(step->at)));
    for (const std::string& id : targets.people)
      plan_person(out, *rules.person(id), *step, loud, page, rules, live);
    for (const std::string& receiver : targets.receivers)
      out.pages.push_back({step->at, step->step, step->round, "", receiver});
    if (!page || loud) break;
    auto next = next_step(*policy, step->step, step->round, step->at);
    if (next && targets.people.empty() && targets.receivers.empty()) next->at = step->at;
    if (!targets.people.empty()) it.told = targets.people;
    step = next;
  }
}

/// A silence or the times of the route that chooses the people.
void keep_quiet(Verdict& out, const Case& it, const Rules& rules, Instant at,
                const std::vector<Silence>& silences) {
  std::string why;
  if (const Silence* silence = silencing(silences, out.labels, at)) {
    why = fmt::format("It is silenced by {} until {}: {}", silence->by, to_rfc3339(silence->to),
                      silence->reason);
  } else {
    const RouteMatch& first = out.routing.matches.front();
    const auto mute = muted(rules.config->time_intervals, first.mute_time_intervals,
                            first.active_time_intervals, at);
    if (!mute) return;
    why = fmt::format("Its route is {}{}", mute->text,
                      mute->until ? " until " + to_rfc3339(*mute->until) : "");
  }
  stop(out, why + (speaks_anyway(it) ? ". It is told all the same, and says so."
                                     : ". It is told afterwards, where nobody has it by then."));
}

/// The storm that this post would belong to; nullptr where there is none.
const Storm* storm_of(const Assessment& assessment, const std::vector<Storm>& storms) {
  const std::string cause = assessment.is_complaint ? cause_of(assessment) : std::string{};
  if (cause.empty()) return nullptr;
  const auto found = std::ranges::find(storms, cause, &Storm::cause);
  return found == storms.end() ? nullptr : &*found;
}

}  // namespace

Circumstances read_circumstances(StoreReader& reader, Instant at) {
  Circumstances out{read_live(reader), read_silences(reader, at), {}};
  RecordQuery query;
  query.kind = kStorm;
  query.states = {"open"};
  for (const Record& record : reader.records(query)) {
    auto storm = storm_from_json(record.body);
    if (!storm) throw StoreError("storm " + record.id + ": " + storm.error().message);
    out.storms.push_back(std::move(*storm));
  }
  return out;
}

Verdict decide(Post post, const Rules& rules, Instant at, const Circumstances& known) {
  Verdict out;
  normalise(post, rules.source(post.source));
  out.assessment = rules.classifier->account(post);
  const Storm* storm = storm_of(out.assessment, known.storms);
  TriageContext context;
  context.storm = storm != nullptr;
  out.decision = post.automatic == Automatic::none
                     ? triage(post, out.assessment, context, rules.config->triage)
                     : Decision{};
  if (rules.config->second_opinion)
    out.opinion = asks_opinion(post, out.assessment, out.decision.urgency == Urgency::page,
                               *rules.config->second_opinion);
  out.case_key = conversation_key(post);
  Filed filed = file_post(post, out.assessment, out.decision, {}, identity_of(post), "new", at,
                          rules.config->follow_through);
  out.action = filed.kind == Filed::Kind::opened ? "open" : "none";
  if (post.automatic != Automatic::none) stop(out, "It was written by a machine: nobody is told.");
  if (filed.kind != Filed::Kind::opened) {
    out.routing = {};
    stop(out, fmt::format("It opens no case: {} points make it {}.", out.decision.points,
                          to_word(out.decision.urgency)));
    return out;
  }
  if (rules.config->mode == Mode::shadow)
    stop(out, "Earshot runs in shadow: what it would send is recorded, not sent.");
  if (storm != nullptr) filed.after.storm = storm->id;
  out.labels = labels_of(filed.after);
  out.routing = resolve_route(rules.config->route, out.labels);
  if (storm != nullptr && !storm->lead.empty() && may_be_grouped(filed.after)) {
    stop(out,
         fmt::format("It belongs to the storm {}: it is told with the case that stands for it, "
                     "and not by itself.",
                     storm->name));
    return out;
  }
  keep_quiet(out, filed.after, rules, at, known.silences);
  plan_rooms(out, rules, at);
  plan(out, filed.after, rules, at, known.live);
  std::ranges::stable_sort(out.pages, {}, &PlannedPage::at);
  return out;
}

namespace {

/// Where a second opinion is configured: would it be asked?
void write_opinion(JsonWriter& out, const Asking& asking) {
  out.key("second_opinion");
  out.object();
  out.field("asked", asking.asked);
  out.field("why", asking.why);
  out.end();
}

}  // namespace

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
  out.field("stopped_by", verdict.stopped_by);
  if (verdict.opinion) write_opinion(out, *verdict.opinion);
  out.end();
}

namespace {

void sentence(JsonWriter& out, std::string_view code, std::string_view text) {
  out.object();
  out.field("code", code);
  out.field("text", text);
  out.end();
}

void write_told(JsonWriter& out, const std::vector<PlannedPage>& pages, Instant at) {
  out.key("told");
  out.array();
  for (const PlannedPage& page : pages) {
    out.object();
    out.field("after_s", std::chrono::floor<seconds>(page.at - at).count());
    out.field("at", to_rfc3339_ms(page.at));
    out.field("step", page.step + 1);
    out.field("round", page.round + 1);
    out.field("who", page.person.empty() ? page.via : page.person);
    out.field("via", std::vector{page.via});
    out.end();
  }
  out.end_array();
}

}  // namespace

void write_explain(JsonWriter& out, const Verdict& verdict, const Rules& rules, Instant at) {
  out.object();
  out.field("at", to_rfc3339_ms(at));
  out.key("assessment");
  out.raw(to_json(verdict.assessment));
  out.key("points");
  out.array();
  for (const Symbol& symbol : verdict.decision.symbols) {
    out.object();
    out.field("symbol", symbol.name);
    out.key("sentence");
    sentence(out, symbol.name, symbol.sentence);
    out.field("value", symbol.points);
    out.text_or_null("floor", symbol.floor ? to_word(*symbol.floor) : std::string_view{});
    out.end();
  }
  out.end_array();
  out.field("urgency", to_word(verdict.decision.urgency));
  out.field("reasons", verdict.decision.reasons);
  out.key("labels");
  out.object();
  for (const auto& [name, values] : verdict.labels) out.field(name, values);
  out.end();
  out.key("route");
  out.array();
  for (const RouteMatch& node : all_routes(rules.config->route)) {
    out.object();
    out.field("path", node.path);
    out.field("matched", std::ranges::any_of(verdict.routing.matches, [&](const RouteMatch& it) {
                return it.path == node.path;
              }));
    out.end();
  }
  out.end_array();
  write_told(out, verdict.pages, at);
  out.key("stopped_by");
  out.array();
  for (const std::string& why : verdict.stopped_by) sentence(out, "stopped", why);
  out.end_array();
  if (verdict.opinion) write_opinion(out, *verdict.opinion);
  out.end();
}

}  // namespace earshot
