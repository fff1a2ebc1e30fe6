#include "audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "earshot/core/rare.hpp"
#include "earshot/store/backups.hpp"
#include "effects.hpp"
#include "storms.hpp"

namespace earshot {
namespace {

constexpr std::size_t kAuditPage = 50;       // the reader serves others between two pages
constexpr std::size_t kMostFindings = 1000;  // more say nothing new

std::string minutes_text(Duration span) {
  return fmt::format("{} min",
                     std::max<std::int64_t>(1, std::chrono::duration_cast<minutes>(span).count()));
}

struct Notes {
  std::vector<Finding> out;
  const Case& it;
  void add(FindingKind kind, std::string text) {
    out.push_back({kind, it.id, fmt::format("Case {}: {}", it.number, text)});
  }
};

const TimerRecord* timer_of(const CaseFile& file, std::string_view kind) {
  const auto found = std::ranges::find(file.timers, kind, &TimerRecord::kind);
  return found == file.timers.end() ? nullptr : &*found;
}

void audit_ladder(const CaseFile& file, const Rules& rules, Instant now, Notes& notes) {
  const Case& it = file.it;
  const EscalationPolicy* policy = rules.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty())
    return notes.add(
        FindingKind::no_policy,
        fmt::format("its escalation \"{}\" is not there; nobody is told.", it.escalation));
  if (const TimerRecord* quiet = timer_of(file, kQuiet)) {  // withheld, and the ledger says why
    if (quiet->due + kOverdue < now)
      notes.add(FindingKind::step_overdue, "nobody has looked whether it may be told again.");
    return;
  }
  if (it.step < 0) return notes.add(FindingKind::step_missing, "no step has been taken.");
  if (it.told.empty())
    notes.add(FindingKind::nobody_told, fmt::format("step {} told nobody.", it.step + 1));
  const TimerRecord* timer = timer_of(file, kEscalate);
  if (!it.next_step_at) {
    if (next_step(*policy, it.step, it.round, now))
      return notes.add(FindingKind::step_missing, "a further step exists and none is set.");
    return notes.add(FindingKind::chain_ended, "all steps were taken and nobody has it.");
  }
  if (*it.next_step_at + kOverdue < now)
    return notes.add(FindingKind::step_overdue, fmt::format("its next step is late by {}.",
                                                            minutes_text(now - *it.next_step_at)));
  if (timer == nullptr)
    notes.add(FindingKind::timer_missing, "nothing would take its next step.");
  else if (timer->due > *it.next_step_at + kOverdue)
    notes.add(FindingKind::step_overdue, "its timer is set later than its next step.");
}

void audit_pages(const CaseFile& file, Instant now, Notes& notes) {
  std::size_t live = 0;
  std::size_t dead = 0;
  for (const OutboxRow& row : file.pages) {
    if (row.step == file.it.step) {
      live += row.state != OutboxState::dead && row.state != OutboxState::cancelled ? 1U : 0U;
      dead += row.state == OutboxState::dead ? 1U : 0U;
    }
    const std::string whom = row.person.empty() ? row.receiver : row.person + " by " + row.receiver;
    const bool waits = row.state == OutboxState::pending || row.state == OutboxState::uncertain;
    if (waits && row.not_before + kOverdue < now)
      notes.add(FindingKind::page_stuck, fmt::format("the page to {} waits past its time.", whom));
    if (row.state == OutboxState::started && row.started_at && *row.started_at + kHangs < now)
      notes.add(FindingKind::page_hangs, fmt::format("the attempt to page {} never ended.", whom));
  }
  if (dead > 0 && live == 0)
    notes.add(FindingKind::all_dead, "no way of its last step could be reached.");
}

void audit_owned(const CaseFile& file, const Rules& rules, Instant now, Notes& notes) {
  const Case& it = file.it;
  if (it.owner.empty()) return notes.add(FindingKind::owner_missing, "acknowledged by nobody.");
  // An owner may be a token's label (an operator at a terminal): only people can go missing.
  if (!rules.people.empty() && rules.person(it.owner) == nullptr)
    notes.add(FindingKind::owner_gone, fmt::format("its owner {} is not known here.", it.owner));
  if (it.state != CaseState::acknowledged) return;
  const TimerRecord* timer = timer_of(file, kDecay);
  if (!it.decays_at || timer == nullptr)
    return notes.add(FindingKind::decay_missing, "its acknowledgement would last for ever.");
  if (*it.decays_at + kOverdue < now || timer->due > *it.decays_at + kOverdue)
    notes.add(FindingKind::decay_overdue, "its acknowledgement should have ended.");
}

bool stands(StoreReader& reader, const std::string& id, std::map<std::string, bool>& known) {
  const auto before = known.find(id);
  if (before != known.end()) return before->second;
  const auto storm = load_storm(reader, id);
  return known[id] = storm && is_led(reader, *storm);
}

void audit_timers(StoreReader& reader, Instant now, std::vector<Finding>& out) {
  for (const TimerRecord& timer : reader.due_timers(now - kOverdue, 100)) {
    if (timer.kind == kEscalate || timer.kind == kDecay) continue;  // told with their case
    out.push_back(
        {FindingKind::timer_overdue, timer.id,
         fmt::format("The timer {} is late by {}.", timer.id, minutes_text(now - timer.due))});
  }
}

void audit_receivers(StoreReader& reader, const Rules& rules, Instant now,
                     std::vector<Finding>& out) {
  for (const auto& depth : reader.outbox_depths()) {
    if (rules.receiver(depth.receiver) == nullptr)
      out.push_back({FindingKind::receiver_dead, depth.receiver,
                     fmt::format("{} messages wait for the receiver {}, which is not configured.",
                                 depth.depth, depth.receiver)});
    else if (depth.lane == Lane::notice && depth.oldest && *depth.oldest + hours{1} < now)
      out.push_back({FindingKind::receiver_dead, depth.receiver,
                     fmt::format("{} notices wait for {}, the oldest for {}.", depth.depth,
                                 depth.receiver, minutes_text(now - *depth.oldest))});
  }
}

void audit_backup(const Pulse::BackupBeat& it, std::vector<Finding>& out) {
  if (!backup_is_late(it.age, it.every)) return;
  out.push_back(
      {FindingKind::backup_late, "backup",
       fmt::format("There is no backup of the last {}; one every {} is wanted{}{}",
                   minutes_text(it.age), to_text(it.every), it.why.empty() ? "." : ": ", it.why)});
}

void audit_pulse(const Pulse& pulse, Instant now, std::vector<Finding>& out) {
  if (pulse.room.tight) out.push_back(disk_finding(pulse.room));
  if (!pulse.reader)
    out.push_back({FindingKind::no_reader, "reader",
                   "The process that reads what strangers send cannot be begun: no source is read. "
                   "The log says why; `--reader inside` does without it."});
  if (pulse.backup) audit_backup(*pulse.backup, out);
  if (pulse.last_tick && *pulse.last_tick + kOverdue < now)
    out.push_back({FindingKind::tick_late, "tick",
                   fmt::format("Nothing has fallen due for {}: the clockwork stands.",
                               minutes_text(now - *pulse.last_tick))});
  for (const Pulse::SourceBeat& it : pulse.sources) {
    // A poll itself may take its time; twice its own interval on top is too long.
    if (it.next_poll && *it.next_poll + 2 * it.every + kOverdue < now)
      out.push_back({FindingKind::poll_late, it.name,
                     fmt::format("The source {} should have been read {} ago.", it.name,
                                 minutes_text(now - *it.next_poll))});
  }
}

}  // namespace

