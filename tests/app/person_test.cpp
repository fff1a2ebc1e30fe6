// What is held on a person: found, handed out, erased, and kept out afterwards.
#include "../../src/app/person.hpp"

#include <filesystem>

#include "../../src/app/follow.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "earshot/store/ledger.hpp"
#include "question_house.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWords =
    "My Brightwave lamp smells of smoke since Tuesday, the order was 302-5512, ring my sister Oda";
constexpr const char* kLetterWords =
    "Nobody at Brightwave answered my three letters about the broken dimmer, this is a disgrace";
constexpr const char* kOther = "The Brightwave box came late and was empty, what a shame, says ben";

/// Every byte that the house has on disk.
class PersonHouse : public QuestionHouse {
 protected:
  PersonHouse() {
    std::string pattern = (fs::temp_directory_path() / "earshot-person-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    stones->use(std::string(32, 'k'));
    pipeline.use(stones);
  }
  ~PersonHouse() override { fs::remove_all(folder); }

  Post post(std::string id, std::string words, std::string account) {
    Post it;
    it.id = std::move(id);
    it.author.id = account;
    it.author.handle = account;
    it.author.name = "Mara Velez-Quintero";
    it.author.followers = 48'213;
    it.text = std::move(words);
    it.url = "https://social.example/@" + account + "/" + it.id;
    it.created_at = clock.now();
    return it;
  }
  Post mail(std::string id, std::string words) {
    Post it = post(std::move(id), std::move(words), "mara.velez@posteo.example");
    it.channel = Channel::email;
    it.is_public = false;
    it.title = "Three letters about a dimmer";
    it.conversation = "thread-9812@posteo.example";
    it.url.clear();
    return it;
  }
  DeskAnswer person(const std::string& what, Arguments args) {
    DeskCommand command;
    command.what = what, command.who = "kim", command.args = std::move(args);
    if (!command.args.contains("reason")) command.args["reason"] = "asked by letter";
    DeskAnswer out;
    write([&](StoreWriter& writer) {
      out = earshot::change_person(writer, *stones, command, clock.now());
      stones->load(writer);
    });
    return out;
  }
  DeskAnswer erase(const std::string& author) {
    return person("erase", {{"author", author}, {"confirm", author}, {"open", "yes"}});
  }
  std::string customer_of(const std::string& identity) {
    std::string out;
    look([&](StoreReader& reader) {
      const auto it = reader.customer_by_identity(identity);
      out = it ? it->id : "";
    });
    return out;
  }
  std::optional<std::string> broken_ledger() {
    LedgerCheck check;
    std::optional<std::string> bad;
    look([&](StoreReader& reader) {
      LedgerQuery query;
      query.limit = 100'000;
      for (const LedgerEntry& it : reader.ledger(query)) {
        if (!bad) bad = check.next(it);
      }
    });
    return bad ? bad : check.finish();
  }
  /// The whole of the database as text: every table, every column.
  std::string everything() {
    std::string out;
    look([&](StoreReader& reader) {
      HeldQuery all;
      for (char c = 'a'; c <= 'z'; ++c) all.needles.emplace_back(1, c);
      for (const HeldRow& row : reader.held(all)) {
        out += row.table + " " + row.key + " " + row.case_id + " " + row.state;
        for (const auto& [name, text] : row.texts) out += " " + name + "=" + text;
        std::string mail = row.text_or("body");
        if (const std::size_t at = mail.find("base64\r\n\r\n"); at != std::string::npos) {
          mail.erase(0, at + 10);
          std::erase_if(mail, [](char c) { return c == '\r' || c == '\n'; });
          out += " mail=" + from_base64(mail).value_or("?");
        }
        out += "\n";
      }
    });
    return out;
  }

  fs::path folder;
  std::shared_ptr<Tombstones> stones = std::make_shared<Tombstones>();
};

class MaraHouse : public PersonHouse {
 protected:
  MaraHouse() {
    accept(post("n1", kWords, "mara_velez"), "masto");
    accept(mail("m1", kLetterWords), "mailbox");
    posts("b1", kOther, "ben");
    posts("b2", "@mara_velez I have the same lamp from Brightwave, it is broken, too", "bea");
    one = customer_of("masto/mara_velez");
    two = customer_of("mail:mara.velez@posteo.example");
    write([&](StoreWriter& writer) {
      DeskCommand merge;
      merge.what = "merge", merge.who = "kim";
      merge.args = {{"id", two}, {"into", one}, {"reason", "mara_velez says so herself"}};
      merged = change_customer(writer, merge, clock.now());
      writer.quarantine({0, "masto", "q1", "{\"acct\":\"mara_velez\",", "cut off", clock.now(), 1});
    });
    look([&](StoreReader& reader) {
      for (const std::string& id : {one, two}) {
        for (const CaseRecord& it : reader.cases_of(id, "", Instant{}, 10)) cases.push_back(it.id);
      }
    });
    for (const std::string& id : cases) {
      does("jo", Action::ack, {}, id);
      does("jo", Action::note, {{"text", "Rang Mara Velez-Quintero at 0170 5551234"}}, id);
      does("jo", Action::answer, {{"text", "Dear Ms Velez-Quintero, we are sorry"}}, id);
      does("jo", Action::teach, {{"label", "urgent"}, {"urgent", "yes"}}, id);
    }
    DeskCommand ask;
    ask.what = "ask", ask.who = "ceo", ask.manager = true;
    ask.args = {{"to", "kim"},
                {"text", "Why did nobody answer my three letters about the broken dimmer?"},
                {"item", kLetterWords}};
    asked = loop.run(change_question(ask));
    later(minutes{1});
  }

