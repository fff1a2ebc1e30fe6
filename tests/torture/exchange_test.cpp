// The n-th request of a poll or of a delivery fails, in each way a network and a server have: the
// poll says so or goes on, the polls after it bring every item once it is well again, and a
// delivery that was not accepted is never called one.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <set>

#include "sources/social_source.hpp"
#include "torture.hpp"

namespace earshot {
namespace {

using Handler = FakeHttp::Handler;

struct Failure {
  const char* name;
  std::function<Result<HttpResponse>(HttpResponse)> instead;
};

Result<HttpResponse> unsure() {
  Error error = transient("the connection was reset");
  error.uncertain = true;
  return error;
}

const std::vector<Failure>& failures() {
  static const std::vector<Failure> kAll{
      {"refused connection", [](HttpResponse) { return transient("connection refused"); }},
      {"reset after the request", [](HttpResponse) { return unsure(); }},
      {"bad certificate", [](HttpResponse) { return permanent("certificate has expired"); }},
      {"429",
       [](HttpResponse) {
         return HttpResponse{429, {{"Retry-After", "7"}}, "slow down", ""};
       }},
      {"500",
       [](HttpResponse) {
         return HttpResponse{500, {}, "<html>oops", ""};
       }},
      {"503",
       [](HttpResponse) {
         return HttpResponse{503, {}, "", ""};
       }},
      {"401",
       [](HttpResponse) {
         return HttpResponse{401, {}, R"({"error":"ExpiredToken"})", ""};
       }},
      {"a page of HTML",
       [](HttpResponse) {
         return HttpResponse{200, {}, "<html><p>Sign in", ""};
       }},
      {"nothing", [](HttpResponse it) { return it.body.clear(), it; }},
      {"half an answer", [](HttpResponse it) { return it.body.resize(it.body.size() / 2), it; }},
  };
  return kAll;
}

/// Answers as `well` does; the n-th request (from 1) fails.
Handler failing(Handler well, int n, const Failure& failure, int& count) {
  return [well = std::move(well), n, failure,
          &count](const HttpRequest& request) -> Result<HttpResponse> {
    const Result<HttpResponse> answer = well(request);
    if (++count != n || !answer) return answer;
    return failure.instead(*answer);
  };
}

std::string mention(int n) {
  return fmt::format(
      R"({{"id":"{0}","type":"mention","status":{{"id":"s{0}","created_at":"2026-03-02T08:{1:02}:00.000Z",)"
      R"("visibility":"public","content":"<p>dark {0}</p>","account":{{"id":"7","acct":"ana@far.example"}}}}}})",
      n, n % 60);
}

/// 200 mentions in pages of 80, the newest first.
Result<HttpResponse> mastodon(const HttpRequest& request) {
  const std::size_t at = request.url.find("max_id=");
  int below = 301;
  if (at != std::string::npos) below = std::atoi(request.url.c_str() + at + 7);
  std::string body = "[";
  for (int n = below - 1; n > below - 81 && n > 100; --n)
    body += (body.size() > 1 ? "," : "") + mention(n);
  return HttpResponse{200, {}, body + "]", request.url};
}

/// Three pages of a JSON Feed.
Result<HttpResponse> feed(const HttpRequest& request) {
  const std::size_t at = request.url.find("page=");
  const int page = at == std::string::npos ? 1 : std::atoi(request.url.c_str() + at + 5);
  std::string items;
  for (int n = 0; n < 5; ++n)
    items +=
        fmt::format(R"({}{{"id":"i{}","content_text":"dark"}})", n > 0 ? "," : "", page * 10 + n);
  const std::string next =
      page < 3 ? fmt::format(R"("next_url":"https://f.example/feed?page={}",)", page + 1) : "";
  return HttpResponse{200,
                      {},
                      R"({"version":"https://jsonfeed.org/version/1.1","title":"T",)" + next +
                          "\"items\":[" + items + "]}",
                      request.url};
}

std::string post_view(int n) {
  return fmt::format(
      R"({{"uri":"at://did:plc:ana/app.bsky.feed.post/{0}","cid":"c","author":{{"did":"did:plc:ana","handle":"ana.test"}},)"
      R"("reason":"mention","record":{{"$type":"app.bsky.feed.post","text":"dark","createdAt":"2026-03-02T08:00:00Z"}},"indexedAt":"2026-03-02T08:00:00Z"}})",
      n);
}

Result<HttpResponse> bluesky(const HttpRequest& request) {
  const auto is = [&](const char* name) { return request.url.find(name) != std::string::npos; };
  if (is("createSession") || is("refreshSession"))
    return HttpResponse{
        200, {}, R"({"accessJwt":"a","refreshJwt":"r","did":"did:plc:bw","handle":"bw.test"})", ""};
  if (is("getProfiles")) return HttpResponse{200, {}, R"({"profiles":[]})", ""};
  const std::size_t at = request.url.find("cursor=");
  const int from = at == std::string::npos ? 0 : std::atoi(request.url.c_str() + at + 7);
  std::string items;
  for (int n = from; n < from + 50 && n < 120; ++n)
    items += (items.empty() ? "" : ",") + post_view(999 - n);
  const std::string cursor = from + 50 < 120 ? fmt::format(R"(,"cursor":"{}")", from + 50) : "";
  return HttpResponse{200, {}, "{\"notifications\":[" + items + "]" + cursor + "}", ""};
}

struct PolledPlace {
  const char* type;
  Handler well;
  std::size_t items;
};

void PrintTo(const PolledPlace& place, std::ostream* out) {
  *out << place.type;
}

class Polls : public testing::TestWithParam<PolledPlace>, public SourceBench {
 protected:
  Polls() {
    folder.write("token", "s3cr3t-token\n");
    config.name = "mentions";
    config.type = GetParam().type;
    config.url = config.type == "feed" ? "https://f.example/feed" : "https://social.example/";
    if (config.type == "mastodon") config.token_file = "token";
    if (config.type == "bluesky") {
      config.identifier = "bw.test";
      config.password_file = "token";
    }
    config.start.kind = StartPolicy::Kind::all;
  }

  /// Polls until nothing more waits, at most twenty times. The ids that came, each as often as it
  /// did.
  std::set<std::string> polled(std::string& state) {
    std::set<std::string> out;
    for (int i = 0; i < 20; ++i) {
      const Result<Batch> batch = poll(state);
      if (!batch) {
        clock.advance(hours{1});
        continue;
      }
      for (const Post& post : batch->posts) out.insert(post.id);
      told_of_a_gap = told_of_a_gap || !batch->gap.empty() || !batch->bad.empty();
      state = batch->next;
      if (!batch->more) break;
    }
    return out;
  }

  SourceConfig config;
  bool told_of_a_gap = false;
};

TEST_P(Polls, ARequestThatFailsLosesNothing) {
  int count = 0;
  {
    make(config);
    http.otherwise([&](const HttpRequest& request) { return ++count, GetParam().well(request); });
    std::string state;
    ASSERT_EQ(polled(state).size(), GetParam().items);
    ASSERT_FALSE(told_of_a_gap);
  }
  const int requests = count;
  ASSERT_GE(requests, 2);
  for (const Failure& failure : failures()) {
    for (int n = 1; n <= requests; ++n) {
      SCOPED_TRACE(fmt::format("request {} of {}: {}", n, requests, failure.name));
      make(config);
      count = 0;
      told_of_a_gap = false;
      http.otherwise(failing(GetParam().well, n, failure, count));
      std::string state;
      auto got = polled(state);
      clock.advance(hours{24});
      got.merge(polled(state));
      if (!told_of_a_gap) {
        EXPECT_EQ(got.size(), GetParam().items);
      }
      EXPECT_GE(got.size(), GetParam().items / 3);
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Torture, Polls,
                         testing::Values(PolledPlace{"mastodon", mastodon, 200},
                                         PolledPlace{"feed", feed, 15},
                                         PolledPlace{"bluesky", bluesky, 120}),
                         [](const auto& place) { return std::string{place.param.type}; });

}  // namespace
}  // namespace earshot
