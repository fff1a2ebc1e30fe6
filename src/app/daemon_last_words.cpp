// What the daemon says where the database cannot be written any more (P18).
#include <fmt/format.h>

#include <cstdlib>

#include "daemon.hpp"
#include "last_words.hpp"

namespace earshot {
namespace {

/// The daemon is started again and may end the same way every second: whoever was told by the first
/// one knows.
constexpr Duration kUpLong = minutes{5};

Duration up_long() {
  const char* const drill = std::getenv("EARSHOT_LAST_WORDS_AFTER");
  return drill == nullptr ? kUpLong : parse_duration(drill).value_or(kUpLong);
}

}  // namespace

bool Daemon::has_last_words(bool disk_full) const {
  if (!ready_ || clock_->steady() - started_at_ < up_long()) return false;
  // The first time a full disk ends it, the ballast helps: the next start pages as before.
  return !disk_full || room_.held == 0;
}

Task<> Daemon::last_words(std::string why) {
  const Instant now = clock_->now();
  LastWords words{"Earshot cannot write its database",
                  fmt::format("It ends, and begins again until it can: {}. Until then nobody is "
                              "paged and no source is read. Nothing of what was kept is lost; what "
                              "is said meanwhile is read later.",
                              why),
                  "store/" + to_rfc3339(now).substr(0, 13)};
  return tell_from_memory(executor_, receivers_, *rules_, key(), Chance{now, outside_.dice->bits()},
                          std::move(words));
}

}  // namespace earshot
