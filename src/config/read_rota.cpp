/// What a rota knows besides its layers: holidays, absences, imported calendars, proved contacts.

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "earshot/core/utf8.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

constexpr std::size_t kMostDates = 5'000;

std::optional<CivilTime> time_of(Section& section, std::string_view key) {
  const Node* node = section.need(key, R"(a local time, like "2026-12-24T09:00" or "2026-12-24")");
  if (node == nullptr) return std::nullopt;
  const auto text = text_of(section.context(), *node, section.path_of(key), "a local time");
  if (!text) return std::nullopt;
  const auto time = parse_civil(*text);
  if (!time)
    section.error(node->mark, key, fmt::format("{} is not a local time", in_quotes(*text)),
                  R"(write "2026-12-24T09:00" or "2026-12-24")");
  return time;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// The id of the person an event is about; "" where nobody is meant for certain.
std::string who_of(const CalendarEvent& event, const NamedCalendar& calendar,
                   const Config& config) {
  const auto named = [&](const std::string& text) -> std::string {
    for (const auto& [written, id] : calendar.who) {
      if (lower(written) == lower(text)) return id;
    }
    for (const Person& person : config.people) {
      if (lower(person.id) == lower(text) ||
          (!person.name.empty() && lower(person.name) == lower(text)))
        return person.id;
      for (const Contact& contact : person.contact) {
        if (contact.kind == ContactKind::mail && lower(contact.value) == lower(text))
          return person.id;
      }
    }
    return {};
  };
  for (const std::string& attendee : event.attendees) {
    if (std::string id = named(attendee); !id.empty()) return id;
  }
  return named(std::string{trim(event.summary)});
}

std::optional<std::string> bytes_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  if (static_cast<std::size_t>(found.st_size) > kMostCalendarBytes)
    return std::string(kMostCalendarBytes + 1, ' ');  // the parser says so
  std::ifstream file{path, std::ios::binary};
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

void import(Context& context, const NamedCalendar& calendar, const std::string& directory,
            Config& out) {
  const std::string path =
      calendar.file.starts_with('/') ? calendar.file : directory + "/" + calendar.file;
  const auto bytes = bytes_of(path);
  if (!bytes) {
    context.error(calendar.mark, calendar.path, fmt::format("there is no file {}", in_quotes(path)),
                  "names are relative to the configuration's folder");
    return;
  }
  auto events = parse_calendar(*bytes);
  if (!events) {
    context.error(calendar.mark, calendar.path,
                  fmt::format("{}: {}", calendar.file, events.error().message),
                  "export the rota again, or say it with layers");
    return;
  }
  Layer& layer = out.schedules[calendar.schedule].layers[calendar.layer];
  std::set<std::string> strangers;
  for (CalendarEvent& event : *events) {
    event.person = who_of(event, calendar, out);
    if (event.person.empty()) {
      if (strangers.insert(event.summary).second && strangers.size() <= 3)
        context.error(calendar.mark, calendar.path,
                      fmt::format("nobody is known as {}", in_quotes(event.summary)),
                      "add `who: {\"name in the calendar\": id}`");
      continue;
    }
    if (std::find(layer.people.begin(), layer.people.end(), event.person) == layer.people.end())
      layer.people.push_back(event.person);
    layer.events.push_back(std::move(event));
  }
  if (events->empty())
    context.error(calendar.mark, calendar.path, fmt::format("{} holds no events", calendar.file));
}

}  // namespace

void read_holidays(Context& context, const Node& node, Holidays& out) {
  Section section{context, node, "holidays"};
  if (!section.ok()) return;
  for (const Entry& entry : node.entries) {
    auto& dates = out[entry.key];
    section.each(entry.key, [&](const Node& item, const std::string& path) {
      const auto text = text_of(context, item, path, "a date");
      if (!text) return;
      const auto day = text->size() == 10 ? parse_civil(*text) : std::nullopt;
      if (!day) {
        context.error(item.mark, path, fmt::format("{} is not a date", in_quotes(*text)),
                      "write \"2026-12-25\"");
      } else if (dates.size() < kMostDates) {
        dates.push_back(std::chrono::floor<std::chrono::days>(*day));
      }
    });
    std::sort(dates.begin(), dates.end());
  }
  section.done();
}

