#include "earshot/runtime/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>

#include "earshot/core/instant.hpp"
#include "log_line.hpp"

namespace earshot {

namespace {

// systemd sets $JOURNAL_STREAM to the device and inode of the stream it connected; a redirected
// stderr differs.
bool stderr_is_the_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  if (stream == nullptr) return false;
  struct stat at {};
  if (fstat(STDERR_FILENO, &at) != 0) return false;
  return std::to_string(at.st_dev) + ":" + std::to_string(at.st_ino) == stream;
}

struct Logging {
  std::shared_ptr<spdlog::logger> logger;
  LogShape shape = LogShape::logfmt;
};

// The process has one log. It is made at the first use, so that a line logged before start_logging
// is not lost.
Logging& logging() {
  static Logging one = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>("earshot", std::move(sink));
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::info);
    logger->flush_on(spdlog::level::trace);
    return Logging{std::move(logger),
                   stderr_is_the_journal() ? LogShape::journal : LogShape::logfmt};
  }();
  return one;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

void start_logging(LogLevel least, LogFormat format) {
  Logging& one = logging();
  one.logger->set_level(to_spdlog(least));
  const bool journal = stderr_is_the_journal();
  switch (format) {
    case LogFormat::json:
      one.shape = journal ? LogShape::journal_json : LogShape::json;
      break;
    case LogFormat::logfmt:
      one.shape = LogShape::logfmt;
      break;
    case LogFormat::automatic:
      one.shape = journal ? LogShape::journal : LogShape::logfmt;
      break;
  }
}

void log(LogLevel level, std::string_view event,
         std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  Logging& one = logging();
  const auto at = to_spdlog(level);
  if (!one.logger->should_log(at)) return;
  const Instant now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  // As an argument, never as the format: a brace in a post must not be read.
  one.logger->log(at, "{}", log_line(one.shape, level, now, event, fields));
}

}  // namespace earshot
