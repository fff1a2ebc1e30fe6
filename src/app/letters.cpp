#include "letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "earshot/config/parties.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

constexpr std::string_view kSeen = "letters_seen";  // of the store's meta: the last post looked at
constexpr std::size_t kAtOnce = 1000;
constexpr std::size_t kMostSuppressed = 2000;  // of a period, by lot: assessed anew, one by one
constexpr double kAboutUs = 0.2;               // of what opened no case: at least so much complaint
constexpr std::string_view kSchedule = "schedule:";

std::string timer_of(const std::string& id) {
  return fmt::format("{}/{}", kLetter, id);
}

std::optional<LetterCandidate> candidate_of(const Case& it) {
  if (it.kind != "customer" || it.state == CaseState::merged) return std::nullopt;
  const LetterFate fate = it.state == CaseState::dismissed ? LetterFate::dismissed
                          : it.state == CaseState::closed  ? LetterFate::solved
                                                           : LetterFate::open;
  return LetterCandidate{it.id, fate, std::string{to_word(it.channel)}, score_band(it.probability),
                         std::string{to_word(it.urgency)}};
}

/// What opened no case although it may have been a complaint about us.
std::optional<LetterCandidate> suppressed(const StoredPost& stored, const Rules& rules) {
  const Assessment found = rules.classifier->assess(stored.post);
  if (found.complaint < kAboutUs || found.about == About::rival) return std::nullopt;
  return LetterCandidate{fmt::format("post/{}", stored.seq), LetterFate::suppressed,
                         std::string{to_word(stored.post.channel)}, score_band(found.complaint),
                         std::string{to_word(Urgency::ignore)}};
}

/// What came in during the period, each case once.
struct Came {
  std::set<std::string> cases;
  std::vector<std::pair<std::uint64_t, StoredPost>> others;  ///< with their lots
};

Came look_through(StoreWriter& writer, const LetterLot& lot) {
  Came out;
  std::int64_t seen = 0;
  if (const auto kept = writer.meta(kSeen)) seen = std::strtoll(kept->c_str(), nullptr, 10);
  for (bool more = true; more;) {
    std::vector<StoredPost> some = writer.posts_after(seen, kAtOnce);
    more = some.size() == kAtOnce;
    for (StoredPost& it : some) {
      if (it.seen_at >= lot.to) {
        more = false;
        break;
      }
      seen = it.seq;
      if (it.seen_at < lot.from || it.post.deleted || it.post.automatic != Automatic::none)
        continue;
      if (!it.case_id.empty())
        out.cases.insert(it.case_id);
      else
        out.others.emplace_back(hash64(fmt::format("{}/{}", lot.seed, it.seq)), std::move(it));
    }
    if (out.others.size() > 2 * kMostSuppressed) {
      std::ranges::sort(out.others, {}, [](const auto& one) { return one.first; });
      out.others.resize(kMostSuppressed);
    }
  }
  writer.put_meta(kSeen, std::to_string(seen));
  return out;
}

void fill_pool(StoreWriter& writer, const Rules& rules, LetterLot& lot) {
  Came came = look_through(writer, lot);
  for (const std::string& id : came.cases) {
    const auto record = writer.case_by_id(id);
    auto candidate = record ? candidate_of(load_case(*record)) : std::nullopt;
    if (candidate) lot.pool.push_back(std::move(*candidate));
  }
  std::ranges::sort(came.others, {}, [](const auto& one) { return one.first; });
  if (came.others.size() > kMostSuppressed) came.others.resize(kMostSuppressed);
  for (const auto& [chance, post] : came.others) {
    if (auto candidate = suppressed(post, rules)) lot.pool.push_back(std::move(*candidate));
  }
  std::ranges::sort(lot.pool, {}, &LetterCandidate::id);
}

/// Whoever of the reader reads: a schedule's person on call now, else the name itself.
std::string person_of(const std::string& reader, StoreReader& store, const Rules& rules,
                      Instant now) {
  if (!reader.starts_with(kSchedule)) return reader;
  const auto schedule = rules.schedules.find(reader.substr(kSchedule.size()));
  if (schedule == rules.schedules.end()) return {};
  const auto people = people_on_call(merged(*schedule->second, read_live(store)), now);
  return people.empty() ? std::string{} : people.front();
}

