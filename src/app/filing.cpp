#include "filing.hpp"

#include <fmt/format.h>

#include "answers_seen.hpp"
#include "came_in.hpp"
#include "earshot/core/ids.hpp"
#include "effects.hpp"
#include "follow.hpp"
#include "heed.hpp"
#include "storms.hpp"

namespace earshot {
namespace {

constexpr Duration kConversationLife =
    hours{24 * 90};  // words in the same thread belong to the same case this long
constexpr std::size_t kCasesLookedAt = 8;
constexpr std::size_t kWordsThatMean = 4;  // fewer words than this are everybody's

std::size_t count_words(std::string_view text) {
  std::size_t n = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t';
    n += !space && !inside ? 1U : 0U;
    inside = !space;
  }
  return n;
}

std::optional<Case> load(const std::optional<CaseRecord>& record) {
  if (!record) return std::nullopt;
  Result<Case> read = case_from_json(record->body);
  if (!read) throw StoreError("case " + record->id + " cannot be read: " + read.error().message);
  read->version = record->version;
  read->number = record->number;
  return std::move(*read);
}

/// The case that a merged one went into, at the end of the chain.
std::optional<Case> follow_merges(StoreReader& reader, std::optional<Case> it) {
  for (int hops = 0; it && it->state == CaseState::merged && hops < 16; ++hops)
    it = load(reader.case_by_id(it->merged_into));
  return it;
}

/// Cases whose words are this post's, nearly or exactly ("" where there is none); looked for once.
class Alike {
 public:
  Alike(StoreReader& reader, const JudgedPost& judged, const NearCases& near, Instant since)
      : reader_(reader), judged_(judged), near_window_(near), since_(since) {}
  const std::string& near() {
    if (!near_)
      near_ = judged_.signed_words ? near_window_.find(judged_.signature, since_) : std::string{};
    return *near_;
  }
  const std::string& copied() {
    if (!copied_) copied_ = reader_.case_of_copy(judged_.copy_hash, since_);
    return *copied_;
  }

