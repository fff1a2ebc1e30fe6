#include "earshot/classify/classifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "earshot/classify/features.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"
#include "target.hpp"
#include "word_list.hpp"

namespace earshot {
namespace {

/// What a group of phrases adds to the calibrated log-odds, for its first and for its second match.
/// Set by hand: these are the kinds of text that no public set teaches.
struct SignWeight {
  Sign sign;
  double first;
  double second;
};
constexpr std::array kSignWeights{
    SignWeight{Sign::safety, 4.5, 0.5},         SignWeight{Sign::medical, 3.0, 0.3},
    SignWeight{Sign::fraud, 4.5, 0.5},          SignWeight{Sign::breach, 4.5, 0.5},
    SignWeight{Sign::legal, 4.0, 0.5},          SignWeight{Sign::outage, 1.2, 0.4},
    SignWeight{Sign::discrimination, 1.5, 0.3}, SignWeight{Sign::threat, 1.5, 0.3},
    SignWeight{Sign::churn, 1.5, 0.5},          SignWeight{Sign::repeat_contact, 1.5, 0.5},
    SignWeight{Sign::broken_promise, 1.5, 0.5}, SignWeight{Sign::wants_human, 0.7, 0.2},
    SignWeight{Sign::dependence, 3.0, 0.3},     SignWeight{Sign::vulnerable, 0.4, 0.0},
    SignWeight{Sign::grievance, 1.5, 0.7},      SignWeight{Sign::praise, -1.2, -0.4},
    SignWeight{Sign::resolved, -2.5, 0.0},      SignWeight{Sign::how_to, -1.5, 0.0},
    SignWeight{Sign::job_ad, -4.0, -1.0},       SignWeight{Sign::news, -2.5, -1.0},
    SignWeight{Sign::marketing, -3.0, -1.0},    SignWeight{Sign::machine, -4.0, -1.0},
    SignWeight{Sign::insider, -2.5, -0.5},      SignWeight{Sign::phishing, -2.0, -0.5},
    SignWeight{Sign::fiction, -1.5, -0.5},      SignWeight{Sign::hypothetical, -1.0, 0.0}};

/// Faces and hands that say a complaint without words; log-odds for the first of them where a text
/// has hardly any words.
constexpr std::array kGrudges{"👎", "😡", "🤬", "😤", "🤮", "💩", "😠", "🖕"};
constexpr double kGrudge = 3.0;
constexpr std::size_t kHardlyAnyWords = 4;

/// The first grudge in a text of hardly any words that speaks to somebody; "" else.
std::string_view wordless_grudge(std::string_view text, const WordList& words) {
  if (words.size() == 0 || words.size() > kHardlyAnyWords || !words[0].handle) return {};
  for (const char* grudge : kGrudges) {
    if (text.find(grudge) != std::string_view::npos) return grudge;
  }
  return {};
}

constexpr std::size_t kWhy = 6;  ///< words that an assessment names

/// Phrases weigh more where the model has seen little: in other languages than English.
constexpr double kOtherLanguage = 1.7;

/// Signs that a negation in front takes back.
bool heeds_negation(Sign sign) {
  switch (sign) {
    case Sign::repeat_contact:
    case Sign::broken_promise:
    case Sign::wants_human:
    case Sign::praise:
    case Sign::hypothetical:
    case Sign::deadline:
    case Sign::vulnerable:
    case Sign::vital:
      return false;
    default:
      return true;
  }
}

double sigmoid(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
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

}  // namespace

struct Classifier::Parts {
  Model model;
  Lexicon lexicon;
  Targets targets;
};

/// All that is known of one post on the way to its assessment.
struct Classifier::Reading {
  std::string text;
  WordList words;
  std::vector<Hit> hits;
  std::string language;
  Head head;
  std::array<int, kWordsOf<Sign>.size()> count{};

