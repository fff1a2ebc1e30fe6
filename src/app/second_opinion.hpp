#pragma once

/// Asks the configured endpoint about posts that were filed already, one at a time and within a
/// budget. Nothing waits for it: intake and pages go on whether it answers or not.

#include <deque>
#include <functional>
#include <memory>

#include "earshot/app/rules.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/http.hpp"
#include "earshot/runtime/metrics.hpp"
#include "earshot/runtime/signal.hpp"
#include "heed.hpp"

namespace earshot {

class SecondOpinion {
 public:
  struct Hooks {
    std::function<std::shared_ptr<const Rules>()> rules;
    std::function<std::uint64_t()> dice;
    /// is_still_wanted(), by the store.
    std::function<Task<bool>(Unsure)> wanted;
    /// Does what the answer says, in one transaction.
    std::function<Task<Heard>(Unsure, Opinion)> heed;
  };
  SecondOpinion(Executor executor, Clock& clock, HttpClient& http, Metrics& metrics, Hooks hooks);

  /// Queues a question; where kMostWaiting wait, it is dropped and counted.
  void offer(Unsure about);
  /// Asks until it is cancelled. What waits then is forgotten: it was filed without it.
  Task<> run();

  static constexpr std::size_t kMostWaiting = 200;

 private:
  struct Waiting {
    Unsure about;
    Duration since{};  ///< steady
  };
  Task<> take_up(Waiting next);
  Task<> ask(std::shared_ptr<const Rules> rules, Unsure about);
  Result<HttpRequest> request_of(const Rules& rules, const Unsure& about) const;
  bool has_budget(int per_hour);
  void count(std::string_view outcome);
  void went_well();
  void failed(std::string_view outcome, const Error& why);

  Clock& clock_;
  HttpClient& http_;
  Metrics& metrics_;
  Hooks hooks_;
  Signal signal_;
  std::deque<Waiting> waiting_{};
  std::deque<Duration> asked_{};  ///< steady times of the questions of the last hour
  int failures_ = 0;              ///< in a row
  Duration rest_until_{};         ///< steady
};

}  // namespace earshot