 private:
  StoreReader& reader_;
  const JudgedPost& judged_;
  const NearCases& near_window_;
  Instant since_;
  std::optional<std::string> near_{}, copied_{};
};

std::optional<Case> same_case(StoreReader& reader, const JudgedPost& judged,
                              const std::string& customer, Alike& alike, Instant now,
                              const CasePolicy& policy) {
  const std::string conversation = conversation_key(judged.post);
  if (!conversation.empty()) {
    const auto found = reader.cases_of(customer, conversation, now - kConversationLife, 1);
    if (!found.empty()) return follow_merges(reader, load(found.front()));
  }
  if (alike.near().empty() && alike.copied().empty()) return std::nullopt;
  for (const CaseRecord& record :
       reader.cases_of(customer, "", now - policy.same_matter, kCasesLookedAt)) {
    if (record.id == alike.near() || record.id == alike.copied())
      return follow_merges(reader, load(record));
  }
  return std::nullopt;
}

std::optional<Case> copied_case(StoreReader& reader, const JudgedPost& judged, Alike& alike) {
  if (!judged.signed_words) return std::nullopt;  // "Same here!" is nobody's copy
  const std::string& id = alike.copied().empty() ? alike.near() : alike.copied();
  return id.empty() ? std::nullopt : follow_merges(reader, load(reader.case_by_id(id)));
}

CustomerRecord customer_of(StoreWriter& writer, const Post& post, Instant now, std::uint64_t seed) {
  const std::string identity = identity_of(post);
  if (auto known = writer.customer_by_identity(identity)) return std::move(*known);
  CustomerRecord fresh;
  fresh.id = "u" + ordered_id(now, hash64(identity, seed));
  fresh.identities = {identity};
  fresh.name = post.author.name.empty() ? post.author.handle : post.author.name;
  return fresh;
}

/// The case a post belongs to already, or else the one of the same matter.
std::optional<Case> case_for(StoreWriter& writer, const JudgedPost& judged,
                             const std::optional<StoreReader::Known>& known,
                             const CustomerRecord& customer, Alike& alike, Instant now,
                             const CasePolicy& policy) {
  if (known && !known->case_id.empty())
    return follow_merges(writer, load(writer.case_by_id(known->case_id)));
  if (customer.contacts == 0) return std::nullopt;
  for (const std::string& id : customer_ids(customer)) {
    if (auto found = same_case(writer, judged, id, alike, now, policy)) return found;
  }
  return std::nullopt;
}

/// An edit within its case is kept as a version; it is told only where it makes the case worse. A
/// mended typo wakes nobody.
bool says_nothing_new(const std::optional<StoreReader::Known>& known,
                      const std::optional<Case>& its_case, const Decision& decision) {
  return known && !known->case_id.empty() && its_case && decision.urgency <= its_case->urgency;
}

/// Stores the case that the post opened or changed, and lets the storms count it. Returns its id.
std::string commit_filed(const JudgedPost& judged, const Matter& matter, Filed filed,
                         Effects& effects, Storms& storms, FiledPost& out) {
  const bool fresh = filed.kind == Filed::Kind::opened;
  if (fresh)
    storms.enter(judged.assessment, matter.copied_case ? matter.copied_case->storm : "", filed);
  const Case before = fresh                ? Case{}
                      : matter.same_case   ? *matter.same_case
                      : matter.copied_case ? *matter.copied_case
                                           : Case{};
  const Case stored = effects.commit(before, std::move(filed.after), filed.events);
  out.opened = fresh;
  if (fresh) out.opened_as = stored.urgency;
  out.paged = fresh && stored.urgency == Urgency::page && !stored.grouped;
  if (fresh) storms.opened(judged.assessment, stored);
  if (filed.kind == Filed::Kind::joined) storms.joined(stored);
  if (filed.kind == Filed::Kind::added) storms.added(judged.assessment, stored);
  return stored.id;
}

TriageContext context_of(const Matter& matter, bool fresh, bool storm) {
  TriageContext out;
  out.storm = storm;
  if (!matter.same_case) return out;
  out.earlier_contacts = fresh ? matter.same_case->posts : 0;  // an edit is no further contact
  out.failed_case = !matter.same_case->failed.empty();
  return out;
}

/// A second opinion opens cases and raises untouched ones; what people have in hand, and what has
/// ended, it leaves alone. True: this post belongs to a case that they have.
bool leave_to_people(Matter& matter) {
  if (matter.same_case && matter.same_case->ended()) matter.same_case.reset();
  if (matter.copied_case && !is_untouched(*matter.copied_case)) matter.copied_case.reset();
  return matter.same_case && !is_untouched(*matter.same_case);
}

/// A post that a second opinion called urgent: the ledger says who opened or changed the case.
void sign_events(const JudgedPost& judged, Filed& filed) {
  for (Event& event : filed.events) {
    if (judged.by_opinion && event.who == "triage") event.who = kOpinion;
  }
}

}  // namespace

bool is_untouched(const Case& it) {
  return it.state == CaseState::open && it.owner.empty() && it.confirmed.empty() &&
         it.dismissal_by.empty();
}

void sign_words(JudgedPost& judged) {
  const std::string words = words_of(judged.post);
  judged.signed_words = count_words(words) >= kWordsThatMean;
  if (judged.signed_words) judged.signature = minhash(words);
}

void NearCases::add(std::int64_t seq, const MinHash& signature, const std::string& case_id,
                    Instant at) {
  const auto key = static_cast<std::uint64_t>(seq);
  window_.add(key, signature);
  places_[key] = {case_id, at};
  order_.push_back(key);
  while (order_.size() > window_.size()) {
    places_.erase(order_.front());
    order_.pop_front();
  }
}

std::string NearCases::find(const MinHash& signature, Instant since) const {
  for (const std::uint64_t key : window_.find(signature)) {
    const auto it = places_.find(key);
    if (it != places_.end() && it->second.at >= since) return it->second.case_id;
  }
  return {};
}

