#pragma once

/// The routing tree: labels of a case -> team, escalation policy, receivers and grouping. Input:
/// the tree of the configuration and labels; output: the nodes that match, in order. Pure.
///
/// As in Prometheus Alertmanager the root always matches; of a matching node's children the first
/// match wins unless it says `continue`; a node none of whose children matches stands for itself; a
/// key that is not set is the parent's.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/cases/assignment.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/route/matcher.hpp"

namespace earshot {

/// Deeper trees are refused at load.
inline constexpr int kMaxRouteDepth = 32;

/// A node as written; an absent key is inherited, an empty list is not.
struct Route {
  std::vector<Matcher> matchers;  ///< all must hold; the root's are not looked at
  std::optional<std::string> team{};
  std::optional<std::string> escalation{};
  std::optional<AssignPolicy> assign{};
  std::optional<std::vector<std::string>> receivers{};
  std::optional<std::vector<std::string>> group_by{};  ///< names of labels; "..." = by all labels
  std::optional<Duration> group_wait{};
  std::optional<Duration> group_interval{};
  std::optional<Duration> repeat_interval{};
  std::vector<std::string> mute_time_intervals;  ///< names; not inherited, as in Alertmanager
  std::vector<std::string> active_time_intervals;
  bool continue_ = false;  ///< look at later siblings too
  std::vector<Route> routes;
};

/// A node that matched, with everything inherited filled in.
struct RouteMatch {
  std::string path;  ///< "route", or as in "route.routes[1].routes[0]": where the node stands in
                     ///< the configuration
  std::string team;
  std::string escalation;
  std::optional<AssignPolicy> assign{};  ///< absent: the team's
  std::vector<std::string> receivers;
  std::vector<std::string> group_by;
  std::optional<Duration> group_wait{};  ///< absent: kGroupWait, and none at all for pages
  Duration group_interval = minutes{5};
  Duration repeat_interval = hours{4};
  std::vector<std::string> mute_time_intervals;
  std::vector<std::string> active_time_intervals;
};
inline constexpr Duration kGroupWait = seconds{30};

struct Routing {
  std::vector<RouteMatch> matches;     ///< never empty
  std::string team;                    ///< of the first match
  std::string escalation;              ///< of the first match
  std::vector<std::string> receivers;  ///< of all, in order, without repeats
};

Routing resolve_route(const Route& root, const Labels& labels);

/// Cases with the same key are told together: the node and the values of the labels it groups by
/// (order of values does not count).
std::string group_key(const RouteMatch& match, const Labels& labels);
/// How long the first notification of a group waits for company. A page never waits unless the
/// configuration says so.
Duration group_wait_of(const RouteMatch& match, bool page);

struct UnreachableRoute {
  std::string path;
  std::string reason;  ///< "route.routes[0] takes all of it: …"
};
/// Nodes no labels can reach: an earlier sibling without `continue` takes all they would match, or
/// their matchers contradict each other. What is found is certain; not everything that could be
/// found is.
std::vector<UnreachableRoute> unreachable_routes(const Route& root);

/// Every node in reading order with inherited keys filled in, as a match of it would say: for
/// checks of names and rendering of docs.
std::vector<RouteMatch> all_routes(const Route& root);

}  // namespace earshot
