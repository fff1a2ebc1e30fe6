#include "support/fake_clock.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace earshot {

namespace asio = boost::asio;

struct FakeClock::Sleeper {
  Duration at;
  asio::steady_timer
      wake;  // never expires: cancelled by the clock, or by the cancellation of the sleeping task
  bool due = false;
};

Task<> FakeClock::sleep_for(Duration span) {
  Sleeper me{steady_ + std::max(span, Duration{0}),
             asio::steady_timer(loop_.executor(), asio::steady_timer::time_point::max())};
  const auto after = std::find_if(sleepers_.begin(), sleepers_.end(),
                                  [&me](const Sleeper* other) { return other->at > me.at; });
  const auto place = sleepers_.insert(after, &me);
  struct Leave {
    FakeClock& clock;
    std::list<Sleeper*>::iterator place;
    ~Leave() { clock.sleepers_.erase(place); }
  } leave{*this, place};
  // A sleep of nothing still lets others run, as a real timer does.
  if (span <= Duration{0}) {
    me.due = true;
    me.wake.expires_at(asio::steady_timer::time_point::min());
  }
  boost::system::error_code ignored;
  co_await me.wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!me.due) throw boost::system::system_error(asio::error::operation_aborted);
}

void FakeClock::move_to(Duration steady) {
  now_ += steady - steady_;
  steady_ = steady;
}

bool FakeClock::advance_to_next() {
  const auto next =
      std::find_if(sleepers_.begin(), sleepers_.end(), [](const Sleeper* s) { return !s->due; });
  if (next == sleepers_.end()) return false;
  move_to((*next)->at);
  (*next)->due = true;
  (*next)->wake.cancel();
  loop_.settle();
  return true;
}

void FakeClock::advance(Duration span) {
  const Duration until = steady_ + span;
  loop_.settle();
  for (;;) {
    const auto next =
        std::find_if(sleepers_.begin(), sleepers_.end(), [](const Sleeper* s) { return !s->due; });
    if (next == sleepers_.end() || (*next)->at > until) break;
    advance_to_next();
  }
  move_to(until);
}

void FakeClock::leap(Duration span) {
  loop_.settle();
  move_to(steady_ + span);
  for (;;) {
    const auto next = std::find_if(sleepers_.begin(), sleepers_.end(),
                                   [&](const Sleeper* s) { return !s->due && s->at <= steady_; });
    if (next == sleepers_.end()) return;
    (*next)->due = true;
    (*next)->wake.cancel();
    loop_.settle();
  }
}

double FakeDice::unit() {
  if (units.empty()) return 0.5;
  const double next = units.front();
  units.pop_front();
  return next;
}

std::string FakeDice::secret(std::size_t bytes) {
  const std::uint64_t n = ++count_;
  std::string out(bytes, '\0');
  for (std::size_t i = 0; i < out.size() && i < 8; ++i) out[i] = static_cast<char>(n >> (8U * i));
  return out;
}

}  // namespace earshot
