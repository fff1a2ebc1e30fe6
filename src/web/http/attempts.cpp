#include "attempts.hpp"

namespace earshot {

void Attempts::forget(Instant now) {
  for (auto it = tries_.begin(); it != tries_.end();) {
    std::deque<Instant>& list = it->second;
    while (!list.empty() && list.front() + window_ <= now) list.pop_front();
    it = list.empty() ? tries_.erase(it) : std::next(it);
  }
}

bool Attempts::barred(const std::string& key, Instant now) {
  const auto found = tries_.find(key);
  if (found == tries_.end()) return false;
  std::deque<Instant>& list = found->second;
  while (!list.empty() && list.front() + window_ <= now) list.pop_front();
  return list.size() >= most_;
}

void Attempts::wrong(const std::string& key, Instant now) {
  if (tries_.size() >= kKeys && !tries_.contains(key)) {
    forget(now);
    // Still full of fresh ones: an attack from everywhere. The oldest key makes room.
    if (tries_.size() >= kKeys) tries_.erase(tries_.begin());
  }
  std::deque<Instant>& list = tries_[key];
  list.push_back(now);
  if (list.size() > most_) list.pop_front();
}

}  // namespace earshot
