#pragma once

/// One transaction of the outbox: results in, claims out. It runs on the store's thread and holds
/// everything it needs, because the I/O thread goes on meanwhile.

#include <string>

#include "earshot/receivers/outbox.hpp"

namespace earshot {

struct Outbox::Plan {
  Instant now{};
  int room = 0;              ///< attempts that may begin over all receivers
  int room_for_notices = 0;  ///< of them, for what is no page
  std::map<std::string, Slot, std::less<>> slots;
  std::map<std::string, std::string, std::less<>> missing;  ///< gone receivers and why
  std::vector<Ended> ended;
  std::set<std::int64_t> troubled;  ///< told of already
  bool strays = false;              ///< look for rows of receivers that are not there
  Hooks::Trouble trouble;
  std::function<bool(StoreWriter&, const OutboxRow&)> taken;

  // What the transaction made of it.
  std::vector<OutboxRow> started;
  std::vector<std::int64_t> held;                      ///< told of now
  std::vector<std::pair<std::string, Lane>> short_of;  ///< what a rate limit made wait
  std::map<std::string, int, std::less<>> begun;
  int left = 0;
  int left_for_notices = 0;
};

}  // namespace earshot
