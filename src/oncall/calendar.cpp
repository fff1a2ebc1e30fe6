/// Reading iCalendar. The subset is what rota tools export; anything else is refused by name.

#include "earshot/oncall/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "calendar_rule.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/oncall/schedule.hpp"
#include "zone.hpp"

namespace earshot {
namespace {

using std::chrono::days;

constexpr int kDeepest = 8;
constexpr std::size_t kMostDates = 2'000;  // EXDATE and RDATE of one event
constexpr seconds kLongest = days{366};

/// One unfolded line: NAME;PARAM=VALUE:VALUE.
struct Line {
  std::string name;
  std::vector<std::pair<std::string, std::string>> params;
  std::string value;
  std::size_t number = 0;

  std::string param(std::string_view key) const {
    for (const auto& [name_of, value_of] : params) {
      if (name_of == key) return value_of;
    }
    return {};
  }
};

Error wrong(const Line& line, const std::string& why) {
  return permanent(fmt::format("line {}: {}", line.number, why));
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

/// Logical lines with the number of their first physical one (RFC 5545 3.1).
std::vector<std::pair<std::string, std::size_t>> unfold(std::string_view text) {
  std::vector<std::pair<std::string, std::size_t>> out;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && (line.front() == ' ' || line.front() == '\t') && !out.empty()) {
      out.back().first += line.substr(1);
    } else if (!line.empty()) {
      out.emplace_back(line, number);
    }
  }
  return out;
}

std::optional<Line> split_line(const std::string& text, std::size_t number) {
  Line line;
  line.number = number;
  std::size_t at = text.find_first_of(";:");
  if (at == std::string::npos) return std::nullopt;
  line.name = upper(text.substr(0, at));
  while (at < text.size() && text[at] == ';') {
    const std::size_t equals = text.find('=', at);
    if (equals == std::string::npos) return std::nullopt;
    std::size_t end = equals + 1;
    bool quoted = false;
    while (end < text.size() && (quoted || (text[end] != ';' && text[end] != ':'))) {
      if (text[end] == '"') quoted = !quoted;
      ++end;
    }
    std::string value = text.substr(equals + 1, end - equals - 1);
    std::erase(value, '"');
    line.params.emplace_back(upper(text.substr(at + 1, equals - at - 1)), std::move(value));
    at = end;
  }
  if (at >= text.size()) return std::nullopt;
  line.value = text.substr(at + 1);
  return line;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
    } else {
      ++i;
      out += text[i] == 'n' || text[i] == 'N' ? ' ' : text[i];
    }
  }
  return clean_utf8(out);
}

/// A TZID as rota tools write it: an IANA name, sometimes behind a vendor's prefix.
Result<std::string> zone_name(const Line& line) {
  const std::string given = line.param("TZID");
  if (given.empty()) return std::string{};
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::string name = given.substr(at);
    if (known_zone(name)) return name;
    const std::size_t next = given.find('/', at);
    at = next == std::string::npos ? next : next + 1;
  }
  return wrong(line, fmt::format("\"{}\" is no IANA time zone", printable(given)));
}

struct Moment {
  CivilTime local{};
  std::string zone;
  bool whole_day = false;
};

Result<Moment> moment_of(const Line& line, std::string_view value) {
  auto zone = zone_name(line);
  if (!zone) return zone.error();
  const auto read = parse_calendar_time(value);
  if (!read) return wrong(line, fmt::format("\"{}\" is no date or time", printable(value)));
  return Moment{read->local, read->utc ? "UTC" : *zone, read->whole_day};
}

CivilTime in_zone(const Moment& moment, const std::string& zone) {
  if (moment.zone == zone || moment.zone.empty() || zone.empty()) return moment.local;
  return to_civil(to_instant(moment.local, moment.zone), zone);
}

/// A VEVENT while its lines are read; times are put together at its end.
struct Draft {
  CalendarEvent event;
  std::optional<Moment> start{}, end{}, recurrence{};
  std::optional<seconds> duration{};
  std::vector<Moment> except, extra;
  std::optional<Line> rule{};
  bool cancelled = false;
  Line begin;
};

Result<void> read_dates(const Line& line, std::vector<Moment>& out) {
  std::string_view rest = line.value;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    auto moment = moment_of(line, rest.substr(0, comma));
    if (!moment) return moment.error();
    if (out.size() >= kMostDates) return wrong(line, "an event has too many dates");
    out.push_back(std::move(*moment));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return {};
}

Result<void> read_moment(const Line& line, std::optional<Moment>& out) {
  auto moment = moment_of(line, line.value);
  if (!moment) return moment.error();
  out = std::move(*moment);
  return {};
}