void read_window_holidays(Section& section, const Holidays& holidays, DutyWindow& out) {
  const auto read = [&](std::string_view key, HolidayRule rule) {
    const Node* node = section.find(key);
    if (node == nullptr) return;
    if (out.holiday_rule != HolidayRule::ignore)
      section.error(node->mark, key, "a window is either without holidays or for them only",
                    "remove `except:` or `only:`");
    out.holiday_rule = rule;
    std::string name;
    if (!section.read(key, name)) return;
    const auto found = holidays.find(name);
    if (found == holidays.end()) {
      std::vector<std::string> known;
      for (const auto& [each, dates] : holidays) known.push_back(each);
      std::string hint = did_you_mean(name, known);
      section.error(node->mark, key,
                    fmt::format("no list of holidays is named {}", in_quotes(name)),
                    hint.empty() ? "write holidays: {de: [\"2026-12-25\"]}" : std::move(hint));
      return;
    }
    out.holidays = found->second;
  };
  read("except", HolidayRule::except);
  read("only", HolidayRule::only);
}

void read_absences(Section& person, const std::string& id, const std::string& zone,
                   std::vector<Absence>& out) {
  person.each("absences", [&](const Node& item, const std::string& path) {
    Section section{person.context(), item, path};
    if (!section.ok()) return;
    Absence absence;
    absence.person = id;
    absence.zone = zone;
    const auto from = time_of(section, "from");
    const auto to = time_of(section, "to");
    section.read_name("substitute", absence.substitute, NameKind::person);
    if (const Node* node = section.find("substitute");
        node != nullptr && absence.substitute == id) {
      section.error(node->mark, "substitute", "nobody stands in for themselves",
                    "name somebody else");
      absence.substitute.clear();
    }
    section.done();
    if (!from || !to) return;
    if (*to <= *from) {
      section.error(section.find("to")->mark, "to", "an absence ends after it begins",
                    "swap from and to");
      return;
    }
    absence.start = *from;
    absence.end = *to;
    out.push_back(std::move(absence));
  });
}

void join_absences(Context& context, const Node* people, Config& out) {
  std::vector<Absence> all;
  for (const Person& person : out.people)
    all.insert(all.end(), person.absences.begin(), person.absences.end());
  std::set<std::string> told;
  for (const Absence& absence : all) {
    const auto circle = substitute_circle(all, absence);
    if (circle.empty() || people == nullptr || told.contains(absence.person)) continue;
    std::string text;
    for (const std::string& id : circle) {
      text += fmt::format("{}{}", text.empty() ? "" : " → ", in_quotes(id));
      told.insert(id);
    }
    context.error(people->mark, "people",
                  fmt::format("those who stand in for each other are away together: {}", text),
                  "name a substitute who is there");
  }
  for (Schedule& schedule : out.schedules) schedule.absences = all;
}

void read_calendars(Context& context, const std::string& directory, Config& out) {
  for (const NamedCalendar& calendar : context.calendars) {
    const bool there = calendar.schedule < out.schedules.size() &&
                       calendar.layer < out.schedules[calendar.schedule].layers.size();
    if (there) import(context, calendar, directory, out);
  }
}

void read_contacts(Context& context, const Node& node, bool& verify) {
  Section section{context, node, "contacts"};
  if (!section.ok()) return;
  static const std::vector<std::string> kWords{"off", "required"};
  std::string word;
  if (section.read_word("verify", word, kWords)) verify = word == "required";
  section.done();
}

}  // namespace earshot::config
