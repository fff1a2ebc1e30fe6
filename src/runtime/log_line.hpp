#pragma once

/// One log line as text, without its line end. Pure. Values are hostile: control, bidirectional and
/// broken characters come out as escapes, so that no value can forge a line, a field or a terminal
/// command (RELIABILITY 4.6).

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "earshot/core/instant.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {

/// logfmt: `time=… level=warn event="source failed" source=press`. journal: the same with `<4>` in
/// front and without the time and level, which the journal keeps itself (sd-daemon(3)).
enum class LogShape { logfmt, json, journal, journal_json };

inline constexpr std::size_t kLogValueBytes =
    1024;  ///< of one value, before escaping; the rest is cut and "…" put in its place

std::string log_line(LogShape shape, LogLevel level, Instant at, std::string_view event,
                     std::initializer_list<std::pair<std::string_view, std::string>> fields);

}  // namespace earshot
