#include <fmt/format.h>

#include <array>

#include "sections.hpp"

namespace earshot::config {
namespace {

struct TargetKind {
  std::string_view prefix;
  NameKind kind;
};
constexpr std::array kTargets{
    TargetKind{"schedule:", NameKind::schedule}, TargetKind{"person:", NameKind::person},
    TargetKind{"team:", NameKind::team}, TargetKind{"receiver:", NameKind::receiver}};

std::optional<std::string> target_of(Context& context, const Node& node, const std::string& path) {
  auto text = text_of(context, node, path, "whom to tell");
  if (!text || *text == "principal-delegate" || *text == "manager") return text;
  for (const TargetKind& target : kTargets) {
    if (!text->starts_with(target.prefix)) continue;
    context.refer(target.kind, text->substr(target.prefix.size()), node.mark, path);
    return text;
  }
  std::string hint =
      "write schedule:NAME, person:ID, team:NAME, receiver:NAME, principal-delegate or manager";
  for (const TargetKind& target : kTargets) {
    if (context.is_complete(target.kind) && context.is_known(target.kind, *text))
      hint = fmt::format("did you mean \"{}{}\"?", target.prefix, *text);
  }
  context.error(node.mark, path, fmt::format("{} is nobody to tell", in_quotes(*text)),
                std::move(hint));
  return std::nullopt;
}

void read_step(Section& section, EscalationPolicy& policy, bool& comparable) {
  EscalationStep step;
  section.need("notify", "whom this step tells, like [schedule:care]");
  const Node* notify = section.find("notify");
  section.each("notify", [&](const Node& item, const std::string&) {
    if (auto target = target_of(section.context(), item, section.path_of("notify")))
      step.notify.push_back(std::move(*target));
  });
  if (notify != nullptr && notify->kind == Node::Kind::list && notify->items.empty()) {
    section.error(notify->mark, "notify", "this step tells nobody",
                  "name somebody, or remove the step");
  }
  const Node* after = section.find("after");
  const bool first = policy.steps.empty();
  if (!first) section.need("after", "how long after the round began, like 10m");
  const bool read = section.read("after", step.after, {Duration{0}, hours{24 * 30}});
  if (read && comparable && !first && step.after <= policy.steps.back().after) {
    section.error(after->mark, "after",
                  fmt::format("{} is not later than the step before ({})", to_text(step.after),
                              to_text(policy.steps.back().after)),
                  "steps follow each other in time, reckoned from the start of the round");
    comparable = false;
  }
  comparable = comparable && (read || (first && after == nullptr));
  section.done();
  policy.steps.push_back(std::move(step));
}

/// `{page: 15m, queue: 4h}`.
void read_limits(Section& section, std::string_view key, std::map<Urgency, Duration>& out) {
  const Node* node = section.find(key);
  if (node == nullptr) return;
  Section limits{section.context(), *node, section.path_of(key)};
  for (const Urgency urgency : {Urgency::page, Urgency::queue, Urgency::digest}) {
    Duration due{};
    if (limits.read(to_word(urgency), due, {minutes{1}, hours{24 * 90}})) out[urgency] = due;
  }
  limits.done();
}

}  // namespace

void read_targets(Section& section, std::string_view key, std::vector<std::string>& out,
                  bool owner) {
  const Node* list = section.find(key);
  if (list != nullptr) out.clear();
  section.each(key, [&](const Node& item, const std::string& path) {
    if (owner && item.kind == Node::Kind::text && item.text == "owner")
      return out.push_back(item.text);
    if (auto target = target_of(section.context(), item, path)) out.push_back(std::move(*target));
  });
  if (!owner && list != nullptr && list->kind == Node::Kind::list && list->items.empty())
    section.error(list->mark, key, "this tells nobody", "name somebody, or remove it");
}

void read_escalations(Context& context, const Node& node, std::vector<EscalationPolicy>& out) {
  const auto* items = items_of(context, node, "escalations");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("escalations", i)};
    if (!section.ok()) continue;
    EscalationPolicy policy;
    section.need("name");
    section.read("name", policy.name);
    section.read("repeat", policy.repeat, 0, 1000);
    section.read("repeat_after", policy.repeat_after, {minutes{1}, hours{24 * 7}});
    section.read("acknowledge", policy.acknowledge, 1, 20);
    read_targets(section, "last_resort", policy.last_resort);
    section.need("steps", "steps: [{notify: [schedule:care], after: 0m}]");
    bool comparable = true;
    section.each("steps", [&](const Node& item, const std::string& path) {
      Section step{context, item, path};
      if (step.ok()) {
        read_step(step, policy, comparable);
      } else {
        comparable = false;
      }
    });
    const Node* steps = section.find("steps");
    if (steps != nullptr && steps->kind == Node::Kind::list && steps->items.empty()) {
      section.error(steps->mark, "steps", "an escalation without steps tells nobody", "add a step");
    }
    section.done();
    out.push_back(std::move(policy));
  }
}

