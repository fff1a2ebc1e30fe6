#pragma once

/// Effects: what a change of a case sets off - pages, notices, timers - written in the transaction
/// that stores the change, so that a case without its outbox rows cannot exist (P4). The decisions
/// are the pure rooms'; this writes them down.

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/app/rules.hpp"
#include "earshot/cases/assignment.hpp"
#include "earshot/cases/escalation.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/config/updates.hpp"
#include "earshot/oncall/live.hpp"
#include "earshot/receivers/message.hpp"
#include "earshot/route/labels.hpp"
#include "earshot/route/silence.hpp"
#include "earshot/store/store.hpp"
#include "earshot/web/ack_link.hpp"
#include "earshot/web/backend.hpp"

namespace earshot {

/// What the shell lends to a transaction: its time and its dice.
struct Chance {
  Instant now{};
  std::uint64_t seed = 0;  ///< ids and nonces of this transaction are drawn from it
};

/// What is written to one person in a thread of its own (a question).
struct Letter {
  std::string person;   ///< id of a person or a principal
  std::string address;  ///< where it goes by mail; "" = the person's own
  std::string headline;
  std::string text;
  std::string html;      ///< the same as HTML, escaped already; "" = text alone
  std::string key;       ///< makes it one letter
  std::string thread;    ///< root of its Message-IDs: "question-q1a2b3c4d"
  std::string answers;   ///< Message-ID of the mail it answers; "" = none
  std::string reply_to;  ///< "" = the sender
  std::string tag;       ///< for the subject; "" = none
  std::string case_id;   ///< for the case's list of who was told; "" = none
  bool needed = true;    ///< nobody to write to is told to the operators
};

/// Why nothing is said of a case (quiet.cpp).
struct Quiet {
  std::string by;    ///< "silence/ID", "interval/NAME", "inhibition/KEY"
  std::string text;  ///< "silenced by jo: batch 17 is known"
  std::optional<Instant> until{};
};

/// What a group says now, and what it keeps back (groups.cpp).
struct GroupTelling {
  Message message;
  std::vector<std::string> told;
  std::vector<std::string> quiet;
  std::string marks;  ///< of those that are told although they are to be quiet
  bool urgent = false;
};

/// Kinds of timers.
inline constexpr std::string_view kEscalate = "escalate";
inline constexpr std::string_view kDecay = "decay";
inline constexpr std::string_view kGroup = "group";
inline constexpr std::string_view kRemind = "remind";
inline constexpr std::string_view kUnowned = "unowned";
inline constexpr std::string_view kGive = "give";
inline constexpr std::string_view kAlert = "alert";
inline constexpr std::string_view kStormTimer = "storm";
inline constexpr std::string_view kAgainTimer = "again";
inline constexpr std::string_view kQuiet = "quiet";
inline constexpr std::string_view kSilenceEnd = "silence_end";
inline constexpr std::string_view kBundle = "bundle";

/// The id of a case's one timer of this kind.
std::string case_timer(const Case& it, std::string_view kind);

struct Storm;

/// Whether the case of this page needs nobody any more: it is had by all who must, answered or
/// ended.
bool page_is_needless(StoreReader& reader, const OutboxRow& page);
/// The same of a page put together of several cases: each of them was taken, has ended, or is told
/// in a later one (bundles.cpp).
bool bundle_is_needless(StoreReader& reader, const OutboxRow& page);

class Effects {
 public:
  Effects(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance);

  /// Stores the case with its ledger entries and sets off what follows. `before` without an id: the
  /// case is new and is routed here. Returns the case as stored.
  Case commit(const Case& before, Case after, std::vector<Event> events);

  const AckKey& key() const { return key_; }
  const Chance& chance() const { return chance_; }
  /// The clocks whose deadlines were found passed in this transaction, one word each.
  const std::vector<std::string>& missed_clocks() const { return missed_clocks_; }
  /// Something was put into the outbox in this transaction.
  bool told() const { return told_; }

