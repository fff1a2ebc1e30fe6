#include "earshot/cases/case.hpp"

namespace earshot {
namespace {

/// One visitor names every field once; writing and reading are two users of it, so they cannot
/// drift apart.
class Out {
 public:
  explicit Out(JsonWriter& out) : out_(out) {}
  void operator()(std::string_view name, const std::string& value) {
    if (!value.empty()) out_.field(name, value);
  }
  void operator()(std::string_view name, const std::vector<std::string>& value) {
    if (!value.empty()) out_.field(name, value);
  }
  void operator()(std::string_view name, Instant value) { out_.field(name, to_rfc3339_ms(value)); }
  void operator()(std::string_view name, const std::optional<Instant>& value) {
    if (value) out_.field(name, to_rfc3339_ms(*value));
  }
  void operator()(std::string_view name, const std::optional<std::uint64_t>& value) {
    if (value) out_.field(name, *value);
  }
  void operator()(std::string_view name, bool value) { out_.field(name, value); }
  void operator()(std::string_view name, double value) { out_.field(name, value); }
  void operator()(std::string_view name, int value) { out_.field(name, value); }
  void operator()(std::string_view name, std::int64_t value) { out_.field(name, value); }
  void operator()(std::string_view name, std::uint64_t value) { out_.field(name, value); }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(std::string_view name, E value) { out_.field(name, to_word(value)); }
  template <class T>
  void list(std::string_view name, const std::vector<T>& items) {
    if (items.empty()) return;
    out_.key(name);
    out_.array();
    for (const T& item : items) {
      out_.object();
      visit(*this, item);
      out_.end();
    }
    out_.end_array();
  }
  template <class T>
  void maybe(std::string_view name, const std::optional<T>& item) {
    if (!item) return;
    out_.key(name);
    out_.object();
    visit(*this, *item);
    out_.end();
  }

 private:
  JsonWriter& out_;
};

class In {
 public:
  explicit In(const JsonValue& object) : object_(object) {}
  void operator()(std::string_view name, std::string& value) { value = string_at(object_, name); }
  void operator()(std::string_view name, std::vector<std::string>& value) {
    value = strings_at(object_, name);
  }
  void operator()(std::string_view name, Instant& value) {
    value = parse_rfc3339(string_at(object_, name)).value_or(value);
  }
  void operator()(std::string_view name, std::optional<Instant>& value) {
    value = parse_rfc3339(string_at(object_, name));
  }
  void operator()(std::string_view name, std::optional<std::uint64_t>& value) {
    if (const auto number = integer_at(object_, name)) value = static_cast<std::uint64_t>(*number);
  }
  void operator()(std::string_view name, bool& value) { value = flag_at(object_, name, value); }
  void operator()(std::string_view name, double& value) {
    value = number_at(object_, name).value_or(value);
  }
  void operator()(std::string_view name, int& value) {
    value = static_cast<int>(integer_at(object_, name).value_or(value));
  }
  void operator()(std::string_view name, std::int64_t& value) {
    value = integer_at(object_, name).value_or(value);
  }
  void operator()(std::string_view name, std::uint64_t& value) {
    if (const auto number = integer_at(object_, name)) value = static_cast<std::uint64_t>(*number);
  }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(std::string_view name, E& value) {
    value = from_word<E>(string_at(object_, name)).value_or(value);
  }
  template <class T>
  void list(std::string_view name, std::vector<T>& items) {
    const JsonValue* array = find(object_, name);
    if (array == nullptr || !array->IsArray()) return;
    for (const JsonValue& element : array->GetArray()) {
      In in{element};
      visit(in, items.emplace_back());
    }
  }
  template <class T>
  void maybe(std::string_view name, std::optional<T>& item) {
    const JsonValue* element = find(object_, name);
    if (element == nullptr || !element->IsObject()) return;
    In in{*element};
    visit(in, item.emplace());
  }

