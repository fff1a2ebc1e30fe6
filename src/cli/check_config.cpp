#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "check_people.hpp"
#include "command.hpp"
#include "configured.hpp"
#include "earshot/oncall/schedule.hpp"
#include "earshot/receivers/message_template.hpp"
#include "earshot/route/tree.hpp"

namespace earshot::cli {
namespace {

constexpr Duration kAhead = std::chrono::hours{24 * 60};
constexpr std::size_t kMostGaps = 10;

Instant now_of(const Args& args) {
  const auto given = args.value("at");
  if (!given) return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const auto at = parse_rfc3339(*given);
  if (!at)
    throw UsageError(
        fmt::format("--at wants a time like 2026-11-24T10:00:00Z, not \"{}\"", *given));
  return *at;
}

/// A finding about what a right configuration means.
void find(Loaded& loaded, const std::string& path, std::string problem, std::string hint) {
  const auto place = loaded.places.find(path);
  Diagnostic finding = place == loaded.places.end() ? Diagnostic{} : place->second;
  finding.level = Diagnostic::Level::warning;
  finding.path = path;
  finding.problem = std::move(problem);
  finding.hint = std::move(hint);
  loaded.diagnostics.push_back(std::move(finding));
}

void find_gaps(Loaded& loaded, const std::vector<Schedule>& schedules, Instant now) {
  const Instant end = now + kAhead;
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    const auto holes = gaps(schedules[i], now, end);
    if (holes.empty()) continue;
    std::string times;
    for (std::size_t k = 0; k < holes.size() && k < kMostGaps; ++k) {
      times += fmt::format("{}{} to {}", k == 0 ? "" : ", ", to_rfc3339(holes[k].start),
                           holes[k].end >= end ? "the end" : to_rfc3339(holes[k].end));
    }
    if (holes.size() > kMostGaps) times += fmt::format(" and {} more", holes.size() - kMostGaps);
    find(loaded, fmt::format("schedules[{}]", i),
         fmt::format("nobody is on call in \"{}\" for parts of the next 60 days: {}",
                     schedules[i].name, times),
         "add a layer for these hours, or an escalation step beyond this schedule");
  }
}

/// Steps that tell nobody whom the step before has not told: climbing leads back to the same
/// people.
void find_idle_steps(Loaded& loaded, const std::vector<EscalationPolicy>& policies) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const auto& steps = policies[i].steps;
    for (std::size_t k = 1; k < steps.size(); ++k) {
      const auto known = [&](const std::string& target) {
        const bool fixed = target.starts_with("person:") || target.starts_with("receiver:") ||
                           target.starts_with("schedule:") || target.starts_with("team:");
        return fixed && std::ranges::find(steps[k - 1].notify, target) != steps[k - 1].notify.end();
      };
      if (!std::ranges::all_of(steps[k].notify, known)) continue;
      find(loaded, fmt::format("escalations[{}]", i),
           fmt::format("step {} of \"{}\" tells nobody but those the step before has told", k + 1,
                       policies[i].name),
           "name somebody above them, or use `repeat:`");
    }
  }
}

void find_dead_ends(Loaded& loaded, const Route& root) {
  for (const UnreachableRoute& dead : unreachable_routes(root))
    find(loaded, dead.path, fmt::format("no case gets here: {}", dead.reason),
         "move it up, or remove it");
  for (const RouteMatch& match : all_routes(root)) {
    if (match.escalation.empty() && match.receivers.empty()) {
      find(loaded, match.path, "a case that ends here is told to nobody",
           "give it an `escalation:` or `receivers:`");
    }
  }
}

void print_json(const Diagnostic& diagnostic) {
  JsonWriter out;
  out.object();
  out.field("level", diagnostic.level == Diagnostic::Level::error ? "error" : "warning");
  out.field("file", diagnostic.file);
  out.field("line", static_cast<std::uint64_t>(diagnostic.line));
  out.field("column", static_cast<std::uint64_t>(diagnostic.column));
  out.text_or_null("path", diagnostic.path);
  out.field("problem", diagnostic.problem);
  out.text_or_null("hint", diagnostic.hint);
  out.end();
  print_line(out.take());
}

