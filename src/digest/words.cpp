#include "words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

template <std::size_t N>
std::string_view look_up(const std::array<Pair, N>& table, std::string_view key) {
  for (const auto& [word, text] : table)
    if (word == key) return text;
  return key;
}

constexpr std::array kRules{
    Pair{"archive", "from before we began to listen"},
    Pair{"machine_mail", "written by a machine"},
    Pair{"about_rival", "about a rival"},
    Pair{"not_a_complaint", "no complaint"},
    Pair{"too_few_points", "a complaint, but too slight for the digest"},
    Pair{"nothing_new", "said nothing new"},
    Pair{"question", "a question of ours, or its answer"},
    Pair{"reply", "a colleague's answer to a page"},
    Pair{"muted", "its route was muted at that time"},
    Pair{"inhibited", "kept quiet by another open case"},
};
constexpr std::array kDeeds{
    Pair{"dismissed", "dismissed"},
    Pair{"dismissal_asked", "asked to dismiss"},
    Pair{"merged", "merged"},
    Pair{"snoozed", "snoozed"},
    Pair{"held", "put under a legal hold"},
    Pair{"customer_erased", "erased the customer of"},
    Pair{"waiting", "stopped the clocks of"},
    Pair{"taught", "made less of"},
    Pair{"silence_added", "added"},
    Pair{"storm_joined", "joined"},
    Pair{"quarantine_dropped", "dropped an"},
    Pair{"question_withdraw", "took back"},
    Pair{"letter_swapped", "gave back"},
    Pair{"action_declined", "declined"},
    Pair{"action_postponed", "postponed"},
};

const Spread* all_of(const Digest& digest, std::string_view what) {
  const auto found = std::ranges::find_if(
      digest.times, [&](const Measured& it) { return it.what == what && it.by == "all"; });
  return found == digest.times.end() ? nullptr : &found->spread;
}

std::string words_of_failure(std::string key) {
  std::ranges::replace(key, '_', ' ');
  return key;
}

}  // namespace

std::string rule_words(std::string_view rule) {
  return std::string{look_up(kRules, rule)};
}

std::string local_words(Instant at, const std::string& zone) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto local = to_civil(at, zone);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{local - day};
  return fmt::format("{} {} {} {} {:02}:{:02}", kDays[std::chrono::weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count());
}

std::string span_words(Duration span) {
  const auto all = std::chrono::duration_cast<minutes>(span).count();
  if (all < 1) return "under 1 min";
  if (all < 60) return fmt::format("{} min", all);
  const auto whole_hours = all / 60;
  if (whole_hours < 24) return fmt::format("{} h {} min", whole_hours, all % 60);
  return fmt::format("{} d {} h", whole_hours / 24, whole_hours % 24);
}

std::string_view bucket_words(DigestBucket bucket) {
  switch (bucket) {
    case DigestBucket::shown:
      return "shown and brought to an end";
    case DigestBucket::grouped:
      return "grouped with another";
    case DigestBucket::rule:
      return "set aside by a rule";
    case DigestBucket::person:
      return "set aside by a person";
    case DigestBucket::open:
      return "still open";
  }
  return {};
}

std::string deed_words(const ByHand& it) {
  return std::string{look_up(kDeeds, it.what)};
}

std::string spread_words(const Spread& spread) {
  if (spread.n == 0) return "none";
  if (spread.n == 1) return span_words(spread.worst);
  return fmt::format("half {}, nine of ten {}, worst {}", span_words(spread.half),
                     span_words(spread.nine), span_words(spread.worst));
}

std::string group_words(const Measured& it) {
  if (it.by == "all") return fmt::format("All ({})", it.spread.n);
  std::string by = it.by;
  by.front() = static_cast<char>(by.front() - 'a' + 'A');
  return fmt::format("{} {} ({})", by, it.group, it.spread.n);
}

std::vector<std::string> unfair(const Digest& digest) {
  std::vector<std::string> out;
  for (const Measured& it : digest.times) {
    const Spread* all = all_of(digest, it.what);
    if (it.by == "all" || all == nullptr || it.spread.too_few() || it.spread.half <= 2 * all->half)
      continue;
    out.push_back(
        fmt::format("{} {} wait more than twice as long as all for the {}: half {} against {}.",
                    it.by, it.group, it.what == "solution" ? "solution" : "first answer",
                    span_words(it.spread.half), span_words(all->half)));
  }
  return out;
}

std::string owed_words(const Owed& it) {
  const std::string who = it.who.empty() ? "nobody named" : it.who;
  return it.late == 0 ? fmt::format("{} {}", who, it.open)
                      : fmt::format("{} {}, late {}", who, it.open, it.late);
}

