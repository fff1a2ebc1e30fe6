#include "earshot/digest/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

#include "earshot/core/json.hpp"
#include "filter.hpp"
#include "words.hpp"

namespace earshot {
namespace {

constexpr std::uint64_t kEnough = 20;

std::string text(std::uint64_t n) {
  return std::to_string(n);
}
std::string in_seconds(Duration span) {
  return std::to_string(std::chrono::duration_cast<seconds>(span).count());
}

std::uint64_t sum_of(const std::vector<Counted>& list) {
  std::uint64_t sum = 0;
  for (const Counted& it : list) sum += it.n;
  return sum;
}

void add_rows(Report& out, const std::vector<Counted>& list, std::string_view group = {}) {
  for (const Counted& it : list) {
    std::vector<std::string> row{it.key.empty() ? "not said" : it.key, text(it.n)};
    if (!group.empty()) row.insert(row.begin(), std::string{group});
    out.rows.push_back(std::move(row));
  }
}

void came_in(const Digest& digest, Report& out) {
  out.title = "What came in, and what became of it";
  out.says = digest_headline(digest) + ".";
  out.definition = "Every post stored in the period, once; where it stood at its end.";
  out.unit = "posts";
  out.columns = {"bucket", "posts"};
  for (std::size_t i = 0; i < digest.buckets.size(); ++i)
    out.rows.push_back({std::string{kWordsOf<DigestBucket>[i]}, text(digest.buckets[i])});
  out.n = digest.in;
}

void set_aside(const Digest& digest, Report& out) {
  out.title = "What was set aside";
  out.says = fmt::format("{} posts by a rule, {} by a person.", digest.of(DigestBucket::rule),
                         digest.of(DigestBucket::person));
  out.definition = "Posts of the period that nobody was told of, by the rule or the person.";
  out.columns = {"by", "which", "posts"};
  add_rows(out, digest.rules, "rule");
  add_rows(out, digest.people, "person");
  out.n = digest.of(DigestBucket::rule) + digest.of(DigestBucket::person);
}

void by_hand(const Digest& digest, Report& out) {
  out.title = "Done by hand";
  out.says =
      fmt::format("{} times somebody set something aside or made it less.", digest.by_hand.size());
  out.definition =
      "Entries of the ledger: dismissed, merged, silenced, snoozed, held, waited for, "
      "taught to be less, dropped, taken back, declined, postponed, swapped.";
  out.columns = {"entry", "at", "who", "what", "about", "reason"};
  for (const ByHand& it : digest.by_hand)
    out.rows.push_back(
        {std::to_string(it.n), to_rfc3339(it.at), it.who, it.what, it.about, it.reason});
  out.n = digest.by_hand.size();
}

void waited(const Digest& digest, std::string_view what, Report& out) {
  const bool solution = what == "solution";
  out.title = solution ? "Solution" : "First answer";
  out.definition = solution ? "From the post's own time to the end of its case; closed cases."
                            : "From the post's own time to the first answer, or from a reopening.";
  out.unit = "s";
  out.columns = {"by", "group", "n", "half", "nine of ten", "worst", "too few"};
  for (const Measured& it : digest.times) {
    if (it.what != what) continue;
    if (it.by == "all") {
      out.n = it.spread.n;
      out.says = spread_words(it.spread) + ".";
    }
    out.rows.push_back({it.by, it.group, text(it.spread.n), in_seconds(it.spread.half),
                        in_seconds(it.spread.nine), in_seconds(it.spread.worst),
                        it.spread.too_few() ? "yes" : "no"});
  }
  if (out.says.empty()) out.says = "None in this period.";
}

void fairness(const Digest& digest, Report& out) {
  out.title = "Are we fair?";
  out.definition = "Half of the group against half of all; only groups of 20 and more are judged.";
  out.unit = "s";
  out.columns = {"what", "by", "group", "n", "half", "half of all", "times"};
  for (const Measured& it : digest.times) {
    const auto all = std::ranges::find_if(
        digest.times, [&](const Measured& one) { return one.what == it.what && one.by == "all"; });
    if (it.by == "all" || all == digest.times.end()) continue;
    const bool judged = !it.spread.too_few() && all->spread.half > Duration{0};
    const double times = judged ? static_cast<double>(it.spread.half.count()) /
                                      static_cast<double>(all->spread.half.count())
                                : 0;
    out.rows.push_back({it.what, it.by, it.group, text(it.spread.n), in_seconds(it.spread.half),
                        in_seconds(all->spread.half), judged ? fmt::format("{:.2f}", times) : ""});
    out.n = std::max(out.n, all->spread.n);
  }
  const std::vector<std::string> found = unfair(digest);
  for (const std::string& it : found) out.says += (out.says.empty() ? "" : " ") + it;
  if (found.empty()) out.says = "No group of 20 and more waits more than twice as long as all.";
}

void verification(const Digest& digest, Report& out) {
  out.title = "Did we ask whether it is solved?";
  out.says = "Call-backs: " + counted_words(digest.calls) + ".";
  out.definition = "Calls made in the period by outcome; cases closed in it by how they ended.";
  out.columns = {"of", "outcome", "n"};
  add_rows(out, digest.calls, "call");
  add_rows(out, digest.ends, "closed case");
  out.n = sum_of(digest.calls);
}

void top(const Digest& digest, Report& out) {
  out.title = "What reached the top";
  out.says = top_words(digest);
  out.definition =
      "A principal was addressed, a question asked, a case taken over; why the line below had "
      "failed until then. One entry may have several reasons.";
  out.columns = {"why", "times"};
  add_rows(out, digest.top_why);
  out.n = digest.top_entries.size();
}

void top_entries(const Digest& digest, Report& out) {
  out.title = "What reached the top, one by one";
  out.says = top_words(digest);
  out.definition =
      "opened: a case that addresses a principal; addressed: further words that do; asked: a "
      "question; taken_over: from its owner.";
  out.columns = {"entry", "at", "how", "who", "case", "why"};
  for (const TopEntry& it : digest.top_entries) {
    std::string why;
    for (const std::string& word : it.why) why += (why.empty() ? "" : " ") + word;
    out.rows.push_back({std::to_string(it.n), to_rfc3339(it.at), std::string{to_word(it.how)},
                        it.who, it.case_number == 0 ? it.case_id : std::to_string(it.case_number),
                        why.empty() ? "straight_to_the_top" : why});
  }
  out.n = digest.top_entries.size();
}

void authority(const Digest& digest, Report& out) {
  out.title = "Asked although allowed, granted beyond";
  out.definition =
      "Grants recorded and asked for in the period, by person; measured against what each may "
      "grant without asking.";
  out.columns = {"person", "granted", "granted beyond", "asked", "asked although allowed"};
  std::uint64_t beyond = 0;
  std::uint64_t needlessly = 0;
  for (const Granted& it : digest.grants) {
    out.rows.push_back(
        {it.person, text(it.granted), text(it.beyond), text(it.asked), text(it.needlessly)});
    beyond += it.beyond;
    needlessly += it.needlessly;
    out.n += it.granted + it.asked;
  }
  out.says = fmt::format("{} granted beyond what they may; {} asked although allowed.", beyond,
                         needlessly);
}

void clocks(const Digest& digest, Report& out) {
  out.title = "Clocks missed";
  out.says = fmt::format("{} deadlines passed unmet.", sum_of(digest.missed));
  out.definition = "Deadlines of cases found passed in the period, by team and clock.";
  out.columns = {"team and clock", "missed"};
  add_rows(out, digest.missed);
  out.n = sum_of(digest.missed);
}

void letters(const Digest& digest, Report& out) {
  out.title = "Letters by lot";
  out.says = counted_words(digest.letters) + ".";
  out.definition = "Letters drawn, done, late and given back in the period.";
  out.columns = {"what", "letters"};
  add_rows(out, digest.letters);
  out.n = sum_of(digest.letters);
}

void owed(const Digest& digest, Report& out) {
  out.title = "Who owes what";
  out.says = fmt::format("{} people owe answers, {} departments corrective actions.",
                         digest.answers.size(), digest.departments.size());
  out.definition = "At the end of the period.";
  out.columns = {"what", "who", "owed", "late"};
  for (const Owed& it : digest.answers)
    out.rows.push_back({"answer", it.who, text(it.open), text(it.late)}), out.n += it.open;
  for (const Owed& it : digest.departments)
    out.rows.push_back({"corrective action", it.who, text(it.open), text(it.late)}),
        out.n += it.open;
}

struct Maker {
  std::string_view name;
  void (*make)(const Digest&, Report&);
  bool of_cases = false;  ///< of cases alone: can be filtered
};
constexpr std::array kMakers{
    Maker{"came_in", came_in},
    Maker{"set_aside", set_aside},
    Maker{"by_hand", by_hand},
    Maker{"first_answer",
          [](const Digest& digest, Report& out) { waited(digest, "first_answer", out); }, true},
    Maker{"solution", [](const Digest& digest, Report& out) { waited(digest, "solution", out); },
          true},
    Maker{"fairness", fairness, true},
    Maker{"verification", verification, true},
    Maker{"top", top, true},
    Maker{"top_entries", top_entries, true},
    Maker{"clocks_missed", clocks, true},
    Maker{"authority", authority, true},
    Maker{"letters", letters},
    Maker{"owed", owed},
};

std::optional<double> number(const std::string& cell) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size()) return std::nullopt;
  return value;
}