  Reading(const Post& post, const Parts& parts)
      : text(words_of(post)),
        words(text),
        hits(parts.lexicon.find(words)),
        language(post.language.empty() ? guess_language(text) : post.language) {
    head = post.channel == Channel::post && has_handle(text) ? Head::addressed : Head::plain;
    for (const Hit& hit : hits) {
      if (counts(hit)) ++count[static_cast<std::size_t>(hit.sign)];
    }
  }
  static bool counts(const Hit& hit) {
    return hit.topic < 0 && !(hit.negated && heeds_negation(hit.sign));
  }
  bool has(Sign sign) const { return count[static_cast<std::size_t>(sign)] > 0; }
  /// News, fiction and the like tell hazards that nobody has to look at.
  bool distant() const {
    return has(Sign::news) || has(Sign::fiction) || has(Sign::hypothetical) || has(Sign::job_ad) ||
           has(Sign::marketing) || has(Sign::machine);
  }
  std::string model_text() const {
    return head == Head::plain && has_handle(text) ? without_handles(text) : text;
  }
  std::string words_of_hit(const Hit& hit) const {
    const std::uint32_t begin = words[hit.first].begin;
    return text.substr(begin, std::max(words[hit.last].end, begin) - begin);
  }
  /// Calls each(hit, weight) for the phrases that count: the first and the second of a group.
  template <class F>
  void each_phrase(const F& each) const {
    std::array<int, kWordsOf<Sign>.size()> seen{};
    const double factor = language.empty() || language.starts_with("en") ? 1.0 : kOtherLanguage;
    for (const Hit& hit : hits) {
      if (!counts(hit)) continue;
      for (const SignWeight& weight : kSignWeights) {
        if (weight.sign != hit.sign) continue;
        const int n = seen[static_cast<std::size_t>(hit.sign)]++;
        const double by = n == 0 ? weight.first : (n == 1 ? weight.second : 0.0);
        if (by != 0) each(hit, by * factor);
      }
    }
  }
};

Classifier::Classifier(Model model, Lexicon lexicon, Watch watch)
    : parts_(new Parts{std::move(model), std::move(lexicon), Targets{watch}}) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

namespace {

double model_score(const Model& model, Head head, std::string_view text) {
  if (model.empty()) return 0;
  const HeadNumbers& n = model.numbers(head);
  const BlockSums sums = sum_weights(text, model.mask(), model.weights(head));
  double score = n.bias;
  for (std::size_t b = 0; b < kBlocks; ++b) {
    if (sums.count[b] > 0)
      score += n.scale * kBlockWeights[b] / std::sqrt(static_cast<double>(sums.count[b])) *
               static_cast<double>(sums.sum[b]);
  }
  return n.platt_a * score + n.platt_b;
}

/// A span of the text, or a named fact, and what it added.
struct Part {
  std::uint32_t begin = 0, end = 0;
  const char* name = nullptr;
  double weight = 0;
};

void add_model_parts(const Model& model, Head head, std::string_view text, std::vector<Part>& out) {
  if (model.empty()) return;
  const HeadNumbers& n = model.numbers(head);
  out.push_back({0, 0, "base", n.platt_a * n.bias + n.platt_b});
  thread_local Blocks blocks;
  extract_features(text, model.mask(), blocks);
  const std::int8_t* weights = model.weights(head);
  for (std::size_t b = 0; b < kBlocks; ++b) {
    if (blocks[b].empty()) continue;
    const double each =
        n.platt_a * n.scale * kBlockWeights[b] / std::sqrt(static_cast<double>(blocks[b].size()));
    for (const Feature& feature : blocks[b]) {
      const double weight = each * weights[feature.hash];
      // The pieces of a word follow each other.
      if (!out.empty() && out.back().begin == feature.begin && out.back().end == feature.end &&
          out.back().name == feature.style) {
        out.back().weight += weight;
      } else {
        out.push_back({feature.begin, feature.end, feature.style, weight});
      }
    }
  }
}

/// Parts of one span or name become one.
void merge(std::vector<Part>& parts) {
  const auto key = [](const Part& part) {
    return std::tuple{std::string_view{part.name == nullptr ? "" : part.name}, part.begin,
                      part.end};
  };
  std::stable_sort(parts.begin(), parts.end(),
                   [&](const Part& a, const Part& b) { return key(a) < key(b); });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (key(parts[i]) == key(parts[kept]))
      parts[kept].weight += parts[i].weight;
    else
      parts[++kept] = parts[i];
  }
  if (!parts.empty()) parts.resize(kept + 1);
}

Severity severity_of(const std::vector<Cue>& cues, bool vulnerable, bool outage, bool lasting) {
  const auto has = [&](Cue cue) { return std::find(cues.begin(), cues.end(), cue) != cues.end(); };
  if (has(Cue::safety) || has(Cue::medical) || has(Cue::fraud) || has(Cue::breach) ||
      has(Cue::threat) || (vulnerable && outage))
    return Severity::grave;
  if (has(Cue::legal) || has(Cue::press) || has(Cue::discrimination) || has(Cue::repeat_contact) ||
      has(Cue::broken_promise) || lasting)
    return Severity::serious;
  return Severity::mild;
}

/// "for three weeks", "16 days": a failure that lasts.
bool tells_long_time(const WordList& words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view unit = words.spelt(i);
    if (unit == "weeks" || unit == "months" || unit == "wochen" || unit == "monate" ||
        unit == "semanas" || unit == "meses" || unit == "semaines" || unit == "mois" ||
        unit == "settimane" || unit == "mesi" || unit == "weken" || unit == "maanden" ||
        (unit == "days" && words[i - 1].number)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Assessment Classifier::assess(const Post& post) const {
  const Reading reading{post, *parts_};
  const auto has = [&](Sign sign) { return reading.has(sign); };
  Assessment out;
  double score = model_score(parts_->model, reading.head, reading.model_text());
  reading.each_phrase([&](const Hit&, double by) { score += by; });
  if (!wordless_grudge(reading.text, reading.words).empty()) score += kGrudge;
  out.threshold = parts_->model.empty() ? 0.6 : parts_->model.numbers(reading.head).threshold;
  out.complaint = sigmoid(score);
  out.language = reading.language;

  const Target target = parts_->targets.find(post, reading.words);
  const bool watching = parts_->targets.watching();
  out.principal = target.addressed;
  out.mentioned_principal = target.mentioned;
  out.product = target.product;
  const bool automatic = post.automatic != Automatic::none;
  const bool words_complain = out.complaint >= out.threshold && !automatic;

  for (std::size_t c = 0; c < kWordsOf<Cue>.size(); ++c) {
    if (has(static_cast<Sign>(c))) out.cues.push_back(static_cast<Cue>(c));
  }
  std::string reason;
  const bool cut_off = has(Sign::outage);
  if (!reading.distant() && !automatic && !has(Sign::how_to)) {
    if (has(Sign::safety))
      reason = "A hazard is told as present fact.";
    else if (has(Sign::medical) || (has(Sign::vulnerable) && has(Sign::vital)))
      reason = "Somebody's health is at stake.";
    else if (has(Sign::vulnerable) && cut_off)
      reason = "A vulnerable person is cut off.";
    else if (has(Sign::vital) && cut_off)
      reason = "A line that people's safety depends on is dead.";
    else if (has(Sign::threat))
      reason = "Violence or self-harm is threatened.";
    else if (has(Sign::fraud))
      reason = "Money has gone by fraud.";
    else if (has(Sign::breach))
      reason = "Data or an account are in other hands.";
    else if (has(Sign::legal))
      reason = "A legal or regulatory step is told.";
    else if (has(Sign::press) && has(Sign::deadline))
      reason = "The press asks with a deadline.";
    else if (has(Sign::dependence))
      reason = "A trade stands still at this moment.";
    else if (has(Sign::wide) && cut_off)
      reason = "A wide outage is told.";
  } else if (has(Sign::press) && has(Sign::deadline) && !automatic) {
    reason = "The press asks with a deadline.";
  }
  if (!watching) {
    out.about = words_complain || !reason.empty() ? About::us : About::none;
  } else if (target.rival && !target.named && target.addressed.empty()) {
    out.about = About::rival;
  } else if (target.ours) {
    // "so glad I left Dimly, you are miles better": what failed is the rival's.
    out.about = target.rival && has(Sign::praise) && !words_complain ? About::rival : About::us;
  } else if (target.other) {
    out.about = About::none;
  } else {
    out.about = words_complain || !reason.empty() ? About::us : About::none;
  }
  if (automatic) out.about = target.ours ? About::us : About::none;
  const bool us = out.about == About::us;
  if (us && !reason.empty()) {
    out.urgent = true;
    out.urgent_reason = reason;
  }
  out.is_complaint = us && words_complain;
  if (out.is_complaint)
    out.severity =
        severity_of(out.cues, has(Sign::vulnerable), cut_off, tells_long_time(reading.words));

  for (const Hit& hit : reading.hits) {
    if (hit.topic < 0) continue;
    const std::string& topic = parts_->lexicon.topics()[static_cast<std::size_t>(hit.topic)];
    if (std::find(out.topics.begin(), out.topics.end(), topic) == out.topics.end())
      out.topics.push_back(topic);
  }
  out.reasons.push_back(
      out.is_complaint
          ? fmt::format("The words are a complaint ({:.0f} % sure, from {:.0f} % on).",
                        out.complaint * 100, out.threshold * 100)
          : fmt::format("The words are no complaint about us ({:.0f} % sure, from {:.0f} % on).",
                        out.complaint * 100, out.threshold * 100));
  if (out.urgent) out.reasons.push_back(out.urgent_reason);
  if (!out.principal.empty())
    out.reasons.push_back(
        fmt::format("The principal \"{}\" is addressed {}.", out.principal, target.addressed_how));
  if (out.about == About::rival)
    out.reasons.push_back(fmt::format("It is about {}.", target.rival_name));
  if (target.other && watching)
    out.reasons.push_back("It names another firm, and nothing of ours.");
  if (automatic) out.reasons.push_back("A machine wrote it.");
  for (const Cue cue : out.cues)
    out.reasons.push_back(kCueSentences[static_cast<std::size_t>(cue)]);
  if (out.is_complaint || out.urgent) {
    out.why = explain(reading, 4 * kWhy);
    std::erase_if(out.why,
                  [](const Weight& w) { return w.words == "(base)" || std::abs(w.weight) < 0.05; });
    if (out.why.size() > kWhy) out.why.resize(kWhy);
  }
  return out;
}

std::vector<Weight> Classifier::explain(const Post& post) const {
  return explain(Reading{post, *parts_}, std::numeric_limits<std::size_t>::max());
}

std::vector<Weight> Classifier::explain(const Reading& reading, std::size_t most) const {
  const std::string text = reading.model_text();
  std::vector<Part> parts;
  add_model_parts(parts_->model, reading.head, text, parts);
  merge(parts);
  if (parts.size() > most) {
    std::nth_element(
        parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(most), parts.end(),
        [](const Part& a, const Part& b) { return std::abs(a.weight) > std::abs(b.weight); });
    parts.resize(most);
  }
  std::vector<Weight> out;
  std::unordered_map<std::string, std::size_t> known;
  const auto add = [&](std::string words, double weight) {
    if (weight == 0) return;
    const auto [at, fresh] = known.try_emplace(std::move(words), out.size());
    if (fresh)
      out.push_back({at->first, weight});
    else
      out[at->second].weight += weight;
  };
  for (const Part& part : parts) {
    add(part.name != nullptr
            ? fmt::format("({})", part.name)
            : collapse_space(std::string_view{text}.substr(part.begin, part.end - part.begin)),
        part.weight);
  }
  reading.each_phrase(
      [&](const Hit& hit, double by) { add(collapse_space(reading.words_of_hit(hit)), by); });
  const std::string_view grudge = wordless_grudge(reading.text, reading.words);
  if (!grudge.empty()) add(std::string{grudge}, kGrudge);
  std::stable_sort(out.begin(), out.end(), [](const Weight& a, const Weight& b) {
    return std::abs(a.weight) > std::abs(b.weight);
  });
  return out;
}

}  // namespace earshot