  std::string one, two;
  std::vector<std::string> cases;
  DeskAnswer merged, asked;
};

const std::vector<std::string> kTraces{"mara_velez", "velez",           "quintero",
                                       "posteo",     "smells of smoke", "302-5512",
                                       "sister oda", "three letters",   "broken dimmer",
                                       "5551234",    "thread-9812",     "social.example/@mara"};

TEST_F(MaraHouse, NothingIsLeftInAnyTableAndTheChainHolds) {
  ASSERT_TRUE(merged.done) << merged.text;
  ASSERT_TRUE(asked.done) << asked.text;
  ASSERT_EQ(cases.size(), 2U);
  const std::string before = to_lower_ascii(everything());
  for (const std::string& it : kTraces) EXPECT_NE(before.find(it), std::string::npos) << it;
  EXPECT_FALSE(broken_ledger());
  std::pair<std::int64_t, std::string> head;
  look([&](StoreReader& reader) { head = reader.ledger_head(); });

  const DeskAnswer done = erase("customer:" + one);
  ASSERT_TRUE(done.done) << done.text;
  const std::string after = to_lower_ascii(everything());
  for (const std::string& it : kTraces) {
    const std::size_t at = after.find(it);
    EXPECT_EQ(at, std::string::npos)
        << it << " in " << after.substr(after.rfind('\n', at) + 1, 600);
  }
  EXPECT_FALSE(broken_ledger()) << *broken_ledger();
  look([&](StoreReader& reader) {
    LedgerQuery query;
    query.after = head.first - 1;
    query.limit = 1;
    EXPECT_EQ(reader.ledger(query).front().hash, head.second) << "a head noted before still holds";
  });
  EXPECT_NE(after.find("box came late"), std::string::npos) << "others keep their words";
  EXPECT_NE(after.find("i have the same lamp"), std::string::npos);
}

TEST_F(MaraHouse, MailsByWhichOurPeopleAskedAndAnsweredGoToo) {
  writes("M. Lind <ceo@brightwave.example>", "ask@brightwave.example", "Fwd: Three letters",
         "f1@client.example",
         std::string{
             "@kim ?\r\n\r\n---------- Forwarded message ---------\r\nFrom: Mara Velez-Quintero "
             "<mara.velez@posteo.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nSubject: "
             "Three letters\r\nTo: <ceo@brightwave.example>\r\n\r\n"} +
             kLetterWords);
  std::string parent;
  for (const OutboxRow& row : sent())
    if (row.person == "kim" && row.message_id.starts_with("question-")) parent = row.message_id;
  ASSERT_FALSE(parent.empty());
  writes("Kim Park <kim@brightwave.example>", "ask@brightwave.example", "Re: Question",
         "f2@client.example", "She hums whenever it rains; a technician goes on Monday.",
         parent + "@brightwave.example");
  ASSERT_NE(everything().find("She hums whenever it rains"), std::string::npos);
  ASSERT_TRUE(erase("customer:" + one).done);
  const std::string after = to_lower_ascii(everything());
  for (const char* it : {"three letters", "she hums whenever", "velez"})
    EXPECT_EQ(after.find(it), std::string::npos)
        << it << " in " << after.substr(after.rfind('\n', after.find(it)) + 1, 600);
  look([&](StoreReader& reader) {
    EXPECT_TRUE(reader.known("mailbox", "f2@client.example")) << "it is not read again";
  });
}

TEST_F(MaraHouse, FoundBeforeTheTransactionIsFoundAgainWhereTheyHaveWrittenMeanwhile) {
  const auto find = [&] {
    PersonHunt hunt{"customer:" + one};
    for (bool found = false; !found;) look([&](StoreReader& reader) { found = hunt.step(reader); });
    return hunt.take();
  };
  const auto erase_found = [&](PersonSearch& search) {
    DeskCommand command;
    command.what = "erase", command.who = "kim";
    command.args = {{"author", one}, {"confirm", one}, {"open", "yes"}, {"reason", "a letter"}};
    DeskAnswer out;
    write([&](StoreWriter& writer) {
      out = earshot::change_person(writer, *stones, command, clock.now(), &search);
    });
    return out;
  };
  PersonSearch search = find();
  does("jo", Action::note, {{"text", "She was at home"}}, cases[0]);  // found inside
  accept(post("n9", "The Brightwave box of mine is dented, too, what a pity", "mara_velez"),
         "masto");
  EXPECT_EQ(erase_found(search).code, kFindAgain);
  EXPECT_NE(everything().find("smells of smoke"), std::string::npos) << "nothing was done";
  search = find();
  does("jo", Action::note, {{"text", "Mara Velez-Quintero was at home"}}, cases[0]);
  ASSERT_TRUE(erase_found(search).done);
  const std::string after = to_lower_ascii(everything());
  for (const char* it : {"velez", "smells of smoke", "is dented, too"})
    EXPECT_EQ(after.find(it), std::string::npos) << it;
  EXPECT_FALSE(broken_ledger());
}

TEST(CleanMail, HeadersAndTextsAreTakenApart) {
  Traces traces;
  traces.add_name("mara_velez");
  traces.add_words("My lamp has been dark for three weeks.");
  Message message;
  message.headline = "Frage über mara_velez – ein sehr langer Betreff, der umbrochen wird";
  message.text = "M. Lind asks you:\n| My lamp has been dark for three weeks.\nPlease answer.";
  ReceiverConfig receiver;
  receiver.type = "email", receiver.to = {"kim@brightwave.example"};
  const Envelope envelope{"id1", "kim@brightwave.example", "earshot@brightwave.example", ""};
  const std::string before = render_email(receiver, message, envelope);
  const std::string after = clean_mail(traces, before);
  EXPECT_NE(after, before);
  EXPECT_EQ(clean_mail(traces, after), after);
  message.headline = "Frage über [erased] – ein sehr langer Betreff, der umbrochen wird";
  message.text = "M. Lind asks you:\n[erased]\nPlease answer.";
  EXPECT_EQ(after.substr(after.find("Content-Type")),
            render_email(receiver, message, envelope)
                .substr(render_email(receiver, message, envelope).find("Content-Type")));
  EXPECT_EQ(clean_mail(traces, "plain"), "plain");
}

TEST_F(MaraHouse, FactsOfTheCasesStay) {
  std::map<std::string, Case> before;
  for (const std::string& id : cases) before[id] = case_of_id(id);
  ASSERT_TRUE(erase("mail:mara.velez@posteo.example").done);
  for (const std::string& id : cases) {
    const Case was = before[id];
    const Case it = case_of_id(id);
    EXPECT_EQ(it.state, was.state);
    EXPECT_EQ(it.owner, was.owner);
    EXPECT_EQ(it.urgency, was.urgency);
    EXPECT_EQ(it.cues, was.cues);
    EXPECT_EQ(it.opened_at, was.opened_at);
    EXPECT_EQ(it.acknowledged_at, was.acknowledged_at);
    EXPECT_EQ(it.answered_at, was.answered_at);
    EXPECT_EQ(it.points_sum, was.points_sum);
    EXPECT_EQ(it.team, was.team);
    EXPECT_EQ(it.reach, 10'000U);
    EXPECT_EQ(it.excerpt, kErased);
    Case made;
    look([&](StoreReader& reader) {
      LedgerQuery query;
      query.case_id = id;
      for (const LedgerEntry& entry : reader.ledger(query)) {
        const auto event = event_from_json(entry.kind, entry.who, entry.at, entry.data);
        if (event) made = fold(std::move(made), *event);
      }
    });
    made.version = it.version, made.number = it.number;
    EXPECT_EQ(to_json(made), to_json(it)) << "its entries make the same of it";
    EXPECT_EQ(waiting_pages(id, "jo"), 0U);
  }
}

TEST_F(MaraHouse, WhatASourceShowsAgainStaysOut) {
  clock.advance(seconds{1});
  const Post item = post("n1", kWords, "mara_velez");
  const Post letter = mail("m1", kLetterWords);
  Post older = post("n0", kWords, "mara_velez");
  older.created_at = clock.now() - hours{24};
  ASSERT_TRUE(erase("mara_velez").done);
  const std::size_t had = all_cases().size();
  Post edited = item;
  edited.text = std::string{kWords} + " and a fire broke out, my hand is burnt";
  edited.created_at = clock.now() + hours{1};
  for (const Post& it : {item, older, edited}) accept(it, "masto");
  accept(letter, "mailbox");
  EXPECT_EQ(all_cases().size(), had);
  EXPECT_EQ(to_lower_ascii(everything()).find("mara"), std::string::npos);

  later(hours{1});
  const Post fresh = post("n2", kHazard, "mara_velez");
  accept(fresh, "masto");
  EXPECT_EQ(all_cases().size(), had + 1) << "what they write afterwards is heard";
}

TEST_F(MaraHouse, TheExportHasEverythingAndTheLedgerKeepsWhoAsked) {
  const DeskAnswer done = person("export", {{"author", "mara_velez"}});
  ASSERT_TRUE(done.done) << done.text;
  ASSERT_TRUE(parse_json(done.body));
  const std::string all = to_lower_ascii(done.body);
  for (const std::string& it : kTraces) EXPECT_NE(all.find(it), std::string::npos) << it;
  EXPECT_EQ(all.find("box came late"), std::string::npos) << "nothing of others";
  EXPECT_EQ(ledger_of("person_exported").size(), 1U);
}

TEST_F(MaraHouse, IsRefusedWithAReason) {
  EXPECT_EQ(person("erase", {{"author", "mara_velez"}}).code, "open_case");
  EXPECT_EQ(person("erase", {{"author", "mara_velez"}, {"open", "yes"}}).code, "confirm");
  EXPECT_EQ(person("erase", {{"author", "nobody"}}).code, "no_person");
  EXPECT_EQ(person("erase", {{"author", "nobody"}, {"reason", ""}}).code, "no_reason");
  EXPECT_EQ(person("forget", {{"author", "mara_velez"}}).code, "no_action");
  accept(post("x1", kHazard, "mara_velez"), "other");
  EXPECT_EQ(person("erase", {{"author", "mara_velez"}}).code, "several");
  EXPECT_TRUE(ledger_of("erased").empty());
}

TEST_F(MaraHouse, ALegalHoldKeepsThePersonUntilItEnds) {
  const std::string end = to_rfc3339(clock.now() + hours{24});
  ASSERT_TRUE(person("hold", {{"author", "mara_velez"}, {"until", end}}).done);
  EXPECT_EQ(erase("mara_velez").code, "held");
  later(hours{25});
  ASSERT_TRUE(person("hold", {{"author", "mara_velez"}}).done);
  EXPECT_EQ(erase("mara_velez").code, "held");
  ASSERT_TRUE(person("release", {{"author", "mara_velez"}}).done);
  does("jo", Action::hold, {{"reason", "a court"}}, cases[0]);
  EXPECT_EQ(erase("mara_velez").code, "held");
}

TEST_F(MaraHouse, ErasedAgainAfterARestore) {
  ASSERT_TRUE(erase("mara_velez").done);
  // The backup of before: her posts are there, and the tombstones that were carried over.
  auto backup = open_sqlite(":memory:");
  Pipeline intake{
      *backup, clock, dice, loop.executor(), [this] { return rules; }, [this] { return key; }};
  Batch batch;
  batch.source = "masto";
  batch.posts.push_back(post("n1", kWords, "mara_velez"));
  batch.posts.front().created_at = clock.now() - hours{1};
  loop.run(intake.accept(std::move(batch)));
  std::uint64_t again = 0;
  std::size_t left = 0;
  loop.run(backup->write([&](StoreWriter& writer) {
    again = erase_again(writer, *stones, clock.now());
    left = find_person(writer, "mara_velez").found ? 1 : 0;
  }));
  EXPECT_EQ(again, 1U);
  EXPECT_EQ(left, 0U);
}

}  // namespace
}  // namespace earshot