/// Columns that hold numbers, and nothing else, in every row that says anything.
bool is_series(const Report& report, std::size_t column) {
  return column > 0 && !report.rows.empty() &&
         std::ranges::all_of(report.rows, [&](const std::vector<std::string>& row) {
           return row[column].empty() || number(row[column]);
         });
}

void write_series(JsonWriter& out, const Report& report) {
  out.key("series");
  out.array();
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    if (!is_series(report, i)) continue;
    out.object();
    out.field("key", report.columns[i]);
    out.field("label", report.columns[i]);
    out.key("points");
    out.array();
    for (const auto& row : report.rows) out.value(number(row[i]));
    out.end_array();
    out.end();
  }
  out.end_array();
}

/// What a row is of: its leading cells that are no series.
std::string label_of(const Report& report, const std::vector<std::string>& row) {
  std::string out;
  for (std::size_t i = 0; i < row.size() && !is_series(report, i); ++i)
    out += (out.empty() || row[i].empty() ? "" : " ") + row[i];
  return out;
}

}  // namespace

const std::vector<std::string>& report_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> out;
    out.reserve(std::size(kMakers));
    for (const Maker& it : kMakers) out.emplace_back(it.name);
    return out;
  }();
  return kNames;
}

bool can_be_filtered(std::string_view name) {
  const auto maker = std::ranges::find(kMakers, name, &Maker::name);
  return maker != kMakers.end() && maker->of_cases;
}

