// What the doors ask of digests, answered from the ledger.
#include <fmt/format.h>

#include <algorithm>

#include "digest.hpp"
#include "earshot/core/json.hpp"
#include "earshot/digest/report.hpp"

namespace earshot {
namespace {

constexpr Duration kReportSpan = hours{24 * 28};

DigestReply refused(std::string code, std::string text, std::string field) {
  DigestReply out;
  out.code = std::move(code);
  out.text = std::move(text);
  out.field = std::move(field);
  return out;
}

DigestReply missing(std::string text) {
  DigestReply out = refused("no_digest", std::move(text), "name");
  out.found = false;
  return out;
}

/// The newest digest that was sent, daily ones first.
std::string last_sent(StoreReader& reader) {
  for (const char* kind : {"digest/daily", "digest/weekly"}) {
    const auto kept = reader.meta(kind);
    const auto data = kept ? parse_json(*kept) : permanent("none");
    if (data && !string_at(*data, "name").empty()) return std::string{string_at(*data, "name")};
  }
  return {};
}

struct Wanted {
  std::optional<Digest> digest;
  DigestReply refusal;
};

Wanted of_span(StoreReader& reader, const DigestAsk& ask, Instant now, Duration otherwise,
               DigestFilter filter = {}) {
  const auto from = ask.from.empty() ? std::nullopt : parse_rfc3339(ask.from);
  const auto to = ask.to.empty() ? std::optional{now} : parse_rfc3339(ask.to);
  if (!to) return {std::nullopt, refused("to", "to must be an RFC 3339 time.", "to")};
  if (!from && !ask.from.empty())
    return {std::nullopt, refused("from", "from must be an RFC 3339 time.", "from")};
  const Instant start = from.value_or(*to - otherwise);
  if (start >= *to) return {std::nullopt, refused("from", "from must lie before to.", "from")};
  return {
      gather(reader,
             span_of(reader, fmt::format("{}/{}", to_rfc3339(start), to_rfc3339(*to)), start, *to),
             std::move(filter)),
      {}};
}

Wanted wanted(StoreReader& reader, const Rules& rules, const DigestAsk& ask, Instant now) {
  if (!ask.day.empty()) {
    const auto day = digest_day(ask.day, rules.config->digest.zone);
    if (!day) return {std::nullopt, refused("day", "A day is written 2026-11-26.", "day")};
    return {gather(reader, span_of(reader, day->name, day->from, day->to)), {}};
  }
  if (!ask.from.empty() || !ask.to.empty()) return of_span(reader, ask, now, hours{24});
  const std::string name = ask.name.empty() ? last_sent(reader) : ask.name;
  if (name.empty())
    return {std::nullopt, missing("No digest was sent yet: give day, or from and to.")};
  auto sent = sent_digest(reader, name);
  if (!sent) return {std::nullopt, missing("No digest of this name was sent.")};
  return {std::move(sent), {}};
}

DigestReply render(const Digest& digest, const Rules& rules, const std::string& format) {
  const DigestPolicy& policy = rules.config->digest;
  DigestReply out;
  if (format.empty() || format == "json") {
    out.body = digest_json(digest);
  } else if (format == "text") {
    out.type = "text/plain; charset=utf-8";
    out.body = digest_headline(digest) + "\n\n" + digest_text(digest, policy.sections, policy.zone);
  } else if (format == "html") {
    out.type = "text/html; charset=utf-8";
    out.body = digest_html(digest, policy.sections, policy.zone);
  } else {
    return refused("format", "format is json, text or html.", "format");
  }
  return out;
}

DigestReply items(const Digest& digest, const std::string& word) {
  const auto bucket = from_word<DigestBucket>(word);
  if (!bucket && !word.empty())
    return refused("bucket", "bucket is shown, grouped, rule, person or open.", "bucket");
  JsonWriter out;
  std::uint64_t total = 0;
  out.object();
  out.key("items");
  out.array();
  for (const DigestItem& it : digest.items) {
    if (bucket && it.bucket != *bucket) continue;
    total += static_cast<std::uint64_t>(it.last_post - it.first_post) + 1;
    out.object();
    out.field("bucket", to_word(it.bucket));
    out.field("first_post", it.first_post);
    out.field("last_post", it.last_post);
    out.text_or_null("case", it.case_id);
    out.field("number", it.case_number);
    out.text_or_null("key", it.key);
    out.text_or_null("text", it.bucket == DigestBucket::rule ? rule_words(it.key) : it.key);
    out.end();
  }
  out.end_array();
  out.field("total", total);
  out.end();
  DigestReply reply;
  reply.body = out.take();
  return reply;
}

DigestReply list_sent(StoreReader& reader) {
  RecordQuery query;
  query.kind = kDigest;
  query.limit = 10'000;
  JsonWriter out;
  out.object();
  out.key("items");
  out.array();
  for (const Record& record : reader.records(query)) out.raw(record.body);
  out.end_array();
  out.end();
  DigestReply reply;
  reply.body = out.take();
  return reply;
}

DigestReply list_reports() {
  JsonWriter out;
  out.object();
  out.key("items");
  out.array();
  for (const std::string& name : report_names()) {
    const auto report = report_of(Digest{}, name);
    out.object();
    out.field("name", name);
    out.field("title", report->title);
    out.field("definition", report->definition);
    out.field("can_be_filtered", can_be_filtered(name));
    out.end();
  }
  out.end_array();
  out.end();
  DigestReply reply;
  reply.body = out.take();
  return reply;
}

/// Why this filter cannot be put on this report; without a code where it can.
DigestReply wrong_filter(const DigestAsk& ask, const DigestFilter& filter) {
  if (!filter.severity.empty() && !from_word<Severity>(filter.severity))
    return refused("severity", "severity is none, mild, serious or grave.", "severity");
  if (!filter.empty() && !can_be_filtered(ask.name))
    return refused("filter",
                   "This report counts posts and people, too, which have no team, source, severity "
                   "or language: it cannot be filtered.",
                   "name");
  return {};
}

DigestReply report(StoreReader& reader, const DigestAsk& ask, Instant now) {
  if (std::ranges::find(report_names(), ask.name) == report_names().end()) {
    DigestReply none = refused("no_report", "No report has this name.", "name");
    none.found = false;
    return none;
  }
  if (!ask.format.empty() && ask.format != "json" && ask.format != "csv")
    return refused("format", "format is json or csv.", "format");
  const DigestFilter filter{ask.team, ask.source, ask.severity, ask.language};
  if (DigestReply wrong = wrong_filter(ask, filter); !wrong.code.empty()) return wrong;
  const Wanted of = of_span(reader, ask, now, kReportSpan, filter);
  if (!of.digest) return of.refusal;
  const auto made = report_of(*of.digest, ask.name);
  DigestReply out;
  if (ask.format == "csv") {
    out.type = "text/csv; charset=utf-8";
    out.body = report_csv(*made);
  } else {
    out.body = report_json(*made, of.digest->span, filter);
  }
  return out;
}

}  // namespace

DigestReply answer_digest(StoreReader& reader, const Rules& rules, const DigestAsk& ask,
                          Instant now) {
  if (ask.what == "list") return list_sent(reader);
  if (ask.what == "reports") return list_reports();
  if (ask.what == "report") return report(reader, ask, now);
  const Wanted of = wanted(reader, rules, ask, now);
  if (!of.digest) return of.refusal;
  return ask.what == "items" ? items(*of.digest, ask.bucket)
                             : render(*of.digest, rules, ask.format);
}

}  // namespace earshot