void read_follow_through(Context& context, const Node& node,
                         const std::vector<BusinessCalendar>& calendars, CasePolicy& out) {
  Section section{context, node, "follow_through"};
  if (!section.ok()) return;
  const Span span{minutes{1}, hours{24 * 90}};
  read_limits(section, "first_answer", out.first_answer);
  read_limits(section, "next_update", out.next_update);
  read_limits(section, "solution", out.solution);
  read_calendar_of(section, calendars, out);
  section.read("waiting_most", out.waiting_most, span);
  if (const Node* warn = section.find("warn"))
    out.warn = share_of(context, *warn, "follow_through.warn").value_or(out.warn);
  read_targets(section, "warn_notify", out.warn_notify, true);
  read_targets(section, "breach_notify", out.breach_notify, true);
  if (const Node* principal = section.find("principal")) {
    Section addressed{context, *principal, "follow_through.principal"};
    addressed.read("public", out.principal_public, span);
    addressed.read("private", out.principal_private, span);
    addressed.done();
  }
  section.read("reread", out.reread, {Duration{0}, hours{24}});
  section.read("ack_decay", out.ack_decay, span);
  section.read("undo_ack", out.undo_ack, {Duration{0}, hours{24}});
  section.read("snooze_most", out.snooze_most, span);
  std::string feedback;
  static const std::vector<std::string> kFeedback{"required", "optional"};
  if (section.read_word("feedback", feedback, kFeedback))
    out.feedback_required = feedback == "required";
  if (const Node* verification = section.find("verification")) {
    Section verify{context, *verification, "follow_through.verification"};
    static const std::vector<std::string> kBy{"principal", "delegate", "owner", "manager"};
    verify.read_word("by", out.verify_by, kBy);
    if (const Node* share = verify.find("share"))
      out.verify_share =
          share_of(context, *share, verify.path_of("share")).value_or(out.verify_share);
    if (verify.has("always")) out.verify_always.clear();
    verify.each("always", [&](const Node& item, const std::string& path) {
      const auto text = text_of(context, item, path, "an urgency");
      if (!text) return;
      const auto urgency = from_word<Urgency>(*text);
      if (urgency) {
        out.verify_always.push_back(*urgency);
      } else {
        context.error(item.mark, path, fmt::format("{} is not an urgency", in_quotes(*text)),
                      fmt::format("write {}", any_of(words_of<Urgency>())));
      }
    });
    verify.read("call_back", out.call_back, span);
    verify.read("tries", out.call_tries, 1, 100);
    verify.read("spacing", out.call_spacing, span);
    verify.done();
  }
  read_failed(section, out);
  read_authority(section, out.authority[""]);
  section.read("same_matter", out.same_matter, {minutes{1}, hours{24 * 90}});
  section.done();
}

}  // namespace earshot::config
