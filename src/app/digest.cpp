#include "digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "recount.hpp"

namespace earshot {
namespace {

constexpr std::size_t kDigestPage = 1000;

std::string timer_of(DigestEvery every) {
  return fmt::format("{}/{}", kDigest, to_word(every));
}

/// Calls `each` with the facts of a query, in their order.
template <class Each>
void each_fact(StoreReader& reader, LedgerQuery query, const Each& each) {
  query.limit = kDigestPage;
  for (;;) {
    std::vector<LedgerEntry> page = reader.ledger(query);
    const std::int64_t last = page.empty() ? 0 : page.back().n;
    for (LedgerEntry& it : page)
      each(Fact{it.n, it.at, std::move(it.who), std::move(it.kind), std::move(it.case_id),
                std::move(it.data)});
    if (page.size() < kDigestPage) return;
    query.after = last;
  }
}

/// How things stood before the period: what is owed, and the cases that it speaks of.
void take_before(StoreReader& reader, const DigestSpan& span, DigestBuilder& builder) {
  if (span.first == 0) return;
  std::set<std::string> cases;
  LedgerQuery within;
  within.after = span.first;
  within.upto = span.last;
  each_fact(reader, within, [&](const Fact& fact) {
    for (std::string& id : cases_in(fact)) cases.insert(std::move(id));
  });
  LedgerQuery before;
  before.upto = span.first;
  for (const std::string& kind : standing_kinds()) {
    before.kind = kind;
    each_fact(reader, before, [&](const Fact& fact) { builder.take(fact); });
  }
  before.kind.clear();
  for (const std::string& id : cases) {
    before.case_id = id;
    each_fact(reader, before, [&](const Fact& fact) {
      if (std::ranges::find(standing_kinds(), fact.kind) == standing_kinds().end())
        builder.take(fact);
    });
  }
}

void write_span(JsonWriter& out, const DigestSpan& span) {
  out.field("name", span.name);
  out.field("from", to_rfc3339_ms(span.from));
  out.field("to", to_rfc3339_ms(span.to));
  out.field("first", span.first);
  out.field("last", span.last);
  out.text_or_null("head", span.head);
}

/// What the ledger and the record keep of a digest that went out.
std::string kept(const Digest& digest, std::int64_t upto) {
  JsonWriter out;
  out.object();
  write_span(out, digest.span);
  out.field("upto", upto);
  out.field("came_in", digest.in);
  out.field("closes", disagreements(digest).empty());
  out.key("recount");
  out.object();
  out.field("in", digest.recount->in);
  out.key("buckets");
  out.array();
  for (const std::uint64_t n : digest.recount->buckets) out.value(n);
  out.end_array();
  out.field("by_hand", digest.recount->by_hand);
  out.end();
  out.field("sha256", to_hex(sha256(digest_json(digest))));
  out.end();
  return out.take();
}

DigestSpan read_span(const JsonValue& data) {
  DigestSpan out;
  out.name = string_at(data, "name");
  out.from = parse_rfc3339(string_at(data, "from")).value_or(Instant{});
  out.to = parse_rfc3339(string_at(data, "to")).value_or(Instant{});
  out.first = integer_at(data, "first").value_or(0);
  out.last = integer_at(data, "last").value_or(0);
  out.head = string_at(data, "head");
  return out;
}

std::uint64_t count_at(const JsonValue& data, std::string_view name) {
  return static_cast<std::uint64_t>(integer_at(data, name).value_or(0));
}

Recount read_recount(const JsonValue& data) {
  Recount out;
  const JsonValue* it = find(data, "recount");
  if (it == nullptr) return out;
  out.in = count_at(*it, "in");
  out.by_hand = count_at(*it, "by_hand");
  const JsonValue* buckets = find(*it, "buckets");
  for (std::size_t i = 0;
       buckets != nullptr && buckets->IsArray() && i < out.buckets.size() && i < buckets->Size();
       ++i)
    out.buckets[i] = (*buckets)[static_cast<rapidjson::SizeType>(i)].GetUint64();
  return out;
}

/// How far the last digest of this kind counted.
struct Until {
  Instant to{};
  std::int64_t last = 0;
  std::int64_t upto = 0;
};

std::optional<Until> counted_until(StoreReader& reader, DigestEvery every) {
  const auto kept = reader.meta(timer_of(every));
  const auto data = kept ? parse_json(*kept) : permanent("none");
  if (!data) return std::nullopt;
  return Until{parse_rfc3339(string_at(*data, "to")).value_or(Instant{}),
               integer_at(*data, "last").value_or(0), integer_at(*data, "upto").value_or(0)};
}

/// Everything since the last digest of its kind: periods that an outage swallowed are in the next.
Digest count_up_to_now(StoreReader& reader, DigestEvery every, const DigestPeriod& period,
                       std::int64_t& upto) {
  const auto [last, head] = reader.ledger_head();
  const Until before = counted_until(reader, every).value_or(Until{});
  const Instant from = before.to == Instant{} ? period.from : std::min(before.to, period.to);
  const DigestSpan span{period.name, from, period.to, before.last, last, head};
  Digest out = gather(reader, span);
  out.recount = recount(reader, before.upto, span.first, span.last, upto);
  return out;
}

/// Where the first digest of a kind begins: what came later is in one, whatever happens until then.
void begin_counting(StoreWriter& writer, DigestEvery every, Instant from) {
  if (writer.meta(timer_of(every))) return;
  JsonWriter out;
  out.object();
  out.field("to", to_rfc3339_ms(from));
  out.field("last", writer.ledger_before(from));
  out.field("upto", post_before(writer, from));
  out.end();
  writer.put_meta(timer_of(every), out.take());
}

void send(const Rules& rules, Effects& effects, const DigestTurn& turn, const Digest& digest) {
  const DigestPolicy& policy = rules.config->digest;
  for (const std::string& to : turn.to) {
    Letter letter;
    letter.person = to;
    letter.headline = digest_headline(digest);
    letter.text = digest_text(digest, policy.sections, policy.zone);
    letter.html = digest_html(digest, policy.sections, policy.zone);
    letter.key = fmt::format("{}/{}", kDigest, digest.span.name);
    letter.thread = fmt::format("digest-{}", to_word(turn.every));
    effects.send_letter(letter);
  }
}

void keep(StoreWriter& writer, DigestEvery every, const Digest& digest, std::int64_t upto,
          Instant now) {
  Record record;
  record.kind = kDigest;
  record.id = digest.span.name;
  record.state = disagreements(digest).empty() ? "closes" : "differs";
  record.created_at = record.updated_at = now;
  record.body = kept(digest, upto);
  writer.put_record(record);
  writer.put_meta(timer_of(every), record.body);
  writer.append_ledger({0, now, "tick", "digest_sent", "", record.body, ""});
}

}  // namespace

DigestSpan span_of(StoreReader& reader, std::string name, Instant from, Instant to) {
  DigestSpan out{std::move(name),          from, to, reader.ledger_before(from),
                 reader.ledger_before(to), ""};
  out.first = std::min(out.first, out.last);
  LedgerQuery query;
  query.after = out.last - 1;
  query.limit = 1;
  const auto head = out.last > 0 ? reader.ledger(query) : std::vector<LedgerEntry>{};
  if (!head.empty()) out.head = head.front().hash;
  return out;
}

Digest gather(StoreReader& reader, const DigestSpan& span, DigestFilter filter) {
  DigestBuilder builder{span, std::move(filter)};
  take_before(reader, span, builder);
  LedgerQuery within;
  within.after = span.first;
  within.upto = span.last;
  if (span.last > span.first)
    each_fact(reader, within, [&](const Fact& fact) { builder.take(fact); });
  return builder.finish();
}

std::optional<Digest> sent_digest(StoreReader& reader, std::string_view name) {
  const auto record = reader.record(kDigest, name);
  const auto data = record ? parse_json(record->body) : permanent("none");
  if (!data) return std::nullopt;
  Digest out = gather(reader, read_span(*data));
  out.recount = read_recount(*data);
  return out;
}

void arm_digests(StoreWriter& writer, const Rules& rules, Instant now) {
  const DigestPolicy& policy = rules.config->digest;
  for (const DigestEvery every : {DigestEvery::daily, DigestEvery::weekly}) {
    const auto turn = std::ranges::find(policy.turns, every, &DigestTurn::every);
    if (turn == policy.turns.end()) {
      writer.disarm(timer_of(every));
      continue;
    }
    const DigestPeriod running = digest_period(now, *turn, policy.zone);
    begin_counting(writer, every, running.from);
    writer.arm({timer_of(every), "", std::string{kDigest}, running.to, "{}"});
  }
}

void digest_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                      const TimerRecord& timer, Instant now) {
  now = std::max(now, timer.due);
  arm_digests(writer, rules, now);
  const DigestPolicy& policy = rules.config->digest;
  const auto turn = std::ranges::find_if(
      policy.turns, [&](const DigestTurn& it) { return timer_of(it.every) == timer.id; });
  if (turn == policy.turns.end()) return;
  const Instant end = digest_period(now, *turn, policy.zone).from;
  const DigestPeriod period = digest_period(end - Duration{1}, *turn, policy.zone);
  if (writer.record(kDigest, period.name)) return;  // a reload moved the time: it went out already
  std::int64_t upto = 0;
  const Digest digest = count_up_to_now(writer, turn->every, period, upto);
  send(rules, effects, *turn, digest);
  keep(writer, turn->every, digest, upto, now);
  const std::vector<std::string> wrong = disagreements(digest);
  if (wrong.empty()) return;
  std::string all;
  for (const std::string& it : wrong) all += (all.empty() ? "" : "; ") + it;
  effects.open_miscount(period.name, all);
}

}  // namespace earshot
