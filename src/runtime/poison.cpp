#include "earshot/runtime/poison.hpp"

#include <cstdlib>
#include <exception>

namespace earshot {

PoisonMark::PoisonMark(PoisonGuard* guard, std::string place)
    : guard_(guard), place_(std::move(place)), exceptions_(std::uncaught_exceptions()) {}

PoisonMark::~PoisonMark() {
  if (!marked_ || std::uncaught_exceptions() != exceptions_) return;
  try {
    guard_->clear(place_);
  } catch (...) {
    // No memory to note it: the next mark here says that this one was survived.
  }
}

bool PoisonMark::may_read(std::string_view digest, int limit) {
  if (guard_ == nullptr) return true;
  if (guard_->deaths(place_, digest) >= limit) return false;
  guard_->mark(place_, digest);
  marked_ = true;
  return true;
}

void crash_if_asked(std::string_view stage, std::string_view bytes) {
  const char* const asked_for = std::getenv("EARSHOT_CRASH_ON");
  if (asked_for == nullptr) return;
  const std::string_view asked{asked_for};
  const std::size_t colon = asked.find(':');
  if (colon == std::string_view::npos || asked.substr(0, colon) != stage) return;
  if (bytes.find(asked.substr(colon + 1)) != std::string_view::npos) std::abort();
}

}  // namespace earshot
