#include "earshot/cases/intake.hpp"

#include <fmt/format.h>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kExcerpt = 1600;  // bytes; 400 characters of any script

std::string excerpt_of(const Post& post) {
  const std::string words = post.text.empty() ? post.title : post.text;
  return std::string{cut_utf8(collapse_space(words), kExcerpt)};
}

Case new_case(const Post& post, const Assessment& assessment, const Decision& decision,
              const std::string& customer, const std::string& id, Instant now) {
  Case it;
  it.id = id;
  it.urgency = decision.urgency;
  it.severity = assessment.severity;
  it.customer = customer;
  it.customer_name = post.author.name;
  it.customer_handle = post.author.handle;
  it.reach = post.author.followers;
  it.source = post.source;
  it.channel = post.channel;
  it.is_public = post.is_public;
  it.conversation = conversation_key(post);
  it.url = post.url;
  it.title = post.title;
  it.excerpt = excerpt_of(post);
  it.language = assessment.language.empty() ? post.language : assessment.language;
  it.principal = assessment.principal;
  it.product = assessment.product;
  for (const Cue cue : assessment.cues) it.cues.emplace_back(to_word(cue));
  for (const Cue cue : assessment.cues_heard) it.cues_heard.emplace_back(to_word(cue));
  it.topics = assessment.topics;
  it.probability = assessment.complaint;
  for (const Symbol& symbol : decision.symbols) {
    it.points.push_back({symbol.name, symbol.points,
                         symbol.floor ? std::string{to_word(*symbol.floor)} : "", symbol.sentence});
  }
  it.reasons = decision.reasons;
  it.points_sum = decision.points;
  // A post from 1970 or 2099 must not set a clock: what cannot be is taken as now.
  it.posted_at =
      post.created_at && *post.created_at <= now && now - *post.created_at < hours{24 * 30}
          ? *post.created_at
          : now;
  it.opened_at = now;
  it.updated_at = now;
  it.posts = 1;
  return it;
}

Filed changed(Filed::Kind kind, const Case& before, const Command& command,
              const Decision& decision, Instant now, const CasePolicy& policy) {
  Applied applied = apply(before, command, now, policy);
  if (!applied.ok()) return {};
  Filed out{kind, fold_all(before, applied.events), std::move(applied.events)};
  if (out.after.reopened > before.reopened) out.kind = Filed::Kind::reopened;
  if (decision.urgency > out.after.urgency) {
    const Command raise{Action::raise,
                        "triage",
                        {{"urgency", std::string{to_word(decision.urgency)}},
                         {"reason", decision.reasons.front()}}};
    Applied raised = apply(out.after, raise, now, policy);
    out.after = fold_all(out.after, raised.events);
    out.events.insert(out.events.end(), raised.events.begin(), raised.events.end());
  }
  return out;
}

}  // namespace

std::string conversation_key(const Post& post) {
  const std::string& root = !post.conversation.empty()  ? post.conversation
                            : !post.in_reply_to.empty() ? post.in_reply_to
                                                        : post.id;
  if (root.empty()) return {};
  return fmt::format("{}/{}", post.channel == Channel::email ? "mail" : post.source, root);
}

std::string identity_of(const Post& post) {
  if (post.channel == Channel::email) return "mail:" + to_lower_ascii(post.author.id);
  if (!post.author.id.empty()) return fmt::format("{}/{}", post.source, post.author.id);
  return fmt::format("{}/?{}", post.source, post.id);  // nobody known: each post is somebody's own
}

Filed file_post(const Post& post, const Assessment& assessment, const Decision& decision,
                const Matter& matter, const std::string& customer, const std::string& id,
                Instant now, const CasePolicy& policy) {
  if (post.automatic == Automatic::none && matter.same_case) {
    const Case& before = *matter.same_case;
    // Thanks after the end stay thanks; words on an open matter always belong to it.
    const bool complains = assessment.is_complaint || assessment.urgent;
    const bool revives = before.ended() && complains;
    if (!before.ended() || (revives && before.state != CaseState::merged)) {
      Command command{
          Action::words, "customer", {{"post", post.id}, {"excerpt", excerpt_of(post)}}};
      if (complains && !assessment.principal.empty() && assessment.principal != before.principal)
        command.args["principal"] = assessment.principal;
      return changed(Filed::Kind::added, before, command, decision, now, policy);
    }
  }
  if (decision.urgency == Urgency::ignore) return {};
  if (matter.copied_case && !matter.copied_case->ended() &&
      matter.copied_case->principal == assessment.principal) {
    const Command command{Action::join, "customer", {{"post", post.id}, {"customer", customer}}};
    return changed(Filed::Kind::joined, *matter.copied_case, command, decision, now, policy);
  }
  Filed out;
  out.kind = Filed::Kind::opened;
  out.after = new_case(post, assessment, decision, customer, id, now);
  out.events.push_back({EventKind::opened, "triage", now, {{"post", post.id}}});
  return out;
}

}  // namespace earshot
