#include "views.hpp"

#include "earshot/cases/clocks.hpp"
#include "earshot/core/json_time.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/web/brief.hpp"

namespace earshot {
namespace {

constexpr std::size_t kRowExcerpt = 400;

void who(JsonWriter& out, std::string_view name, const std::string& id, const Config& config) {
  out.key(name);
  if (id.empty()) return out.null();
  const Person* person = find_person(config.people, id);
  out.object();
  out.field("id", id);
  out.field("name", person != nullptr && !person->name.empty() ? person->name : id);
  out.end();
}

/// A team is known by its name alone.
void write_team(JsonWriter& out, const std::string& name) {
  out.key("team");
  if (name.empty()) return out.null();
  out.object();
  out.field("id", name);
  out.field("name", name);
  out.end();
}

void sentence(JsonWriter& out, std::string_view code, std::string_view text) {
  out.object();
  out.field("code", code);
  out.field("text", text);
  out.end();
}

void write_clock(JsonWriter& out, const CaseClock& clock) {
  out.object();
  out.field("kind", to_word(clock.kind));
  out.field("state", to_word(clock.state));
  instant_or_null(out, "due", clock.due);
  instant_or_null(out, "started", clock.started);
  instant_or_null(out, "met_at", clock.met_at);
  instant_or_null(out, "warn_at", clock.warn_at);
  instant_or_null(out, "resumes", clock.resumes);
  out.key("why");
  sentence(out, to_word(clock.kind), clock.why);
  out.end();
}

void write_action(JsonWriter& out, std::string_view action, const std::optional<Refusal>& refusal) {
  out.key(action);
  out.object();
  out.field("ok", !refusal.has_value());
  if (refusal) {
    out.field("code", refusal->code);
    out.field("text", refusal->text);
    if (!refusal->missing.empty()) out.field("missing", refusal->missing);
  }
  out.end();
}

bool in_row(Action action) {
  return action == Action::ack || action == Action::assign || action == Action::take_over ||
         action == Action::dismiss;
}

void write_actions(JsonWriter& out, const Case& it, const Config& config, const Viewer& viewer,
                   Instant now, bool whole) {
  out.key("actions");
  out.object();
  const bool may_act =
      viewer.role == "responder" || viewer.role == "manager" || viewer.role == "admin";
  for (Permission& permission : permissions(it, viewer.who, now, config.follow_through)) {
    if (!whole && !in_row(permission.action)) continue;
    if (!may_act) permission.refusal = Refusal{"role", "Your role may look, not act."};
    write_action(out, to_word(permission.action), permission.refusal);
  }
  if (whole) {
    auto no = may_act ? held_back(it) : Refusal{"role", "Your role may look, not act.", {}, ""};
    if (!no && it.ended()) no = Refusal{"ended", "This case has ended.", {}, ""};
    write_action(out, "draft", no);
  }
  out.end();
}

void write_customer(JsonWriter& out, const Case& it) {
  out.key("customer");
  out.object();
  out.field("id", it.customer);
  out.field("name", it.customer_name.empty() ? it.customer_handle : it.customer_name);
  out.text_or_null("handle", it.customer_handle);
  out.field("channel", it.source);
  out.field("reach", it.reach);
  out.end();
}

void write_waiting(JsonWriter& out, const Case& it, const Config& config) {
  out.key("waiting");
  if (it.state != CaseState::open || it.told.empty()) return out.null();
  out.object();
  who(out, "person", it.told.front(), config);
  out.field("people", it.told);
  out.field("step", it.step + 1);
  instant_or_null(out, "next_at", it.next_step_at);
  out.end();
}

void write_feedback(JsonWriter& out, const Case& it, const Config& config) {
  out.key("feedback");
  if (!it.feedback) return out.null();
  const Feedback& in = *it.feedback;
  out.object();
  out.field("said", in.said);
  out.field("done", in.done);
  out.text_or_null("cost", in.cost);
  out.field("cause", in.cause);
  out.field("department", in.department);
  out.key("product_change");
  out.object();
  out.field("wanted", in.change_wanted);
  out.text_or_null("text", in.change);
  out.text_or_null("owner", in.change_owner);
  instant_or_null(out, "due", in.change_due);
  out.end();
  who(out, "by", in.by, config);
  out.field("at", to_rfc3339_ms(in.at));
  out.end();
}

void write_whole(JsonWriter& out, const Case& it, const Config& config, Instant now,
                 const std::vector<StoredPost>& posts, const std::vector<LedgerEntry>& story,
                 const std::vector<OutboxRow>& told, const std::vector<Question>& questions,
                 const Viewer& viewer) {
  if (!it.principal.empty()) out.field("brief", brief_now(it, config, viewer.who, now, story));
  out.key("questions");
  out.array();
  for (const Question& question : questions) write_question(out, question, config, viewer, now);
  out.end_array();
  out.key("posts");
  out.array();
  for (const StoredPost& stored : posts) {
    out.object();
    out.field("id", stored.post.id);
    instant_or_null(
        out, "at", stored.post.created_at ? stored.post.created_at : std::optional{stored.seen_at});
    out.field("text", stored.post.text);
    out.text_or_null("subject", stored.post.title);
    out.text_or_null("language", stored.post.language);
    out.text_or_null("url", stored.post.url);
    out.text_or_null("author", stored.post.author.handle);
    out.field("media", static_cast<std::uint64_t>(stored.post.attachments.size()));
    out.field("edited", stored.version > 1);
    out.field("deleted", stored.post.deleted);
    out.end();
  }
  out.end_array();
  out.key("assessment");
  out.object();
  out.field("probability", it.probability);
  out.field("severity", to_word(it.severity));
  out.field("cues", it.cues);
  out.field("cues_heard", it.cues_heard);
  out.field("topics", it.topics);
  out.end();
  out.key("points");
  out.array();
  for (const CasePoint& point : it.points) {
    out.object();
    out.field("symbol", point.symbol);
    out.key("sentence");
    sentence(out, point.symbol, point.sentence);
    out.field("value", point.points);
    out.text_or_null("floor", point.floor);
    out.end();
  }
  out.end_array();
  out.field("points_sum", it.points_sum);
  out.key("clocks");
  out.array();
  for (const CaseClock& clock : clocks(it, config.follow_through, now)) write_clock(out, clock);
  out.end_array();
  out.key("gates");
  out.array();
  for (const Gate& gate : gates(it)) {
    out.object();
    out.field("key", gate.key);
    out.field("done", gate.done);
    out.text_or_null("by", gate.by);
    instant_or_null(out, "at", gate.at);
    out.field("text", gate.text);
    out.end();
  }
  out.end_array();
  out.key("told");
  out.array();
  for (const OutboxRow& row : told) {
    out.object();
    out.field("lane", to_word(row.lane));
    out.field("step", row.step + 1);
    out.text_or_null("person", row.person);
    out.field("via", row.receiver);
    out.field("state", to_word(row.state));
    out.field("attempts", row.attempts);
    out.field("at", to_rfc3339_ms(row.not_before));
    instant_or_null(out, "started_at", row.started_at);
    instant_or_null(out, "ended_at", row.ended_at);
    out.text_or_null("text", row.result);
    out.field("possible_repeat", row.possible_repeats > 0);
    out.end();
  }
  out.end_array();
  out.key("former_owners");
  out.array();
  for (const FormerOwner& former : it.former_owners) {
    out.object();
    who(out, "person", former.person, config);
    out.field("until", to_rfc3339_ms(former.until));
    out.field("why", former.why);
    out.end();
  }
  out.end_array();
  write_feedback(out, it, config);
  out.key("verification");
  out.object();
  out.field("needed", it.verification_needed);
  instant_or_null(out, "due", it.call_due);
  out.text_or_null("by", it.caller);
  out.text_or_null("why", it.call_why);
  out.text_or_null("outcome", it.outcome);
  out.key("tries");
  out.array();
  for (const CallTry& call : it.calls) {
    out.object();
    out.field("at", to_rfc3339_ms(call.at));
    out.field("outcome", to_word(call.outcome));
    out.text_or_null("words", call.words);
    out.field("by", call.by);
    out.end();
  }
  out.end_array();
  out.end();
  write_follow(out, it, config);
  out.key("story");
  out.array();
  for (const LedgerEntry& entry : story) {
    const auto event = event_from_json(entry.kind, entry.who, entry.at, entry.data);
    out.object();
    out.field("at", to_rfc3339_ms(entry.at));
    out.field("kind", entry.kind);
    out.field("who", entry.who);
    out.key("text");
    std::string said = event ? sentence_of(*event) : "";
    if (!event) said = question_sentence(entry.kind, entry.who, entry.data);
    if (!event && said.empty()) said = draft_sentence(entry.kind, entry.who, entry.data);
    sentence(out, entry.kind, event || !said.empty() ? said : entry.kind);
    out.field("ledger", entry.n);
    out.end();
  }
  out.end_array();
}

}  // namespace

Case case_of(const CaseRecord& record) {
  Result<Case> read = case_from_json(record.body);
  if (!read) throw StoreError("case " + record.id + " cannot be read: " + read.error().message);
  read->version = record.version;
  read->number = record.number;
  return std::move(*read);
}

void write_case_row(JsonWriter& out, const Case& it, const Config& config, const Viewer& viewer,
                    Instant now, bool whole, const std::vector<StoredPost>& posts,
                    const std::vector<LedgerEntry>& story, const std::vector<OutboxRow>& told,
                    const StormNames& storms, const std::vector<Question>& questions,
                    const std::string& customer_record, const std::optional<Draft>& draft) {
  out.object();
  out.field("id", it.id);
  out.field("number", it.number);
  out.field("version", it.version);
  out.field("section", it.owner.empty() ? "needs" : it.owner == viewer.who ? "mine" : "others");
  out.field("state", to_word(it.state));
  out.field("reopened", it.reopened);
  out.field("urgency", to_word(it.urgency));
  out.field("severity", to_word(it.severity));
  write_team(out, it.team);
  who(out, "owner", it.owner, config);
  write_waiting(out, it, config);
  write_customer(out, it);
  out.text_or_null("title", it.title);
  out.field("excerpt", whole ? std::string_view{it.excerpt} : cut_utf8(it.excerpt, kRowExcerpt));
  out.text_or_null("language", it.language);
  out.text_or_null("url", it.url);
  out.key("why");
  out.array();
  for (const CasePoint& point : it.points) sentence(out, point.symbol, point.sentence);
  out.end_array();
  out.key("clock");
  if (const auto clock = nearest_clock(it, config.follow_through, now))
    write_clock(out, *clock);
  else
    out.null();
  out.key("principal");
  if (it.principal.empty()) {
    out.null();
  } else {
    out.object();
    out.field("id", it.principal);
    for (const Principal& principal : config.watch.principals) {
      if (principal.id == it.principal) out.field("title", principal.title);
    }
    out.end();
  }
  out.text_or_null("product", it.product);
  out.key("storm");
  if (it.storm.empty()) {
    out.null();
  } else {
    const auto name = storms.find(it.storm);
    out.object();
    out.field("id", it.storm);
    out.field("name", name == storms.end() ? it.storm : name->second);
    out.end();
  }
  out.field("grouped", it.grouped);
  out.key("failed");
  if (it.failed.empty())
    out.null();
  else
    sentence(out, "failed", it.failed);
  out.field("joined", it.joined);
  out.text_or_null("merged_into", it.merged_into);
  out.field("posted_at", to_rfc3339_ms(it.posted_at));
  out.field("opened_at", to_rfc3339_ms(it.opened_at));
  instant_or_null(out, "ended_at", it.ended_at);
  write_actions(out, it, config, viewer, now, whole);
  if (whole) write_whole(out, it, config, now, posts, story, told, questions, viewer);
  if (whole) {
    out.key("draft");
    if (draft)
      write_draft(out, *draft, it, config);
    else
      out.null();
  }
  if (!customer_record.empty()) {
    out.key("customer_record");
    out.raw(customer_record);
  }
  out.end();
}

std::string problem(const std::string& code, const std::string& text, const std::string& field,
                    const std::string& detail_json) {
  JsonWriter out;
  out.object();
  out.key("error");
  out.object();
  out.field("code", code);
  out.field("text", text);
  out.text_or_null("field", field);
  out.key("detail");
  out.raw(detail_json);
  out.end();
  out.end();
  return out.take();
}

std::string refusal_detail(const Refusal& refusal) {
  JsonWriter out;
  out.object();
  if (!refusal.missing.empty()) out.field("missing", refusal.missing);
  out.end();
  return out.take();
}

}  // namespace earshot
