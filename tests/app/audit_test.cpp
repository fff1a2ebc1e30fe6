// Planted stalls: each is done to what is stored, as a fault or a bug would, and the auditor must
// name it within two minutes.
#include "../../src/app/audit.hpp"

#include "house.hpp"

namespace earshot {
namespace {

class Audit : public House {
 protected:
  void SetUp() override {
    posts("1", kHazard);
    it = only_case();
  }
  std::vector<Finding> findings(Pulse pulse = {}) {
    std::vector<Finding> out;
    look([&](StoreReader& reader) { out = audit(reader, *rules, pulse, clock.now()); });
    return out;
  }
  /// The finding appears within two minutes of fake time, at the auditor's pace.
  void seen(FindingKind kind, const std::string& subject, Pulse pulse = {}) {
    for (int round = 0; round <= 2; ++round) {
      for (const Finding& finding : findings(pulse)) {
        if (finding.kind != kind || finding.subject != subject) continue;
        EXPECT_FALSE(finding.text.empty());
        return;
      }
      clock.jump(minutes{1});
    }
    ADD_FAILURE() << "not seen within two minutes: " << to_word(kind) << " " << subject;
  }
  void change(const std::function<void(Case&)>& work) {
    write([&](StoreWriter& writer) {
      CaseRecord record = *writer.case_by_id(it.id);
      Case changed = load_case(record);
      work(changed);
      record.state = to_word(changed.state);
      record.owner = changed.owner;
      record.body = to_json(changed);
      writer.put_case(record);
    });
  }
  void change_row(const std::function<void(OutboxRow&)>& work) {
    write([&](StoreWriter& writer) {
      for (OutboxRow row : writer.outbox_of(it.id)) {
        work(row);
        writer.update_outbox(row);
      }
    });
  }
  /// The first page is delivered, so that only the planted stall shows.
  void delivered() {
    change_row([&](OutboxRow& row) {
      row.state = OutboxState::ok;
      row.ended_at = clock.now();
    });
  }
  Case it;
};

TEST_F(Audit, NothingIsFoundWhereAllIsWell) {
  delivered();
  EXPECT_TRUE(findings().empty());
  clock.jump(minutes{9});
  EXPECT_TRUE(findings().empty()) << "the next step is not due";
  does("jo", Action::ack);
  EXPECT_TRUE(findings().empty());
  does("jo", Action::answer, {{"text", "We ring you."}});
  EXPECT_TRUE(findings().empty());
}

TEST_F(Audit, Stall1TheTickStandsAndNoStepIsTaken) {
  delivered();
  clock.jump(minutes{10});
  seen(FindingKind::step_overdue, it.id);
}
TEST_F(Audit, Stall2TheTimerOfTheNextStepIsGone) {
  delivered();
  write([&](StoreWriter& writer) { writer.disarm_case(it.id, kEscalate); });
  seen(FindingKind::timer_missing, it.id);
}
TEST_F(Audit, Stall3TheTimerIsSetForNextYear) {
  delivered();
  write([&](StoreWriter& writer) {
    TimerRecord timer = writer.timers_of(it.id).front();
    timer.due = clock.now() + hours{24 * 365};
    writer.arm(timer);
  });
  seen(FindingKind::step_overdue, it.id);
}
TEST_F(Audit, Stall4ACaseWithoutANextStepThoughThereIsOne) {
  delivered();
  change([](Case& one) { one.next_step_at.reset(); });
  seen(FindingKind::step_missing, it.id);
}
TEST_F(Audit, Stall5ACaseWhoseEscalationNeverBegan) {
  delivered();
  change([](Case& one) { one.step = -1; });
  seen(FindingKind::step_missing, it.id);
}
TEST_F(Audit, Stall6TheChainHasEndedAndNobodyHasIt) {
  delivered();
  for (int i = 0; i < 6; ++i) later(minutes{11});
  delivered();
  seen(FindingKind::chain_ended, it.id);
}
TEST_F(Audit, Stall7ItsEscalationWasTakenOutOfTheConfiguration) {
  delivered();
  Config config = house_config();
  config.escalations.front().name = "renamed";
  use(std::move(config));
  seen(FindingKind::no_policy, it.id);
}
TEST_F(Audit, Stall8AStepThatToldNobody) {
  delivered();
  change([](Case& one) { one.told.clear(); });
  seen(FindingKind::nobody_told, it.id);
}
TEST_F(Audit, Stall9ThePageWaitsAndNothingSendsIt) {
  seen(FindingKind::page_stuck, it.id);
}
TEST_F(Audit, Stall10AnAttemptNeverEnds) {
  change_row([&](OutboxRow& row) {
    row.state = OutboxState::started;
    row.started_at = clock.now() - minutes{1};
  });
  seen(FindingKind::page_hangs, it.id);
}
TEST_F(Audit, Stall11EveryWayOfTheStepIsDead) {
  change_row([](OutboxRow& row) { row.state = OutboxState::dead; });
  seen(FindingKind::all_dead, it.id);
}
TEST_F(Audit, Stall12AnAcknowledgementThatLastsForEver) {
  does("jo", Action::ack);
  write([&](StoreWriter& writer) { writer.disarm_case(it.id, kDecay); });
  seen(FindingKind::decay_missing, it.id);
}
TEST_F(Audit, Stall13AnAcknowledgementThatShouldHaveEnded) {
  does("jo", Action::ack);
  clock.jump(minutes{60});
  seen(FindingKind::decay_overdue, it.id);
}
TEST_F(Audit, Stall14AcknowledgedByNobody) {
  does("jo", Action::ack);
  change([](Case& one) { one.owner.clear(); });
  seen(FindingKind::owner_missing, it.id);
}
TEST_F(Audit, Stall15TheOwnerIsNotThereAnyMore) {
  does("jo", Action::ack);
  Config config = house_config();
  std::erase_if(config.people, [](const Person& one) { return one.id == "jo"; });
  use(std::move(config));
  seen(FindingKind::owner_gone, it.id);
}
TEST_F(Audit, Stall16AnotherTimerDoesNotFire) {
  delivered();
  write([&](StoreWriter& writer) {
    writer.arm({"group/chat/x", "group/chat/x", "group", clock.now(), "{}"});
  });
  seen(FindingKind::timer_overdue, "group/chat/x");
}
TEST_F(Audit, Stall17TheClockworkStands) {
  Pulse pulse;
  pulse.last_tick = clock.now();
  seen(FindingKind::tick_late, "tick", pulse);
}
TEST_F(Audit, Stall18ASourceIsNotRead) {
  Pulse pulse;
  pulse.sources = {{"mailbox", clock.now(), seconds{20}}};
  seen(FindingKind::poll_late, "mailbox", pulse);
}
TEST_F(Audit, Stall19MessagesForAReceiverThatIsGone) {
  delivered();
  write([&](StoreWriter& writer) {
    OutboxRow row;
    row.key = "x", row.receiver = "gone", row.created_at = row.not_before = clock.now();
    writer.add_outbox(row);
  });
  seen(FindingKind::receiver_dead, "gone");
}

TEST_F(Audit, Stall20TheDiskIsFull) {
  delivered();
  Pulse pulse;
  pulse.room = {3 * kMiB, 0, true};
  seen(FindingKind::disk_full, "disk", pulse);
  EXPECT_TRUE(is_grave(FindingKind::disk_full));
}

TEST_F(Audit, Stall21NothingReadsWhatStrangersSend) {
  delivered();
  Pulse pulse;
  pulse.reader = false;
  seen(FindingKind::no_reader, "reader", pulse);
  EXPECT_TRUE(is_grave(FindingKind::no_reader));
}

TEST_F(Audit, Stall22NoBackupSucceeds) {
  delivered();
  Pulse pulse;
  pulse.backup = Pulse::BackupBeat{minutes{16}, minutes{5}, {}};
  EXPECT_TRUE(findings(pulse).empty()) << "two may be missed";
  pulse.backup = Pulse::BackupBeat{minutes{17}, minutes{5}, "/backups: no room"};
  seen(FindingKind::backup_late, "backup", pulse);
  EXPECT_EQ(findings(pulse).front().text,
            "There is no backup of the last 17 min; one every 5m is wanted: /backups: no room");
  EXPECT_FALSE(is_grave(FindingKind::backup_late)) << "pages go out all the same";
}

TEST_F(Audit, WhatIsGraveKeepsTheHeartbeatBackAndIsToldOnceAnHour) {
  EXPECT_TRUE(is_grave(FindingKind::chain_ended));
  EXPECT_TRUE(is_grave(FindingKind::tick_late));
  EXPECT_FALSE(is_grave(FindingKind::owner_gone));
  Config config = house_config();
  config.route.receivers = std::vector<std::string>{"push-kim"};
  use(std::move(config));
  const std::vector<Finding> found{
      {FindingKind::chain_ended, it.id, "Case 1: all steps were taken."}};
  const auto tell = [&] {
    write([&](StoreWriter& writer) {
      Effects effects{writer, *rules, key, Chance{clock.now(), 9}};
      tell_findings(effects, found, clock.now());
    });
  };
  tell();
  tell();
  EXPECT_EQ(rows("").size(), 1U);
  clock.jump(hours{1});
  tell();
  EXPECT_EQ(rows("").size(), 2U);
}

TEST_F(Audit, ManyCasesAreReadPageByPage) {
  write([&](StoreWriter& writer) {
    const CaseRecord like = *writer.case_by_id(it.id);
    for (int i = 0; i < 2000; ++i) {
      CaseRecord copy = like;
      Case one = load_case(like);
      one.id = "c" + std::to_string(i);
      one.state = CaseState::answered, one.owner = "jo";
      copy.id = one.id, copy.version = 0, copy.number = 0, copy.state = "answered",
      copy.owner = "jo";
      copy.body = to_json(one);
      writer.put_case(copy);
    }
  });
  delivered();
  EXPECT_TRUE(findings().empty());
}

}  // namespace
}  // namespace earshot
