#include "tick.hpp"

#include "deadlines.hpp"
#include "digest.hpp"
#include "drafts.hpp"
#include "earshot/cases/escalation.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/rare.hpp"
#include "earshot/runtime/clock.hpp"
#include "effects.hpp"
#include "follow.hpp"
#include "letters.hpp"
#include "question.hpp"
#include "quiet.hpp"
#include "retention.hpp"
#include "rota.hpp"
#include "storms.hpp"

namespace earshot {
namespace {

constexpr std::size_t kAtOnce = 200;  // timers in one transaction

void escalate(StoreWriter& writer, const Rules& rules, Effects& effects, const TimerRecord& timer,
              Instant now) {
  const auto record = writer.case_by_id(timer.case_id);
  if (!record || record->ended) return;
  Case it = load_case(*record);
  const EscalationPolicy* policy = rules.escalation(it.escalation);
  if ((!it.climbs() && !planted<14>) || policy == nullptr) return;
  const auto next = next_step(*policy, it.step, it.round, timer.due);
  if (!next) return;
  const StepAt due{next->step, next->round, timer.due};
  const StepAt current = current_step(*policy, due, now);
  if (planted<22> && due.step != current.step) it = effects.take_step(std::move(it), due);
  effects.take_step(std::move(it), current);
}

void decay(StoreWriter& writer, const Rules& rules, Effects& effects, const TimerRecord& timer,
           Instant now) {
  const auto record = writer.case_by_id(timer.case_id);
  if (!record || record->ended) return;
  const Case before = load_case(*record);
  // The timer says that it is due; the wall clock may have been set back since.
  const Instant due = std::max(now, before.decays_at.value_or(now));
  Applied applied = apply(before, {Action::decay, "tick", {}}, due, rules.config->follow_through);
  Case after = fold_all(before, applied.events);
  if (applied.ok()) effects.commit(before, std::move(after), std::move(applied.events));
}

}  // namespace

Tick::Tick(Store& store, Clock& clock, Dice& dice,
           std::function<std::shared_ptr<const Rules>()> current, std::function<AckKey()> key)
    : store_(store),
      clock_(clock),
      dice_(dice),
      current_(std::move(current)),
      key_(std::move(key)) {}

Task<std::size_t> Tick::run_once() {
  const Instant now = clock_.now();
  missed_clocks_.clear();
  lateness_.clear();
  retained_.clear();
  const std::size_t most = rare("tick.few_at_once") ? 3 : kAtOnce;
  const std::uint64_t commits = planted<39> ? 0 : store_.commits();
  if (nothing_due_.holds(commits, now) && current_() == armed_) co_return 0;
  std::vector<TimerRecord> due;
  auto look = [&](StoreReader& reader) {
    due = reader.due_timers(now, most);
    if (due.empty()) nothing_due_.note(commits, reader.next_due());
  };
  co_await store_.read(look);
  const std::shared_ptr<const Rules> rules = current_();
  const bool new_rules = rules != armed_;
  if (due.empty() && !new_rules) co_return 0;
  const AckKey key = key_();
  const std::uint64_t seed = dice_.bits();
  std::vector<std::string> missed;
  std::vector<Duration> late;
  std::map<std::string, std::uint64_t> gone;
  auto fire = [&](StoreWriter& writer) {
    Effects effects{writer, *rules, key, Chance{now, seed}};
    // What was armed before a reload or a start is due first: it knows who was on call until then.
    if (new_rules && due.empty()) {
      arm_handoffs(writer, *rules, now);
      arm_reckoning(writer, *rules, now);
      arm_letters(writer, *rules, now);
      arm_digests(writer, *rules, now);
      arm_retention(writer, rules->config->retention, now);
    }
    const bool stale = planted<14> || planted<33>;
    for (const TimerRecord& timer :
         stale ? due : writer.due_timers(now, most)) {  // again: an ack may have disarmed one
      writer.disarm(timer.id);
      if (timer.kind == kEscalate) {
        escalate(writer, *rules, effects, timer, now);
        late.push_back(std::max(Duration{0}, now - timer.due));
      }
      if (timer.kind == kDecay) decay(writer, *rules, effects, timer, now);
      if (timer.kind == kHandoff) hand_off(writer, *rules, effects, timer, now);
      if (timer.kind == kGroup) effects.flush_group(timer);
      if (timer.kind == kRemind) effects.remind(timer);
      if (timer.kind == kUnowned) effects.climb_unowned(timer);
      if (timer.kind == kGive) effects.give_waiting(timer.id.substr(kGive.size() + 1));
      if (timer.kind == kQuestion) question_falls_due(writer, *rules, effects, timer, now);
      if (timer.kind == kAction) action_falls_due(writer, *rules, effects, timer, now);
      if (timer.kind == kDraw) draw_period(writer, *rules, effects, timer, now);
      if (timer.kind == kLetter) letter_falls_due(writer, *rules, effects, timer, now);
      if (timer.kind == kDraft) draft_falls_due(writer, *rules, effects, timer);
      if (timer.kind == kAlert) effects.refresh_alerts(timer);
      if (timer.kind == kStormTimer) cool_down(writer, *rules, effects, timer, now);
      if (timer.kind == kAgainTimer) effects.say_how_often(timer);
      if (timer.kind == kQuiet) effects.speak_again(timer);
      if (timer.kind == kSilenceEnd) end_silence(writer, timer, now);
      if (timer.kind == kBundle) effects.send_bundle(timer);
      if (timer.kind == kClock) effects.clock_due(timer);
      if (timer.kind == kDigest) digest_falls_due(writer, *rules, effects, timer, now);
      if (timer.kind == kRetention) retain(writer, rules->config->retention, now, gone);
      if (timer.kind == kReckon) reckon(writer, effects, timer, now);
    }
    missed = effects.missed_clocks();
  };
  const auto disarm = [&](StoreWriter& writer) {
    for (const TimerRecord& timer : due) writer.disarm(timer.id);
  };
  if (planted<33>) co_await store_.write(disarm);
  co_await store_.write(fire);
  missed_clocks_ = std::move(missed);  // counted once it is committed
  lateness_ = std::move(late);
  retained_ = std::move(gone);
  if (due.empty()) armed_ = rules;
  co_return due.size();
}

}  // namespace earshot
