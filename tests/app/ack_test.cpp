// Acknowledging from where one is: links, codes, mail, text messages; giving back; reminders.
#include <fmt/format.h>
#include <sys/stat.h>

#include <random>
#include <thread>

#include "../../src/app/keys.hpp"
#include "../../src/web/twilio.hpp"
#include "house.hpp"

namespace earshot {
namespace {

class Ack : public House {
 protected:
  void SetUp() override {
    posts("1", kHazard);
    it = only_case();
  }
  std::string token(LinkPurpose purpose = LinkPurpose::ack, const std::string& person = "jo") {
    const AckGrant grant{it.id, person, 0, clock.now() + hours{24}, 5, purpose};
    return sign_ack(grant, key);
  }
  void level(LinkLevel link) {
    Config config = house_config();
    config.acknowledge.link = link;
    use(std::move(config));
  }
  WebResponse press(const std::string& link, const std::string& more = "") {
    return ask("POST", "/ack/" + link, "token=" + link + more);
  }
  CaseState state() { return only_case().state; }
  Post mail(std::string id, std::string from, std::string text, std::string in_reply_to) {
    Post post;
    post.id = std::move(id);
    post.channel = Channel::email;
    post.is_public = false;
    post.author.id = post.author.handle = std::move(from);
    post.title = "Re: Page";
    post.text = std::move(text);
    post.in_reply_to = std::move(in_reply_to);
    return post;
  }
  std::string our_id(const std::string& person = "jo") {
    return rows(it.id, person).front().message_id + "@house.example";
  }
  Case it;
};

TEST_F(Ack, ARepeatOfAPageIsNeedlessOnceAllWhoMustHaveTheCase) {
  const auto needless = [&](CaseState state, int wanted, std::vector<std::string> have) {
    bool out = false;
    const OutboxRow page = rows(it.id, "jo").front();
    write([&](StoreWriter& writer) {
      CaseRecord record = *writer.case_by_id(it.id);
      Case now = load_case(record);
      now.state = state;
      now.acks_needed = wanted;
      now.confirmed = std::move(have);
      record.body = to_json(now);
      writer.put_case(record);
      out = page_is_needless(writer, page);
    });
    return out;
  };
  EXPECT_FALSE(needless(CaseState::open, 1, {}));
  EXPECT_FALSE(needless(CaseState::acknowledged, 2, {"jo"})) << "a second person is still wanted";
  EXPECT_TRUE(needless(CaseState::acknowledged, 2, {"jo", "kim"}));
  EXPECT_TRUE(needless(CaseState::answered, 1, {"jo"}));
  EXPECT_TRUE(needless(CaseState::closed, 1, {"jo"}));
}

TEST_F(Ack, GetHeadAndPrefetchOnlyShowAtEveryLevel) {
  for (const LinkLevel link : {LinkLevel::button, LinkLevel::code, LinkLevel::login}) {
    level(link);
    for (const LinkPurpose purpose :
         {LinkPurpose::ack, LinkPurpose::undo, LinkPurpose::not_worth}) {
      for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) {
        for (const char* hint : {"", "prefetch"}) {
          const WebResponse got =
              ask(method, "/ack/" + token(purpose), "token=" + token(purpose), {{"Purpose", hint}});
          EXPECT_TRUE(got.status == 200 || got.status == 405) << method << got.status;
          EXPECT_EQ(got.body.find(kHazard), std::string::npos) << "no customer's words";
        }
      }
    }
  }
  EXPECT_EQ(state(), CaseState::open);
}

TEST_F(Ack, TheButtonActsOnceAndAgainWithTheSameAnswer) {
  const WebResponse first = press(token());
  EXPECT_EQ(first.status, 200);
  EXPECT_NE(first.body.find("jo has case 1 now"), std::string::npos);
  EXPECT_EQ(only_case().owner, "jo");
  EXPECT_EQ(waiting_pages(it.id, "jo"), 0U);
  const std::int64_t version = only_case().version;
  const WebResponse again = press(token());
  EXPECT_EQ(again.status, 200);
  EXPECT_NE(again.body.find("jo has case 1 now"), std::string::npos);
  EXPECT_EQ(only_case().version, version) << "nothing was written twice";
}

TEST_F(Ack, TwoAtOnceGetATruthfulAnswer) {
  press(token());
  const WebResponse second = press(token(LinkPurpose::ack, "kim"));
  EXPECT_EQ(second.status, 409);
  EXPECT_NE(second.body.find("jo has it already"), std::string::npos);
}

TEST_F(Ack, ItCanBeGivenBackForTenMinutesAndThePagesBegin) {
  const std::string page = press(token()).body;
  const std::size_t at = page.find("/ack/");
  const std::string undo = page.substr(at + 5, page.find('"', at) - at - 5);
  EXPECT_EQ(press(undo).status, 200);
  EXPECT_EQ(state(), CaseState::open);
  EXPECT_EQ(waiting_pages(it.id, "jo"), 1U);
  press(token());
  clock.advance(minutes{11});
  EXPECT_NE(press(undo).status, 200) << "ten minutes are over";
  EXPECT_EQ(state(), CaseState::acknowledged);
}

TEST_F(Ack, AtTheLevelOfACodeAScannerThatPressesTheButtonTakesNothing) {
  level(LinkLevel::code);
  EXPECT_EQ(press(token()).status, 403);
  const std::string code = ack_code(key, it.id, "jo");
  const std::string wrong = code == "0000" ? "1111" : "0000";
  EXPECT_EQ(press(token(), "&code=" + wrong).status, 403);
  EXPECT_EQ(state(), CaseState::open);
  EXPECT_EQ(press(token(), "&code=" + code).status, 200);
  EXPECT_EQ(only_case().owner, "jo");
}

TEST_F(Ack, FourDigitsCannotBeTriedThrough) {
  level(LinkLevel::code);
  const std::string code = ack_code(key, it.id, "jo");
  int tried = 0;
  for (int n = 0; n < 10'000 && tried < 50; ++n) {
    const std::string guess = fmt::format("{:04}", n);
    if (guess == code) continue;
    ++tried;
    const std::string from = fmt::format("198.51.100.{}", n % 200);  // from everywhere
    const WebResponse got =
        ask("POST", "/ack/" + token(), "token=" + token() + "&code=" + guess, {}, from);
    EXPECT_EQ(got.status, tried <= 5 ? 403 : 429);
  }
  EXPECT_EQ(press(token(), "&code=" + code).status, 429) << "the right one comes too late";
  clock.advance(minutes{61});
  EXPECT_EQ(press(token(), "&code=" + code).status, 200);
}

TEST_F(Ack, AtTheLevelOfLoginALinkOnlyLeadsToTheCase) {
  level(LinkLevel::login);
  EXPECT_EQ(press(token(), "&code=" + ack_code(key, it.id, "jo")).status, 403);
  EXPECT_EQ(state(), CaseState::open);
}

TEST_F(Ack, TenBadTokensAMinuteFromOneAddress) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("GET", "/ack/nonsense").status, 410);
  EXPECT_EQ(ask("GET", "/ack/nonsense").status, 429);
  EXPECT_EQ(press(token()).status, 429) << "nothing from there is looked at";
  EXPECT_EQ(ask("POST", "/ack/" + token(), "token=" + token(), {}, "192.0.2.8").status, 200);
  clock.advance(minutes{2});
  EXPECT_EQ(press(token()).status, 200);
}

