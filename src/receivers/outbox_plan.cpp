#include "outbox_plan.hpp"
#include "earshot/core/planted.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace earshot {
namespace {

constexpr std::size_t kFew = 8;  ///< due rows that are looked at to know for whom they are
constexpr std::size_t kStrays = 128;
constexpr std::size_t kHeldAtOnce = 64;
constexpr Duration kStrayPause = minutes{5};   // for a receiver that is not there
constexpr Duration kBlindPause = seconds{30};  // before a repeat that the other side cannot drop
constexpr Duration kThreadPause = seconds{2};
constexpr Duration kLongestThreadWait = minutes{2};
constexpr Duration kBehindPause = milliseconds{200};

std::string moved_key(const std::string& receiver) {
  return "moved/" + receiver;
}

void store_end(
    StoreWriter& writer, AfterAttempt& after, const Delivery& delivery,
    const std::function<void(StoreWriter&, const OutboxRow&, const std::string&)>& trouble) {
  // Acknowledged while it flew: what has been sent was sent, but nothing follows.
  if (after.row.state != OutboxState::ok &&
      writer.outbox_state(after.row.id) == OutboxState::cancelled)
    after.row.state = OutboxState::cancelled;
  writer.update_outbox(after.row);
  if (!delivery.moved_to.empty()) writer.put_meta(moved_key(after.row.receiver), delivery.moved_to);
  if (after.trouble && after.row.state != OutboxState::cancelled)
    trouble(writer, after.row, delivery.detail);
}

/// The provider's id of our last page or notice of this case through this receiver. `wait`: that
/// message is on its way, and the update would come before it.
std::string thread_of(StoreWriter& writer, const OutboxRow& update, bool& wait) {
  std::string thread;
  for (const OutboxRow& it : writer.outbox_to(update.case_id, update.receiver)) {
    const bool before =
        it.target == update.target && it.id < update.id && !it.key.starts_with(kUpdatePrefix);
    if (!before) continue;
    // An id is one word; "HTTP 200" is none.
    const bool id = !it.result.empty() && it.result.find(' ') == std::string::npos;
    if (it.state == OutboxState::ok && id) thread = it.result;
    wait =
        it.state == OutboxState::started || (it.state == OutboxState::uncertain && it.attempts > 0);
  }
  return thread;
}

/// Whether an older message of this case is on its way to this receiver.
bool overtakes(StoreWriter& writer, const OutboxRow& row) {
  return std::ranges::any_of(writer.outbox_to(row.case_id, row.receiver), [&](const OutboxRow& it) {
    return it.id < row.id && it.state == OutboxState::started;
  });
}

/// False where the row has to wait for the message it follows.
bool prepare(StoreWriter& writer, OutboxRow& row, bool moves, Instant now) {
  if (moves) row.moved_to = writer.meta(moved_key(row.receiver)).value_or("");
  if (row.key.starts_with(kAlertPrefix) && overtakes(writer, row)) {
    row.not_before = now + kBehindPause;
    writer.update_outbox(row);
    return false;
  }
  if (!row.key.starts_with(kUpdatePrefix) || row.case_id.empty()) return true;
  bool wait = false;
  row.thread = thread_of(writer, row, wait);
  if (!row.thread.empty() || !wait || now - row.created_at > kLongestThreadWait) return true;
  row.not_before = now + kThreadPause;
  writer.update_outbox(row);
  return false;
}

/// Somebody took the case while this page flew, and it did not arrive: nothing follows (P7).
bool end_taken(StoreWriter& writer, OutboxRow& row, Instant now,
               const std::function<bool(StoreWriter&, const OutboxRow&)>& taken) {
  if (planted<25>) return false;
  if (row.lane != Lane::page || row.attempts == 0 || !taken || !taken(writer, row)) return false;
  row.state = OutboxState::cancelled;
  row.ended_at = now;
  row.result = "somebody has the case";
  writer.update_outbox(row);
  return true;
}

/// Its customer was erased while it flew, and it did not arrive: what is left says nothing.
bool end_erased(StoreWriter& writer, OutboxRow& row, Instant now) {
  if (row.attempts == 0 || !row.body.empty()) return false;
  row.state = OutboxState::cancelled;
  row.ended_at = now;
  row.result = "the customer was erased";
  writer.update_outbox(row);
  return true;
}

/// False where the row is not to be sent now: a repeat that the other side cannot drop waits, and
/// there is one of it only.
bool may_repeat(StoreWriter& writer, OutboxRow& row, bool honours, Instant now,
                const Outbox::Hooks::Trouble& trouble) {
  if (honours || row.state != OutboxState::uncertain || !row.started_at) return true;
  if (row.possible_repeats > 1) {
    row.state = OutboxState::dead;
    row.ended_at = now;
    row.result = "it may have arrived: two attempts ended without an answer";
    writer.update_outbox(row);
    trouble(writer, row, row.result);
    return false;
  }
  if (now >= *row.started_at + kBlindPause) return true;
  row.not_before = *row.started_at + kBlindPause;
  writer.update_outbox(row);
  return false;
}

}  // namespace