/// Their words and where they stand, as the store has them.
std::string words_of(StoreReader& store, const LetterCandidate& item) {
  if (item.id.starts_with("post/")) {
    const auto stored = store.post(std::strtoll(item.id.c_str() + 5, nullptr, 10));
    if (!stored) return {};
    return fmt::format("{}\n{}\n{}", stored->post.author.handle, cut_utf8(stored->post.text, 1600),
                       stored->post.url);
  }
  const auto record = store.case_by_id(item.id);
  if (!record) return {};
  const Case it = load_case(*record);
  return fmt::format("{} (case {}, {})\n{}\n{}",
                     it.customer_handle.empty() ? it.customer_name : it.customer_handle, it.number,
                     to_word(it.state), it.excerpt, it.url);
}

void remember(StoreWriter& writer, const LetterTask& it, Instant now, const std::string& who) {
  Record record = writer.record(kLetter, it.id).value_or(Record{});
  record.kind = kLetter;
  record.id = it.id;
  record.parent = it.lot;
  record.owner = it.to;
  record.state = to_word(it.state);
  record.due = it.owed() ? std::optional{it.due} : std::nullopt;
  const bool fresh = record.version == 0;
  if (fresh) record.created_at = now;
  record.updated_at = now;
  record.body = to_json(it);
  writer.put_record(record);
  if (it.state == LetterState::due)
    writer.arm({timer_of(it.id), "", std::string{kLetter}, it.due, "{}"});
  else
    writer.disarm(timer_of(it.id));
  writer.append_ledger({0, now, who,
                        fresh ? "letter_drawn" : fmt::format("letter_{}", record.state),
                        it.item.id.starts_with("post/") ? "" : it.item.id, record.body, ""});
}

void hand_out(StoreWriter& writer, Effects& effects, LetterTask it, const std::string& who) {
  const Instant now = effects.chance().now;
  it.id =
      "l" +
      hash128_hex(fmt::format("{}/{}/{}/{}", it.seed, it.reader, it.lot, it.place)).substr(0, 8);
  if (writer.record(kLetter, it.id)) return;
  remember(writer, it, now, who);
  Letter letter;
  letter.person = it.to;
  letter.headline = "A letter, picked by lot";
  letter.text = fmt::format(
      "{}\n\nIt is {}, of the lot {}, seed {}. Ring or answer its writer yourself until {}, then "
      "write down what came of it and what you learnt: earshot letter done {} …",
      words_of(writer, it.item), it.item.stratum(), it.lot, it.seed, to_rfc3339(it.due), it.id);
  letter.key = it.id;
  letter.thread = "letter-" + it.id;
  effects.send_letter(letter);
}

LetterTask task_of(const LetterLot& lot, const LetterReader& reader, const std::string& to,
                   const LetterCandidate& item, std::size_t place, Instant now, Duration due) {
  LetterTask it;
  it.lot = lot.period;
  it.seed = lot.seed;
  it.reader = reader.to;
  it.to = to;
  it.place = static_cast<int>(place);
  it.item = item;
  it.drawn_at = now;
  it.due = now + due;
  return it;
}

void keep_lot(StoreWriter& writer, const LetterLot& lot, Instant now) {
  Record record;
  record.kind = kLetterLot;
  record.id = lot.period;
  record.state = "drawn";
  record.created_at = record.updated_at = now;
  record.body = to_json(lot);
  writer.put_record(record);
  JsonWriter data;
  data.object();
  data.field("period", lot.period);
  data.field("seed", lot.seed);
  data.field("pool", static_cast<std::uint64_t>(lot.pool.size()));
  data.field("digest", to_hex(sha256(record.body)));
  data.end();
  writer.append_ledger({0, now, "tick", "letters_lot", "", data.take(), ""});
}

std::optional<LetterTask> load(StoreReader& reader, std::string_view id) {
  const auto record = reader.record(kLetter, id);
  if (!record) return std::nullopt;
  Result<LetterTask> read = letter_from_json(record->body);
  if (!read) throw StoreError("letter " + record->id + " cannot be read: " + read.error().message);
  return std::move(*read);
}

/// Letters that this reader had of this lot, and those of them that were given back.
std::pair<std::size_t, int> had(StoreReader& store, const LetterTask& of) {
  RecordQuery query;
  query.kind = kLetter;
  query.parent = of.lot;
  std::pair<std::size_t, int> out{0, 0};
  for (const Record& record : store.records(query)) {
    const auto it = letter_from_json(record.body);
    if (!it || it->reader != of.reader) continue;
    out.first = std::max(out.first, static_cast<std::size_t>(it->place) + 1);
    out.second += it->state == LetterState::swapped ? 1 : 0;
  }
  return out;
}

}  // namespace

