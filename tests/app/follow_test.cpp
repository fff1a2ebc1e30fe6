// What follows from a case: who rings, failed cases, corrective actions, grants.
#include "question_house.hpp"

#include "../../src/app/follow.hpp"

namespace earshot {
namespace {

Config follow_config() {
  Config it = question_config();
  it.follow_through.root_causes.departments = {{"hardware", "Hardware", "ana"}};
  it.follow_through.root_causes.causes = {{"battery", "Cells", "hardware"},
                                          {"manners", "Manners", "hardware"}};
  it.follow_through.authority["li"] = {{"refund_up_to", "100 EUR"}};
  it.escalations = {
      {"standard", 1, {}, {{{"person:jo"}, minutes{0}}, {{"person:kim"}, minutes{10}}}}};
  return it;
}

const Arguments kSaid{{"said", "We rang and said sorry."},
                      {"done", "A new lamp left today."},
                      {"cause", "battery"},
                      {"product_change", "yes"},
                      {"change", "Other cells"}};
constexpr const char* kAgain =
    "Still nothing from Brightwave: my lamp is dark, broken and useless, this is terrible service";

class Follow : public QuestionHouse {
 protected:
  Follow() : QuestionHouse(follow_config()) {}

  Task<DeskAnswer> change_desk(std::string kind, DeskCommand command) override {
    DeskAnswer answer;
    auto work = [&](StoreWriter& writer) {
      answer = earshot::change_desk(writer, *rules, key, Chance{clock.now(), dice.bits()}, kind,
                                    command);
    };
    co_await db->write(work);
    co_return answer;
  }
  std::vector<OutboxRow> told(const std::string& person, const std::string& words) {
    std::vector<OutboxRow> out = sent();
    std::erase_if(out, [&](const OutboxRow& row) {
      return row.person != person || said(row).find(words) == std::string::npos;
    });
    return out;
  }
  Case worked_on(const std::string& id = "") {
    const std::string which = id.empty() ? only_case().id : id;
    EXPECT_EQ(does("li", Action::ack, {}, which).kind, ActAnswer::Kind::done);
    EXPECT_EQ(does("li", Action::answer, {{"text", "We ring you."}}, which).kind,
              ActAnswer::Kind::done);
    EXPECT_EQ(does("li", Action::feedback, kSaid, which).kind, ActAnswer::Kind::done);
    return case_of_id(which);
  }
  Corrective action() {
    std::optional<Corrective> out;
    look([&](StoreReader& reader) {
      RecordQuery query;
      query.kind = kAction;
      for (const Record& record : reader.records(query)) out = *corrective_from_json(record.body);
    });
    return out.value_or(Corrective{});
  }
  DeskAnswer acts(const std::string& who, const std::string& what, Arguments args) {
    DeskCommand command;
    command.what = what, command.who = who, command.args = std::move(args);
    command.args["id"] = action().id;
    DeskAnswer out;
    write([&](StoreWriter& writer) {
      out = change_action(writer, *rules, key, Chance{clock.now(), dice.bits()}, command);
    });
    return out;
  }
};

TEST_F(Follow, WhoRingsHasTheScriptAndNotTheOwner) {
  posts("1", kHazard);
  const Case it = worked_on();
  ASSERT_EQ(it.state, CaseState::verifying);
  EXPECT_EQ(it.caller, "kim") << "li's manager";
  const auto task = told("kim", "Ring ann");
  ASSERT_EQ(task.size(), 1U);
  EXPECT_NE(said(task[0]).find("We did: A new lamp left today."), std::string::npos);
  EXPECT_EQ(does("li", Action::verify, {{"outcome", "satisfied"}}).refusal->code, "own_work");
  EXPECT_EQ(does("kim", Action::call_to, {{"person", "ana"}, {"reason", "I am away"}}).kind,
            ActAnswer::Kind::done);
  EXPECT_EQ(told("ana", "Ring ann").size(), 1U);
  EXPECT_EQ(does("ana", Action::verify, {{"outcome", "satisfied"}}).kind, ActAnswer::Kind::done);
  EXPECT_EQ(only_case().state, CaseState::closed);
}

TEST_F(Follow, ALateCallBackIsTheCallers) {
  posts("1", kHazard);
  worked_on();
  later(hours{25});
  EXPECT_FALSE(told("kim", "The call back of case 1 is late").empty());
  EXPECT_TRUE(told("li", "The call back of case 1 is late").empty());
}

TEST_F(Follow, NotSatisfiedTellsThoseWhoClosedItOneLevelUp) {
  posts("1", kHazard);
  worked_on();
  does("kim", Action::take_over, {{"reason", "li is ill"}});
  does("ana", Action::verify, {{"outcome", "not_satisfied"}, {"words", "It smokes again."}});
  const Case it = only_case();
  EXPECT_EQ(it.state, CaseState::open);
  EXPECT_EQ(it.level, 1);
  EXPECT_EQ(it.step, 1) << "the ladder begins one step up";
  EXPECT_EQ(told("li", "reopened: It smokes again.").size(), 1U) << "who wrote the feedback";
  EXPECT_EQ(told("kim", "reopened: It smokes again.").size(), 1U) << "who had it last";
}

TEST_F(Follow, TheSameFeedbackPastedAgainIsRefused) {
  posts("1", kHazard);
  worked_on();
  does("ana", Action::verify, {{"outcome", "not_satisfied"}, {"words", "It smokes again."}});
  does("kim", Action::ack);
  does("kim", Action::answer, {{"text", "We come today."}});
  Arguments again = kSaid;
  EXPECT_EQ(does("kim", Action::feedback, again).refusal->code, "feedback_again");
  EXPECT_FALSE(only_case().feedback);
  again["done"] = "A technician changed the plug.";
  EXPECT_EQ(does("kim", Action::feedback, again).kind, ActAnswer::Kind::done);
  EXPECT_EQ(does("kim", Action::feedback, again).kind, ActAnswer::Kind::done)
      << "put right at once";
}

TEST_F(Follow, NoDoorGivesACaseToNobody) {
  posts("1", kHazard);
  EXPECT_EQ(does("li", Action::assign, {{"person", "ghost"}}).refusal->code, "no_person");
  does("li", Action::ack);
  EXPECT_EQ(does("li", Action::assign, {{"person", "ghost"}}).refusal->code, "no_person");
  EXPECT_EQ(only_case().owner, "li");
}

TEST_F(Follow, ASecondContactLiftsTheCaseOnce) {
  posts("1", kHazard);
  does("li", Action::ack);
  clock.advance(hours{1});
  posts("2", std::string{kHazard} + " again and nobody rings");
  const Case it = only_case();
  EXPECT_EQ(it.failures, std::vector<std::string>{"second_contact"});
  EXPECT_EQ(it.level, 1);
  EXPECT_EQ(told("kim", "failed case").size(), 1U) << "li's manager";
  EXPECT_EQ(told("li", "failed case").size(), 1U);
  clock.advance(hours{1});
  posts("3", std::string{kHazard} + " again and nobody rings at all");
  EXPECT_EQ(only_case().level, 1);
  EXPECT_EQ(told("kim", "failed case").size(), 1U);
}

TEST_F(Follow, AClimbingPageGoesOneStepUpAtOnce) {
  posts("1", kHazard);
  EXPECT_EQ(only_case().step, 0);
  clock.advance(minutes{5});
  write([&](StoreWriter& writer) {
    Effects effects{writer, *rules, key, Chance{clock.now(), dice.bits()}};
    const Case before = load_case(*writer.case_by_number(1));
    const Command fail{Action::fail, "triage", {{"kind", "told_before"}, {"reason", "Told us."}}};
    Applied applied = apply(before, fail, clock.now(), rules->config->follow_through);
    effects.commit(before, fold_all(before, applied.events), applied.events);
  });
  EXPECT_EQ(only_case().step, 1);
  EXPECT_EQ(waiting_pages(only_case().id, "kim"), 1U);
}

TEST_F(Follow, WordsThatRaiseItAndFailItGoOneStepUpAndNotTwo) {
  posts("1", kHazard);
  write([&](StoreWriter& writer) {
    Effects effects{writer, *rules, key, Chance{clock.now(), dice.bits()}};
    CaseRecord record = *writer.case_by_number(1);
    Case queued = load_case(record);
    queued.urgency = Urgency::queue;
    queued.step = -1;
    writer.disarm(case_timer(queued, kEscalate));
    record.body = to_json(queued);
    writer.put_case(record);
    const Case before = load_case(*writer.case_by_number(1));
    const CasePolicy& policy = rules->config->follow_through;
    Applied both =
        apply(before, {Action::raise, "triage", {{"urgency", "page"}}}, clock.now(), policy);
    const Command fail{Action::fail, "triage", {{"kind", "told_before"}, {"reason", "Told us."}}};
    const Applied failed = apply(fold_all(before, both.events), fail, clock.now(), policy);
    both.events.insert(both.events.end(), failed.events.begin(), failed.events.end());
    effects.commit(before, fold_all(before, both.events), both.events);
  });
  EXPECT_EQ(only_case().step, 1);
}

TEST_F(Follow, TwoMissedClocksFailIt) {
  Config config = follow_config();
  config.follow_through.solution[Urgency::page] = hours{2};
  use(std::move(config));
  posts("1", kHazard);
  does("li", Action::ack);
  later(minutes{16});
  EXPECT_TRUE(only_case().failures.empty()) << "one clock is missed";
  later(minutes{30});
  does("li", Action::note, {{"text", "I am on it"}});
  later(hours{2});
  EXPECT_EQ(only_case().failures, std::vector<std::string>{"clocks"});
}

TEST_F(Follow, ADepartmentOwesWhatItsCauseNeeds) {
  posts("1", kHazard);
  worked_on();
  Corrective it = action();
  EXPECT_EQ(it.owner, "ana");
  EXPECT_EQ(told("ana", "owes a corrective action").size() +
                told("ana", "so that it does not happen again").size(),
            2U);
  EXPECT_EQ(acts("jo", "done", {{"text", "x"}}).code, "not_yours");
  EXPECT_EQ(acts("ana", "done", {{"text", " "}}).code, "text_missing");
  later(hours{24 * 12});
  EXPECT_EQ(told("ana", "It is due").size(), 1U) << "a reminder";
  EXPECT_TRUE(acts("ana", "give", {{"person", "jo"}, {"text", "your cells"}}).done);
  later(hours{24 * 2});
  it = action();
  EXPECT_EQ(it.state, CorrectiveState::late);
  EXPECT_EQ(it.line, (std::vector<std::string>{"jo", "ana"})) << "the head owes it, too";
  EXPECT_TRUE(acts("jo", "done", {{"text", "fixed in 4.2"}}).done);
  EXPECT_EQ(told("li", "Other cells").size(), 1U) << "who wanted the change hears the answer";
  const std::string first = only_case().id;
  look([&](StoreReader& reader) {
    LedgerQuery query;
    query.case_id = first;
    query.kind = "action_noted";
    ASSERT_EQ(reader.ledger(query).size(), 1U) << "and the case's story has it";
  });

  posts("2", std::string{"A second one: "} + kHazard + " in Porto on Sunday, says my aunt", "bea");
  std::string second;
  for (const Case& one : all_cases()) {
    if (one.customer_handle == "bea") second = one.id;
  }
  ASSERT_FALSE(second.empty());
  worked_on(second);
  it = action();
  EXPECT_EQ(it.state, CorrectiveState::open);
  EXPECT_EQ(it.recurrences, 1);
  EXPECT_EQ(told("ana", "fixed in 4.2").size(), 2U) << "that it is done, and that it came back";
}

TEST_F(Follow, GrantsBeyondAreToldAndAskingNeedlesslyIsAnswered) {
  posts("1", kHazard);
  does("li", Action::ack);
  EXPECT_EQ(does("li", Action::grant, {{"kind", "refund"}, {"amount", "80 EUR"}}).kind,
            ActAnswer::Kind::done);
  EXPECT_TRUE(told("kim", "refund").empty());
  does("li", Action::ask_grant, {{"kind", "refund"}, {"amount", "90 EUR"}});
  EXPECT_EQ(told("li", "without asking").size(), 1U);
  does("li", Action::grant,
       {{"kind", "refund"}, {"amount", "300 EUR"}, {"reason", "The hotel, too"}});
  EXPECT_EQ(told("kim", "beyond 100 EUR").size(), 1U);
  EXPECT_EQ(only_case().grants.size(), 2U);
}

TEST_F(Follow, TheApiCountsByTeamCauseAndPerson) {
  write([&](StoreWriter& writer) {
    TokenRecord it;
    it.id = "a", it.role = "manager", it.person = "kim", it.hash = to_hex(sha256("a"));
    it.created_at = clock.now();
    writer.put_token(it);
  });
  const std::pair<std::string, std::string> kim{"Authorization", "Bearer a"};
  posts("1", kHazard);
  worked_on();
  does("li", Action::grant, {{"kind", "refund"}, {"amount", "80 EUR"}});
  does("ana", Action::verify, {{"outcome", "not_satisfied"}, {"words", "It smokes again."}});
  const auto body = [&](const std::string& path) { return ask_api("GET", path, "", kim).body; };
  EXPECT_NE(body("/api/v1/failed").find(R"({"team":"care","total":1,"signs":{"reopened":1}})"),
            std::string::npos)
      << body("/api/v1/failed");
  EXPECT_NE(body("/api/v1/causes")
                .find(R"({"cause":"battery","department":"hardware","total":1,"counts":[)"),
            std::string::npos)
      << body("/api/v1/causes");
  EXPECT_NE(
      body("/api/v1/grants").find(R"({"person":"li","granted":1,"granted_beyond":0,"asked":0,)"),
      std::string::npos)
      << body("/api/v1/grants");
  EXPECT_EQ(ask_api("GET", "/api/v1/failed?from=yesterday", "", kim).status, 400);
  const std::string id = action().id;
  EXPECT_EQ(ask_api("GET", "/api/v1/actions/" + id, "", kim).status, 200);
  EXPECT_EQ(ask_api("POST", "/api/v1/actions/" + id + "/dance", "", kim).status, 409);
}

TEST_F(Follow, OneCustomerOverTwoChannelsIsOneMatterAndCanBeSplit) {
  posts("1", kHazard);
  Post mail;
  mail.id = "m1", mail.channel = Channel::email, mail.source = "mailbox";
  mail.author.id = mail.author.handle = "ann@example.org";
  mail.text =
      "Flames came out of the charger of my Brightwave lamp, the curtain burnt and I am hurt";
  accept(mail, "mailbox");
  ASSERT_EQ(all_cases().size(), 2U) << "nobody knows that they are one";
  const auto customer_of = [&](const char* source) {
    for (const Case& it : all_cases()) {
      if (it.source == source) return it.customer;
    }
    return std::string{};
  };
  const std::string social = customer_of("push");
  const std::string post_box = customer_of("mailbox");
  const auto desk_of = [&](const std::string& what, Arguments args) {
    DeskCommand command;
    command.what = what, command.who = "kim", command.args = std::move(args);
    DeskAnswer out;
    write([&](StoreWriter& writer) { out = change_customer(writer, command, clock.now()); });
    return out;
  };
  ASSERT_TRUE(
      desk_of("merge", {{"id", post_box}, {"into", social}, {"reason", "She said so."}}).done);
  clock.advance(hours{72});
  mail.id = "m2";
  mail.text =
      "Brightwave, the battery exploded this morning and my son was burnt, call an ambulance";
  accept(mail, "mailbox");
  Case newest;
  for (const Case& it : all_cases()) {
    if (it.opened_at > newest.opened_at) newest = it;
  }
  EXPECT_EQ(newest.customer, social);
  EXPECT_EQ(newest.failures, std::vector<std::string>{"other_channel"});
  const auto kim = [&] {
    write([&](StoreWriter& writer) {
      TokenRecord it;
      it.id = "a", it.role = "manager", it.person = "kim", it.hash = to_hex(sha256("a"));
      it.created_at = clock.now();
      writer.put_token(it);
    });
    return std::pair<std::string, std::string>{"Authorization", "Bearer a"};
  }();
  const std::string shown = ask_api("GET", "/api/v1/customers/" + social, "", kim).body;
  EXPECT_NE(shown.find(R"("identities":["push/ann","mail:ann@example.org"])"), std::string::npos)
      << shown;
  EXPECT_NE(shown.find(R"("number":3)"), std::string::npos);
  EXPECT_NE(shown.find(R"("number":1)"), std::string::npos);
  for (const char* none : {"ann", "mail:", "mail:@x", "mail:ann smith@x.example", "/ann", "push/"})
    EXPECT_EQ(desk_of("merge", {{"id", none}, {"into", social}, {"reason", "x"}}).code,
              "no_customer")
        << none;
  ASSERT_TRUE(
      desk_of("merge", {{"id", "mail:Ann@Work.example"}, {"into", social}, {"reason", "x"}}).done)
      << "an address that she named, before she writes from it";
  clock.advance(hours{72});
  mail.id = "m3";
  mail.author.id = mail.author.handle = "ann@work.example";
  mail.text = "My Brightwave lamp gave me an electric shock, my arm is numb and nobody rings me";
  accept(mail, "mailbox");
  for (const Case& it : all_cases()) {
    if (it.opened_at > newest.opened_at) newest = it;
  }
  EXPECT_EQ(newest.customer_handle, "ann@work.example");
  EXPECT_EQ(newest.customer, social);
  ASSERT_EQ(ask_api("POST", "/api/v1/customers/" + social + "/flag",
                    R"({"flag":"vulnerable","reason":"Her daughter was hurt."})", kim)
                .status,
            200)
      << "through the API";
}

}  // namespace
}  // namespace earshot