std::optional<Report> report_of(const Digest& digest, std::string_view name) {
  const auto maker = std::ranges::find(kMakers, name, &Maker::name);
  if (maker == kMakers.end()) return std::nullopt;
  Report out;
  out.name = name;
  maker->make(digest, out);
  if (maker->of_cases && !digest.filter.empty())
    out.says += fmt::format(" Only {}.", filter_words(digest.filter));
  out.too_few = out.n < kEnough;
  if (out.too_few)
    out.says += fmt::format(" Fewer than {} ({}): too few to compare.", kEnough, out.n);
  return out;
}

std::string report_json(const Report& report, const DigestSpan& span, const DigestFilter& filter) {
  JsonWriter out;
  out.object();
  out.field("name", report.name);
  out.field("title", report.title);
  out.field("says", report.says);
  out.field("definition", report.definition);
  out.field("unit", report.unit);
  out.field("kind", "bars");
  out.field("from", to_rfc3339_ms(span.from));
  out.field("to", to_rfc3339_ms(span.to));
  out.key("filter");
  out.object();
  out.text_or_null("team", filter.team);
  out.text_or_null("source", filter.source);
  out.text_or_null("severity", filter.severity);
  out.text_or_null("language", filter.language);
  out.end();
  out.key("x");
  out.array();
  for (const auto& row : report.rows) out.value(label_of(report, row));
  out.end_array();
  write_series(out, report);
  out.key("goal");
  out.null();
  out.field("columns", report.columns);
  out.key("rows");
  out.array();
  for (const auto& row : report.rows) out.value(row);
  out.end_array();
  out.field("n", report.n);
  out.field("too_few", report.too_few);
  out.field("ledger_entry", span.last);
  out.text_or_null("ledger_head", span.head);
  out.end();
  return out.take();
}

std::string csv_cell(std::string_view text) {
  // What begins a formula, in the wide forms of Asian keyboards too; a semicolon ends a cell where
  // the comma is the decimal sign, so it is quoted like a comma.
  constexpr std::array<std::string_view, 11> kBegins{
      "=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  const bool formula = std::any_of(kBegins.begin(), kBegins.end(),
                                   [&](std::string_view it) { return text.starts_with(it); });
  std::string out{formula ? "'" : ""};
  out += text;
  if (!formula && out.find_first_of(",;\"\r\n\t") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? std::string{"\"\""} : std::string{c};
  return quoted + "\"";
}

std::string report_csv(const Report& report) {
  std::string out;
  const auto line = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : ",") + csv_cell(row[i]);
    out += "\r\n";
  };
  line(report.columns);
  for (const auto& row : report.rows) line(row);
  return out;
}

}  // namespace earshot
