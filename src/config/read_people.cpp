#include <fmt/format.h>

#include <set>

#include "address.hpp"
#include "earshot/core/utf8.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

/// A telephone number as services take it: +, then 7 to 15 digits (E.164); blanks and dashes go.
std::optional<std::string> number_in(Section& section, std::string_view key) {
  const Node* node = section.find(key);
  if (node == nullptr) return std::nullopt;
  const auto text = text_of(section.context(), *node, section.path_of(key), "a telephone number");
  if (!text) return std::nullopt;
  std::string number;
  bool right = true;
  for (const char c : *text) {
    if (c == ' ' || c == '-' || c == '(' || c == ')' || c == '/') continue;
    right = right && ((c >= '0' && c <= '9') || (c == '+' && number.empty()));
    number += c;
  }
  if (right && number.starts_with('+') && number.size() >= 8 && number.size() <= 16) return number;
  section.warning(node->mark, key, fmt::format("{} is not a telephone number", in_quotes(*text)),
                  "write it with its country: +44 1632 960123");
  return *text;
}

void read_contact(Context& context, const Node& node, const std::string& path,
                  std::vector<Contact>& out) {
  if (node.kind != Node::Kind::map || node.entries.size() != 1) {
    if (node.kind != Node::Kind::broken)
      context.error(node.mark, path, "a contact is one way of telling",
                    "write {via: RECEIVER} or {mail: name@host}");
    return;
  }
  Section section{context, node, path};
  Contact contact;
  if (section.read_name("via", contact.value, NameKind::receiver)) {
    out.push_back(contact);
  } else if (const Node* mail = section.find("mail")) {
    if (const auto address = mail_of(context, *mail, section.path_of("mail")))
      out.push_back({ContactKind::mail, *address});
  } else if (const auto sms = number_in(section, "sms")) {
    out.push_back({ContactKind::sms, *sms});
  } else if (const auto call = number_in(section, "call")) {
    out.push_back({ContactKind::call, *call});
  }
  section.done();
}

void read_steps(Section& notify, std::string_view urgency, const Person& person,
                bool contacts_complete, std::vector<NotifyStep>& out) {
  notify.each(urgency, [&](const Node& item, const std::string& path) {
    const auto text = text_of(notify.context(), item, path, "a way of telling");
    if (!text) return;
    auto step = parse_notify_step(*text);
    if (!step) {
      notify.context().error(item.mark, path,
                             fmt::format("{} is not a way of telling", in_quotes(*text)),
                             R"(write "mail now" or "push-jo after 2m")");
      return;
    }
    if (contacts_complete && find_contact(person, step->way) == nullptr) {
      std::vector<std::string> ways;
      for (const Contact& contact : person.contact)
        ways.push_back(contact.kind == ContactKind::via ? contact.value
                                                        : std::string{to_word(contact.kind)});
      std::string hint = did_you_mean(step->way, ways);
      if (hint.empty())
        hint = ways.empty() ? "give the person a `contact:`"
                            : fmt::format("there is {}", any_of(ways));
      notify.context().error(item.mark, path,
                             fmt::format("{} has no contact {}", person.id, in_quotes(step->way)),
                             std::move(hint));
    }
    out.push_back(std::move(*step));
  });
}

Person read_person(Section& section) {
  Context& context = section.context();
  Person person;
  section.need("id", "a short name, like jo");
  section.read("id", person.id);
  section.read("name", person.name);
  section.read("title", person.title);
  const std::size_t before = context.mistakes.size();
  section.each("contact", [&](const Node& item, const std::string& path) {
    read_contact(context, item, path, person.contact);
  });
  const bool contacts_complete = context.mistakes.size() == before || !person.contact.empty();
  if (const Node* node = section.find("notify")) {
    Section notify{context, *node, section.path_of("notify")};
    for (const std::string_view urgency : {"page", "queue", "digest"}) {
      if (!notify.has(urgency)) notify.known({urgency});
      if (notify.has(urgency))
        read_steps(notify, urgency, person, contacts_complete, person.notify[std::string{urgency}]);
    }
    notify.done();
  }
  read_authority(section, person.authority);
  section.read_name("manager", person.manager, NameKind::person);
  if (const Node* zone = section.find("zone"))
    person.zone = zone_of(context, *zone, section.path_of("zone")).value_or("");
  if (const Node* language = section.find("language"))
    person.language = language_of(context, *language, section.path_of("language")).value_or("");
  read_absences(section, person.id, person.zone, person.absences);
  if (section.ok() && !section.has("contact")) {
    section.context().warning(
        section.node().mark, section.path(),
        fmt::format("{} cannot be told anything", person.id.empty() ? "this person" : person.id),
        "add `contact: [{mail: name@host}]`");
  }
  section.done();
  return person;
}

/// Somebody who is, through others, their own manager: late answers would climb for ever.
void check_lines(Context& context, const std::vector<Person>& people,
                 const std::vector<Mark>& marks) {
  std::set<std::string> told;
  for (std::size_t i = 0; i < people.size(); ++i) {
    std::vector<std::string> line{people[i].id};
    for (const Person* at = find_person(people, people[i].manager);
         at != nullptr && line.size() <= people.size(); at = find_person(people, at->manager)) {
      line.push_back(at->id);
      if (at->id == people[i].id || told.contains(at->id)) break;
    }
    if (line.size() < 2 || line.back() != people[i].id) continue;
    for (const std::string& id : line) told.insert(id);
    std::string text = in_quotes(line[0]);
    for (std::size_t k = 1; k < line.size(); ++k) text += fmt::format(" → {}", in_quotes(line[k]));
    context.error(marks[i], item_path("people", i) + ".manager",
                  line.size() == 2 ? fmt::format("{} is their own manager", in_quotes(line[0]))
                                   : fmt::format("the managers form a circle: {}", text),
                  "somebody at the top has no `manager:`");
  }
}

}  // namespace

void read_people(Context& context, const Node& node, std::vector<Person>& out,
                 std::map<std::string, Skills>& skills) {
  const auto* items = items_of(context, node, "people");
  if (items == nullptr) return;
  std::vector<Mark> marks;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("people", i)};
    if (!section.ok()) continue;
    Skills able;
    read_skills(section, able);
    out.push_back(read_person(section));
    if (!able.empty()) skills[out.back().id] = std::move(able);
    const Node* manager = section.find("manager");
    marks.push_back(manager == nullptr ? section.node().mark : manager->mark);
  }
  check_lines(context, out, marks);
}

void read_teams(Context& context, const Node& node, std::vector<Team>& out,
                std::map<std::string, AssignPolicy>& assign) {
  const auto* items = items_of(context, node, "teams");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("teams", i)};
    if (!section.ok()) continue;
    Team team;
    section.need("name");
    section.read("name", team.name);
    section.read_names("members", team.members, NameKind::person);
    section.read_name("lead", team.lead, NameKind::person);
    section.read_name("schedule", team.schedule, NameKind::schedule);
    if (section.find("assign") != nullptr) read_assign(section, assign[team.name]);
    section.done();
    out.push_back(std::move(team));
  }
}

}  // namespace earshot::config
