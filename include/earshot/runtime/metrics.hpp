#pragma once

/// What the daemon counts. docs/metrics.md is printed from the table below; labels are bounded and
/// never a user's text. Thread-safe. prometheus-cpp stays in metrics.cpp.

#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace earshot {

enum class MetricKind { counter, gauge, histogram };
/// The buckets of a histogram in seconds: io 0.5 ms … 10 s, waiting 1 s … 1 day.
enum class Buckets { io, waiting };

struct MetricSpec {
  std::string_view name;
  MetricKind kind;
  std::string_view labels;  ///< names, separated by commas; their values are given in this order
  std::string_view help;
  Buckets buckets = Buckets::io;
};

inline constexpr std::array kMetrics = {
    MetricSpec{"earshot_build_info", MetricKind::gauge, "version",
               "Always 1; says which version runs."},
    MetricSpec{"earshot_start_timestamp_seconds", MetricKind::gauge, "",
               "When this process was ready."},
    MetricSpec{"earshot_mode", MetricKind::gauge, "mode",
               "1 for the mode in force: live or shadow."},
    MetricSpec{"earshot_safe_mode", MetricKind::gauge, "",
               "1 while nothing is read, told or changed because the database failed twice within "
               "ten minutes. Alert when this is 1."},

    MetricSpec{"earshot_source_items_total", MetricKind::counter, "source,outcome",
               "Items read from a source, by outcome: new, duplicate, malformed."},
    MetricSpec{"earshot_source_polls_total", MetricKind::counter, "source,outcome",
               "Polls of a source, by outcome: ok, unchanged, transient, permanent."},
    MetricSpec{"earshot_source_last_success_timestamp_seconds", MetricKind::gauge, "source",
               "When a source was last read without error. Alert when this is old."},
    MetricSpec{"earshot_source_failures", MetricKind::gauge, "source",
               "Failed polls in a row; 0 after a good one."},
    MetricSpec{"earshot_source_blind", MetricKind::gauge, "source",
               "1 while a source cannot be read and an incident says so."},
    MetricSpec{"earshot_source_gaps_total", MetricKind::counter, "source",
               "Times a poll could not reach back to the last item read."},

    MetricSpec{"earshot_reader_up", MetricKind::gauge, "",
               "0 while the process that reads what strangers send cannot be begun: no source is "
               "read. Alert when this is 0."},
    MetricSpec{"earshot_reader_restarts_total", MetricKind::counter, "",
               "Times that process died, over a document or otherwise, and was begun again."},

    MetricSpec{"earshot_posts_total", MetricKind::counter, "urgency",
               "Posts judged, by urgency: page, queue, digest, ignore."},
    MetricSpec{"earshot_second_opinion_questions_total", MetricKind::counter, "outcome",
               "Posts for a second opinion, by outcome: raised, opened, left (urgent, but a person "
               "or newer words came first), unsure, not_urgent, refused (no answer of the agreed "
               "form), timeout, failed, over_budget, dropped."},
    MetricSpec{"earshot_second_opinion_seconds", MetricKind::histogram, "",
               "Time of one question to the second opinion; its count is how many were asked."},
    MetricSpec{"earshot_second_opinion_broken", MetricKind::gauge, "",
               "1 while the second opinion has failed so often that it is not asked."},
    MetricSpec{"earshot_quarantined_total", MetricKind::counter, "source",
               "Items set aside with their bytes because they could not be read."},
    MetricSpec{"earshot_forgotten_total", MetricKind::counter, "source",
               "Items kept out because their author was erased."},
    MetricSpec{"earshot_erasures_total", MetricKind::counter, "", "People erased."},
    MetricSpec{"earshot_retention_total", MetricKind::counter, "class",
               "What retention took away, by class: posts, cases, audit."},
    MetricSpec{"earshot_commit_seconds", MetricKind::histogram, "",
               "Time to judge one batch of posts and to commit it."},

    MetricSpec{"earshot_cases_total", MetricKind::counter, "urgency", "Cases opened."},
    MetricSpec{"earshot_cases_open", MetricKind::gauge, "status",
               "Cases not closed, by status; counted once a minute."},
    MetricSpec{"earshot_case_events_total", MetricKind::counter, "event",
               "Events in the lives of cases since the start, by kind."},
    MetricSpec{"earshot_clocks_missed_total", MetricKind::counter, "clock",
               "Deadlines missed, by clock: first_answer, next_update, solution, call_back."},
    MetricSpec{"earshot_waited_seconds", MetricKind::gauge, "what,by,group,quantile",
               "How long customers waited from their own post, of the last 28 days: what is "
               "first_answer or solution; by all, channel, reach, team, language; quantile 0.5, "
               "0.9, 1. Absent until the ledger was read after a start."},
    MetricSpec{"earshot_waited_cases", MetricKind::gauge, "what,by,group",
               "How many waits that is; fewer than 20 are too few to compare."},
    MetricSpec{"earshot_storms_open", MetricKind::gauge, "", "Storms: many cases with one cause."},
    MetricSpec{"earshot_escalation_lateness_seconds", MetricKind::histogram, "",
               "How late an escalation step was taken."},
    MetricSpec{"earshot_oncall_gaps", MetricKind::gauge, "schedule",
               "1 while nobody is on call in a schedule."},
    MetricSpec{"earshot_oncall_gap_seconds", MetricKind::gauge, "schedule",
               "Of the next 60 days, how long nobody is on call; measured once an hour."},
    MetricSpec{"earshot_oncall_overlap_seconds", MetricKind::gauge, "schedule",
               "Of the next 60 days, how long more than one person is on call."},
    MetricSpec{"earshot_conversations_failed_total", MetricKind::counter, "",
               "Conversations of open cases that could not be read again."},
    MetricSpec{"earshot_clock_jumps_total", MetricKind::counter, "",
               "Jumps of the wall clock by more than 30 s; deadlines went on by the steady clock."},
    MetricSpec{"earshot_post_to_page_seconds", MetricKind::histogram, "urgency",
               "Time from publication of a post to the first delivered notification.",
               Buckets::waiting},

    MetricSpec{"earshot_outbox_depth", MetricKind::gauge, "receiver",
               "Notifications not yet delivered."},
    MetricSpec{"earshot_outbox_oldest_seconds", MetricKind::gauge, "receiver",
               "Age of the oldest of them."},
    MetricSpec{"earshot_outbox_delayed_seconds", MetricKind::gauge, "receiver",
               "How long a rate limit still makes the next notification wait."},
    MetricSpec{"earshot_outbox_attempts_total", MetricKind::counter, "receiver,result",
               "Attempts to deliver, by result: ok, again, uncertain, dead."},
    MetricSpec{"earshot_outbox_attempt_seconds", MetricKind::histogram, "receiver",
               "Time of one attempt."},
    MetricSpec{"earshot_receiver_broken", MetricKind::gauge, "receiver",
               "1 while a receiver's breaker is open."},

    MetricSpec{"earshot_web_requests_total", MetricKind::counter, "route,status",
               "Requests to the console and the API."},
    MetricSpec{"earshot_web_request_seconds", MetricKind::histogram, "route",
               "Time of one request."},
    MetricSpec{"earshot_web_connections", MetricKind::gauge, "",
               "Connections to the console and the API."},
    MetricSpec{"earshot_web_denied_total", MetricKind::counter, "reason",
               "Refused sign-ins and requests, by reason."},

    MetricSpec{"earshot_config_reloads_total", MetricKind::counter, "result",
               "Reloads of the configuration: ok, refused."},
    MetricSpec{"earshot_config_last_reload_success", MetricKind::gauge, "",
               "1 if the last reload was taken over."},
    MetricSpec{"earshot_config_last_reload_timestamp_seconds", MetricKind::gauge, "",
               "When the configuration in force was loaded."},
    MetricSpec{"earshot_person_pages_total", MetricKind::counter, "person",
               "Pages delivered to a person, all ways counted."},
    MetricSpec{"earshot_pages_not_worth_total", MetricKind::counter, "",
               "Times a person said that a page was not worth waking them."},
    MetricSpec{
        "earshot_audit_findings", MetricKind::gauge, "",
        "What the auditor found: open pages that nobody has and no step will page, attempts that "
        "hang, a clockwork that stands. Alert when this is not 0."},
    MetricSpec{"earshot_disk_free_bytes", MetricKind::gauge, "",
               "Room on the file system of the database."},
    MetricSpec{"earshot_disk_ballast_bytes", MetricKind::gauge, "",
               "Room held back for a full disk; 0 once it was given up."},
    MetricSpec{"earshot_disk_tight", MetricKind::gauge, "",
               "1 while the disk is full: no source is read, pages and acknowledgements go on."},
    MetricSpec{"earshot_backups_total", MetricKind::counter, "result",
               "Backups the daemon made by itself: ok, failed."},
    MetricSpec{"earshot_backup_last_success_timestamp_seconds", MetricKind::gauge, "",
               "When the newest of them was begun. Alert when this is old."},
    MetricSpec{"earshot_backup_seconds", MetricKind::gauge, "", "How long the last one took."},
    MetricSpec{"earshot_audit_last_pass_timestamp_seconds", MetricKind::gauge, "",
               "When the auditor last found everything in order."},
    MetricSpec{"earshot_heartbeats_total", MetricKind::counter, "result",
               "Heartbeats sent outwards."},
    MetricSpec{"earshot_clock_suspect", MetricKind::gauge, "",
               "1 for an hour after the wall clock jumped against the steady clock."},
    MetricSpec{"earshot_loop_stall_seconds", MetricKind::gauge, "",
               "Worst wait of the event loop within the last minute."},
    MetricSpec{"earshot_loop_stall_worst_seconds", MetricKind::gauge, "",
               "Worst wait of the event loop since the start."},
    MetricSpec{"earshot_transfers", MetricKind::gauge, "",
               "Network transfers running or waiting to begin."},
    MetricSpec{"earshot_connections", MetricKind::gauge, "",
               "Network connections open, idle ones included."},
};

/// A name outside the table, or another number of label values than it has names, is a mistake of
/// ours and aborts.
class Metrics {
 public:
  using Labels = std::initializer_list<std::string_view>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count(std::string_view name, Labels labels = {}, double by = 1);
  void set(std::string_view name, double value, Labels labels = {});
  void observe(std::string_view name, double value, Labels labels = {});
  /// Forgets one set of labels: a source that is configured no more.
  void remove(std::string_view name, Labels labels);

  /// Prometheus' text format 0.0.4.
  std::string serialise() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// docs/metrics.md.
std::string metrics_markdown();

}  // namespace earshot
