// What each service does with an update, a repeat, a moved chat, a missing message: its requests.
#include <gtest/gtest.h>

#include "earshot/core/json.hpp"
#include "receiver_kit.hpp"

namespace earshot {
namespace {

using enum DeliveryOutcome;

JsonDocument sent(const HttpRequest& request) {
  auto document = parse_json(request.body);
  EXPECT_TRUE(document) << request.body;
  return document ? std::move(*document) : JsonDocument{};
}

struct Sending {
  ReceiverKit kit;
  ReceiverConfig config;
  std::shared_ptr<Receiver> receiver;
  explicit Sending(const std::string& type, const std::string& variant = {})
      : config(ReceiverKit::config(type, variant)), receiver(kit.make(config)) {}
  OutboxRow update(const std::string& thread, const std::string& change = "taken") const {
    Message message = sample_message(MessageKind::update);
    message.change = change;
    OutboxRow row = ReceiverKit::row(config, message);
    row.key = "update/1";
    row.thread = thread;
    return row;
  }
  OutboxRow page() const { return ReceiverKit::row(config, sample_message(MessageKind::page)); }
};

TEST(ReceiverUpdates, SlackAnswersInTheThread) {
  Sending it{"slack", "api"};
  it.kit.http.answer(200, R"({"ok":true,"ts":"2.0"})");
  it.kit.deliver(it.receiver, it.update("1417671948.000006"));
  const HttpRequest& request = it.kit.http.requests.at(0);
  EXPECT_EQ(request.url, "https://slack.com/api/chat.postMessage");
  EXPECT_EQ(request.bearer, kCanary);
  const JsonDocument body = sent(request);
  EXPECT_EQ(string_at(body, "thread_ts"), "1417671948.000006");
  EXPECT_EQ(string_at(body, "channel"), "C01");
}

TEST(ReceiverUpdates, MattermostAnswersInTheThread) {
  Sending it{"mattermost", "api"};
  it.kit.http.answer(201, R"({"id":"b"})");
  it.kit.deliver(it.receiver, it.update("a"));
  EXPECT_EQ(it.kit.http.requests.at(0).url, "https://chat.example/api/v4/posts");
  EXPECT_EQ(string_at(sent(it.kit.http.requests.at(0)), "root_id"), "a");
}

TEST(ReceiverUpdates, DiscordEditsAndSaysAnewWhatWasDeleted) {
  Sending it{"discord"};
  it.kit.http.answer(404, R"({"message":"Unknown Message","code":10008})");
  it.kit.http.answer(200, R"({"id":"2"})");
  const Delivery got = it.kit.deliver(it.receiver, it.update("1"));
  EXPECT_EQ(to_word(got.outcome), "ok");
  ASSERT_EQ(it.kit.http.requests.size(), 2U);
  EXPECT_EQ(it.kit.http.requests[0].method, "PATCH");
  EXPECT_TRUE(it.kit.http.requests[0].url.ends_with("/messages/1"));
  EXPECT_EQ(it.kit.http.requests[1].method, "POST");
  EXPECT_TRUE(it.kit.http.requests[1].url.ends_with("?wait=true"));
}

TEST(ReceiverUpdates, TelegramAnswersAndFollowsAMovedGroup) {
  Sending it{"telegram"};
  it.kit.http.answer(
      400, R"({"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-100777}})");
  const Delivery moved = it.kit.deliver(it.receiver, it.page());
  EXPECT_EQ(to_word(moved.outcome), "again");
  EXPECT_EQ(moved.moved_to, "-100777");
  OutboxRow row = it.update("42");
  row.moved_to = moved.moved_to;
  it.kit.http.answer(200, R"({"ok":true,"result":{"message_id":43}})");
  it.kit.deliver(it.receiver, row);
  const JsonDocument body = sent(it.kit.http.requests.at(1));
  EXPECT_EQ(string_at(body, "chat_id"), "-100777");
  EXPECT_EQ(integer_at(*find(body, "reply_parameters"), "message_id"), 42);
}

TEST(ReceiverUpdates, MatrixThreadsUnderItsTransaction) {
  Sending it{"matrix"};
  it.kit.http.answer(200, R"({"event_id":"$b"})");
  it.kit.deliver(it.receiver, it.update("$a"));
  const HttpRequest& request = it.kit.http.requests.at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url,
            "https://matrix.example/_matrix/client/v3/rooms/%21room%3Amatrix.example/send/"
            "m.room.message/case-01CASE.00ff");
  EXPECT_EQ(string_at(*find(sent(request), "m.relates_to"), "event_id"), "$a");
  EXPECT_TRUE(it.receiver->honours_keys());
}

TEST(ReceiverUpdates, NtfyNamesTheMessageItChanges) {
  Sending it{"ntfy"};
  it.kit.http.answer(200, R"({"id":"y"})");
  it.kit.deliver(it.receiver, it.update("x"));
  const JsonDocument body = sent(it.kit.http.requests.at(0));
  EXPECT_EQ(string_at(body, "sequence_id"), "x");
  EXPECT_EQ(string_at(body, "topic"), kCanary);
}

