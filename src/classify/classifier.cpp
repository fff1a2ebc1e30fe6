#include "earshot/classify/classifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hazards.hpp"
#include "language.hpp"
#include "notions.hpp"
#include "passages.hpp"
#include "reading.hpp"
#include "topics.hpp"
#include "urgency.hpp"

namespace earshot {
namespace {

/// Where nobody is watched, posts are mixed as English tweets want it. Of another language's words
/// those know less than they think: there a post must be surer, by this share of what is left to 1.
constexpr double kForeignTongue = 0.3;
/// The mails that were learnt from are complaints more often than what an office gets: a mail must
/// be surer, too (docs/model-card.md has what that costs).
constexpr double kOfficeMail = 0.15;

/// From which probability on a text at a place is a complaint.
double bar_of(Place place, const Mixing& mixing, std::string_view language) {
  const bool tweet = place == Place::addressed || place == Place::post;
  const bool foreign = !language.empty() && language != "en";
  const double surer = tweet && foreign ? kForeignTongue : place == Place::email ? kOfficeMail : 0;
  return mixing.threshold + (1 - mixing.threshold) * surer;
}

constexpr std::array<const char*, kWordsOf<Cue>.size()> kCueSentences{
    "The text tells of danger or fire.",
    "The text tells of illness, injury or a medical device.",
    "Money has gone by fraud.",
    "Data or an account are in other hands.",
    "A legal or regulatory step is told.",
    "The press is at it.",
    "The service is wholly gone.",
    "The text tells of discrimination.",
    "Violence or self-harm is threatened.",
    "The customer is leaving.",
    "It is not the first contact.",
    "Something promised was not kept.",
    "The customer asks for a person."};

/// What a text sounds like whose cues no phrase tells.
constexpr std::array<const char*, kWordsOf<Cue>.size()> kCueSounds{
    "danger",
    "illness or an injury",
    "money gone by fraud",
    "data or an account in other hands",
    "a legal step",
    "the press",
    "an outage",
    "discrimination",
    "a threat",
    "a customer who leaves",
    "a matter told before",
    "a broken promise",
    "a wish for a person"};

std::string sounds_like(const std::vector<Cue>& heard) {
  std::vector<std::string_view> sounds;
  for (const Cue cue : heard) sounds.emplace_back(kCueSounds[static_cast<std::size_t>(cue)]);
  return fmt::format("The words sound like {}; no phrase tells it.", fmt::join(sounds, ", "));
}

}  // namespace

Classifier::Reading::Reading(const Post& post, const Parts& parts)
    : owned(post.title.empty() ? std::string{} : words_of(post)),
      text(post.title.empty() ? std::string_view{post.text} : std::string_view{owned}),
      words(text),
      language(language_of(post, words)),
      hits(parts.lexicon.find(words, language)),
      notions(Notions::builtin().find(words, language)),
      place(place_of(post, text, parts.targets.watching())),
      channel(post.channel),
      delta(parts.model.delta(post.source)),
      learnt(language.empty() || delta != nullptr || is_learnt(language)) {
  count_signs();
}

Classifier::Reading::Reading(const Reading& whole, std::string_view passage, const Parts& parts)
    : text(passage),
      words(text),
      language(whole.language),
      hits(parts.lexicon.find(words, language)),
      notions(Notions::builtin().find(words, language)),
      place(whole.place),
      channel(whole.channel),
      delta(whole.delta),
      learnt(whole.learnt) {
  count_signs();
}

void Classifier::Reading::count_signs() {
  for (const Hit& hit : hits) {
    if (counts(hit)) ++count[static_cast<std::size_t>(hit.sign)];
  }
}

HeadScores head_scores(const Model& model, const LaneSums& sums) {
  HeadScores out;
  std::array<double, kBlocks> value{};
  for (std::size_t b = 0; b < kBlocks; ++b) value[b] = block_value(b, sums.count[b]);
  for (std::size_t k = 0; k < kLanes; ++k) {
    double sum = 0;
    for (std::size_t b = 0; b < kBlocks; ++b) sum += value[b] * sums.sum[b][k];
    out[k] = model.parts().lanes[k].bias + model.parts().lanes[k].scale * sum;
  }
  return out;
}

double delta_score(const Delta& delta, const FeatureText& text) {
  thread_local Blocks blocks;
  extract_features(text, (1U << kDeltaLog2) - 1U, blocks);
  double score = delta.numbers.bias;
  for (std::size_t b = 0; b < kBlocks; ++b) {
    std::int64_t sum = 0;
    for (const Feature& feature : blocks[b]) sum += delta.weights[feature.hash];
    score += delta.numbers.scale * block_value(b, static_cast<std::uint32_t>(blocks[b].size())) *
             static_cast<double>(sum);
  }
  return score;
}

Classifier::Classifier(Model model, Lexicon lexicon, Watch watch)
    : parts_(new Parts{std::move(model), std::move(lexicon), Targets{watch}, NameTable{watch}}) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

LaneSums Classifier::sums(const Reading& reading) const {
  const Model& model = parts_->model;
  if (model.empty()) return {};
  return sum_weights(reading.features(*parts_), model.mask(), model.parts().weights.data(),
                     model.serial());
}

Classifier::Scores Classifier::score(const Reading& reading, const LaneSums& sums) const {
  Scores out;
  const Model& model = parts_->model;
  if (model.empty()) return out;
  const HeadScores scores = head_scores(model, sums);
  const auto probability = [](double s) { return 1 / (1 + std::exp(-s)); };
  const Mixing& place = model.place(reading.place);
  double score = mix(place, scores).log_odds;
  out.threshold = bar_of(reading.place, place, reading.language);
  if (reading.delta != nullptr) {
    const Calibration& c = reading.delta->calibration;
    score =
        c.platt_a * (score + delta_score(*reading.delta, reading.features(*parts_))) + c.platt_b;
    out.threshold = c.threshold;
  }
  out.complaint = probability(score);
  const Mixing& urgent = model.place(Place::urgent);
  const double hazard =
      hazard_of(model, reading.features(*parts_), scores[static_cast<std::size_t>(Head::urgent)]);
  out.urgent = probability(mix_urgent(urgent, scores, hazard));
  out.urgent_threshold = urgent.threshold;
  const Mixing& serious = model.place(Place::serious);
  out.serious = probability(mix(serious, scores).log_odds) - serious.threshold;
  return out;
}

Assessment Classifier::assess(const Post& post) const {
  const Reading reading{post, *parts_};
  return decided(reading, post, score(reading, sums(reading)),
                 parts_->targets.find(post, reading.words));
}

Assessment Classifier::account(const Post& post) const {
  const Reading reading{post, *parts_};
  const Target target = parts_->targets.find(post, reading.words);
  const LaneSums added = sums(reading);
  Assessment out = decided(reading, post, score(reading, added), target);
  tell(reading, post, added, target, out);
  return out;
}

Assessment Classifier::judge(const Post& post) const {
  const Reading reading{post, *parts_};
  const Target target = parts_->targets.find(post, reading.words);
  const LaneSums added = sums(reading);
  Assessment out = decided(reading, post, score(reading, added), target);
  if (is_a_matter(out)) tell(reading, post, added, target, out);
  return out;
}

Assessment Classifier::assess(const Post& post, const Scores& scores) const {
  const Reading reading{post, *parts_};
  return decided(reading, post, scores, parts_->targets.find(post, reading.words));
}

Facts Classifier::facts_of(const Reading& reading, const Post& post, const Scores& scores) {
  return {reading.count,
          scores.complaint,
          scores.threshold,
          scores.urgent,
          scores.urgent_threshold,
          scores.serious > 0,
          reading.learnt,
          post.automatic != Automatic::none,
          post.channel != Channel::post,
          tells_long_time(reading.words),
          read_tidings(reading.notions, post.channel)};
}

void Classifier::heed(const Reading& reading, const Post& post, const Facts& facts,
                      const Target& target, Assessment& out) const {
  // Neither a complaint nor urgent, whatever a passage says.
  if (out.about != About::us) return;
  if (!target.ours && !facts.sent_to_us && !out.urgent && facts.complaint < facts.threshold &&
      out.cues.empty())
    return;
  const std::vector<std::string_view> passages = passages_of(reading.words, reading.channel);
  if (passages.empty()) return;
  PassageView view;
  for (const std::string_view passage : passages) {
    const Reading part{reading, passage, *parts_};
    const Facts told = facts_of(part, post, score(part, sums(part)));
    Assessment verdict;
    decide(told, target, parts_->targets.watching(), verdict);
    view.add(told, target.ours, std::move(verdict));
  }
  heed_passages(view, facts, out);
}

Assessment Classifier::decided(const Reading& reading, const Post& post, const Scores& scores,
                               const Target& target) const {
  Assessment out;
  out.complaint = scores.complaint;
  out.threshold = scores.threshold;
  out.urgency = scores.urgent;
  out.urgency_threshold = scores.urgent_threshold;
  out.language = post.language.empty() ? reading.language : post.language;
  out.principal = target.addressed;
  out.mentioned_principal = target.mentioned;
  out.product = target.product;
  for (std::size_t c = 0; c < kWordsOf<Cue>.size(); ++c) {
    if (reading.has(static_cast<Sign>(c))) out.cues.push_back(static_cast<Cue>(c));
  }
  const Facts facts = facts_of(reading, post, scores);
  decide(facts, target, parts_->targets.watching(), out);
  if (!parts_->model.empty()) heed(reading, post, facts, target, out);
  for (const Hit& hit : reading.hits) {
    if (hit.topic < 0) continue;
    const std::string& topic = parts_->lexicon.topics()[static_cast<std::size_t>(hit.topic)];
    if (std::find(out.topics.begin(), out.topics.end(), topic) == out.topics.end())
      out.topics.push_back(topic);
    out.topics_told = out.topics.size();
  }
  return out;
}

void Classifier::tell_of_passages(const Reading& reading, const Post& post, Assessment& out) {
  const bool words_complain = out.complaint >= out.threshold;
  if (out.about != About::us || out.urgent || words_complain == out.is_complaint ||
      post.automatic != Automatic::none || passages_of(reading.words, reading.channel).empty())
    return;
  out.reasons.emplace_back(out.is_complaint
                               ? "A passage of the long text is a complaint by itself."
                               : "No passage of the long text is a complaint by itself.");
}

void Classifier::tell(const Reading& reading, const Post& post, const LaneSums& sums,
                      const Target& target, Assessment& out) const {
  if (out.language.empty()) out.language = guess_rare_language(reading.words);
  if (out.is_complaint || out.urgent) {
    out.why = strongest(reading, sums);
    for (const Cue cue : cues_of(parts_->model, reading.features(*parts_))) {
      if (std::ranges::find(out.cues, cue) == out.cues.end()) out.cues_heard.push_back(cue);
    }
    for (std::string& topic : topics_of(parts_->model, reading.features(*parts_))) {
      if (std::ranges::find(out.topics, topic) == out.topics.end())
        out.topics.push_back(std::move(topic));
    }
  }
  out.reasons.push_back(
      reading.learnt ? fmt::format("The words are {} ({:.0f} % sure, from {:.0f} % on).",
                                   !out.is_complaint                ? "no complaint about us"
                                   : out.complaint >= out.threshold ? "a complaint"
                                                                    : "hardly a complaint alone",
                                   out.complaint * 100, out.threshold * 100)
                     : fmt::format("No model for \"{}\": rules only.", reading.language));
  tell_of_passages(reading, post, out);
  if (out.urgent) out.reasons.push_back(out.urgent_reason);
  if (!out.principal.empty())
    out.reasons.push_back(
        fmt::format("The principal \"{}\" is addressed {}.", out.principal, target.addressed_how));
  if (out.about == About::rival)
    out.reasons.push_back(fmt::format("It is about {}.", target.rival_name));
  if (target.other && parts_->targets.watching())
    out.reasons.emplace_back("It names another firm, and nothing of ours.");
  if (post.automatic != Automatic::none) out.reasons.emplace_back("A machine wrote it.");
  for (const Cue cue : out.cues) {
    const char* told = kCueSentences[static_cast<std::size_t>(cue)];
    if (out.urgent_reason != told) out.reasons.emplace_back(told);
  }
  if (!out.cues_heard.empty()) out.reasons.push_back(sounds_like(out.cues_heard));
}

}  // namespace earshot
