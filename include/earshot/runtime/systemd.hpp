#pragma once

/// Speaking to systemd: sd_notify(3) over the socket in $NOTIFY_SOCKET. Without systemd nothing
/// happens.

#include <optional>
#include <string>
#include <string_view>

#include "earshot/core/instant.hpp"

namespace earshot {

/// Sends lines such as "READY=1\nSTATUS=…". False where there is no systemd or it does not listen;
/// never blocks.
bool notify_systemd(std::string_view lines);

void notify_ready(std::string_view status);
/// Before a reload begins; notify_ready() ends it. Carries the monotonic time that
/// Type=notify-reload asks for.
void notify_reloading();
void notify_stopping(std::string_view status);
void notify_status(std::string_view status);
void notify_watchdog();

/// The folder for this run, in memory ($RUNTIME_DIRECTORY); "" without systemd. The first one where
/// the unit names several.
std::string runtime_directory();

/// How often systemd wants to hear from this process at the latest; a half of it is a good pace.
/// None where it does not.
std::optional<Duration> watchdog_interval();

}  // namespace earshot
