#include <fmt/format.h>

#include <charconv>

#include "earshot/oncall/schedule.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

std::optional<CivilTime> civil_of(Section& section, std::string_view key) {
  const Node* node = section.find(key);
  if (node == nullptr) return std::nullopt;
  const auto text = text_of(section.context(), *node, section.path_of(key), "a local time");
  if (!text) return std::nullopt;
  const auto time = parse_civil(*text);
  if (time) return time;
  const bool offset = parse_rfc3339(*text).has_value();
  section.error(node->mark, key,
                offset ? fmt::format("{} has an offset", in_quotes(*text))
                       : fmt::format("{} is not a local time", in_quotes(*text)),
                offset ? "times are local to the schedule's zone: leave out the offset"
                       : "write \"2026-01-05T09:00\"");
  return std::nullopt;
}

void read_time_of_day(Section& section, std::string_view key, minutes& out) {
  const Node* node = section.find(key);
  if (node == nullptr) return;
  const auto text = text_of(section.context(), *node, section.path_of(key), "a time of day");
  if (!text) return;
  const auto time = parse_time_of_day(*text);
  if (!time || (key == "from" && *time == hours{24})) {
    section.error(node->mark, key, fmt::format("{} is not a time of day", in_quotes(*text)),
                  key == "from" ? R"(write "00:00" to "23:59")" : R"(write "00:00" to "24:00")");
    return;
  }
  out = *time;
}

void read_days(Section& section, std::vector<std::chrono::weekday>& out) {
  const Node* node = section.find("days");
  if (node == nullptr) return;
  const auto add = [&](const Node& item, const std::string& path) {
    const auto text = text_of(section.context(), item, path, "a day of the week");
    if (!text) return;
    if (const auto days = parse_days(*text)) {
      out.insert(out.end(), days->begin(), days->end());
      return;
    }
    static const std::vector<std::string> kDays{
        "mon",    "tue",     "wed",       "thu",      "fri",    "sat",      "sun",
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    std::string hint = did_you_mean(*text, kDays);
    section.context().error(
        item.mark, path, fmt::format("{} is not a day of the week", in_quotes(*text)),
        hint.empty() ? "write mon, tue, wed, thu, fri, sat, sun, or mon-fri" : std::move(hint));
  };
  if (node->kind == Node::Kind::text) {
    add(*node, section.path_of("days"));
  } else {
    section.each("days", add);
  }
}

/// `rotate: weekly, every: 2`; `rotate: custom, period: 36h` (or `every: 36h`).
void read_rotation(Section& section, Layer& out) {
  section.read_enum("rotate", out.rotate);
  if (section.read("period", out.period, {minutes{1}, hours{24 * 366}}) &&
      out.rotate != Rotate::custom) {
    section.error(section.find("period")->mark, "period", "only a custom rotation has a period",
                  "write `rotate: custom`, or `every: 2` for every second turn");
  }
  const Node* every = section.find("every");
  if (every != nullptr && every->kind == Node::Kind::text && out.rotate == Rotate::custom) {
    section.read("every", out.period, {minutes{1}, hours{24 * 366}});
  } else if (every != nullptr && every->kind == Node::Kind::text && parse_duration(every->text)) {
    section.error(every->mark, "every", "counts hours, days, weeks or months",
                  "write a number, like `every: 2`, or `rotate: custom` with `period: 36h`");
  } else {
    section.read("every", out.every, 1, 1000);
  }
  if (out.rotate == Rotate::custom && !section.has("every"))
    section.need("period", "the length of a turn, like 36h");
  out.start = civil_of(section, "start");
  if (out.rotate != Rotate::none)
    section.need("start", "a rotation needs the local time at which its first person begins");
}

/// `ical: rota.ics, who: {"Jo Marsh": jo}`: the calendar is read once all files are.
void read_import(Section& section, std::size_t schedule, std::size_t layer) {
  NamedCalendar calendar{"", section.path_of("ical"), section.find("ical")->mark, schedule, layer,
                         {}};
  section.read_file("ical", calendar.file);
  if (const Node* node = section.find("who")) {
    Section who{section.context(), *node, section.path_of("who")};
    if (who.ok()) {
      for (const Entry& entry : node->entries)
        who.read_name(entry.key, calendar.who[entry.key], NameKind::person);
    }
  }
  for (const char* key : {"people", "rotate", "every", "period", "start"}) {
    if (const Node* other = section.find(key))
      section.error(other->mark, key, "the imported calendar says that", "remove one of them");
  }
  if (!calendar.file.empty()) section.context().calendars.push_back(std::move(calendar));
}

Layer read_layer(Section& section, const Holidays& holidays, std::size_t schedule,
                 std::size_t index) {
  Layer layer;
  if (section.find("ical") != nullptr) {
    read_import(section, schedule, index);
  } else {
    section.known({"ical"});
    read_rotation(section, layer);
    section.need("people");
  }
  section.read_names("people", layer.people, NameKind::person);
  if (const Node* people = section.find("people");
      people != nullptr && people->kind == Node::Kind::list && people->items.empty()) {
    section.error(people->mark, "people", "a layer without people puts nobody on call",
                  "name somebody, or remove the layer");
  }
  section.each("during", [&](const Node& item, const std::string& path) {
    Section window{section.context(), item, path};
    if (window.ok()) layer.during.push_back(read_window(window, holidays));
  });
  section.read("replace", layer.replace);
  section.done();
  return layer;
}

void read_override(Section& section, std::vector<ScheduleOverride>& out) {
  ScheduleOverride change;
  section.need("start");
  section.need("end");
  const auto start = civil_of(section, "start");
  const auto end = civil_of(section, "end");
  section.read_names("add", change.add, NameKind::person);
  section.read_names("remove", change.remove, NameKind::person);
  if (!section.has("add") && !section.has("remove")) {
    section.context().error(section.node().mark, section.path(),
                            "an override adds or removes somebody",
                            "write add: [jo] or remove: [jo]");
  }
  section.done();
  if (!start || !end) return;
  if (*end <= *start) {
    section.error(section.find("end")->mark, "end", "an override ends after it begins",
                  "swap start and end");
    return;
  }
  change.start = *start;
  change.end = *end;
  out.push_back(std::move(change));
}

}  // namespace