void Outbox::hold(Plan& plan, StoreWriter& writer, OutboxRow row, Instant until,
                  const std::string& why) {
  row.not_before = until;
  row.result = why;
  writer.update_outbox(row);
  if (plan.troubled.contains(row.id)) return;
  plan.held.push_back(row.id);
  plan.trouble(writer, row, why);
}

/// Marks what this receiver may begin in this lane as started.
void Outbox::claim(Plan& plan, StoreWriter& writer, const std::string& name, const Slot& slot,
                   Lane lane) {
  const bool page = lane == Lane::page;
  int& begun = plan.begun[name];
  if (slot.allowed == 0 && slot.room > 0) {
    for (OutboxRow& row : writer.due_outbox_of(name, lane, plan.now, kHeldAtOnce))
      hold(plan, writer, std::move(row), slot.next_probe,
           "the receiver has failed five times in a row");
  }
  const int total = page ? plan.left : std::min(plan.left, plan.left_for_notices);
  const int rated = (page ? slot.pages : slot.notices) - begun;
  const int able = std::min(std::min(slot.room, slot.allowed) - begun, total);
  const int most = std::min(able, rated);
  if (most <= 0) {
    if (able > 0 && !writer.due_outbox_of(name, lane, plan.now, 1).empty())
      plan.short_of.emplace_back(name, lane);
    return;
  }
  for (OutboxRow& row :
       writer.due_outbox_of(name, lane, plan.now, static_cast<std::size_t>(most))) {
    if (end_taken(writer, row, plan.now, plan.taken) || end_erased(writer, row, plan.now)) continue;
    if (!may_repeat(writer, row, slot.honours, plan.now, plan.trouble)) continue;
    if (!prepare(writer, row, slot.moves, plan.now)) continue;
    row.state = OutboxState::started;
    row.started_at = plan.now;
    ++row.attempts;
    if (!planted<6>) writer.update_outbox(row);
    ++begun;
    --plan.left;
    if (!page) --plan.left_for_notices;
    plan.started.push_back(std::move(row));
  }
  if (rated < able && !writer.due_outbox_of(name, lane, plan.now, 1).empty())
    plan.short_of.emplace_back(name, lane);
}

void Outbox::carry_out(Plan& plan, StoreWriter& writer) {
  plan.started.clear();
  plan.held.clear();
  plan.begun.clear();
  plan.short_of.clear();
  plan.left = plan.room;
  plan.left_for_notices = plan.room_for_notices;
  for (Ended& it : plan.ended) store_end(writer, it.after, it.delivery, plan.trouble);
  // Where little is due it is known for whom, and nobody else is asked.
  const std::vector<OutboxRow> first = writer.due_outbox(plan.now, kFew);
  const auto may_wait_for = [&](const std::string& name, Lane lane) {
    return first.size() == kFew || std::ranges::any_of(first, [&](const OutboxRow& row) {
             return row.receiver == name && row.lane == lane;
           });
  };
  for (const Lane lane : {Lane::page, Lane::notice}) {
    for (const auto& [name, slot] : plan.slots) {
      if (may_wait_for(name, lane)) claim(plan, writer, name, slot, lane);
    }
  }
  if (!plan.strays) return;
  for (OutboxRow& row : writer.due_outbox(plan.now, kStrays)) {
    if (plan.slots.contains(row.receiver)) continue;
    const auto gone = plan.missing.find(row.receiver);
    hold(plan, writer, row, plan.now + kStrayPause,
         gone == plan.missing.end() ? "no receiver has this name" : gone->second);
  }
}

}  // namespace earshot
