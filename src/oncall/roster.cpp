#include "earshot/oncall/roster.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

/// The next blank-separated word, removed from the front.
std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

Result<NotifyStep> parse_notify_step(std::string_view text) {
  const auto refuse = [&] {
    return permanent(fmt::format(
        R"("{}" is not a way of telling: write "sms after 2m" or "push now")", printable(text)));
  };
  std::string_view rest = text;
  NotifyStep step;
  step.way = std::string{take_word(rest)};
  const std::string_view when = take_word(rest);
  const std::string_view span = take_word(rest);
  if (step.way.empty() || step.way == "now" || step.way == "after" || !trim(rest).empty())
    return refuse();
  if (when.empty() || (when == "now" && span.empty())) return step;
  const auto after = when == "after" ? parse_duration(span) : std::nullopt;
  if (!after) return refuse();
  step.after = *after;
  return step;
}

const Person* find_person(const std::vector<Person>& people, std::string_view id) {
  const auto it = std::find_if(people.begin(), people.end(),
                               [&](const Person& person) { return person.id == id; });
  return it == people.end() ? nullptr : &*it;
}

const Contact* find_contact(const Person& person, std::string_view way) {
  const auto it =
      std::find_if(person.contact.begin(), person.contact.end(), [&](const Contact& contact) {
        return contact.kind == ContactKind::via ? contact.value == way
                                                : to_word(contact.kind) == way;
      });
  return it == person.contact.end() ? nullptr : &*it;
}

std::vector<NotifyStep> notify_steps(const Person& person, std::string_view urgency) {
  const auto it = person.notify.find(std::string{urgency});
  if (it != person.notify.end()) return it->second;
  if (person.contact.empty() || (urgency != "page" && urgency != "queue")) return {};
  const Contact& first = person.contact.front();
  return {{first.kind == ContactKind::via ? first.value : std::string{to_word(first.kind)},
           Duration{}}};
}

}  // namespace earshot
