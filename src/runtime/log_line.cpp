#include "log_line.hpp"

#include <algorithm>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {

namespace {

std::string_view word(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      break;
  }
  return "error";
}

// syslog's numbers, as sd-daemon(3) wants them in front of a line.
std::string_view journal_prefix(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "<7>";
    case LogLevel::info:
      return "<6>";
    case LogLevel::warn:
      return "<4>";
    case LogLevel::error:
      break;
  }
  return "<3>";
}

std::string cut(std::string_view value) {
  if (value.size() <= kLogValueBytes) return std::string{value};
  return std::string{cut_utf8(value, kLogValueBytes)} + "…";
}

bool is_bare(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7F;
  });
}

void append_value(std::string& line, std::string_view value) {
  const std::string safe = printable(cut(value));
  if (is_bare(value) && safe == value) {
    line += safe;
    return;
  }
  // A backslash of printable()'s own and one of the value look alike afterwards; a reader of logs
  // can live with that, a parser of logfmt cannot, so the value's own backslashes and quotes are
  // escaped first.
  std::string quoted;
  for (const char c : cut(value)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  line += '"';
  line += printable(quoted);
  line += '"';
}

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

std::string as_json(LogLevel level, Instant at, std::string_view event, const Fields& fields) {
  JsonWriter out;
  out.object();
  out.field("time", to_rfc3339_ms(at));
  out.field("level", word(level));
  out.field("event", printable(cut(event)));
  for (const auto& [name, value] : fields) out.field(name, printable(cut(value)));
  out.end();
  return out.take();
}

}  // namespace

std::string log_line(LogShape shape, LogLevel level, Instant at, std::string_view event,
                     Fields fields) {
  const bool journal = shape == LogShape::journal || shape == LogShape::journal_json;
  std::string line{journal ? journal_prefix(level) : std::string_view{}};
  if (shape == LogShape::json || shape == LogShape::journal_json)
    return line + as_json(level, at, event, fields);
  if (journal) {
    line += printable(cut(event));  // what `journalctl` shows reads as a sentence
  } else {
    line += "time=" + to_rfc3339_ms(at) + " level=" + std::string{word(level)} + " event=";
    append_value(line, event);
  }
  for (const auto& [name, value] : fields) {
    line += ' ';
    line += name;
    line += '=';
    append_value(line, value);
  }
  return line;
}

}  // namespace earshot
