#pragma once

/// Structured logs, one event a line: journald's levels under systemd, logfmt or JSON elsewhere.
/// Values are escaped and cut at 1 KiB; no secrets, no post bodies. spdlog stays in log.cpp.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace earshot {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { automatic, logfmt, json };

void start_logging(LogLevel least, LogFormat format);
/// `event` is a fixed phrase ("source failed"); details go into fields: log(LogLevel::warn, "source
/// failed", {{"source", name}}).
void log(LogLevel level, std::string_view event,
         std::initializer_list<std::pair<std::string_view, std::string>> fields = {});

}  // namespace earshot