  /// Takes an escalation step: pages whom it names, arms the next one. Nobody there: climbs at
  /// once.
  Case take_step(Case it, StepAt step);
  /// Sends what a group has gathered, and arms it again where group_interval or repeat_interval say
  /// so.
  void flush_group(const TimerRecord& timer);
  /// Repeats the alerts of a case to the Alertmanagers that have them (alerts.cpp).
  void refresh_alerts(const TimerRecord& timer);
  /// Says something to one person about a case, by the ways of their queue; `about` makes it one
  /// message.
  void answer_person(const Case& it, const std::string& person, const std::string& text,
                     const std::string& about);
  /// Reminds the owner that an acknowledgement ends soon (kindness.cpp).
  void remind(const TimerRecord& timer);
  /// Nobody has had a queued case for too long: it climbs like a page (giving.cpp).
  void climb_unowned(const TimerRecord& timer);
  /// Cases of the team that wait for somebody go, oldest first, to who has room (giving.cpp).
  void give_waiting(const std::string& team);
  /// Says something about a storm to whoever has, or is told of, the case that stands for it, and
  /// to its rooms; `about` makes it one message (effects_storm.cpp).
  void tell_storm(const Storm& storm, const std::string& text, const std::string& about);
  /// The case that stands for a storm becomes as urgent as the loudest of it.
  void raise_lead(const Storm& storm, const Case& louder);
  /// A grouped case is told by itself again, within its storm.
  void ungroup(const Case& it, const std::string& reason);
  /// What came after the first "wrote again".
  void say_how_often(const TimerRecord& timer);
  /// What kept a case quiet may have ended (quiet.cpp).
  void speak_again(const TimerRecord& timer);
  /// Keeps the records of what a case keeps quiet while it is open.
  void mind_inhibitors(const Case& it);
  /// Sends the pages that were put together for one person (bundles.cpp).
  void send_bundle(const TimerRecord& timer);
  /// A clock of a case wants a word: it runs out soon, or has (deadlines.cpp).
  void clock_due(const TimerRecord& timer);
  /// Computes the deadlines of a case anew; `due`: what stands in its record.
  void reckon_anew(Case it, std::optional<Instant> due);
  /// A delivery failed: the person's next channel speaks now, and we tell on ourselves.
  void trouble(const OutboxRow& row, const std::string& why);
  /// A message about Earshot itself to the receivers of the root route; `key` makes it one message.
  void tell_ops(const std::string& headline, const std::string& text, const std::string& key);
  /// Tells a person something that belongs to no case, by their rules for the queue; `key` makes it
  /// one message.
  void tell(const std::string& person, const std::string& headline, const std::string& text,
            const std::string& key);
  /// The same by one way.
  void tell_by(const std::string& person, const struct Way& way, const std::string& headline,
               const std::string& text, const std::string& key);
  /// A letter to one person or principal, by mail where they have an address, so that a reply finds
  /// its thread; else by their ways for the queue (effects_letter.cpp).
  void send_letter(const Letter& letter);
  /// Opens the incident of a source that cannot be read; returns its case id. Ends it when the
  /// source is heard again.
  std::string open_blindness(const std::string& source, const std::string& why);
  void end_blindness(const std::string& case_id);
  /// Opens the incident of an item that cannot be read; `begin` shows how it begins.
  std::string open_unreadable(const std::string& source, const std::string& why,
                              const std::string& begin);
  /// Opens the incident of a digest whose counts do not agree (P28); returns its case id.
  std::string open_miscount(const std::string& digest, const std::string& what);
  /// Queues a test message as loud as this urgency; false where no receiver has this name.
  bool send_test(const std::string& receiver, const std::string& urgency);

