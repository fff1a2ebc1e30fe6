#include "net.hpp"

#include <algorithm>
#include <array>

namespace earshot::sim {
namespace {

std::string host_of(const std::string& url) {
  const std::size_t from = url.find("://");
  if (from == std::string::npos) return {};
  const std::size_t end = url.find_first_of("/?#", from + 3);
  return url.substr(from + 3, end == std::string::npos ? end : end - from - 3);
}

class SimHttp final : public HttpClient {
 public:
  SimHttp(Network& network, Process& process) : network_(network), process_(process) {}
  Task<Result<HttpResponse>> send(HttpRequest request) override {
    return network_.send(process_, std::move(request));
  }

 private:
  Network& network_;
  Process& process_;
};

class NoMail final : public MailSender {
 public:
  Task<Result<void>> send(SmtpMessage) override { co_return transient("there is no mail here"); }
};
class NoImap final : public MailConnector {
 public:
  Task<Result<std::unique_ptr<MailStream>>> open(MailLogin) override {
    co_return transient("there is no mail here");
  }
};

Duration ms(double value) {
  return Duration{static_cast<std::int64_t>(value)};
}

}  // namespace

void Network::serve(const std::string& host, Server server, WayFaults faults) {
  Way way{std::move(server), faults, Duration{0}, hours{24 * 365}};
  if (faults.closed_a_day > 0)
    way.next_closing = engine_.now() + ms(random_.exponential(86'400'000.0 / faults.closed_a_day));
  ways_.insert_or_assign(host, std::move(way));
}

void Network::heal() {
  for (auto& [host, way] : ways_) {
    way.faults = WayFaults{};
    way.closed_until = Duration{0};
    way.next_closing = hours{24 * 365 * 100};
  }
}

bool Network::closed(const std::string& host) const {
  const auto found = ways_.find(host);
  return found == ways_.end() || found->second.closed_until > engine_.now();
}

Network::Fortune Network::draw(Way& way) {
  Fortune out;
  const Duration now = engine_.now();
  if (now >= way.next_closing) {
    way.closed_until = now + ms(random_.skewed(20'000, 7'200'000));
    way.next_closing =
        way.closed_until + ms(random_.exponential(86'400'000.0 / way.faults.closed_a_day));
  }
  out.there = ms(1 + random_.exponential(way.faults.mean_ms));
  out.back = ms(1 + random_.exponential(way.faults.mean_ms));
  if (way.closed_until > now) {
    out.refused = random_.chance(0.5);
    out.effect = out.answer = false;
    return out;
  }
  const WayFaults& f = way.faults;
  out.refused = random_.chance(f.refused);
  if (random_.chance(f.cut)) out.answer = false;
  if (random_.chance(f.lost)) out.effect = out.answer = false;
  if (random_.chance(f.slow)) {
    (random_.chance(0.5) ? out.there : out.back) += ms(random_.between(5'000, 90'000));
  }
  out.doubled = random_.chance(f.doubled);
  if (random_.chance(f.error)) {
    constexpr std::array<int, 5> kErrors{500, 502, 503, 429, 408};
    out.status = kErrors[random_.below(kErrors.size())];
    out.effect = out.status == 500 || out.status == 502 ? random_.chance(0.5) : false;
  }
  out.garbage = random_.chance(f.garbage);
  return out;
}

void Network::forget() {
  polls_ = messages_ = 0;
  effects_ = std::make_shared<std::size_t>(0);
}

Task<Result<HttpResponse>> Network::send(Process& process, HttpRequest request) {
  const bool feed = host_of(request.url).starts_with("feed");
  struct Counted {  // a dead process counts no further: its coroutines are not destroyed
    explicit Counted(std::size_t& count) : n(count) { ++n; }
    ~Counted() { --n; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    std::size_t& n;
  } counted{feed ? polls_ : messages_};
  co_return co_await carry(process, std::move(request), feed);
}

Task<Result<HttpResponse>> Network::carry(Process& process, HttpRequest request, bool feed) {
  const auto found = ways_.find(host_of(request.url));
  if (found == ways_.end()) co_return transient("no such host: " + request.url);
  const Fortune fortune = draw(found->second);
  const Duration timeout = request.timeout;
  const Duration connect = std::min(request.connect_timeout, timeout);
  if (fortune.refused) {
    co_await engine_.sleep(process, std::min(fortune.there, connect));
    co_return transient("connection refused");
  }
  // The world goes on with it whatever becomes of the process.
  const auto answer = std::make_shared<std::optional<HttpResponse>>();
  const auto unanswered = effects_;
  const auto arrived = std::make_shared<bool>(false);
  struct Heard {  // the answer, or that there will be none
    ~Heard() {
      if (*arrived) --*unanswered;
    }
    std::shared_ptr<std::size_t> unanswered;
    std::shared_ptr<bool> arrived;
  } heard{unanswered, arrived};
  if (fortune.effect || fortune.answer) {
    const auto arrive = [server = found->second.server, request, fortune, answer, feed, unanswered,
                         waits = std::weak_ptr<bool>{arrived}] {
      const auto asked = waits.lock();
      if (fortune.effect && !feed && asked) ++*unanswered, *asked = true;
      HttpResponse response;
      if (fortune.effect) response = server(request);
      if (fortune.effect && fortune.doubled) response = server(request);
      if (fortune.status != 0) {
        response = HttpResponse{};
        response.status = fortune.status;
      } else if (fortune.garbage) {
        response.body = "<html><body>Sign in to the guest network</body></html>";
      }
      if (fortune.answer) *answer = std::move(response);
    };
    engine_.at(engine_.now() + fortune.there, nullptr, arrive);
  }
  const Duration whole = fortune.there + fortune.back;
  if (!fortune.answer || whole > timeout) {
    co_await engine_.sleep(process, fortune.answer || fortune.there.count() % 2 == 0
                                        ? timeout
                                        : std::min(whole, timeout));
    ++uncertain_;
    Error error = transient(fortune.answer ? "timed out" : "connection reset");
    error.uncertain = true;
    co_return error;
  }
  co_await engine_.sleep(process, whole);
  if (feed && on_feed_answer) on_feed_answer();
  HttpResponse response = std::move(**answer);
  response.url = request.url;
  co_return response;
}

std::unique_ptr<HttpClient> Network::client(Process& process) {
  return std::make_unique<SimHttp>(*this, process);
}
std::unique_ptr<MailSender> no_mail() {
  return std::make_unique<NoMail>();
}
std::unique_ptr<MailConnector> no_imap() {
  return std::make_unique<NoImap>();
}

}  // namespace earshot::sim
