#include "heed.hpp"

#include "came_in.hpp"
#include "earshot/text/near.hpp"
#include "filing.hpp"
#include "storms.hpp"

namespace earshot {
namespace {

/// One answer while it is heeded.
struct HeedDesk {
  StoreWriter& writer;
  const Rules& rules;
  const AckKey& key;
  Chance chance;
  NearCases& near;
  const Opinion& opinion;
  std::optional<Urgency> opened_as{};
};

/// Not taken back, erased or edited since.
bool says_the_same(StoreReader& reader, const StoredPost& stored, const Unsure& about) {
  const Post& post = stored.post;
  const auto known = reader.known(post.source, post.id);
  return !post.deleted && !words_of(post).empty() && known && known->copy_hash == about.words;
}

/// The post as it would be judged were it urgent; nullopt where there is nothing to do any more.
std::optional<JudgedPost> judged_anew(HeedDesk& desk, const StoredPost& stored,
                                      const Unsure& about) {
  if (!says_the_same(desk.writer, stored, about)) return std::nullopt;
  const Post& post = stored.post;
  JudgedPost out;
  out.post = post;
  out.copy_hash = about.words;
  out.assessment = desk.rules.classifier->account(post);
  if (out.assessment.urgent || out.assessment.about != About::us) return std::nullopt;
  out.assessment.urgent = true;
  out.assessment.urgent_reason = opinion_sentence(desk.opinion);
  out.assessment.reasons.push_back(out.assessment.urgent_reason);
  out.by_opinion = true;
  return out;
}

/// Somebody said what they think of the case.
bool taught(StoreReader& reader, const std::string& case_id) {
  RecordQuery query;
  query.kind = "label";
  query.parent = case_id;
  query.limit = 1;
  return !reader.records(query).empty();
}

/// As the machine left it, and not a page yet.
std::optional<Case> case_to_raise(StoreReader& reader, const std::string& case_id) {
  const auto record = reader.case_by_id(case_id);
  if (!record) return std::nullopt;
  Case it = load_case(*record);
  if (!is_untouched(it) || it.urgency == Urgency::page || taught(reader, case_id))
    return std::nullopt;
  return it;
}

Heard raise(HeedDesk& desk, const JudgedPost& judged, const std::string& case_id) {
  const std::optional<Case> found = case_to_raise(desk.writer, case_id);
  if (!found) return Heard::left;
  const Case& before = *found;
  const Decision decision =
      triage(judged.post, judged.assessment, TriageContext{}, desk.rules.config->triage);
  if (decision.urgency <= before.urgency) return Heard::left;
  const Command command{Action::raise,
                        std::string{kOpinion},
                        {{"urgency", std::string{to_word(decision.urgency)}},
                         {"reason", judged.assessment.urgent_reason}}};
  const ActAnswer done =
      act_on(desk.writer, desk.rules, desk.key, desk.chance, case_id, command, before.version);
  if (done.kind != ActAnswer::Kind::done || !done.now_case) return Heard::left;
  if (done.now_case->grouped) {
    Effects effects{desk.writer, desk.rules, desk.key, desk.chance};
    effects.ungroup(*done.now_case, judged.assessment.urgent_reason);
  }
  return Heard::raised;
}

Heard open(HeedDesk& desk, const JudgedPost& judged, const StoredPost& stored) {
  Effects effects{desk.writer, desk.rules, desk.key, desk.chance};
  Storms storms{desk.writer, desk.rules, effects};
  const Instant now = desk.chance.now;
  const FiledPost filed =
      file_one(desk.writer, judged, desk.rules, effects, storms, desk.near, now, desk.chance.seed);
  storms.flush();
  CameIn came;
  came.filed(filed);
  came.note(desk.writer, stored.post.source, now);
  desk.opened_as = filed.opened_as;
  if (filed.opened) return Heard::opened;
  return filed.case_id.empty() ? Heard::left : Heard::raised;
}

Heard obey(HeedDesk& desk, const Unsure& about) {
  const auto stored = desk.writer.post(about.seq);
  if (!stored) return Heard::left;
  auto judged = judged_anew(desk, *stored, about);
  if (!judged) return Heard::left;
  if (!stored->case_id.empty()) return raise(desk, *judged, stored->case_id);
  sign_words(*judged);
  return open(desk, *judged, *stored);
}

void note(HeedDesk& desk, const Unsure& about, Heard heard) {
  const auto stored = desk.writer.post(about.seq);
  JsonWriter data;
  data.object();
  data.field("post", about.seq);
  data.field("source", stored ? stored->post.source : "");
  data.field("urgent", desk.opinion.urgent);
  data.field("confidence", desk.opinion.confidence);
  data.text_or_null("why", desk.opinion.why ? to_word(*desk.opinion.why) : std::string_view{});
  data.field("outcome", to_word(heard));
  data.end();
  desk.writer.append_ledger({0, desk.chance.now, std::string{kOpinion}, "second_opinion",
                             stored ? stored->case_id : "", data.take(), ""});
}

}  // namespace

std::optional<Unsure> unsure_of(const JudgedPost& judged, const FiledPost& filed,
                                const Rules& rules) {
  const auto& policy = rules.config->second_opinion;
  const bool fresh = filed.seq != 0 && filed.urgency && (!filed.known || filed.edited);
  if (!policy || !fresh) return std::nullopt;
  const bool pages = *filed.urgency == Urgency::page;
  if (!asks_opinion(judged.post, judged.assessment, pages, *policy).asked) return std::nullopt;
  return Unsure{filed.seq, judged.copy_hash, words_asked(judged.post, rules.config->watch),
                judged.assessment.language};
}

bool is_still_wanted(StoreReader& reader, const Unsure& about) {
  const auto stored = reader.post(about.seq);
  if (!stored || !says_the_same(reader, *stored, about)) return false;
  return stored->case_id.empty() || case_to_raise(reader, stored->case_id).has_value();
}

Heeded heed(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
            NearCases& near, const Unsure& about, const Opinion& opinion) {
  HeedDesk desk{writer, rules, key, chance, near, opinion, {}};
  const auto& policy = rules.config->second_opinion;
  Heard heard = Heard::not_urgent;
  if (opinion.urgent)
    heard = policy && opinion.confidence >= policy->sure ? obey(desk, about) : Heard::unsure;
  note(desk, about, heard);
  return {heard, desk.opened_as};
}

}  // namespace earshot
