#include "earshot/runtime/http.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("1994-11-06T08:49:37Z");

TEST(HttpDate, ReadsTheThreeFormsOfTheStandard) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kNow);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kNow);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), kNow);
  EXPECT_EQ(parse_http_date(" Thu, 29 Feb 2024 23:59:60 GMT "),
            *parse_rfc3339("2024-02-29T23:59:59Z"));
  EXPECT_EQ(parse_http_date("Sun Nov 16 08:49:37 2025"), *parse_rfc3339("2025-11-16T08:49:37Z"));
}

TEST(HttpDate, RefusesEverythingElse) {
  for (const char* text : {"", "0", "Sun", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 31 Feb 2026 00:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT x", "1994-11-06T08:49:37Z",
                           "Sun, -6 Nov 1994 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_http_date(text).has_value()) << text;
  }
}

std::optional<Duration> after(std::string value, std::string date = {}) {
  HttpResponse response;
  response.headers.emplace_back("retry-AFTER", std::move(value));
  if (!date.empty()) response.headers.emplace_back("Date", std::move(date));
  return retry_after(response, kNow);
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  EXPECT_EQ(after("0"), Duration{0});
  EXPECT_EQ(after(" 120 "), seconds{120});
  EXPECT_EQ(after("0.65"), seconds{1});
  EXPECT_EQ(after("99999999999999999999999"), hours{24});
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:50:37 GMT"), seconds{60});
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:40:00 GMT"), Duration{0});
  EXPECT_EQ(after("Fri, 31 Dec 2099 23:59:59 GMT"), hours{24});
  EXPECT_EQ(after("Sun, 06 Nov 1994 10:00:10 GMT", "Sun, 06 Nov 1994 10:00:00 GMT"), seconds{10});
  for (const char* text : {"", "-1", "soon", "1e3", "0x10", "1,5"})
    EXPECT_FALSE(after(text).has_value()) << text;
  EXPECT_FALSE(retry_after(HttpResponse{}, kNow).has_value());
}

TEST(HttpError, ClassifiesEveryStatus) {
  for (int status = 300; status < 600; ++status) {
    HttpResponse response;
    response.status = status;
    response.body = "secret body";
    const Error error = http_error("hook", response, kNow);
    const bool later = status == 408 || status == 425 || status == 429 || status >= 500;
    EXPECT_EQ(error.kind, later ? Error::Kind::transient : Error::Kind::permanent) << status;
    EXPECT_EQ(error.uncertain, status >= 500 && status != 503) << status;
    EXPECT_EQ(error.status, status);
    EXPECT_EQ(error.message.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace earshot
