#pragma once

/// The network between the daemon and everybody else: each host answers by a function, and the
/// way there refuses, delays, cuts the answer off, or is closed for a while.

#include <functional>
#include <map>
#include <string>

#include "earshot/runtime/http.hpp"
#include "earshot/runtime/mail.hpp"
#include "engine.hpp"

namespace earshot::sim {

/// How one way behaves. Shares are of the requests.
struct WayFaults {
  double mean_ms = 30;
  double refused = 0;       ///< surely not done
  double cut = 0;           ///< the effect is done, the answer is lost
  double lost = 0;          ///< sent, never done, no answer
  double slow = 0;          ///< takes 5 … 90 s: beyond most timeouts
  double doubled = 0;       ///< done twice: a proxy tries again
  double error = 0;         ///< 500, 502, 503, 429 instead of the answer
  double garbage = 0;       ///< 200 with something else in it
  double closed_a_day = 0;  ///< times a day the way is closed for minutes or hours
};

class Network {
 public:
  using Server = std::function<HttpResponse(const HttpRequest&)>;
  Network(Engine& engine, Random random) : engine_(engine), random_(random) {}

  void serve(const std::string& host, Server server, WayFaults faults);
  /// Everything is well from now on.
  void heal();
  bool closed(const std::string& host) const;
  std::uint64_t uncertain() const { return uncertain_; }
  /// Of the process that lives: requests to feeds, and messages; of those, what has arrived and was
  /// not answered.
  std::size_t polls_on_their_way() const { return polls_; }
  std::size_t messages_on_their_way() const { return messages_; }
  std::size_t effects_on_their_way() const { return *effects_; }
  /// That process is dead.
  void forget();
  /// Called when a feed's answer has come, before the daemon has it.
  std::function<void()> on_feed_answer;

  std::unique_ptr<HttpClient> client(Process& process);
  Task<Result<HttpResponse>> send(Process& process, HttpRequest request);

 private:
  struct Way {
    Server server;
    WayFaults faults;
    Duration closed_until{0};
    Duration next_closing{0};
  };
  /// What will become of one request.
  struct Fortune {
    Duration there{0};
    Duration back{0};
    bool refused = false, effect = true, answer = true, doubled = false;
    int status = 0;
    bool garbage = false;
  };
  Fortune draw(Way& way);
  Task<Result<HttpResponse>> carry(Process& process, HttpRequest request, bool feed);

  Engine& engine_;
  Random random_;
  std::map<std::string, Way> ways_;
  std::uint64_t uncertain_ = 0;
  std::size_t polls_ = 0;
  std::size_t messages_ = 0;
  std::shared_ptr<std::size_t> effects_ = std::make_shared<std::size_t>(0);
};

/// Mail is not part of this world: every attempt fails and says so.
std::unique_ptr<MailSender> no_mail();
std::unique_ptr<MailConnector> no_imap();

}  // namespace earshot::sim
