#include "earshot/core/json.hpp"
#include "words.hpp"

namespace earshot {
namespace {

std::int64_t to_seconds(Duration span) {
  return std::chrono::duration_cast<seconds>(span).count();
}

void write(JsonWriter& out, std::string_view name, const std::vector<Counted>& list) {
  out.key(name);
  out.array();
  for (const Counted& it : list) {
    out.object();
    out.field("key", it.key);
    out.field("n", it.n);
    out.end();
  }
  out.end_array();
}

void write(JsonWriter& out, std::string_view name, const std::vector<Owed>& list) {
  out.key(name);
  out.array();
  for (const Owed& it : list) {
    out.object();
    out.field("who", it.who);
    out.field("owed", it.open);
    out.field("late", it.late);
    out.end();
  }
  out.end_array();
}

void write_buckets(JsonWriter& out, const Digest& digest) {
  out.key("buckets");
  out.array();
  for (std::size_t i = 0; i < digest.buckets.size(); ++i) {
    out.object();
    out.field("key", kWordsOf<DigestBucket>[i]);
    out.field("n", digest.buckets[i]);
    out.field("text", bucket_words(static_cast<DigestBucket>(i)));
    out.end();
  }
  out.end_array();
}

void write_recount(JsonWriter& out, const std::optional<Recount>& recount) {
  out.key("recount");
  if (!recount) return out.null();
  out.object();
  out.field("came_in", recount->in);
  for (std::size_t i = 0; i < recount->buckets.size(); ++i)
    out.field(kWordsOf<DigestBucket>[i], recount -> buckets[i]);
  out.field("by_hand", recount->by_hand);
  out.end();
}

void write_by_hand(JsonWriter& out, const std::vector<ByHand>& list) {
  out.key("by_hand");
  out.array();
  for (const ByHand& it : list) {
    out.object();
    out.field("n", it.n);
    out.field("at", to_rfc3339_ms(it.at));
    out.field("who", it.who);
    out.field("what", it.what);
    out.field("about", it.about);
    out.field("reason", it.reason);
    out.end();
  }
  out.end_array();
}

void write_times(JsonWriter& out, const std::vector<Measured>& list) {
  out.key("times");
  out.array();
  for (const Measured& it : list) {
    out.object();
    out.field("what", it.what);
    out.field("by", it.by);
    out.field("group", it.group);
    out.field("n", it.spread.n);
    out.field("half_s", to_seconds(it.spread.half));
    out.field("nine_of_ten_s", to_seconds(it.spread.nine));
    out.field("worst_s", to_seconds(it.spread.worst));
    out.field("too_few", it.spread.too_few());
    out.end();
  }
  out.end_array();
}

void write_top(JsonWriter& out, const Digest& digest) {
  out.key("top");
  out.object();
  out.field("named", digest.top_named);
  out.field("of", digest.top_of);
  out.key("entries");
  out.array();
  for (const TopEntry& it : digest.top_entries) {
    out.object();
    out.field("n", it.n);
    out.field("at", to_rfc3339_ms(it.at));
    out.field("how", to_word(it.how));
    out.field("who", it.who);
    out.text_or_null("case", it.case_id);
    out.field("number", it.case_number);
    out.field("why", it.why);
    out.field("text", entry_words(it));
    out.end();
  }
  out.end_array();
  write(out, "why", digest.top_why);
  out.end();
}

void write_grants(JsonWriter& out, const std::vector<Granted>& list) {
  out.key("grants");
  out.array();
  for (const Granted& it : list) {
    out.object();
    out.field("person", it.person);
    out.field("granted", it.granted);
    out.field("granted_beyond", it.beyond);
    out.field("asked", it.asked);
    out.field("asked_although_allowed", it.needlessly);
    out.end();
  }
  out.end_array();
}

}  // namespace

std::string digest_json(const Digest& digest) {
  JsonWriter out;
  out.object();
  out.field("day", digest.span.name);
  out.field("from", to_rfc3339_ms(digest.span.from));
  out.field("to", to_rfc3339_ms(digest.span.to));
  out.field("came_in", digest.in);
  write_buckets(out, digest);
  const std::vector<std::string> wrong = disagreements(digest);
  out.field("closes", wrong.empty());
  out.field("wrong", wrong);
  write_recount(out, digest.recount);
  write(out, "rules", digest.rules);
  write(out, "people", digest.people);
  write_by_hand(out, digest.by_hand);
  out.key("cases");
  out.object();
  out.field("opened", digest.opened);
  out.field("reopened", digest.reopened);
  out.field("closed", digest.closed);
  out.field("dismissed", digest.dismissed);
  out.field("merged", digest.merged);
  out.end();
  out.field("moved", digest.moved);
  out.field("unread", digest.unread);
  out.field("gaps", digest.gaps);
  write_top(out, digest);
  write_times(out, digest.times);
  out.field("unfair", unfair(digest));
  write(out, "calls", digest.calls);
  write(out, "ends", digest.ends);
  write(out, "clocks_missed", digest.missed);
  write_grants(out, digest.grants);
  write(out, "letters", digest.letters);
  write(out, "answers_owed", digest.answers);
  write(out, "actions_owed", digest.departments);
  out.field("ledger_entry", digest.span.last);
  out.text_or_null("ledger_head", digest.span.head);
  out.end();
  return out.take();
}

}  // namespace earshot
