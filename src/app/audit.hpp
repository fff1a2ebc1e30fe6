#pragma once

/// The auditor: every minute, is every open urgent case acknowledged, or has it a next step that is
/// not overdue (P24)? It looks at what is stored, not at what the tick believes, and names what it
/// finds. The judgement is pure; audit() reads what it needs in one reading.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "earshot/app/rules.hpp"
#include "earshot/cases/case.hpp"
#include "earshot/core/words.hpp"
#include "earshot/store/ballast.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// chain_ended: all steps were taken and nobody has it. step_missing: no next step is set.
/// step_overdue: it should have been taken. timer_missing: nothing would take it. nobody_told: its
/// steps name nobody. no_policy: its escalation is gone. page_stuck: a page waits past its time.
/// page_hangs: an attempt never came back. all_dead: no way of the last step works. decay_missing,
/// decay_overdue: an acknowledgement that would last for ever. owner_missing: acknowledged by
/// nobody. owner_gone: the owner is not in the configuration. snooze_overdue: a snooze that does
/// not end. storm_left: grouped in a storm for which no case stands. timer_overdue: another timer
/// does not fire. tick_late: the clockwork stands. poll_late: a source is not read in time.
/// receiver_dead: a receiver answers nothing. disk_full: nothing is taken in until there is room.
/// no_reader: what strangers send cannot be read. backup_late: no backup succeeds.
EARSHOT_ENUM(FindingKind, chain_ended, step_missing, step_overdue, timer_missing, nobody_told,
             no_policy, page_stuck, page_hangs, all_dead, decay_missing, decay_overdue,
             owner_missing, owner_gone, storm_left, timer_overdue, tick_late, poll_late,
             receiver_dead, disk_full, no_reader, backup_late);

struct Finding {
  FindingKind kind = FindingKind::step_missing;
  std::string subject;  ///< case id, receiver, source or timer
  std::string text;     ///< a sentence
};

/// What is stored of one case.
struct CaseFile {
  Case it;
  std::vector<TimerRecord> timers;
  std::vector<OutboxRow> pages;  ///< of its last step, waiting or on their way
  bool led = false;              ///< grouped: another case stands for it and is told
};

/// Does the heartbeat wait for it? A stale owner, a full queue of notices or a want of backups is
/// told, but somebody has the case.
bool is_grave(FindingKind kind);

/// Pure; of a disk that is full.
Finding disk_finding(const DiskRoom& room);

class Effects;
/// Tells the operators of what is grave: one message an hour and subject, at most `kMostTold` of
/// them.
inline constexpr std::size_t kMostTold = 20;
void tell_findings(Effects& effects, const std::vector<Finding>& found, Instant now);

inline constexpr Duration kOverdue = seconds{60};
inline constexpr Duration kHangs = minutes{2};  ///< an attempt takes 15 s at most

/// Pure. Cases that are not urgent, or have ended, are nobody's matter here.
std::vector<Finding> audit_case(const CaseFile& file, const Rules& rules, Instant now);

/// What the shell knows besides the store.
struct Pulse {
  std::optional<Instant> last_tick{};
  struct SourceBeat {
    std::string name;
    std::optional<Instant> next_poll{};
    Duration every{};
  };
  std::vector<SourceBeat> sources;
  DiskRoom room{};
  struct BackupBeat {
    Duration age{};  ///< of the newest one, or since they are wanted
    Duration every{};
    std::string why{};  ///< the last one failed
  };
  std::optional<BackupBeat> backup{};  ///< none: none are wanted
  bool reader = true;                  ///< the process that reads what strangers send can be begun
};

/// Cases as they were read in the last round: what is stored of most has not changed by a byte
/// since.
class AuditMemo {
 public:
  /// Valid until the next call.
  const Case& read(const CaseRecord& record);

 private:
  struct Entry {
    std::string body;
    Case it;
  };
  std::unordered_map<std::string, Entry> read_;
};

/// One page of the open urgent cases; returns where the next begins, "" at the end. Short, so that
/// nobody who reads waits for the auditor.
std::string audit_page(StoreReader& reader, const Rules& rules, const std::string& after,
                       Instant now, std::vector<Finding>& out, AuditMemo& memo);
/// What is no case's: the clockwork, sources, timers, receivers.
void audit_house(StoreReader& reader, const Rules& rules, const Pulse& pulse, Instant now,
                 std::vector<Finding>& out);
/// Everything, in one reading.
std::vector<Finding> audit(StoreReader& reader, const Rules& rules, const Pulse& pulse,
                           Instant now);

}  // namespace earshot