TEST(ReceiverUpdates, PagerdutyAcknowledgesAndResolvesOneIncident) {
  for (const auto& [change, action] :
       {std::pair{"taken", "acknowledge"}, std::pair{"closed", "resolve"}}) {
    Sending it{"pagerduty"};
    it.kit.http.answer(202, R"({"status":"success","dedup_key":"k"})");
    it.kit.http.answer(202, R"({"status":"success","dedup_key":"k"})");
    it.kit.deliver(it.receiver, it.page());
    it.kit.deliver(it.receiver, it.update("k", change));
    const JsonDocument first = sent(it.kit.http.requests.at(0));
    const JsonDocument then = sent(it.kit.http.requests.at(1));
    EXPECT_EQ(string_at(first, "event_action"), "trigger");
    EXPECT_EQ(string_at(then, "event_action"), action);
    EXPECT_EQ(string_at(first, "dedup_key"), string_at(then, "dedup_key"));
    EXPECT_EQ(string_at(then, "routing_key"), kCanary);
  }
}

TEST(ReceiverUpdates, OpsgenieAsksWhatBecameOfItsRequest) {
  Sending it{"opsgenie"};
  it.kit.http.answer(202, R"({"result":"Request will be processed","requestId":"q1"})");
  it.kit.http.answer(404, "{}");
  it.kit.http.answer(200, R"({"data":{"success":true,"status":"Created alert"}})");
  const Delivery got = it.kit.deliver(it.receiver, it.page());
  EXPECT_EQ(to_word(got.outcome), "ok");
  EXPECT_EQ(got.id, "q1");
  EXPECT_EQ(it.kit.http.requests.at(2).url, "https://api.opsgenie.com/v2/alerts/requests/q1");
}

TEST(ReceiverUpdates, OpsgenieToldTooLateThatItFailed) {
  Sending it{"opsgenie"};
  it.kit.http.answer(202, R"({"requestId":"q1"})");
  it.kit.http.answer(200, R"({"data":{"success":false,"status":"Alert could not be created"}})");
  EXPECT_EQ(to_word(it.kit.deliver(it.receiver, it.page()).outcome), "refused");
}

TEST(ReceiverUpdates, OpsgenieClosesByAliasAndAnAbsentAlertIsClosed) {
  Sending it{"opsgenie"};
  it.kit.http.answer(202, R"({"requestId":"q1"})");
  it.kit.http.answer(200, R"({"data":{"success":false,"status":"Alert does not exist"}})");
  EXPECT_EQ(to_word(it.kit.deliver(it.receiver, it.update("", "closed")).outcome), "ok");
  EXPECT_EQ(
      it.kit.http.requests.at(0).url,
      "https://api.opsgenie.com/v2/alerts/earshot-01SAMPLE00000000/close?identifierType=alias");
  EXPECT_EQ(it.kit.http.requests.at(0).headers.at(1).second, std::string{"GenieKey "} + kCanary);
}

TEST(ReceiverUpdates, ATextMessageIsLookedForBeforeItIsRepeated) {
  Sending it{"sms"};
  OutboxRow row = it.page();
  row.possible_repeats = 1;
  JsonWriter list;
  list.object();
  list.key("messages");
  list.array();
  list.object();
  list.field("body", row.body);
  list.field("status", "delivered");
  list.end();
  list.end_array();
  list.end();
  it.kit.http.answer(200, list.take());
  EXPECT_EQ(to_word(it.kit.deliver(it.receiver, row).outcome), "ok");
  EXPECT_EQ(it.kit.http.requests.size(), 1U) << "found, so it is not sent again";

  Sending other{"sms"};
  other.kit.http.answer(200, R"({"messages":[]})");
  other.kit.http.answer(201, R"({"sid":"SM2","status":"queued"})");
  EXPECT_EQ(other.kit.deliver(other.receiver, row).id, "SM2");
  EXPECT_NE(other.kit.http.requests.at(1).body.find("possible%20repeat"), std::string::npos);
}

TEST(ReceiverUpdates, APossibleRepeatSaysSoAndStaysWhole) {
  for (const char* type : {"slack", "teams", "mattermost", "discord", "telegram", "ntfy"}) {
    Sending it{type};
    it.kit.http.otherwise([](const HttpRequest&) { return HttpResponse{200, {}, "ok", ""}; });
    OutboxRow row = it.page();
    row.possible_repeats = 1;
    it.kit.deliver(it.receiver, row);
    EXPECT_NE(it.kit.http.requests.at(0).body.find("(possible repeat)"), std::string::npos) << type;
    EXPECT_TRUE(parse_json(it.kit.http.requests.at(0).body)) << type;
  }
}

TEST(ReceiverUpdates, AMailAnswersTheFirstOne) {
  const ReceiverConfig config = ReceiverKit::config("email");
  const std::string mail = render(config, sample_message(MessageKind::update),
                                  {"case-1.b", "", "earshot@example.org", "case-1.a"});
  EXPECT_NE(mail.find("\r\nIn-Reply-To: <case-1.a@example.org>\r\n"), std::string::npos) << mail;
  EXPECT_NE(mail.find("References: <case-01SAMPLE00000000@example.org>\r\n <case-1.a@example.org>"),
            std::string::npos);
}

}  // namespace
}  // namespace earshot