bool wanted(const std::vector<DigestSection>& sections, DigestSection section) {
  return std::ranges::find(sections, section) != sections.end();
}

std::string cases_words(const Digest& digest) {
  return fmt::format("Cases: {} opened, {} reopened, {} closed, {} dismissed, {} merged.",
                     digest.opened, digest.reopened, digest.closed, digest.dismissed,
                     digest.merged);
}

std::string top_words(const Digest& digest) {
  return fmt::format(
      "{} of {} cases address somebody at the top; {} times something entered there.",
      digest.top_named, digest.top_of, digest.top_entries.size());
}

std::string entry_words(const TopEntry& it) {
  const std::string which = it.case_id.empty()    ? std::string{"no case"}
                            : it.case_number == 0 ? "case " + it.case_id
                                                  : fmt::format("case {}", it.case_number);
  std::string out;
  switch (it.how) {
    case TopWay::opened:
      out = fmt::format("{} opened to {}", which, it.who);
      break;
    case TopWay::addressed:
      out = fmt::format("{} came to {}", which, it.who);
      break;
    case TopWay::asked:
      out = fmt::format("{} asked about {}", it.who, which);
      break;
    case TopWay::taken_over:
      out = fmt::format("{} took over {}", it.who, which);
      break;
  }
  std::string why;
  for (const std::string& word : it.why) why += (why.empty() ? "" : ", ") + words_of_failure(word);
  return out + ": " + (why.empty() ? "straight to the top" : why);
}

std::string counted_words(const std::vector<Counted>& list) {
  std::string out;
  for (const Counted& it : list)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ",
                       words_of_failure(it.key.empty() ? "not said" : it.key), it.n);
  return out.empty() ? "none" : out;
}

std::string why_words(const std::vector<Counted>& top_why) {
  std::vector<Counted> failed = top_why;
  std::uint64_t straight = 0;
  std::erase_if(failed, [&](const Counted& it) {
    const bool none = it.key == "straight_to_the_top";
    straight += none ? it.n : 0U;
    return none;
  });
  if (straight == 0) return counted_words(failed);
  return fmt::format("{}; {} came straight to the top",
                     failed.empty() ? "it had not" : counted_words(failed), straight);
}

std::string digest_headline(const Digest& digest) {
  return fmt::format(
      "{} {} came in: {} shown, {} grouped, {} by rule, {} by a person, {} still open", digest.in,
      digest.in == 1 ? "post" : "posts", digest.of(DigestBucket::shown),
      digest.of(DigestBucket::grouped), digest.of(DigestBucket::rule),
      digest.of(DigestBucket::person), digest.of(DigestBucket::open));
}

std::vector<std::string> disagreements(const Digest& digest) {
  std::vector<std::string> out;
  const std::uint64_t sum =
      std::accumulate(digest.buckets.begin(), digest.buckets.end(), std::uint64_t{0});
  const auto differ = [&](std::string_view what, std::uint64_t ours, std::uint64_t theirs) {
    if (ours != theirs)
      out.push_back(fmt::format("{}: {} here, {} by the second count", what, ours, theirs));
  };
  if (sum != digest.in) out.push_back(fmt::format("the parts are {}, {} came in", sum, digest.in));
  if (!digest.recount) return out;
  differ("came in", digest.in, digest.recount->in);
  for (std::size_t i = 0; i < digest.buckets.size(); ++i)
    differ(kWordsOf<DigestBucket>[i], digest.buckets[i], digest.recount->buckets[i]);
  differ("done by hand", digest.by_hand.size(), digest.recount->by_hand);
  return out;
}

std::vector<std::string> verdicts(const Digest& digest) {
  std::vector<std::string> out;
  const std::vector<std::string> wrong = disagreements(digest);
  if (wrong.empty()) {
    out.push_back(digest.recount
                      ? fmt::format("The parts add up to {}; a second count of the posts and "
                                    "cases themselves says the same.",
                                    digest.in)
                      : fmt::format("The parts add up to {}.", digest.in));
  }
  for (const std::string& it : wrong) out.push_back("DOES NOT CLOSE: " + it + ".");
  if (digest.moved > 0)
    out.push_back(fmt::format("{} earlier posts came into a case by an edit.", digest.moved));
  if (digest.unread > 0)
    out.push_back(fmt::format("{} items could not be read and wait in quarantine.", digest.unread));
  if (digest.gaps > 0)
    out.push_back(fmt::format("{} times a stretch of a source may be missing.", digest.gaps));
  return out;
}

}  // namespace earshot
