// Every documented answer of every service: the class of RELIABILITY 2.1, the wait, the id; nothing
// of a body in the words that are logged.
#include <gtest/gtest.h>

#include "receiver_kit.hpp"

namespace earshot {
namespace {

using enum DeliveryOutcome;

struct Row {
  const char* name;
  const char* type;
  const char* variant;
  int status;
  const char* body;
  DeliveryOutcome want;
  std::optional<Duration> wait{};
  const char* id = "";
  FakeHttp::Headers headers{};
};

const FakeHttp::Headers kHalfAMinute{{"Retry-After", "30"}};
const FakeHttp::Headers kDate{{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                              {"Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"}};

const Row kRows[] = {
    {"slack_ok", "slack", "", 200, "ok", ok},
    {"slack_other_200", "slack", "", 200, "<html>", refused},
    {"slack_payload", "slack", "", 400, "invalid_payload", refused},
    {"slack_no_text", "slack", "", 400, "no_text", refused},
    {"slack_blocks", "slack", "", 400, "invalid_blocks", refused},
    {"slack_too_long", "slack", "", 400, "msg_blocks_too_long", refused},
    {"slack_token", "slack", "", 403, "invalid_token", refused},
    {"slack_prohibited", "slack", "", 403, "action_prohibited", refused},
    {"slack_no_service", "slack", "", 404, "no_service", refused},
    {"slack_no_channel", "slack", "", 404, "channel_not_found", refused},
    {"slack_archived", "slack", "", 410, "channel_is_archived", gone},
    {"slack_busy", "slack", "", 429, "", again, seconds{30}, "", kHalfAMinute},
    {"slack_busy_until", "slack", "", 429, "", again, seconds{30}, "", kDate},
    {"slack_rollup", "slack", "", 500, "rollup_error", uncertain},
    {"slack_down", "slack", "", 503, "", again},
    {"slack_moved", "slack", "", 302, "", refused, {}, "", {{"Location", "https://evil.example"}}},
    {"slackapi_ok",
     "slack",
     "api",
     200,
     R"({"ok":true,"channel":"C01","ts":"1417671948.000006"})",
     ok,
     {},
     "1417671948.000006"},
    {"slackapi_busy", "slack", "api", 429, R"({"ok":false,"error":"ratelimited"})", again,
     seconds{30}, "", kHalfAMinute},
    {"slackapi_busy_inside", "slack", "api", 200, R"({"ok":false,"error":"ratelimited"})", again,
     seconds{30}, "", kHalfAMinute},
    {"slackapi_unavailable", "slack", "api", 200, R"({"ok":false,"error":"service_unavailable"})",
     again},
    {"slackapi_internal", "slack", "api", 200, R"({"ok":false,"error":"internal_error"})",
     uncertain},
    {"slackapi_fatal", "slack", "api", 200, R"({"ok":false,"error":"fatal_error"})", uncertain},
    {"slackapi_timeout", "slack", "api", 200, R"({"ok":false,"error":"request_timeout"})",
     uncertain},
    {"slackapi_archived", "slack", "api", 200, R"({"ok":false,"error":"is_archived"})", gone},
    {"slackapi_channel", "slack", "api", 200, R"({"ok":false,"error":"channel_not_found"})",
     refused},
    {"slackapi_outside", "slack", "api", 200, R"({"ok":false,"error":"not_in_channel"})", refused},
    {"slackapi_auth", "slack", "api", 200, R"({"ok":false,"error":"invalid_auth"})", refused},
    {"slackapi_revoked", "slack", "api", 200, R"({"ok":false,"error":"token_revoked"})", refused},
    {"slackapi_long", "slack", "api", 200, R"({"ok":false,"error":"msg_too_long"})", refused},
    {"slackapi_html", "slack", "api", 200, "<html>", refused},
    {"teams_taken", "teams", "", 202, "", ok},
    {"teams_large", "teams", "", 413, "", refused},
    {"teams_signature", "teams", "", 401, R"({"error":{"code":"DirectApiAuthorizationRequired"}})",
     refused},
    {"teams_missing", "teams", "", 404, R"({"error":{"code":"WorkflowNotFound"}})", refused},
    {"teams_bad", "teams", "", 400, "", refused},
    {"teams_busy", "teams", "", 429, "", again, seconds{30}, "", kHalfAMinute},
    {"teams_gateway", "teams", "", 502, "", uncertain},
    {"teams_late", "teams", "", 504, "", uncertain},
    {"pagerduty_ok",
     "pagerduty",
     "",
     202,
     R"({"status":"success","message":"Event processed","dedup_key":"earshot-1"})",
     ok,
     {},
     "earshot-1"},
    {"pagerduty_bad", "pagerduty", "", 400,
     R"({"status":"invalid event","message":"Event object is invalid","errors":["x"]})", refused},
    {"pagerduty_busy", "pagerduty", "", 429, "", again},
    {"pagerduty_down", "pagerduty", "", 500, "", uncertain},
    {"pagerduty_unavailable", "pagerduty", "", 503, "", again},
    {"pagerduty_large", "pagerduty", "", 413, "", refused},
    {"pagerduty_proxy", "pagerduty", "", 200, "<html>", refused},
    {"opsgenie_invalid", "opsgenie", "", 422, R"({"message":"Request body is not processable"})",
     refused},
    {"opsgenie_key", "opsgenie", "", 401, R"({"message":"Could not authenticate"})", refused},
    {"opsgenie_rights", "opsgenie", "", 403, "", refused},
    {"opsgenie_busy",
     "opsgenie",
     "",
     429,
     R"({"message":"You are making too many requests!"})",
     again,
     {},
     "",
     {{"X-RateLimit-State", "THROTTLED"}}},
    {"opsgenie_down", "opsgenie", "", 500, "", uncertain},
    {"mattermost_ok", "mattermost", "", 200, "ok", ok},
    {"mattermost_bad", "mattermost", "", 400,
     R"({"id":"web.incoming_webhook.parse.app_error","message":"x","status_code":400})", refused},
    {"mattermost_gone", "mattermost", "", 404,
     R"({"id":"web.incoming_webhook.channel.app_error","message":"x","status_code":404})", refused},
    {"mattermost_rights", "mattermost", "", 403, "", refused},
    {"mattermost_busy", "mattermost", "", 429, "", again, {}, "", {{"X-Ratelimit-Reset", "1"}}},
    {"mattermost_down", "mattermost", "", 500, "", uncertain},
    {"mattermostapi_ok",
     "mattermost",
     "api",
     201,
     R"({"id":"8xq5z6u7","channel_id":"C01"})",
     ok,
     {},
     "8xq5z6u7"},
    {"mattermostapi_token", "mattermost", "api", 401,
     R"({"id":"api.context.session_expired.app_error"})", refused},
    {"telegram_ok", "telegram", "", 200, R"({"ok":true,"result":{"message_id":42}})", ok, {}, "42"},
    {"telegram_busy", "telegram", "", 429,
     R"({"ok":false,"error_code":429,"parameters":{"retry_after":7}})", again, seconds{7}},
    {"telegram_bad", "telegram", "", 400,
     R"({"ok":false,"error_code":400,"description":"Bad Request: can't parse entities"})", refused},
    {"telegram_token", "telegram", "", 401, R"({"ok":false,"error_code":401})", refused},
    {"telegram_blocked", "telegram", "", 403,
     R"({"ok":false,"error_code":403,"description":"Forbidden: bot was kicked"})", refused},
    {"telegram_missing", "telegram", "", 404, R"({"ok":false,"error_code":404})", refused},
    {"telegram_gateway", "telegram", "", 502, "", uncertain},
    {"discord_ok", "discord", "", 200, R"({"id":"112233445566"})", ok, {}, "112233445566"},
    {"discord_silent", "discord", "", 204, "", ok},
    {"discord_busy", "discord", "", 429,
     R"({"message":"You are being rate limited.","retry_after":0.52,"global":false})", again,
     milliseconds{520}},
    {"discord_bad", "discord", "", 400, R"({"code":50035})", refused},
    {"discord_rights", "discord", "", 403, R"({"code":50013})", refused},
    {"discord_token", "discord", "", 401, R"({"code":50027})", refused},
    {"discord_webhook_gone", "discord", "", 404, R"({"message":"Unknown Webhook","code":10015})",
     gone},
    {"discord_down", "discord", "", 500, "", uncertain},
    {"sms_ok", "sms", "", 201, R"({"sid":"SM1","status":"queued"})", ok, {}, "SM1"},
    {"sms_failed_at_once", "sms", "", 201, R"({"sid":"SM1","status":"failed"})", refused},
    {"sms_busy", "sms", "", 429, R"({"code":20429,"status":429})", again, seconds{30}, "",
     kHalfAMinute},
    {"sms_number", "sms", "", 400, R"({"code":21211,"status":400})", refused},
    {"sms_opted_out", "sms", "", 400, R"({"code":21610,"status":400})", refused},
    {"sms_auth", "sms", "", 401, R"({"code":20003,"status":401})", refused},
    {"sms_missing", "sms", "", 404, R"({"code":20404,"status":404})", refused},
    {"sms_down", "sms", "", 500, R"({"code":20500,"status":500})", uncertain},
    {"sms_unavailable", "sms", "", 503, R"({"code":20503,"status":503})", again},
    {"voice_ok", "voice", "", 201, R"({"sid":"CA1","status":"queued"})", ok, {}, "CA1"},
    {"voice_number", "voice", "", 400, R"({"code":21211})", refused},
    {"voice_busy", "voice", "", 429, R"({"code":20429})", again},
    {"ntfy_ok",
     "ntfy",
     "",
     200,
     R"({"id":"sPs71M8A2T","time":1,"event":"message"})",
     ok,
     {},
     "sPs71M8A2T"},
    {"ntfy_rate", "ntfy", "", 429, R"({"code":42901,"http":429})", again},
    {"ntfy_daily", "ntfy", "", 429, R"({"code":42908,"http":429})", again},
    {"ntfy_large", "ntfy", "", 413, R"({"code":41301,"http":413})", refused},
    {"ntfy_auth", "ntfy", "", 401, R"({"code":40101,"http":401})", refused},
    {"ntfy_rights", "ntfy", "", 403, R"({"code":40301,"http":403})", refused},
    {"ntfy_topic", "ntfy", "", 400, R"({"code":40009,"http":400})", refused},
    {"ntfy_storage", "ntfy", "", 507, R"({"code":50701,"http":507})", uncertain},
    {"matrix_ok",
     "matrix",
     "",
     200,
     R"({"event_id":"$abc:matrix.example"})",
     ok,
     {},
     "$abc:matrix.example"},
    {"matrix_busy", "matrix", "", 429, R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500})",
     again, milliseconds{2500}},
    {"matrix_busy_header", "matrix", "", 429, R"({"errcode":"M_LIMIT_EXCEEDED"})", again,
     seconds{30}, "", kHalfAMinute},
    {"matrix_token", "matrix", "", 401, R"({"errcode":"M_UNKNOWN_TOKEN","soft_logout":true})",
     refused},
    {"matrix_rights", "matrix", "", 403, R"({"errcode":"M_FORBIDDEN"})", refused},
    {"matrix_large", "matrix", "", 413, R"({"errcode":"M_TOO_LARGE"})", refused},
    {"matrix_missing", "matrix", "", 404, R"({"errcode":"M_NOT_FOUND"})", refused},
    {"matrix_gateway", "matrix", "", 502, "", uncertain},
    {"webhook_ok", "webhook", "", 204, "", ok},
    {"webhook_moved", "webhook", "", 301, "", refused},
    {"webhook_temporary", "webhook", "", 307, "", refused},
    {"webhook_gone", "webhook", "", 410, "", gone},
    {"webhook_busy", "webhook", "", 429, "", again, seconds{30}, "", kHalfAMinute},
    {"webhook_timeout", "webhook", "", 408, "", again},
    {"webhook_early", "webhook", "", 425, "", again},
    {"webhook_bad", "webhook", "", 422, "", refused},
    {"webhook_method", "webhook", "", 405, "", refused},
    {"webhook_down", "webhook", "", 500, "", uncertain},
    {"alertmanager_ok", "alertmanager", "", 200, "", ok},
    {"alertmanager_bad", "alertmanager", "", 400, R"("bad")", refused},
    {"alertmanager_down", "alertmanager", "", 500, "", uncertain},
};

class Answers : public testing::TestWithParam<Row> {};

TEST_P(Answers, HasItsClass) {
  const Row& in = GetParam();
  ReceiverKit kit;
  const ReceiverConfig config = ReceiverKit::config(in.type, in.variant);
  const auto receiver = kit.make(config);
  ASSERT_TRUE(receiver);
  kit.http.answer(in.status, in.body, in.headers);
  const Delivery got =
      kit.deliver(receiver, ReceiverKit::row(config, sample_message(MessageKind::page)));
  EXPECT_EQ(to_word(got.outcome), to_word(in.want)) << got.detail;
  EXPECT_EQ(got.id, in.id);
  EXPECT_EQ(got.retry_after, in.wait);
  EXPECT_EQ(kit.http.requests.size(), 1U) << "a redirect is not followed, nothing is asked twice";
}

INSTANTIATE_TEST_SUITE_P(Documented, Answers, testing::ValuesIn(kRows),
                         [](const auto& param) { return param.param.name; });

const std::vector<std::pair<std::string, std::string>> kOverHttp{
    {"webhook", ""},    {"slack", ""},         {"slack", "api"},    {"teams", ""},
    {"mattermost", ""}, {"mattermost", "api"}, {"discord", ""},     {"telegram", ""},
    {"matrix", ""},     {"ntfy", ""},          {"pagerduty", ""},   {"opsgenie", ""},
    {"sms", ""},        {"voice", ""},         {"alertmanager", ""}};

/// Whatever comes back, and wherever it repeats our secret: no word of ours holds it.
TEST(ReceiverSecrets, NeverComeBackInWords) {
  const std::string c = kCanary;
  const std::vector<std::string> bodies{
      c,
      "error " + c,
      "{\"ok\":false,\"error\":\"" + c + "\",\"description\":\"" + c + "\"}",
      "{\"errcode\":\"" + c + "\",\"error\":\"" + c + "\"}",
      "{\"id\":\"" + c + ".app_error\",\"message\":\"" + c + "\",\"code\":1}",
      "https://hooks.example/services/" + c};
  int seen = 0;
  for (const auto& [type, variant] : kOverHttp) {
    for (const int status : {301, 400, 401, 403, 404, 410, 413, 422, 429, 500, 502, 503}) {
      for (const std::string& body : bodies) {
        ReceiverKit kit;
        const ReceiverConfig config = ReceiverKit::config(type, variant);
        const auto receiver = kit.make(config);
        ASSERT_TRUE(receiver) << type;
        kit.http.answer(status, body, {{"Location", "https://" + c + ".example"}});
        const OutboxRow row = ReceiverKit::row(config, sample_message(MessageKind::page));
        EXPECT_EQ(row.body.find(c), std::string::npos) << type << ": stored";
        const Delivery got = kit.deliver(receiver, row);
        EXPECT_EQ(got.detail.find(c), std::string::npos) << type << " " << status << " " << body;
        EXPECT_EQ(got.id.find(c), std::string::npos) << type;
        EXPECT_EQ(got.moved_to.find(c), std::string::npos) << type;
        ++seen;
      }
    }
  }
  EXPECT_EQ(seen, 15 * 12 * 6);
}

TEST(ReceiverErrors, NoAnswerIsClassedByWhatWasSent) {
  Error cut = transient("reset");
  cut.uncertain = true;
  for (const auto& [type, variant] : kOverHttp) {
    for (const auto& [error, want] :
         {std::pair{transient("connection refused"), again}, std::pair{cut, uncertain},
          std::pair{permanent("certificate has expired"), refused}}) {
      ReceiverKit kit;
      const ReceiverConfig config = ReceiverKit::config(type, variant);
      const auto receiver = kit.make(config);
      kit.http.answer(error);
      const Delivery got =
          kit.deliver(receiver, ReceiverKit::row(config, sample_message(MessageKind::page)));
      EXPECT_EQ(to_word(got.outcome), to_word(want)) << type;
    }
  }
}

}  // namespace
}  // namespace earshot