TEST_F(Ack, ALinkOfSomebodyWhoLeftOpensNothing) {
  EXPECT_EQ(press(token(LinkPurpose::ack, "gone")).status, 410);
  EXPECT_EQ(state(), CaseState::open);
}

TEST_F(Ack, WhereItCameFromIsKept) {
  press(token());
  look([&](StoreReader& reader) {
    LedgerQuery query;
    query.case_id = it.id;
    query.kind = "acknowledged";
    const auto entries = reader.ledger(query);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_NE(entries[0].data.find("\"via\":\"link\""), std::string::npos) << entries[0].data;
    EXPECT_NE(entries[0].data.find("192.0.2.7"), std::string::npos);
  });
}

TEST_F(Ack, AReplyToOurMailAcknowledges) {
  accept(mail("m1", "Jo@House.example", "ACK, I ring her now", our_id()), "mailbox");
  EXPECT_EQ(only_case().owner, "jo");
  EXPECT_EQ(waiting_pages(it.id, "jo"), 0U);
  const auto told = rows(it.id, "jo");
  EXPECT_NE(told.back().body.find("You have case 1 now"), std::string::npos) << told.back().body;
  EXPECT_EQ(all_cases().size(), 1U) << "a reply opens no case";
  look([](StoreReader& reader) {
    EXPECT_TRUE(reader.known("mailbox", "m1")) << "read again it is known";
  });
}

