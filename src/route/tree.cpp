#include "earshot/route/tree.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/check.hpp"

namespace earshot {
namespace {

/// The node as it stands for itself below `parent`.
RouteMatch inherit(const RouteMatch& parent, const Route& node, std::string path) {
  RouteMatch own = parent;
  own.path = std::move(path);
  if (node.team) own.team = *node.team;
  if (node.escalation) own.escalation = *node.escalation;
  if (node.assign) own.assign = node.assign;
  if (node.receivers) own.receivers = *node.receivers;
  if (node.group_by) own.group_by = *node.group_by;
  if (node.group_wait) own.group_wait = node.group_wait;
  if (node.group_interval) own.group_interval = *node.group_interval;
  if (node.repeat_interval) own.repeat_interval = *node.repeat_interval;
  own.mute_time_intervals = node.mute_time_intervals;
  own.active_time_intervals = node.active_time_intervals;
  return own;
}

std::string child_path(const std::string& parent, std::size_t index) {
  return fmt::format("{}.routes[{}]", parent, index);
}

/// `node` is known to match. The recursion is as deep as the tree, which the configuration bounds.
void collect(const Route& node, const RouteMatch& own, const Labels& labels,
             std::vector<RouteMatch>& out) {
  const std::size_t before = out.size();
  for (std::size_t i = 0; i < node.routes.size(); ++i) {
    const Route& child = node.routes[i];
    if (!all_match(child.matchers, labels)) continue;
    collect(child, inherit(own, child, child_path(own.path, i)), labels, out);
    if (!child.continue_) break;
  }
  if (out.size() == before) out.push_back(own);
}

void list(const Route& node, const RouteMatch& own, std::vector<RouteMatch>& out) {
  out.push_back(own);
  for (std::size_t i = 0; i < node.routes.size(); ++i) {
    list(node.routes[i], inherit(own, node.routes[i], child_path(own.path, i)), out);
  }
}

/// Whether `weaker` holds wherever `stronger` does.
bool implies(const Matcher& stronger, const Matcher& weaker) {
  using Op = Matcher::Op;
  if (stronger == weaker) return true;
  if (stronger.name() != weaker.name()) return false;
  // One of the values is "page", so one of the values matches page|queue.
  if (stronger.op() == Op::equal && weaker.op() == Op::matches)
    return weaker.accepts(stronger.value());
  // None of the values matches page|queue, so none is "page".
  if (stronger.op() == Op::not_matches && weaker.op() == Op::not_equal)
    return stronger.accepts(weaker.value());
  return false;
}

bool contradict(const Matcher& a, const Matcher& b) {
  using Op = Matcher::Op;
  if (a.name() != b.name()) return false;
  // "One of the values is x" against "none of the values is x".
  if (a.op() == Op::equal && (b.op() == Op::not_equal || b.op() == Op::not_matches))
    return b.accepts(a.value());
  return a.op() == Op::matches && b.op() == Op::not_matches && a.value() == b.value();
}

bool takes_all(const Route& earlier, const std::vector<Matcher>& known) {
  return std::all_of(earlier.matchers.begin(), earlier.matchers.end(), [&](const Matcher& weaker) {
    return std::any_of(known.begin(), known.end(),
                       [&](const Matcher& stronger) { return implies(stronger, weaker); });
  });
}

/// `known`: what holds for everything that reaches `node`.
void look_for_unreachable(const Route& node, const std::string& path,
                          const std::vector<Matcher>& known, std::vector<UnreachableRoute>& out) {
  for (std::size_t i = 0; i < node.routes.size(); ++i) {
    const Route& child = node.routes[i];
    const std::string where = child_path(path, i);
    std::vector<Matcher> all = known;
    all.insert(all.end(), child.matchers.begin(), child.matchers.end());

    std::string reason;
    for (const Matcher& a : all) {
      for (const Matcher& b : all) {
        if (reason.empty() && contradict(a, b))
          reason = fmt::format("{} and {} cannot hold together", a.text(), b.text());
      }
    }
    for (std::size_t j = 0; j < i && reason.empty(); ++j) {
      const Route& earlier = node.routes[j];
      if (earlier.continue_ || !takes_all(earlier, all)) continue;
      reason = fmt::format(
          "{} stands before it, matches all that it matches and does not say \"continue: true\"",
          child_path(path, j));
    }
    if (reason.empty()) {
      look_for_unreachable(child, where, all, out);
    } else {
      out.push_back({where, std::move(reason)});
    }
  }
}

RouteMatch as_match(const Route& root) {
  return inherit(RouteMatch{}, root, "route");
}

}  // namespace

Routing resolve_route(const Route& root, const Labels& labels) {
  Routing routing;
  collect(root, as_match(root), labels, routing.matches);
  EARSHOT_CHECK(!routing.matches.empty());
  routing.team = routing.matches.front().team;
  routing.escalation = routing.matches.front().escalation;
  for (const RouteMatch& match : routing.matches) {
    for (const std::string& receiver : match.receivers) {
      const auto& known = routing.receivers;
      if (std::find(known.begin(), known.end(), receiver) == known.end())
        routing.receivers.push_back(receiver);
    }
  }
  return routing;
}

std::string group_key(const RouteMatch& match, const Labels& labels) {
  const auto& by = match.group_by;
  const bool all = std::find(by.begin(), by.end(), "...") != by.end();
  std::string key = match.path;
  // Lengths stand before texts, so that no value can look like a separator.
  const auto append = [&key](std::string_view text) {
    key += fmt::format(" {}:{}", text.size(), text);
  };
  for (const auto& [name, values] : labels) {
    if (!all && std::find(by.begin(), by.end(), name) == by.end()) continue;
    std::vector<std::string> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::erase(sorted, "");  // empty is the same as missing
    if (sorted.empty()) continue;
    append(name);
    key += fmt::format(" ={}", sorted.size());
    for (const std::string& value : sorted) append(value);
  }
  return key;
}

Duration group_wait_of(const RouteMatch& match, bool page) {
  if (match.group_wait) return *match.group_wait;
  return page ? Duration{0} : kGroupWait;
}

std::vector<UnreachableRoute> unreachable_routes(const Route& root) {
  std::vector<UnreachableRoute> out;
  look_for_unreachable(root, "route", {}, out);
  return out;
}

std::vector<RouteMatch> all_routes(const Route& root) {
  std::vector<RouteMatch> out;
  list(root, as_match(root), out);
  return out;
}

}  // namespace earshot
