#pragma once

/// One reader a section of the configuration; each complains of what is wrong and leaves defaults
/// in its place. Pure.

#include "context.hpp"
#include "earshot/config/config.hpp"

namespace earshot::config {

void read_company(Context& context, const Node& node, Company& out);
void read_principals(Context& context, const Node& node, std::vector<Principal>& out);
void read_sources(Context& context, const Node& node, const NetworkPolicy& network,
                  std::vector<SourceConfig>& out);
void read_triage(Context& context, const Node& node, TriagePolicy& out);
void read_storms(Context& context, const Node& node, StormPolicy& out);
void read_people(Context& context, const Node& node, std::vector<Person>& out,
                 std::map<std::string, Skills>& skills);
void read_teams(Context& context, const Node& node, std::vector<Team>& out,
                std::map<std::string, AssignPolicy>& assign);
/// `holidays: {de: ["2026-12-25"]}`.
using Holidays = std::map<std::string, std::vector<std::chrono::local_days>>;
void read_holidays(Context& context, const Node& node, Holidays& out);
void read_schedules(Context& context, const Node& node, const Holidays& holidays,
                    std::vector<Schedule>& out);
/// `time_intervals: [{name, time_intervals: [{times, weekdays, …}]}]`, as Alertmanager has them.
void read_time_intervals(Context& context, const Node& node, std::vector<NamedIntervals>& out);
/// `inhibit_rules: [{source_matchers, target_matchers, equal}]`.
void read_inhibit_rules(Context& context, const Node& node, std::vector<InhibitRule>& out);
/// One text of matchers, or a list.
void read_matchers(Section& section, std::string_view key, std::vector<Matcher>& out);
/// `rate: {per_minute, burst, reserve}` of a receiver.
void read_rate(Section& section, RateLimit& out);
/// `calendars: [{name, zone, hours, holidays}]`: business hours.
void read_business_calendars(Context& context, const Node& node, const Holidays& holidays,
                             std::vector<BusinessCalendar>& out);
/// `calendar: office`, or by urgency: `calendar: {queue: office}`.
void read_calendar_of(Section& section, const std::vector<BusinessCalendar>& calendars,
                      CasePolicy& out);
/// `{days, from, to, except, only}`.
DutyWindow read_window(Section& section, const Holidays& holidays);
/// `except: de` or `only: [de]` of a window.
void read_window_holidays(Section& section, const Holidays& holidays, DutyWindow& out);
void read_absences(Section& person, const std::string& id, const std::string& zone,
                   std::vector<Absence>& out);
/// Gives every schedule the absences of all; complains of circles of substitutes.
void join_absences(Context& context, const Node* people, Config& out);
/// Reads the calendars that layers import; `directory` is the configuration's.
void read_calendars(Context& context, const std::string& directory, Config& out);
void read_contacts(Context& context, const Node& node, bool& verify);
/// Whom to tell: a list of schedule:NAME, person:ID and the like. `owner`: that word too, and an
/// empty list tells nobody.
void read_targets(Section& section, std::string_view key, std::vector<std::string>& out,
                  bool owner = false);
void read_escalations(Context& context, const Node& node, std::vector<EscalationPolicy>& out);
void read_route(Context& context, const Node& node, Route& out);
void read_receivers(Context& context, const Node& node, const NetworkPolicy& network,
                    std::vector<ReceiverConfig>& out);
void read_follow_through(Context& context, const Node& node,
                         const std::vector<BusinessCalendar>& calendars, CasePolicy& out);
void read_acknowledge(Context& context, const Node& node, AcknowledgeConfig& out);
void read_retention(Context& context, const Node& node, RetentionConfig& out);
void read_privacy(Context& context, const Node& node, PrivacyConfig& out);
/// `classifier: {second_opinion: {…}}`; `network` is the global policy.
void read_classifier(Context& context, const Node& node, const NetworkPolicy& network,
                     std::optional<OpinionPolicy>& out);
void read_runbooks(Context& context, const Node& node, std::vector<Runbook>& out);
void read_questions(Context& context, const Node& node, const Config& known, QuestionPolicy& out);
/// `root_causes: {departments, causes, due, remind, climb, recurrence}`.
void read_root_causes(Context& context, const Node& node, CauseRules& out);
/// `failed:` and `authority:` of follow_through.
void read_failed(Section& section, CasePolicy& out);
/// `{refund_up_to: 250 EUR}`.
void read_authority(Section& section, std::map<std::string, std::string>& out);
void read_letters(Context& context, const Node& node, LetterPolicy& out);
void read_digest(Context& context, const Node& node, DigestPolicy& out);
/// `replies: {ways, approvers}`; `known` has its sources and its mail section already.
void read_replies(Context& context, const Node& node, const Config& known, ReplyPolicy& out);
/// `assign:` of a team or a route, `skills:` of a person.
void read_assign(Section& team, AssignPolicy& out);
void read_skills(Section& person, Skills& out);
void read_mail(Context& context, const Node& node, SmtpConfig& out);
void read_heartbeat(Context& context, const Node& node, std::optional<HeartbeatConfig>& out);
void read_store(Context& context, const Node& node, StoreConfig& out);
void read_web(Context& context, const Node& node, WebConfig& out);
void read_log(Context& context, const Node& node, LogConfig& out);

/// Names of people, receivers and the like become known before any section refers to one.
void declare_names(Context& context, const Node& root);

/// Types of sources and receivers, those of this release and those that are planned.
const std::vector<std::string>& source_types();
const std::vector<std::string>& receiver_types();
bool is_planned_source(std::string_view type);

}  // namespace earshot::config
