#pragma once

/// What the daemon is lent by the machine it runs on: time, chance and the network. The simulator
/// (tests/sim) lends its own, and the daemon cannot tell.

#include <memory>
#include <optional>

#include "earshot/config/config.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/curl.hpp"
#include "earshot/runtime/http.hpp"
#include "earshot/runtime/mail.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/store/ballast.hpp"

namespace earshot {

class Reader;

struct Outside {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Dice> dice;
  std::unique_ptr<CurlPool> curl;  ///< for the metrics; null where nothing goes through curl
  std::unique_ptr<HttpClient> http;
  std::unique_ptr<MailSender> mail;
  std::unique_ptr<MailConnector> imap;
  Reader* reader = nullptr;    ///< outlives the daemon; none: strangers' bytes are read in here
  Ballast* ballast = nullptr;  ///< outlives the daemon; none: the disk is never full
  /// A thread for backups, which outlives the daemon; none: none are made.
  std::optional<Executor> copies{};
};

/// The machine itself: its clocks, the kernel's randomness, libcurl.
Outside make_outside(Executor executor, const Config& config);

}  // namespace earshot
