#include "second_opinion.hpp"

#include <algorithm>

#include "earshot/runtime/log.hpp"
#include "earshot/runtime/secrets.hpp"

namespace earshot {
namespace {

constexpr Duration kStale = minutes{10};     // who waits longer for an answer has been read by then
constexpr Duration kHour = hours{1};         // of the budget
constexpr Duration kAskAgain = hours{1};     // with nothing to ask
constexpr int kTooMany = 5;                  // failures in a row
constexpr Duration kFirstRest = minutes{1};  // then doubled
constexpr Duration kLongestRest = minutes{15};
constexpr std::size_t kLongestAnswer = std::size_t{64} << 10U;

}  // namespace

SecondOpinion::SecondOpinion(Executor executor, Clock& clock, HttpClient& http, Metrics& metrics,
                             Hooks hooks)
    : clock_(clock),
      http_(http),
      metrics_(metrics),
      hooks_(std::move(hooks)),
      signal_(std::move(executor)) {}

void SecondOpinion::count(std::string_view outcome) {
  metrics_.count("earshot_second_opinion_questions_total", {outcome});
}

void SecondOpinion::offer(Unsure about) {
  if (waiting_.size() >= kMostWaiting) return count("dropped");
  waiting_.push_back({std::move(about), clock_.steady()});
  signal_.poke();
}

bool SecondOpinion::has_budget(int per_hour) {
  const Duration now = clock_.steady();
  while (!asked_.empty() && now - asked_.front() >= kHour) asked_.pop_front();
  if (std::ssize(asked_) >= per_hour) return false;
  asked_.push_back(now);
  return true;
}

Task<> SecondOpinion::run() {
  for (;;) {
    if (waiting_.empty()) {
      co_await signal_.wait(clock_, kAskAgain);
      continue;
    }
    const Duration rest = rest_until_ - clock_.steady();
    if (rest > Duration{}) co_await clock_.sleep_for(rest);
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    co_await take_up(std::move(next));
  }
}

Task<> SecondOpinion::take_up(Waiting next) {
  std::shared_ptr<const Rules> rules = hooks_.rules();
  const auto& policy = rules->config->second_opinion;
  bool wanted = policy && clock_.steady() - next.since <= kStale;
  // Whoever was erased meanwhile is not spoken of to anybody.
  if (wanted) wanted = co_await hooks_.wanted(next.about);
  if (!wanted) {
    count("dropped");
  } else if (!has_budget(policy->per_hour)) {
    count("over_budget");
  } else {
    co_await ask(std::move(rules), std::move(next.about));
  }
}

Result<HttpRequest> SecondOpinion::request_of(const Rules& rules, const Unsure& about) const {
  const OpinionPolicy& policy = *rules.config->second_opinion;
  HttpRequest out;
  out.method = "POST";
  out.url = policy.url;
  out.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  out.body = opinion_question(policy, about.text, about.language, hooks_.dice());
  out.ca_file = policy.ca_file;
  out.timeout = out.connect_timeout = policy.deadline;
  out.max_body = kLongestAnswer;
  out.network = policy.network;
  out.once = true;
  if (policy.token_file.empty()) return out;
  // Read each time: whoever changes the file need not reload.
  const auto token = read_secret(policy.token_file, rules.config->directory);
  if (!token) return token.error();
  out.bearer = token->reveal();
  return out;
}

void SecondOpinion::went_well() {
  failures_ = 0;
  metrics_.set("earshot_second_opinion_broken", 0);
}

void SecondOpinion::failed(std::string_view outcome, const Error& why) {
  count(outcome);
  ++failures_;
  Duration rest{};
  if (failures_ >= kTooMany) {
    rest = std::min(kFirstRest * (1 << std::min(failures_ - kTooMany, 4)), kLongestRest);
    metrics_.set("earshot_second_opinion_broken", 1);
  }
  if (why.retry_after) rest = std::max(rest, std::min(*why.retry_after, kLongestRest));
  rest_until_ = clock_.steady() + rest;
  log(failures_ == kTooMany ? LogLevel::warn : LogLevel::info, "no second opinion",
      {{"outcome", std::string{outcome}},
       {"why", why.message},
       {"in_a_row", std::to_string(failures_)}});
}

Task<> SecondOpinion::ask(std::shared_ptr<const Rules> rules, Unsure about) {
  const OpinionPolicy& policy = *rules->config->second_opinion;
  Result<HttpRequest> request = request_of(*rules, about);
  if (!request) {
    failed("failed", request.error());
    co_return;
  }
  const Duration began = clock_.steady();
  const Result<HttpResponse> answer = co_await http_.send(std::move(*request));
  const Duration took = clock_.steady() - began;
  metrics_.observe("earshot_second_opinion_seconds", static_cast<double>(took.count()) / 1000.0);
  if (!answer) {
    failed(took >= policy.deadline ? "timeout" : "failed", answer.error());
    co_return;
  }
  if (answer->status < 200 || answer->status > 299) {
    failed("failed", http_error("second opinion", *answer, clock_.now()));
    co_return;
  }
  const Result<Opinion> opinion = read_opinion(policy, answer->body);
  if (!opinion) {
    failed("refused", opinion.error());
    co_return;
  }
  went_well();
  const std::int64_t post = about.seq;
  const Heard heard = co_await hooks_.heed(std::move(about), *opinion);
  count(to_word(heard));
  log(LogLevel::info, "second opinion",
      {{"post", std::to_string(post)}, {"outcome", std::string{to_word(heard)}}});
}

}  // namespace earshot