TEST_F(Ack, ARepliersWordsThatAreNoAckAreKeptAndTheCaseWaits) {
  accept(mail("m1", "jo@house.example", "I am on holiday, ask Bo", our_id()), "mailbox");
  EXPECT_EQ(state(), CaseState::open);
  EXPECT_EQ(waiting_pages(it.id, "jo"), 1U) << "pages go on";
  EXPECT_NE(rows(it.id, "jo").back().body.find("reply ACK to take it"), std::string::npos);
}

TEST_F(Ack, AMachinesReplyNeverCounts) {
  Post post = mail("m1", "jo@house.example", "ACK", our_id());
  post.automatic = Automatic::auto_reply;
  accept(post, "mailbox");
  EXPECT_EQ(state(), CaseState::open);
}

TEST_F(Ack, AnotherAddressOrAForgedIdAcknowledgesNothing) {
  accept(mail("m1", "mallory@evil.example", "ACK", our_id()), "mailbox");
  accept(mail("m2", "jo@house.example", "ACK", "case-c0123456789abcdef.00@x"), "mailbox");
  accept(mail("m3", "li@house.example", "ACK", our_id()), "mailbox");
  for (const Case& one : all_cases()) EXPECT_TRUE(one.owner.empty()) << one.id;
}

TEST_F(Ack, TheTagOfTheSubjectServesWhereTheHeaderIsGone) {
  Post post = mail("m1", "jo@house.example", "ok", "");
  post.title = fmt::format("Re: Page [#{}-{}]", it.number, reply_tag(key, it.id, "jo"));
  accept(post, "mailbox");
  EXPECT_EQ(only_case().owner, "jo");
}

TEST_F(Ack, ATagOfSomebodyElseDoesNotServe) {
  Post post = mail("m1", "jo@house.example", "ok", "");
  post.title = fmt::format("Re: Page [#{}-{}]", it.number, reply_tag(key, it.id, "kim"));
  accept(post, "mailbox");
  EXPECT_TRUE(case_of_id(it.id).owner.empty());
}

class Sms : public Ack {
 protected:
  void SetUp() override {
    Ack::SetUp();
    file = testing::TempDir() + "earshot-sms-token";
    std::FILE* out = std::fopen(file.c_str(), "w");
    std::fputs("provider-secret\n", out);
    std::fclose(out);
    chmod(file.c_str(), 0600);
    Config config = house_config();
    config.acknowledge.sms_token_file = file;
    use(std::move(config));
  }
  WebResponse text(const std::string& from, const std::string& words,
                   std::string secret = "provider-secret") {
    const std::string body = "From=" + from + "&Body=" + words + "&MessageSid=SM1";
    const Form form = parse_form(body);
    return ask("POST", "/hooks/sms", body,
               {{"X-Twilio-Signature",
                 twilio_signature(secret, "https://earshot.example/hooks/sms", form)}});
  }
  std::string file;
};

