#include "doors_house.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "earshot/cases/corrective.hpp"
#include "earshot/cases/customer.hpp"
#include "earshot/cases/draft.hpp"
#include "earshot/cases/letter_task.hpp"
#include "earshot/cases/question.hpp"
#include "earshot/cases/storm.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/oncall/live.hpp"
#include "earshot/route/silence.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_http.hpp"

namespace earshot {

Config doors_config() {
  Config it;
  for (const char* id : {"jo", "li", "kim", "ann"}) {
    Person person;
    person.id = id;
    person.contact = {{ContactKind::via, "desk"}, {ContactKind::mail, person.id + "@a.example"}};
    it.people.push_back(person);
  }
  it.teams = {{"care", {"jo"}, "", ""}, {"billing", {"li"}, "", ""}};
  Schedule schedule;
  schedule.name = "contact";
  Layer layer;
  layer.people = {"jo", "li"};
  schedule.layers = {layer};
  it.schedules = {schedule};
  it.escalations = {{"standard", 1, {}, {{{"person:jo"}, minutes{0}}}}};
  it.route.team = "care";
  it.route.escalation = "standard";
  it.route.receivers = std::vector<std::string>{};
  ReceiverConfig desk;
  desk.name = "desk", desk.type = "log";
  it.receivers = {desk};
  SourceConfig push;
  push.name = "push", push.type = "push";
  it.sources = {push};
  it.follow_through.root_causes.departments = {{"hardware", "Hardware", "kim"}};
  it.follow_through.root_causes.causes = {{"battery", "Cells", "hardware"}};
  it.web.listen.clear();
  return it;
}

std::shared_ptr<const Rules> doors_rules() {
  static const std::shared_ptr<const Rules> rules = [] {
    auto made = make_rules(doors_config());
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? *made : nullptr;
  }();
  return rules;
}

DoorsHouse::DoorsHouse() {
  std::string name = (std::filesystem::temp_directory_path() / "earshot-doors-XXXXXX").string();
  folder_ = mkdtemp(name.data());
  AppOptions options;
  options.store = folder_ + "/earshot.db";
  Outside outside;
  auto own_clock = std::make_unique<FakeClock>(loop);
  clock = own_clock.get();
  outside.clock = std::move(own_clock);
  outside.dice = std::make_unique<FakeDice>();
  outside.http = std::make_unique<FakeHttp>();
  outside.mail = std::make_unique<FakeMailSender>();
  outside.imap = std::make_unique<FakeMailConnector>(mailbox_);
  daemon = std::make_unique<Daemon>(
      loop.executor(), loop.executor(), options, doors_rules(), open_sqlite(":memory:"),
      std::move(outside),
      [](const std::string&, std::exception_ptr failure) { std::rethrow_exception(failure); });
  api = std::make_unique<Api>(*daemon, *clock, [this] { return std::vector<AckKey>{key}; });
  write([&](StoreWriter& writer) {
    put_tokens(writer);
    for (const bool own : {true, false}) put_all(writer, own);
  });
}

DoorsHouse::~DoorsHouse() {
  std::filesystem::remove_all(folder_);
}

WebResponse DoorsHouse::ask(WebRequest request) {
  return loop.run(api->handle(std::move(request)));
}

std::string DoorsHouse::named(std::string text, bool own) const {
  for (const auto& [name, ids] : names) {
    for (std::size_t at; (at = text.find("$other_" + name)) != std::string::npos;)
      text.replace(at, name.size() + 7, ids.second);
    for (std::size_t at; (at = text.find("$" + name)) != std::string::npos;)
      text.replace(at, name.size() + 1, own ? ids.first : ids.second);
  }
  return text;
}

std::string DoorsHouse::link(bool own) {
  AckGrant grant{own ? "c-care" : "c-billing", own ? "jo" : "li", 0, clock->now() + hours{1}, 7};
  return sign_ack(grant, key);
}

void DoorsHouse::write(std::function<void(StoreWriter&)> work) {
  loop.run(daemon->store().write(std::move(work)));
}

void DoorsHouse::put_tokens(StoreWriter& writer) {
  const auto put = [&](const std::string& id, const std::string& role, const std::string& person) {
    TokenRecord token;
    token.id = id, token.role = role, token.person = person;
    token.hash = to_hex(sha256("token-" + id));
    token.created_at = clock->now();
    if (id == "revoked") token.revoked_at = clock->now();
    if (id == "expired") token.expires_at = clock->now();
    writer.put_token(token);
  };
  for (const char* role : {"viewer", "responder", "manager", "auditor", "admin", "service"})
    put(role, role, "jo");
  put("revoked", "admin", "jo");
  put("expired", "admin", "jo");
  put("nobody", "viewer", "");
  put("elsewhere", "admin", "jo");
}

void DoorsHouse::put_record(StoreWriter& writer, const char* kind, const std::string& id,
                            const std::string& parent, const std::string& owner,
                            const std::string& state, const std::string& body) {
  Record it;
  it.kind = kind, it.id = id, it.parent = parent, it.owner = owner, it.state = state;
  it.created_at = it.updated_at = clock->now();
  it.due = clock->now() + hours{24};
  it.body = body;
  writer.put_record(it);
}

void DoorsHouse::put_all(StoreWriter& writer, bool own) {
  const std::string team = own ? "care" : "billing", person = own ? "jo" : "li";
  const std::string words = own ? "our matter" : kSecretWord;
  const Named name = [&](const char* what, const std::string& id) {
    (own ? names[what].first : names[what].second) = id;
    return id;
  };
  Customer customer{name("customer", "k-" + team), words, {"mail:" + team + "@x.example"}, 1, {}};
  writer.put_customer({customer.id, customer.identities, customer.name, 1, to_json(customer.body)});
  put_case(writer, name("case", "c-" + team), team, words, customer.id);
  Question question;
  question.id = name("question", "q-" + team), question.case_id = "c-" + team;
  question.from = "kim", question.to = person, question.line = {person};
  question.subject = question.text = words;
  question.asked_at = clock->now(), question.due = clock->now() + hours{24};
  put_record(writer, "question", question.id, question.case_id, person, "open", to_json(question));
  Draft draft;
  draft.case_id = question.case_id, draft.version = 1, draft.by = "kim";
  draft.parts = {words, words, words}, draft.writers = {"kim"}, draft.saved_at = clock->now();
  put_record(writer, "draft", draft.case_id, draft.case_id, "kim", "writing", to_json(draft));
  Corrective action;
  action.id = name("action", "a-" + team), action.cause = "battery";
  action.department = "hardware", action.owner = person, action.line = {person};
  action.opened_at = clock->now(), action.due = clock->now() + hours{24};
  action.cases = {"c-" + team}, action.wanted = {{"c-" + team, 1, person, words}};
  put_record(writer, "action", action.id, "battery", person, "open", to_json(action));
  LetterTask letter;
  letter.id = name("letter", "l-" + team), letter.lot = "2026-W10", letter.reader = person;
  letter.to = person, letter.item = {"c-" + team, LetterFate::open, "post", "high", "queue"};
  letter.drawn_at = clock->now(), letter.due = clock->now() + hours{24};
  put_record(writer, "letter", letter.id, letter.lot, person, "due", to_json(letter));
  Storm storm;
  storm.id = name("storm", "s-" + team), storm.name = words, storm.lead = "c-" + team;
  storm.since = storm.last_at = clock->now(), storm.count = storm.cases = 1;
  put_record(writer, "storm", storm.id, "", "", "open", to_json(storm));
  put_record(writer, "storm_case", "c-" + team, storm.id, "", "own", "{}");
  Quarantined item;
  item.source = "push", item.native_id = team, item.raw = words, item.reason = "unreadable";
  item.at = clock->now();
  writer.quarantine(item);
  name("item", own ? "1" : "2");
  put_rota(writer, name, team, person);
  if (!own) return;
  LetterLot lot;
  lot.period = "2026-W10", lot.seed = "seed";
  put_record(writer, "letter_lot", lot.period, "", "", "drawn", to_json(lot));
}

void DoorsHouse::put_case(StoreWriter& writer, const std::string& id, const std::string& team,
                          const std::string& words, const std::string& customer) {
  Case one;
  one.id = id, one.team = team, one.title = one.excerpt = words, one.customer = customer;
  one.customer_name = one.customer_handle = words;
  one.source = "push", one.urgency = Urgency::queue;
  one.opened_at = one.updated_at = clock->now();
  CaseRecord record;
  record.id = id, record.team = team, record.state = "open", record.urgency = "queue";
  record.customer = customer, record.source = "push";
  record.opened_at = record.updated_at = clock->now();
  record.body = to_json(one), record.words = words;
  writer.put_case(record);
  writer.append_ledger({0, clock->now(), "", "opened", id, R"({"words":")" + words + "\"}", ""});
}

void DoorsHouse::put_rota(StoreWriter& writer, const Named& name, const std::string& team,
                          const std::string& person) {
  const Instant from = clock->now() + hours{24}, to = clock->now() + hours{48};
  LiveOverride duty;
  duty.id = name("override", "o-" + team), duty.schedule = "contact", duty.add = {"ann"};
  duty.start = from, duty.end = to, duty.by = person, duty.reason = "x";
  put_record(writer, "override", duty.id, "contact", person, "active", to_json(duty));
  LiveAbsence away{name("absence", "b-" + team), person, from, to, "ann", "x", person};
  put_record(writer, "absence", away.id, "", person, "active", to_json(away));
  Swap swap{name("swap", "w-" + team), "contact", "ann", person, from, to, "x", "asked"};
  put_record(writer, "swap", swap.id, "contact", person, "asked", to_json(swap));
  Silence quiet;
  quiet.id = name("silence", "i-" + team), quiet.by = person, quiet.reason = "x";
  quiet.matchers = parse_matchers("team=" + team).matchers;
  quiet.from = clock->now(), quiet.to = to;
  put_record(writer, "silence", quiet.id, "", person, "active", to_json(quiet));
}

}  // namespace earshot
