#include "earshot/config/parties.hpp"
#include "earshot/core/json_time.hpp"
#include "party_view.hpp"
#include "views.hpp"

namespace earshot {
namespace {

void write_clock(JsonWriter& out, const Question& it, Instant now) {
  const bool missed =
      it.state == QuestionState::late || (it.answered_at ? *it.answered_at > it.due : now > it.due);
  const bool met = it.answered_at.has_value();
  out.key("clock");
  out.object();
  out.field("kind", "question");
  out.field("state", it.state == QuestionState::withdrawn ? "waiting"
                     : missed                             ? "missed"
                     : met                                ? "met"
                                                          : "running");
  instant_or_null(out, "due", it.due);
  instant_or_null(out, "started", it.asked_at);
  instant_or_null(out, "met_at", it.answered_at);
  out.end();
}

void write_climbs(JsonWriter& out, const Question& it, const Config& config,
                  const Parties& parties) {
  out.key("climbs");
  const std::string above = it.owed() ? next_in_line(it, parties) : "";
  if (above.empty()) return out.null();
  out.object();
  out.field("to", above);
  out.field("at", to_rfc3339_ms(it.state == QuestionState::late
                                    ? next_of(it, config.questions).value_or(it.due)
                                    : it.due));
  out.end();
}

void write_talk(JsonWriter& out, const Question& it, const Parties& parties) {
  const QuestionWords* last = nullptr;
  for (const QuestionWords& words : it.talk) {
    if (words.kind == QuestionAction::answer) last = &words;
  }
  out.key("answer");
  if (last == nullptr) {
    out.null();
  } else {
    out.object();
    out.field("text", last->text);
    instant_or_null(out, "at", last->at);
    party_or_null(out, "by", last->who, parties);
    out.end();
  }
  out.key("talk");
  out.array();
  for (const QuestionWords& words : it.talk) {
    out.object();
    instant_or_null(out, "at", words.at);
    party_or_null(out, "who", words.who, parties);
    out.field("kind", to_word(words.kind));
    out.text_or_null("text", words.text);
    out.field("via", words.via);
    out.end();
  }
  out.end_array();
}

/// What the rules would say if the viewer did it now, with words where words are needed.
void write_actions(JsonWriter& out, const Question& it, const Config& config, const Viewer& viewer,
                   Instant now, const Parties& parties) {
  const bool may_act =
      viewer.role == "responder" || viewer.role == "manager" || viewer.role == "admin";
  const bool manager = viewer.role == "manager" || viewer.role == "admin";
  out.key("actions");
  out.object();
  for (const QuestionAction action :
       {QuestionAction::answer, QuestionAction::add, QuestionAction::remind,
        QuestionAction::withdraw, QuestionAction::accept, QuestionAction::again}) {
    const QuestionDone tried = apply_question(it, {action, viewer.who, "words", "api", manager},
                                              now, config.questions, parties);
    out.key(to_word(action));
    out.object();
    out.field("ok", may_act && !tried.refusal);
    if (!may_act || tried.refusal) {
      out.field("code", may_act ? tried.refusal->code : "role");
      out.field("text", may_act ? tried.refusal->text : "Your role may look, not act.");
    }
    out.end();
  }
  out.end();
}

}  // namespace

void write_question(JsonWriter& out, const Question& it, const Config& config, const Viewer& viewer,
                    Instant now) {
  const Parties parties = parties_of(config);
  out.object();
  out.field("id", it.id);
  out.text_or_null("case", it.case_id);
  out.key("case_number");
  if (it.case_number > 0)
    out.value(it.case_number);
  else
    out.null();
  party_or_null(out, "from", it.from, parties);
  party_or_null(out, "to", it.to, parties);
  out.key("line");
  out.array();
  for (const std::string& id : it.line) out.value(id);
  out.end_array();
  out.text_or_null("subject", it.subject);
  out.field("text", it.text);
  out.text_or_null("item", it.item);
  out.field("state", to_word(it.state));
  out.field("round", it.round);
  instant_or_null(out, "asked_at", it.asked_at);
  instant_or_null(out, "seen_at", it.seen_at);
  instant_or_null(out, "ended_at", it.ended_at);
  write_clock(out, it, now);
  write_climbs(out, it, config, parties);
  write_talk(out, it, parties);
  write_actions(out, it, config, viewer, now, parties);
  out.end();
}

}  // namespace earshot