/// Every template with made-up data: what would fail at night fails now.
void find_broken_templates(Loaded& loaded, const std::vector<ReceiverConfig>& receivers) {
  for (std::size_t i = 0; i < receivers.size(); ++i) {
    for (const MessageKind kind : {MessageKind::page, MessageKind::notice, MessageKind::update,
                                   MessageKind::self, MessageKind::test}) {
      const Templated said = with_templates(receivers[i], sample_message(kind));
      if (said.trouble.empty()) continue;
      find(loaded, fmt::format("receivers[{}]", i),
           fmt::format("{} ({} message)", said.trouble, to_word(kind)),
           "such a message would go out in the built-in words");
    }
  }
}

void print(const std::vector<Diagnostic>& all, bool json, std::size_t& errors,
           std::size_t& warnings) {
  for (const Diagnostic& diagnostic : all) {
    ++(diagnostic.level == Diagnostic::Level::error ? errors : warnings);
    if (json)
      print_json(diagnostic);
    else
      fmt::print("{}", render(diagnostic));
  }
}

std::string plural(std::size_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

}  // namespace

std::string_view help_check_config() {
  return "usage: earshot check-config [--at TIME] [--no-files] [--json] FILE…\n"
         "Reads configuration files, or a folder of *.yaml files, as the daemon does, and prints "
         "every mistake on\n"
         "standard output as FILE:LINE:COLUMN: PATH: PROBLEM with the line, a caret and a hint. "
         "Further warnings: routes\n"
         "that no case reaches or that tell nobody, people who are paged and have no contact that "
         "works, steps that reach\n"
         "nobody, strategies without anybody to choose, and hours of the next 60 days in which a "
         "schedule has nobody. Message templates are rendered with made-up data.\n"
         "  --at TIME    look at the 60 days after TIME (RFC 3339) instead of after now\n"
         "  --no-files   do not look at the secret files and other files that are named\n"
         "  --json       a finding a line: {\"level\",\"file\",\"line\",\"column\",\"path\","
         "\"problem\",\"hint\"}\n"
         "Exit code 0: the daemon would start with it (warnings may remain). 78: it would not.\n";
}

int run_check_config(std::span<const std::string> words) {
  const Args args{words, {"at=", "no-files", "json"}};
  if (args.rest().empty()) throw UsageError("FILE is missing");
  const Instant now = now_of(args);
  LoadOptions options;
  options.secrets = !args.has("no-files");
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"))
    options.credentials_directory = folder;
  Loaded loaded = load_config(args.rest(), options);
  if (loaded.config) {
    loaded.places.try_emplace("route", Diagnostic{.file = args.rest().front()});  // no such section
    find_dead_ends(loaded, loaded.config->route);
    for (Forecast& it : forecast_labels(*loaded.config))
      find(loaded, it.path, std::move(it.problem), std::move(it.hint));
    find_idle_steps(loaded, loaded.config->escalations);
    for (Forecast& it : forecast_people(*loaded.config))
      find(loaded, it.path, std::move(it.problem), std::move(it.hint));
    find_gaps(loaded, loaded.config->schedules, now);
    find_broken_templates(loaded, loaded.config->receivers);
  }
  std::size_t errors = 0;
  std::size_t warnings = 0;
  const bool json = args.has("json");
  print(loaded.diagnostics, json, errors, warnings);
  if (json) return loaded.config ? kOk : kConfig;
  const std::string and_warnings =
      warnings == 0 ? std::string{} : fmt::format(", {}", plural(warnings, "warning", "warnings"));
  if (!loaded.config) {
    fmt::print("NOT OK: {}{}\n", plural(errors, "error", "errors"), and_warnings);
    return kConfig;
  }
  const Config& config = *loaded.config;
  fmt::print("OK: {}, {}, {}, {}, {}{}\n", plural(config.sources.size(), "source", "sources"),
             plural(config.receivers.size(), "receiver", "receivers"),
             plural(config.people.size(), "person", "people"),
             plural(config.schedules.size(), "schedule", "schedules"),
             plural(all_routes(config.route).size(), "route", "routes"), and_warnings);
  return kOk;
}

}  // namespace earshot::cli