bool is_grave(FindingKind kind) {
  return kind != FindingKind::owner_gone && kind != FindingKind::receiver_dead &&
         kind != FindingKind::backup_late;
}

Finding disk_finding(const DiskRoom& room) {
  return {FindingKind::disk_full, "disk",
          fmt::format("The disk of the database has {} MiB left: no source is read until there is "
                      "room. Pages and acknowledgements go on.",
                      room.free / kMiB)};
}

void tell_findings(Effects& effects, const std::vector<Finding>& found, Instant now) {
  const std::string hour = to_rfc3339(now).substr(0, 13);
  std::size_t told = 0;
  for (const Finding& it : found) {
    if (told++ == kMostTold) break;
    effects.tell_ops("Earshot's auditor: " + std::string{to_word(it.kind)}, it.text,
                     fmt::format("audit/{}/{}/{}", to_word(it.kind), it.subject, hour));
  }
}

std::vector<Finding> audit_case(const CaseFile& file, const Rules& rules, Instant now) {
  const Case& it = file.it;
  Notes notes{{}, it};
  if (it.urgency != Urgency::page || it.ended()) return {};
  if (it.state == CaseState::open && it.grouped) {
    if (!file.led)
      notes.add(FindingKind::storm_left, "it is grouped in a storm for which no case stands.");
  } else if (it.state == CaseState::open) {
    audit_ladder(file, rules, now, notes);
    audit_pages(file, now, notes);
  } else {
    audit_owned(file, rules, now, notes);
  }
  return std::move(notes.out);
}

const Case& AuditMemo::read(const CaseRecord& record) {
  constexpr std::size_t kMost = 2000;  // some 10 MiB
  if (const auto known = read_.find(record.id); known != read_.end() &&
                                                known->second.body == record.body &&
                                                known->second.it.version == record.version)
    return known->second.it;
  if (read_.size() >= kMost || rare("audit.forgets")) read_.clear();
  return read_.insert_or_assign(record.id, Entry{record.body, load_case(record)}).first->second.it;
}

std::string audit_page(StoreReader& reader, const Rules& rules, const std::string& after,
                       Instant now, std::vector<Finding>& out, AuditMemo& memo) {
  CaseQuery query;
  query.urgency = to_word(Urgency::page);
  query.now = now;
  query.limit = rare("audit.small_page") ? 3 : kAuditPage;
  query.counted = false;
  query.after = after;
  const CasePage page = reader.cases(query);
  std::map<std::string, bool> led;  // by storm: thousands of cases may be of one
  for (const CaseRecord& record : page.items) {
    CaseFile file{memo.read(record), {}, {}};
    const bool timed = file.it.state == CaseState::open || file.it.state == CaseState::acknowledged;
    if (timed && !file.it.grouped) file.timers = reader.timers_of(record.id);
    if (file.it.grouped) file.led = stands(reader, file.it.storm, led);
    if (file.it.state == CaseState::open && !file.it.grouped)
      file.pages = reader.live_pages_of(record.id, file.it.step);
    for (Finding& finding : audit_case(file, rules, now)) out.push_back(std::move(finding));
  }
  return out.size() < kMostFindings ? page.next : std::string{};
}

void audit_house(StoreReader& reader, const Rules& rules, const Pulse& pulse, Instant now,
                 std::vector<Finding>& out) {
  audit_pulse(pulse, now, out);
  audit_timers(reader, now, out);
  audit_receivers(reader, rules, now, out);
}

std::vector<Finding> audit(StoreReader& reader, const Rules& rules, const Pulse& pulse,
                           Instant now) {
  std::vector<Finding> out;
  audit_house(reader, rules, pulse, now, out);
  AuditMemo memo;
  std::string after;
  do {
    after = audit_page(reader, rules, after, now, out, memo);
  } while (!after.empty());
  return out;
}

}  // namespace earshot