 private:
  Case follow(const Case& before, Case it, const Event& event);
  Case store(Case it, std::vector<Event> events);
  void arm_decay(const Case& before, const Case& it);
  Case begin_escalation(Case it);
  Case go_on(Case it);
  Case storm_changed(const Case& before, Case it);
  void note_storm_case(const Case& before, const Case& after);
  void next_lead(const std::string& id, const Case& gone);
  void lead(const Storm& storm, const Case& it, const std::string& reason);
  void wrote_again(const Case& it);
  void tell_people(const Case& it);
  /// One paragraph to whoever acts for the principal that it addresses (effects_principal.cpp).
  void brief_principal(const Case& it, std::string_view when);
  Case name_caller(Case it);
  void tell_caller(const Case& it, const Event& event);
  void tell_closers(const Case& before, const Case& it, const Event& event);
  Case lift_failed(const Case& before, Case it, const Event& event);
  void fail_for_clocks(const std::string& case_id);
  void tell_grant(const Case& it, const Event& event);
  Case give_or_tell(Case it);
  Case give(Case it, const Assignment& chosen);
  bool waits_for_somebody(const Case& it);
  void look_again(const std::string& team);
  const std::vector<Silence>& silences();
  std::optional<Quiet> quiet_case(const Case& it);
  std::optional<Quiet> quiet_route(const std::vector<std::string>& mute,
                                   const std::vector<std::string>& active);
  std::optional<Quiet> quiet(const Case& it);
  std::string all_the_same(const Case& it);
  bool withheld(const Case& it);
  bool bundle(const Case& it, const std::string& person, StepAt step);
  void leave_bundles(const Case& it);
  void mind_clocks(const Case& it, bool fresh, const std::string& why_moved);
  void keep_clocks(const Case& it, Record record, std::string body, std::optional<Instant> next);
  struct StepTargets clock_targets(Case it, const std::vector<std::string>& notify, Instant now);
  void say_of_clock(const Case& it, const struct CaseClock& clock, bool missed, Instant now);
  void tell_of_case(const Case& it, const std::string& person, const std::string& text,
                    const std::string& about, bool loud);
  void tell_receiver(const Case& it, const std::string& receiver, const std::string& text,
                     const std::string& about);
  void help_reader(Message& message, const Case& it, const std::string& person);
  void remember_label(const Case& it, const Event& event);
  void learn_dismissal(const Case& it, const Event& event);
  void forget_dismissal(const Case& it);
  void ask_helper(const Case& it, const Event& event);
  std::string label_url(const Case& it, const std::string& person, int step);
  void page(const Case& it, const std::string& person, StepAt step, const std::string& next);
  void page_by(OutboxRow row, const Case& it, StepAt step, const std::string& next);
  void supersede(const OutboxRow& row);
  void speak_elsewhere(const OutboxRow& row);
  void page_receiver(const Case& it, const std::string& receiver, StepAt step,
                     const std::string& next);
  void tell_person(const Case& it, const std::string& person, const std::string& text);
  void notify_routes(const Case& it);
  void gather(const Case& it, const std::string& receiver, const RouteMatch& match);
  /// `in_reply_to`: message_id of the mail that this one answers.
  GroupTelling sort_group(const std::vector<std::string>& ids, const std::optional<Quiet>& route,
                          bool again);
  void send_group(const std::string& id, const std::string& receiver, GroupTelling telling,
                  bool again, std::uint64_t mark);
  void enqueue(OutboxRow row, const ReceiverConfig& receiver, const Message& message,
               const std::string& in_reply_to = {});
  /// Status updates go where the case was told: once for each receiver and address (updates.cpp).
  void tell_of_change(const Case& it, const Event& event);
  void tell_of(const Case& it, CaseChange change, const std::string& who,
               const std::string& sentence);
  std::vector<std::string> alerts_of(const std::string& case_id);
  void remember_alerts(const std::string& receiver, const Message& message);
  void update_alerts(const Case& before, const Case& after,
                     const std::vector<std::string>& receivers);
  void supersede(const Case& it, const ReceiverConfig& receiver);
  void send_alert(const Case& it, const ReceiverConfig& receiver);
  Message message_of(MessageKind kind, const Case& it) const;
  std::string open_incident(const std::string& kind, const std::string& source,
                            const std::string& title, const std::string& excerpt,
                            const std::string& reason);
  std::string ack_url(const Case& it, const std::string& person, int step);
  std::string base_url() const;
  std::uint64_t draw();
  /// The rota's records, read once a transaction.
  const LiveRota& live();
  void note_skipped(const Case& it, const std::string& person,
                    const std::vector<std::string>& ways);
  void cancel_pages_of(const Case& it, const std::string& person);
  void nobody_there(const Case& it, const std::vector<std::string>& schedules, StepAt step);

  StoreWriter& writer_;
  const Rules& rules_;
  const AckKey& key_;
  Chance chance_;
  std::optional<LiveRota> live_{};
  std::optional<std::vector<Silence>> silences_{};
  std::vector<std::string> missed_clocks_{};
  bool told_ = false;
};

/// A person's command on a case. `version`: conflict where the case has moved on.
ActAnswer act_on(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
                 const std::string& case_id, const Command& command,
                 std::optional<std::int64_t> version);
/// The case of a record; StoreError where it cannot be read.
Case load_case(const CaseRecord& record);

}  // namespace earshot
