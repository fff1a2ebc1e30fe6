#include <fmt/format.h>

#include <array>

#include "earshot/core/utf8.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

/// Labels that every case has; matchers may use others too.
const std::vector<std::string> kLabels{"urgency",  "principal", "cue",    "heard",
                                       "topic",    "product",   "source", "channel",
                                       "language", "severity",  "about"};

void read_intervals(Section& section, Route& out) {
  const auto read = [&](std::string_view key, std::optional<Duration>& into, Duration least) {
    Duration value{};
    if (section.read(key, value, {least, hours{24 * 30}})) into = value;
  };
  read("group_wait", out.group_wait, Duration{0});
  read("group_interval", out.group_interval, seconds{1});
  read("repeat_interval", out.repeat_interval, seconds{1});
  section.read_names("mute_time_intervals", out.mute_time_intervals, NameKind::time_interval);
  section.read_names("active_time_intervals", out.active_time_intervals, NameKind::time_interval);
}

Route read_node(Section& section, bool root) {
  Route route;
  if (root && section.has("matchers")) {
    section.known({"matchers"});
    if (const Node* node = section.find("matchers"))
      section.error(node->mark, "matchers", "the root takes every case: it has no matchers",
                    "put them on an entry of `routes:`");
  } else {
    read_matchers(section, "matchers", route.matchers);
  }
  std::string text;
  if (section.read("team", text)) {
    route.team = text;
    if (section.context().any(NameKind::team))
      section.context().refer(NameKind::team, text, section.find("team")->mark,
                              section.path_of("team"));
  }
  if (section.read_name("escalation", text, NameKind::escalation)) route.escalation = text;
  if (section.find("assign") != nullptr) read_assign(section, route.assign.emplace());
  std::vector<std::string> names;
  if (section.read_names("receivers", names, NameKind::receiver)) route.receivers = names;
  if (section.read("group_by", names)) route.group_by = names;
  read_intervals(section, route);
  if (root && section.has("continue")) {
    section.known({"continue"});
    if (const Node* node = section.find("continue"))
      section.error(node->mark, "continue", "the root has no siblings to go on with",
                    "remove the line");
  } else {
    section.read("continue", route.continue_);
  }
  section.each("routes", [&](const Node& item, const std::string& path) {
    Section child{section.context(), item, path};
    route.routes.push_back(child.ok() ? read_node(child, false) : Route{});
  });
  section.done();
  return route;
}

}  // namespace

void read_matchers(Section& section, std::string_view key, std::vector<Matcher>& out) {
  const auto add = [&](const Node& item, const std::string&) {
    const std::string path = section.path_of(key);
    const auto text = text_of(section.context(), item, path, "a matcher");
    if (!text) return;
    ParsedMatchers parsed = parse_matchers(*text);
    if (parsed.problem) {
      Mark mark = item.mark;  // inside the text where that is on one line and written as it is read
      const bool plain = text->find('\n') == std::string::npos &&
                         text->find('\\') == std::string::npos &&
                         text->find('\'') == std::string::npos;
      if (plain && parsed.problem->offset <= text->size())
        mark.column += parsed.problem->offset + (item.quoted ? 1U : 0U);
      section.context().error(mark, path, printable(cut_utf8(parsed.problem->problem, 200)),
                              "write 'cue = safety', 'urgency =~ \"page|queue\"', != or !~");
      return;
    }
    for (const Matcher& matcher : parsed.matchers) {
      const std::string hint = did_you_mean(matcher.name(), kLabels);
      const bool known = std::find(kLabels.begin(), kLabels.end(), matcher.name()) != kLabels.end();
      if (!known && !hint.empty())
        section.context().warning(item.mark, path,
                                  fmt::format("no case has a label {} unless a source gives it",
                                              in_quotes(matcher.name())),
                                  hint);
    }
    out.insert(out.end(), parsed.matchers.begin(), parsed.matchers.end());
  };
  const Node* node = section.find(key);
  if (node != nullptr && node->kind == Node::Kind::text) {
    add(*node, {});
  } else {
    section.each(key, add);
  }
}

void read_route(Context& context, const Node& node, Route& out) {
  Section section{context, node, "route"};
  if (section.ok()) out = read_node(section, true);
}

}  // namespace earshot::config
