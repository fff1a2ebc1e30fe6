#include "earshot/triage/triage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace earshot {
namespace {

/// Collects symbols; the capped sum, the highest floor and the lowest ceiling decide.
class Tally {
 public:
  Tally(const Post& post, const Assessment& assessment) : post_(post), assessment_(assessment) {}

  void add(std::string name, int points, std::string sentence) {
    if (points != 0) symbols_.push_back({std::move(name), points, {}, {}, std::move(sentence)});
  }
  void add(std::string name, const SymbolRule& rule, std::string sentence) {
    if (!std::ranges::all_of(rule.when, [this](Condition condition) { return holds(condition); }))
      return;
    if (rule.add == 0 && !rule.floor && !rule.ceiling) return;
    symbols_.push_back({std::move(name), rule.add, rule.floor, rule.ceiling, std::move(sentence)});
  }

  Decision decide(const TriagePolicy& policy) {
    Decision out;
    for (const Symbol& symbol : symbols_) out.points += symbol.points;
    out.urgency = out.points >= policy.page_at     ? Urgency::page
                  : out.points >= policy.queue_at  ? Urgency::queue
                  : out.points >= policy.digest_at ? Urgency::digest
                                                   : Urgency::ignore;
    for (const Symbol& symbol : symbols_) {
      if (symbol.floor) out.urgency = std::max(out.urgency, *symbol.floor);
    }
    for (const Symbol& symbol : symbols_) {
      if (symbol.ceiling) out.urgency = std::min(out.urgency, *symbol.ceiling);
    }
    const auto weight = [](const Symbol& symbol) {
      const int bound = symbol.ceiling ? 2000
                        : symbol.floor ? 1000 + 100 * static_cast<int>(*symbol.floor)
                                       : 0;
      return bound + std::abs(symbol.points);
    };
    std::ranges::stable_sort(
        symbols_, [&](const Symbol& a, const Symbol& b) { return weight(a) > weight(b); });
    for (const Symbol& symbol : symbols_) out.reasons.push_back(symbol.sentence);
    if (out.reasons.empty()) out.reasons.emplace_back("Nothing in it asks for attention.");
    out.symbols = std::move(symbols_);
    return out;
  }

 private:
  bool holds(Condition condition) const {
    switch (condition) {
      case Condition::complaint:
        return assessment_.is_complaint;
      case Condition::is_public:
        return post_.is_public;
      case Condition::about_us:
        return assessment_.about == About::us;
      case Condition::urgent:
        return assessment_.urgent;
    }
    return false;
  }

  const Post& post_;
  const Assessment& assessment_;
  std::vector<Symbol> symbols_;
};

bool has(const Assessment& assessment, Cue cue) {
  return std::ranges::find(assessment.cues, cue) != assessment.cues.end();
}

std::string people_text(std::uint64_t followers) {
  if (followers >= 1'000'000)
    return fmt::format("{:.1f} million", static_cast<double>(followers) / 1e6);
  if (followers >= 10'000) return fmt::format("{} thousand", followers / 1000);
  return fmt::format("{}", followers);
}

void weigh_complaint(Tally& tally, const Post& post, const Assessment& assessment,
                     const TriageContext& context, const TriagePolicy& policy) {
  tally.add("complaint",
            static_cast<int>(std::lround(assessment.complaint * policy.complaint_up_to)),
            fmt::format("{} ({:.0f} %).",
                        assessment.complaint >= assessment.threshold
                            ? "The words are a complaint"
                            : "By its words alone it is hardly a complaint",
                        assessment.complaint * 100));
  if (assessment.severity == Severity::serious) {
    tally.add("severity", policy.severity_serious,
              "It is serious: money, repetition or lasting failure.");
  }
  if (assessment.severity == Severity::grave) {
    tally.add("severity", policy.severity_grave,
              "It is grave: somebody or something of worth is in danger.");
  }
  if (const int points = reach_points(post.author.followers, policy); points != 0) {
    tally.add("reach", points,
              fmt::format("The author is heard by {}.", people_text(*post.author.followers)));
  }
  if (has(assessment, Cue::repeat_contact) || context.earlier_contacts > 0) {
    tally.add("repeat_contact", policy.repeat_contact,
              "It is not the customer's first contact about this.");
  }
  if (has(assessment, Cue::broken_promise))
    tally.add("broken_promise", policy.broken_promise, "A promise was not kept.");
  if (context.failed_case)
    tally.add("failed_case", policy.failed_case, "An earlier case of this matter failed.");
  if (context.storm) tally.add("storm", policy.storm, "Many people report the same cause now.");
}

}  // namespace

int reach_points(std::optional<std::uint64_t> followers, const TriagePolicy& policy) {
  if (!followers || *followers < 2) return 0;
  const double points = policy.reach_per_decade * std::log10(static_cast<double>(*followers));
  return std::min(policy.reach_cap, static_cast<int>(points));
}

Decision triage(const Post& post, const Assessment& assessment, const TriageContext& context,
                const TriagePolicy& policy) {
  Tally tally{post, assessment};
  if (assessment.urgent) {
    tally.add("urgent", policy.urgent,
              assessment.urgent_reason.empty() ? "It must be seen within minutes."
                                               : assessment.urgent_reason);
  }
  if (!assessment.principal.empty()) {
    if (post.is_public) {
      tally.add("principal_addressed", policy.principal_addressed,
                fmt::format("{} is addressed by name, in public.", assessment.principal));
    } else {
      tally.add("principal_addressed_privately", policy.principal_addressed_privately,
                fmt::format("{} is addressed by name.", assessment.principal));
    }
  } else if (!assessment.mentioned_principal.empty()) {
    tally.add("principal_mentioned", policy.principal_mentioned,
              fmt::format("{} is mentioned.", assessment.mentioned_principal));
  }
  if (assessment.is_complaint) weigh_complaint(tally, post, assessment, context, policy);
  if (assessment.about == About::rival)
    tally.add("about_rival", policy.about_rival, "It is about a rival, not about us.");
  return tally.decide(policy);
}

}  // namespace earshot