FiledPost file_one(StoreWriter& writer, const JudgedPost& judged, const Rules& rules,
                   Effects& effects, Storms& storms, NearCases& near, Instant now,
                   std::uint64_t seed) {
  const Post& post = judged.post;
  const auto known = writer.known(post.source, post.id);
  FiledPost out;
  out.known = known.has_value();
  if (known && post.deleted) take_back(writer, rules, effects, post.source, post.id);
  const bool fresh = !known || judged.by_opinion;  // never weighed as urgent before
  if (known && (post.deleted || (!fresh && known->copy_hash == judged.copy_hash))) return out;
  out.edited = !fresh;

  const CasePolicy& policy = rules.config->follow_through;
  CustomerRecord customer = customer_of(writer, post, now, seed);
  Matter matter;
  const bool machine = post.automatic != Automatic::none;
  Alike alike{writer, judged, near, now - policy.same_matter};
  if (!machine) matter.same_case = case_for(writer, judged, known, customer, alike, now, policy);
  const bool crowds = !machine && fresh && !matter.same_case && customer.contacts > 0 &&
                      is_a_matter(judged.assessment);
  if (crowds)
    matter.same_case =
        crowded_case(writer, judged.assessment, customer.id, rules.config->storms, now);
  const TriageContext context =
      context_of(matter, fresh, !machine && storms.rages(judged.assessment));
  const Decision decision =
      machine ? Decision{} : triage(post, judged.assessment, context, rules.config->triage);
  out.urgency = decision.urgency;
  if (!machine && !matter.same_case && decision.urgency > Urgency::ignore)
    matter.copied_case = copied_case(writer, judged, alike);
  if (judged.by_opinion && leave_to_people(matter)) return out;

  const std::string id = "c" + ordered_id(now, hash64(post.id, seed));
  Filed filed;
  if (!says_nothing_new(known, matter.same_case, decision))
    filed = file_post(post, judged.assessment, decision, matter, customer.id, id, now, policy);
  std::string case_id;
  if (fresh) note_failures(writer, judged, matter, customer, filed, now, policy);
  sign_events(judged, filed);
  if (filed.kind != Filed::Kind::nothing) {
    ++customer.contacts;
    writer.put_customer(customer);
    case_id = commit_filed(judged, matter, std::move(filed), effects, storms, out);
  }
  const bool had_case = known && !known->case_id.empty();
  const bool has_case = had_case || !case_id.empty();
  std::string assessment;
  if (has_case)  // words of an open case are kept with their reasons even where they mean nothing
    assessment = to_json(is_a_matter(judged.assessment) ? judged.assessment
                                                        : rules.classifier->account(post));
  const bool remember = has_case && !had_case && judged.signed_words;
  const NewPost entry{&post, judged.copy_hash, case_id, assessment,
                      remember ? &judged.signature : nullptr};
  const std::int64_t seq = known ? known->seq : writer.add_post(entry, now);
  if (!fresh) writer.add_version(seq, entry, now);
  if (known && fresh && !case_id.empty()) writer.attach_post(seq, case_id);
  out.seq = seq;
  if (known) out.had_case = known->case_id;
  out.case_id = !case_id.empty() ? case_id : out.had_case;
  out.rule = rule_of(post, judged.assessment, decision);
  if (!fresh && has_case) note_edited(writer, effects, post, had_case ? known->case_id : case_id);
  if (remember) near.add(seq, judged.signature, case_id, now);
  return out;
}

std::string to_json(const Assessment& it) {
  JsonWriter out;
  out.object();
  out.field("complaint", it.complaint);
  out.field("is_complaint", it.is_complaint);
  out.field("threshold", it.threshold);
  out.field("urgent", it.urgent);
  out.text_or_null("urgent_reason", it.urgent_reason);
  out.field("severity", to_word(it.severity));
  out.field("about", to_word(it.about));
  out.text_or_null("principal", it.principal);
  out.key("cues");
  out.array();
  for (const Cue cue : it.cues) out.value(to_word(cue));
  out.end_array();
  out.key("cues_heard");
  out.array();
  for (const Cue cue : it.cues_heard) out.value(to_word(cue));
  out.end_array();
  out.field("topics", it.topics);
  out.text_or_null("product", it.product);
  out.text_or_null("language", it.language);
  out.key("why");
  out.array();
  for (const Weight& weight : it.why) {
    out.array();
    out.value(weight.words);
    out.value(weight.weight);
    out.end_array();
  }
  out.end_array();
  out.field("reasons", it.reasons);
  out.end();
  return out.take();
}

}  // namespace earshot
