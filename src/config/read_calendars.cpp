/// Business calendars, and which clocks run by them.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sections.hpp"

namespace earshot::config {
namespace {

/// Shut on these days, unless a window says itself what it does on them.
void close_on(Section& section, const Holidays& holidays, BusinessCalendar& out) {
  std::string name;
  const Node* node = section.find("holidays");
  if (!section.read("holidays", name)) return;
  const auto found = holidays.find(name);
  if (found == holidays.end()) {
    std::vector<std::string> known;
    for (const auto& [each, dates] : holidays) known.push_back(each);
    std::string hint = did_you_mean(name, known);
    section.error(node->mark, "holidays",
                  fmt::format("no list of holidays is named {}", in_quotes(name)),
                  hint.empty() ? "write holidays: {de: [\"2026-12-25\"]}" : std::move(hint));
    return;
  }
  for (DutyWindow& window : out.hours) {
    if (window.holiday_rule != HolidayRule::ignore) continue;
    window.holiday_rule = HolidayRule::except;
    window.holidays = found->second;
  }
}

BusinessCalendar read_one(Section& section, const Holidays& holidays) {
  BusinessCalendar out;
  section.need("name");
  section.read("name", out.name);
  if (!section.has("zone"))
    section.context().warning(section.node().mark, section.path(), "has no zone: its times are UTC",
                              "add `zone: Europe/Berlin`");
  if (const Node* zone = section.find("zone"))
    out.zone = zone_of(section.context(), *zone, section.path_of("zone")).value_or("UTC");
  section.need("hours", R"(when it is open, like [{days: mon-fri, from: "09:00", to: "17:00"}])");
  const Node* hours = section.find("hours");
  section.each("hours", [&](const Node& item, const std::string& path) {
    Section window{section.context(), item, path};
    if (window.ok()) out.hours.push_back(read_window(window, holidays));
  });
  if (hours != nullptr && hours->kind == Node::Kind::list && hours->items.empty())
    section.error(hours->mark, "hours", "a calendar without hours never opens: no clock would run",
                  "add a window, or remove the calendar");
  close_on(section, holidays, out);
  section.done();
  return out;
}

}  // namespace

void read_business_calendars(Context& context, const Node& node, const Holidays& holidays,
                             std::vector<BusinessCalendar>& out) {
  const auto* items = items_of(context, node, "calendars");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("calendars", i)};
    if (section.ok()) out.push_back(read_one(section, holidays));
  }
}

void read_calendar_of(Section& section, const std::vector<BusinessCalendar>& calendars,
                      CasePolicy& out) {
  const Node* node = section.find("calendar");
  if (node == nullptr) return;
  const auto set = [&](Urgency urgency, const std::string& name) {
    const auto found = std::ranges::find(calendars, name, &BusinessCalendar::name);
    if (found != calendars.end()) out.calendar[urgency] = *found;
  };
  constexpr std::array kAll{Urgency::page, Urgency::queue, Urgency::digest};
  std::string name;
  if (node->kind == Node::Kind::text) {
    if (!section.read_name("calendar", name, NameKind::calendar)) return;
    for (const Urgency urgency : kAll) set(urgency, name);
    return;
  }
  Section by{section.context(), *node, section.path_of("calendar")};
  for (const Urgency urgency : kAll) {
    if (by.read_name(to_word(urgency), name, NameKind::calendar)) set(urgency, name);
  }
  by.done();
}

}  // namespace earshot::config
