/// Writing iCalendar: one VEVENT a shift.

#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "earshot/oncall/calendar.hpp"

namespace earshot {
namespace {

constexpr std::size_t kLine = 75;  // octets of a line without its end (RFC 5545 3.1)

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    out += c;
  }
  return out;
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
  std::string whole = fmt::format("{}:{}", name, value);
  std::string_view rest = whole;
  bool first = true;
  while (!rest.empty()) {
    const std::string_view part = cut_utf8(rest, first ? kLine : kLine - 1);
    if (!first) out += ' ';
    out += part;
    out += "\r\n";
    rest.remove_prefix(part.size());
    first = false;
  }
}

/// "20260105T080000Z".
std::string stamp_of(Instant at) {
  std::string text = to_rfc3339(std::chrono::floor<seconds>(at));
  std::erase(text, '-');
  std::erase(text, ':');
  return text;
}

}  // namespace

std::string render_calendar(std::string_view name, std::span<const CalendarEntry> entries,
                            Instant stamp) {
  std::string out;
  add_line(out, "BEGIN", "VCALENDAR");
  add_line(out, "VERSION", "2.0");
  add_line(out, "PRODID", "-//Earshot//On call//EN");
  add_line(out, "CALSCALE", "GREGORIAN");
  add_line(out, "METHOD", "PUBLISH");
  add_line(out, "X-WR-CALNAME", escape(name));
  add_line(out, "REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
  for (const CalendarEntry& it : entries) {
    add_line(out, "BEGIN", "VEVENT");
    add_line(out, "UID", escape(it.uid));
    add_line(out, "DTSTAMP", stamp_of(stamp));
    add_line(out, "DTSTART", stamp_of(it.start));
    add_line(out, "DTEND", stamp_of(it.end));
    add_line(out, "SUMMARY", escape(it.summary));
    if (!it.description.empty()) add_line(out, "DESCRIPTION", escape(it.description));
    add_line(out, "TRANSP", "TRANSPARENT");
    add_line(out, "END", "VEVENT");
  }
  add_line(out, "END", "VCALENDAR");
  return out;
}

}  // namespace earshot