Result<void> read_property(const Line& line, Draft& draft) {
  if (line.name == "DTSTART") return read_moment(line, draft.start);
  if (line.name == "DTEND") return read_moment(line, draft.end);
  if (line.name == "RECURRENCE-ID") {
    if (!line.param("RANGE").empty()) return wrong(line, "RANGE is not supported");
    return read_moment(line, draft.recurrence);
  }
  if (line.name == "EXDATE") return read_dates(line, draft.except);
  if (line.name == "RDATE") {
    if (upper(line.param("VALUE")) == "PERIOD") return wrong(line, "periods are not supported");
    return read_dates(line, draft.extra);
  }
  if (line.name == "EXRULE") return wrong(line, "EXRULE is not supported");
  if (line.name == "DURATION") {
    draft.duration = parse_calendar_duration(line.value);
    if (!draft.duration) return wrong(line, "that is no duration");
  }
  if (line.name == "RRULE") {
    if (draft.rule) return wrong(line, "an event has two rules");
    draft.rule = line;
  }
  if (line.name == "UID") draft.event.uid = line.value.substr(0, 500);
  if (line.name == "SUMMARY") draft.event.summary = unescape(line.value).substr(0, 500);
  if (line.name == "STATUS") draft.cancelled = upper(line.value) == "CANCELLED";
  if (line.name == "ATTENDEE" && draft.event.attendees.size() < 50) {
    std::string address = line.value;
    if (upper(address).starts_with("MAILTO:")) address.erase(0, 7);
    for (char& c : address) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    draft.event.attendees.push_back(std::move(address));
  }
  return {};
}

Result<CalendarEvent> finish(Draft draft) {
  CalendarEvent& event = draft.event;
  if (!draft.start) return wrong(draft.begin, "an event has no DTSTART");
  event.start = draft.start->local;
  event.zone = draft.start->zone;
  event.length = draft.start->whole_day ? seconds{days{1}} : seconds{0};
  if (draft.end) event.length = in_zone(*draft.end, event.zone) - event.start;
  if (draft.duration) event.length = *draft.duration;
  if (event.length <= seconds{0} || event.length > kLongest)
    return wrong(draft.begin, "an event ends after it begins, and within a year");
  for (const Moment& it : draft.except) event.except.push_back(in_zone(it, event.zone));
  for (const Moment& it : draft.extra) event.extra.push_back(in_zone(it, event.zone));
  if (draft.rule) {
    const auto read = read_rule(draft.rule->value, event);
    if (!read) return wrong(*draft.rule, read.error().message);
  }
  return std::move(event);
}

/// An event that stands for one occurrence of another: the other one leaves it out.
void replace_occurrences(std::vector<CalendarEvent>& events,
                         const std::vector<std::pair<std::string, Moment>>& replaced) {
  for (CalendarEvent& event : events) {
    if (event.repeat == Frequency::once) continue;
    for (const auto& [uid, moment] : replaced) {
      if (uid == event.uid) event.except.push_back(in_zone(moment, event.zone));
    }
  }
}

}  // namespace

Result<std::vector<CalendarEvent>> parse_calendar(std::string_view text) {
  if (text.size() > kMostCalendarBytes) return permanent("the calendar is larger than 1 MiB");
  std::vector<CalendarEvent> out;
  std::vector<std::pair<std::string, Moment>> replaced;
  std::vector<std::string> open;
  std::optional<Draft> draft;
  for (const auto& [whole, number] : unfold(text)) {
    const auto line = split_line(whole, number);
    if (!line) {
      if (draft) return permanent(fmt::format("line {}: no \"NAME:VALUE\"", number));
      continue;
    }
    if (line->name == "BEGIN") {
      if (open.size() >= kDeepest) return wrong(*line, "components are nested too deeply");
      open.push_back(upper(trim(line->value)));
      if (open.back() == "VEVENT") draft.emplace(), draft->begin = *line;
    } else if (line->name == "END") {
      if (open.empty() || open.back() != upper(trim(line->value)))
        return wrong(*line, "END without its BEGIN");
      open.pop_back();
      if (upper(trim(line->value)) != "VEVENT") continue;
      if (draft->recurrence) replaced.emplace_back(draft->event.uid, *draft->recurrence);
      if (!draft->cancelled) {
        auto event = finish(std::move(*draft));
        if (!event) return event.error();
        if (out.size() >= kMostCalendarEvents) return wrong(*line, "too many events");
        out.push_back(std::move(*event));
      }
      draft.reset();
    } else if (draft && open.back() == "VEVENT") {
      if (auto read = read_property(*line, *draft); !read) return read.error();
    }
  }
  if (!open.empty())
    return permanent("the calendar ends in the middle of " + printable(open.back()));
  replace_occurrences(out, replaced);
  return out;
}

}  // namespace earshot