DutyWindow read_window(Section& section, const Holidays& holidays) {
  DutyWindow window;
  read_days(section, window.days);
  read_window_holidays(section, holidays, window);
  read_time_of_day(section, "from", window.from);
  read_time_of_day(section, "to", window.to);
  if (section.has("from") && section.has("to") && window.from == window.to) {
    section.warning(section.find("to")->mark, "to",
                    "the same time as \"from\" makes 24 hours, into the next day",
                    R"(write from: "00:00", to: "24:00" for a whole day)");
  }
  section.done();
  return window;
}

void read_schedules(Context& context, const Node& node, const Holidays& holidays,
                    std::vector<Schedule>& out) {
  const auto* items = items_of(context, node, "schedules");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("schedules", i)};
    if (!section.ok()) continue;
    Schedule schedule;
    section.need("name");
    section.read("name", schedule.name);
    if (!section.has("zone"))
      section.context().warning(section.node().mark, section.path(),
                                "has no zone: its times are UTC", "add `zone: Europe/Berlin`");
    if (const Node* zone = section.find("zone"))
      schedule.zone = zone_of(context, *zone, section.path_of("zone")).value_or("UTC");
    section.each("layers", [&](const Node& item, const std::string& path) {
      Section layer{context, item, path};
      if (layer.ok())
        schedule.layers.push_back(read_layer(layer, holidays, out.size(), schedule.layers.size()));
    });
    section.each("overrides", [&](const Node& item, const std::string& path) {
      Section change{context, item, path};
      if (change.ok()) read_override(change, schedule.overrides);
    });
    section.read("tell_handoff", schedule.tell_handoff);
    const Node* layers = section.find("layers");
    if (!section.has("overrides"))
      section.need("layers", "a schedule without layers puts nobody on call");
    if (layers != nullptr && layers->kind == Node::Kind::list && layers->items.empty()) {
      section.error(layers->mark, "layers", "a schedule without layers puts nobody on call",
                    "add a layer, or remove the schedule");
    }
    section.done();
    out.push_back(std::move(schedule));
  }
}

}  // namespace earshot::config