TEST_F(Sms, TheCodeOfTheMessageTakesTheCase) {
  const std::string code = ack_code(key, it.id, "jo");
  EXPECT_EQ(text("%2B491701234567", "ACK+" + code, "wrong").status, 403);
  EXPECT_EQ(state(), CaseState::open);
  EXPECT_NE(text("%2B4917099999", "ACK+" + code).body.find("does not know this number"),
            std::string::npos);
  EXPECT_NE(text("%2B491701234567", "ACK").body.find("four digits"), std::string::npos);
  const WebResponse done = text("%2B491701234567", "ACK+" + code);
  EXPECT_NE(done.body.find("You have case 1 now"), std::string::npos) << done.body;
  EXPECT_EQ(only_case().owner, "jo");
  later(minutes{1});
  const std::string kims = ack_code(key, it.id, "kim");
  EXPECT_NE(text("%2B491707654321", kims).body.find("No open case"), std::string::npos)
      << "kim was told nothing of it";
}

TEST_F(Sms, AmongManyOpenCasesTheRightOneIsFound) {
  CaseRecord record;
  look([&](StoreReader& reader) { record = *reader.case_by_id(it.id); });
  write([&](StoreWriter& writer) {
    for (int i = 0; i < 2500; ++i) {
      record.id = fmt::format("c-{}", i);
      record.version = 0;
      record.due = clock.now() - hours{1};  // they stand before it
      writer.put_case(record);
    }
  });
  const WebResponse done = text("%2B491701234567", "ACK+" + ack_code(key, it.id, "jo"));
  EXPECT_NE(done.body.find("You have case 1 now"), std::string::npos) << done.body;
}

TEST(Twilio, SignsAsItsOwnDocumentationShows) {
  // The worked example of Twilio's "Validating requests" page.
  const Form form{{"CallSid", "CA1234567890ABCDE"},
                  {"Caller", "+14158675309"},
                  {"Digits", "1234"},
                  {"From", "+14158675309"},
                  {"To", "+18005551212"}};
  EXPECT_EQ(twilio_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form),
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
  EXPECT_FALSE(twilio_signed("", "", "https://x", form));
}

TEST(Twilio, FindsTheOneGroupOfFourDigits) {
  EXPECT_EQ(code_in("ACK 4821"), "4821");
  EXPECT_EQ(code_in("4821"), "4821");
  EXPECT_EQ(code_in("ok, 4821."), "4821");
  EXPECT_EQ(code_in("4821 and 1234"), "");
  EXPECT_EQ(code_in("48215"), "");
  EXPECT_EQ(code_in(""), "");
}

TEST_F(Ack, TheOwnerIsRemindedBeforeItDecaysOneStepUp) {
  does("jo", Action::ack);
  later(minutes{51});
  const auto told = rows(it.id, "jo");
  EXPECT_NE(told.back().body.find("goes back and one step up in 9 min"), std::string::npos)
      << told.back().body;
  later(minutes{10});
  EXPECT_EQ(state(), CaseState::open);
  EXPECT_EQ(waiting_pages(it.id, "kim"), 1U) << "one step up";
}

TEST_F(Ack, KeysRotateAndTheOldOneStillOpensWhatItSigned) {
  std::vector<AckKey> keys;
  const auto keep = [&](const std::string& fresh) {
    write([&](StoreWriter& writer) {
      keys = keep_keys(writer, fresh, clock.now(), hours{24 * 30}, hours{24});
    });
  };
  keep(std::string(32, 'a'));
  ASSERT_EQ(keys.size(), 1U);
  const AckGrant grant{it.id, "jo", 0, clock.now() + hours{24 * 40}, 1};
  const std::string old = sign_ack(grant, keys.front());
  const std::string code = ack_code(keys.front(), it.id, "jo");
  clock.advance(hours{24 * 29});
  keep(std::string(32, 'b'));
  EXPECT_EQ(keys.size(), 1U);
  clock.advance(hours{24 * 2});
  keep(std::string(32, 'b'));
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.front().id, "k2");
  EXPECT_TRUE(verify_ack(old, keys, clock.now()));
  EXPECT_TRUE(is_ack_code(code, keys.front(), it.id, "jo"));
  clock.advance(hours{25});
  keep(std::string(32, 'c'));
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys.front().id, "k2");
  EXPECT_FALSE(verify_ack(old, keys, clock.now()));
}

}  // namespace
}  // namespace earshot