void arm_letters(StoreWriter& writer, const Rules& rules, Instant now) {
  const LetterPolicy& policy = rules.config->letters;
  const std::string timer{kDraw};
  if (policy.readers.empty()) return writer.disarm(timer);
  writer.arm({timer, "", timer, letter_period(now, policy).to, "{}"});
}

void draw_period(StoreWriter& writer, const Rules& rules, Effects& effects,
                 const TimerRecord& timer, Instant now) {
  const LetterPolicy& policy = rules.config->letters;
  arm_letters(writer, rules, std::max(now, timer.due));
  if (policy.readers.empty()) return;
  const LetterSpan span = letter_period(timer.due - Duration{1}, policy);
  if (writer.record(kLetterLot, span.name)) return;  // a reload moved the period: drawn already
  LetterLot lot;
  lot.period = span.name;
  lot.from = span.from;
  lot.to = span.to;
  lot.seed =
      hash128_hex(fmt::format("{}/{}", effects.chance().seed, to_unix_ms(now))).substr(0, 16);
  lot.strata = policy.strata;
  lot.readers = policy.readers;
  fill_pool(writer, rules, lot);
  keep_lot(writer, lot, now);
  for (const LetterReader& reader : policy.readers) {
    const std::string to = person_of(reader.to, writer, rules, now);
    if (to.empty()) {
      effects.tell_ops("Nobody reads the letters of " + reader.to, "Nobody is on call there now.",
                       "letters/" + lot.period + "/" + reader.to);
      continue;
    }
    const auto drawn = draw_letters(lot.pool, lot.strata, lot.seed, reader.to, lot.period,
                                    static_cast<std::size_t>(reader.count));
    for (std::size_t place = 0; place < drawn.size(); ++place)
      hand_out(writer, effects, task_of(lot, reader, to, drawn[place], place, now, policy.due),
               "tick");
  }
}

void letter_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                      const TimerRecord& timer, Instant now) {
  auto it = load(writer, timer.id.substr(kLetter.size() + 1));
  if (!it || it->state != LetterState::due) return;
  it->state = LetterState::late;
  remember(writer, *it, now, "tick");
  Letter letter;
  letter.person = it->to;
  letter.headline = "Reminder: a letter, picked by lot";
  letter.text = fmt::format("It was due {}. Its writer still waits.\n\n{}", to_rfc3339(it->due),
                            words_of(writer, it->item));
  letter.key = it->id + "/late";
  letter.thread = "letter-" + it->id;
  effects.send_letter(letter);
  for (const std::string& hand : parties_of (*rules.config)(it->to).hands)
    effects.tell(hand, fmt::format("A letter to {} is late", it->to), letter.text,
                 letter.key + "/" + hand);
}

DeskAnswer change_letter(StoreWriter& writer, const Rules& rules, Effects& effects,
                         const DeskCommand& command) {
  const auto id = command.args.find("id");
  const auto before = id == command.args.end() ? std::nullopt : load(writer, id->second);
  if (!before) {
    DeskAnswer none = rota_refusal("no_letter", "There is no such letter.");
    none.found = false;
    return none;
  }
  const Instant now = effects.chance().now;
  const LetterPolicy& policy = rules.config->letters;
  const auto [places, swapped] = had(writer, *before);
  const LetterAnswer done =
      apply_letter(*before, {command.what, command.who, command.args, command.manager},
                   policy.swaps - swapped, now, parties_of(*rules.config));
  if (done.refusal)
    return rota_refusal(done.refusal->code, done.refusal->text, done.refusal->field);
  remember(writer, done.after, now, command.who);
  if (done.after.state == LetterState::swapped) {
    const auto record = writer.record(kLetterLot, before->lot);
    const auto lot = record ? lot_from_json(record->body) : permanent("gone");
    if (lot) {
      const auto drawn =
          draw_letters(lot->pool, lot->strata, lot->seed, before->reader, lot->period, places + 1);
      if (drawn.size() > places)
        hand_out(
            writer, effects,
            task_of(*lot, {before->reader, 1}, before->to, drawn.back(), places, now, policy.due),
            command.who);
    }
  }
  DeskAnswer out;
  out.done = true;
  out.body = to_json(done.after);
  return out;
}

}  // namespace earshot
