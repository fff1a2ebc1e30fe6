#include <fmt/format.h>

#include "words.hpp"

namespace earshot {
namespace {

void heading(std::string& out, std::string_view words) {
  out += fmt::format("\n{}\n", words);
}

void counts(std::string& out, const Digest& digest) {
  for (std::size_t i = 0; i < digest.buckets.size(); ++i)
    out +=
        fmt::format("{:>7}  {}\n", digest.buckets[i], bucket_words(static_cast<DigestBucket>(i)));
  out += fmt::format("{:>7}  came in\n", digest.in);
  for (const std::string& it : verdicts(digest)) out += it + "\n";
  out += cases_words(digest) + "\n";
  if (!digest.rules.empty()) heading(out, "BY A RULE");
  for (const Counted& it : digest.rules)
    out += fmt::format("{:>7}  {}\n", it.n, rule_words(it.key));
  if (!digest.people.empty()) heading(out, "BY A PERSON");
  for (const Counted& it : digest.people) out += fmt::format("{:>7}  {}\n", it.n, it.key);
}

void by_hand(std::string& out, const Digest& digest, const std::string& zone) {
  heading(out, fmt::format("DONE BY HAND: {}", digest.by_hand.size()));
  for (std::size_t i = 0; i < digest.by_hand.size() && i < kNamed; ++i) {
    const ByHand& it = digest.by_hand[i];
    out += fmt::format("- {}: {} {} {}{}{} (entry {})\n", local_words(it.at, zone), it.who,
                       deed_words(it), it.about, it.reason.empty() ? "" : ": ", it.reason, it.n);
  }
  if (digest.by_hand.size() > kNamed)
    out +=
        fmt::format("… and {} more; earshot digest lists all.\n", digest.by_hand.size() - kNamed);
}

void times(std::string& out, const Digest& digest) {
  heading(out, "HOW LONG CUSTOMERS WAITED, from their own post");
  for (const std::string_view what : {"first_answer", "solution"}) {
    out += what == "solution" ? "Solution\n" : "First answer\n";
    bool any = false;
    for (const Measured& it : digest.times) {
      if (it.what != what) continue;
      any = true;
      out += fmt::format("- {}: {}{}\n", group_words(it), spread_words(it.spread),
                         it.spread.too_few() ? " (too few to compare)" : "");
    }
    if (!any) out += "- none\n";
  }
  for (const std::string& it : unfair(digest)) out += "Not fair: " + it + "\n";
}

void owing(std::string& out, const std::vector<Owed>& list) {
  for (const Owed& it : list) out += "- " + owed_words(it) + "\n";
  if (list.empty()) out += "- none\n";
}

}  // namespace

std::string digest_text(const Digest& digest, const std::vector<DigestSection>& sections,
                        const std::string& zone) {
  std::string out = fmt::format("{} to {} ({})\n\n", local_words(digest.span.from, zone),
                                local_words(digest.span.to, zone), zone);
  counts(out, digest);
  by_hand(out, digest, zone);
  if (wanted(sections, DigestSection::top)) {
    heading(out, "AT THE TOP");
    out += top_words(digest) + "\n";
    for (std::size_t i = 0; i < digest.top_entries.size() && i < kNamed; ++i)
      out += fmt::format("- {}: {} (entry {})\n", local_words(digest.top_entries[i].at, zone),
                         entry_words(digest.top_entries[i]), digest.top_entries[i].n);
    if (digest.top_entries.size() > kNamed)
      out += fmt::format("… and {} more; earshot digest lists all.\n",
                         digest.top_entries.size() - kNamed);
    out += "Why the line below had failed: " + why_words(digest.top_why) + "\n";
  }
  if (wanted(sections, DigestSection::times)) times(out, digest);
  if (wanted(sections, DigestSection::verification)) {
    heading(out, "CALL-BACKS");
    out += "By outcome: " + counted_words(digest.calls) + "\n";
    out += "Cases closed as: " + counted_words(digest.ends) + "\n";
  }
  if (wanted(sections, DigestSection::letters)) {
    heading(out, "LETTERS");
    out += counted_words(digest.letters) + "\n";
  }
  if (wanted(sections, DigestSection::owed)) {
    heading(out, "ANSWERS OWED");
    owing(out, digest.answers);
    heading(out, "CORRECTIVE ACTIONS OWED");
    owing(out, digest.departments);
  }
  out += fmt::format(
      "\nLedger: entry {}, {}\nKeep this line: earshot ledger verify must show the "
      "same hash for that entry.\n",
      digest.span.last, digest.span.head.empty() ? "empty" : digest.span.head);
  return out;
}

}  // namespace earshot
