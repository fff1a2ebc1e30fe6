#include "guarded.hpp"

#include "earshot/core/ids.hpp"

namespace earshot {

GuardedRead::GuardedRead(PoisonGuard* guard, const std::string& source, std::string_view bytes,
                         bool items)
    : mark_(guard, source + "/read"),
      digest_(guard != nullptr ? hash128_hex(bytes) : std::string{}),
      bytes_(bytes),
      careful_(items && guard != nullptr && guard->suspects(source + "/read")),
      allowed_(mark_.may_read(digest_)) {
  if (allowed_ && !careful_) crash_if_asked("read", bytes);
}

std::optional<BadItem> GuardedRead::poison() const {
  if (allowed_) return std::nullopt;
  return BadItem{"document " + digest_, std::string{bytes_}, std::string{kPoison}};
}

bool GuardedRead::may_read(std::string_view raw) {
  if (!mark_.may_read(hash128_hex(raw), kItemDeaths)) return false;
  crash_if_asked("read", raw);
  return true;
}

}  // namespace earshot