 private:
  const JsonValue& object_;
};

template <class V, class T>
void visit_feedback(V& v, T& it) {
  v("said", it.said), v("done", it.done), v("cost", it.cost), v("cause", it.cause),
      v("department", it.department);
  v("change_wanted", it.change_wanted), v("change", it.change), v("change_owner", it.change_owner),
      v("change_due", it.change_due);
  v("by", it.by), v("at", it.at);
}
template <class V, class T>
void visit_call(V& v, T& it) {
  v("at", it.at), v("outcome", it.outcome), v("words", it.words), v("by", it.by);
}
template <class V, class T>
void visit_grant(V& v, T& it) {
  v("kind", it.kind), v("amount", it.amount), v("limit", it.limit), v("beyond", it.beyond),
      v("reason", it.reason), v("by", it.by), v("at", it.at);
}
template <class V, class T>
void visit_former(V& v, T& it) {
  v("person", it.person), v("until", it.until), v("why", it.why);
}
template <class V, class T>
void visit_point(V& v, T& it) {
  v("symbol", it.symbol), v("points", it.points), v("floor", it.floor), v("sentence", it.sentence);
}

template <class V, class T>
void visit_wait(V& v, T& it) {
  v("from", it.from), v("to", it.to);
}

void visit(Out& v, const Wait& it) {
  visit_wait(v, it);
}
void visit(In& v, Wait& it) {
  visit_wait(v, it);
}
void visit(Out& v, const Feedback& it) {
  visit_feedback(v, it);
}
void visit(In& v, Feedback& it) {
  visit_feedback(v, it);
}
void visit(Out& v, const CallTry& it) {
  visit_call(v, it);
}
void visit(In& v, CallTry& it) {
  visit_call(v, it);
}
void visit(Out& v, const Grant& it) {
  visit_grant(v, it);
}
void visit(In& v, Grant& it) {
  visit_grant(v, it);
}
void visit(Out& v, const FormerOwner& it) {
  visit_former(v, it);
}
void visit(In& v, FormerOwner& it) {
  visit_former(v, it);
}
void visit(Out& v, const CasePoint& it) {
  visit_point(v, it);
}
void visit(In& v, CasePoint& it) {
  visit_point(v, it);
}

template <class V, class T>
void visit_case(V& v, T& it) {
  v("id", it.id), v("number", it.number), v("version", it.version), v("state", it.state),
      v("urgency", it.urgency);
  v("severity", it.severity), v("kind", it.kind);
  v("customer", it.customer), v("customer_name", it.customer_name),
      v("customer_handle", it.customer_handle), v("reach", it.reach);
  v("source", it.source), v("channel", it.channel), v("is_public", it.is_public),
      v("conversation", it.conversation), v("url", it.url);
  v("title", it.title), v("excerpt", it.excerpt), v("language", it.language),
      v("principal", it.principal), v("product", it.product);
  v("cues", it.cues), v("cues_heard", it.cues_heard), v("topics", it.topics),
      v("probability", it.probability), v.list("points", it.points), v("reasons", it.reasons);
  v("points_sum", it.points_sum);
  v("team", it.team), v("escalation", it.escalation), v("receivers", it.receivers),
      v("storm", it.storm), v("grouped", it.grouped);
  v("posted_at", it.posted_at), v("opened_at", it.opened_at), v("updated_at", it.updated_at),
      v("posts", it.posts), v("joined", it.joined);
  v("owner", it.owner), v.list("former_owners", it.former_owners), v("told", it.told),
      v("acks_needed", it.acks_needed), v("confirmed", it.confirmed), v("helpers", it.helpers),
      v("snoozed_until", it.snoozed_until), v("hold", it.hold),
      v("acknowledged_at", it.acknowledged_at);
  v("decays_at", it.decays_at), v("answered_at", it.answered_at),
      v("last_answer_at", it.last_answer_at), v("waiting_since", it.waiting_since),
      v.list("waits", it.waits), v("answer_link", it.answer_link), v.maybe("feedback", it.feedback);
  v("verification_needed", it.verification_needed), v("call_due", it.call_due),
      v("call_from", it.call_from), v("caller", it.caller), v("caller_named", it.caller_named),
      v("call_why", it.call_why), v.list("calls", it.calls);
  v("principal_at", it.principal_at), v("outcome", it.outcome), v("dismissal", it.dismissal),
      v("dismissal_by", it.dismissal_by), v("merged_into", it.merged_into);
  v("ended_at", it.ended_at), v("reopened", it.reopened), v("reopened_at", it.reopened_at),
      v("level", it.level);
  v("step", it.step), v("round", it.round), v("next_step_at", it.next_step_at),
      v("failed", it.failed), v("failures", it.failures), v("last_words_at", it.last_words_at),
      v.list("grants", it.grants);
}

}  // namespace

std::string to_json(const Case& value) {
  JsonWriter out;
  out.object();
  Out visitor{out};
  visit_case(visitor, value);
  out.end();
  return out.take();
}

Result<Case> case_from_json(std::string_view json) {
  const auto document = parse_json(json);
  if (!document) return document.error().in("case");
  if (!document->IsObject()) return permanent("case: not an object");
  Case out;
  In visitor{*document};
  visit_case(visitor, out);
  return out;
}

}  // namespace earshot
