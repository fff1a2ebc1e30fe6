#pragma once

/// Digest: a period counted so that nothing can be hidden. Every post that came in is in exactly
/// one bucket; everything a person set aside is listed by name. Made from the ledger alone, as it
/// stood at the end of the period, so that any past period is the same again, byte for byte. It
/// holds no customer's words and no names of theirs: what is erased later is not in it. Pure.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/words.hpp"
#include "earshot/digest/policy.hpp"

namespace earshot {

/// An entry of the ledger, as this room reads it.
struct Fact {
  std::int64_t n = 0;
  Instant at{};
  std::string who;
  std::string kind;
  std::string case_id;
  std::string data;  ///< JSON
};

/// Where a post of the period stood at its end. shown: its case was told by itself and brought to
/// an end. grouped: it went with another post's case or storm. rule: a rule kept it from people.
/// person: a person did. open: its case is not at its end.
EARSHOT_ENUM(DigestBucket, shown, grouped, rule, person, open);

/// The part of the ledger that a digest is made from: entries first+1 … last.
struct DigestSpan {
  std::string name;
  Instant from{};
  Instant to{};
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string head;  ///< hash of entry `last`, hex; "" where the ledger is empty
};

/// Posts first_post … last_post, all for the same reason.
struct DigestItem {
  DigestBucket bucket = DigestBucket::open;
  std::int64_t first_post = 0;
  std::int64_t last_post = 0;
  std::string case_id;  ///< "" where none was made of them
  std::int64_t case_number = 0;
  std::string key;  ///< which rule; who and why
};

/// Something a person did that keeps words from being seen, or makes them less.
struct ByHand {
  std::int64_t n = 0;  ///< entry of the ledger
  Instant at{};
  std::string who;
  std::string what;   ///< kind of the entry
  std::string about;  ///< "case 12", "silence s1a2b"
  std::string reason;
};

struct Counted {
  std::string key;
  std::uint64_t n = 0;
};

/// Spans of time: half were at most `half`, nine of ten at most `nine`.
struct Spread {
  std::uint64_t n = 0;
  Duration half{};
  Duration nine{};
  Duration worst{};
  bool too_few() const { return n < 20; }  ///< to compare or to speak of shares
};
Spread spread_of(std::vector<Duration> spans);

/// first_answer or solution, of all or by channel, reach, team, language; from the post's own time.
struct Measured {
  std::string what;
  std::string by;
  std::string group;
  Spread spread;
};

/// How something entered at the top. opened: a case opened that addresses a principal. addressed:
/// further words of an open matter address one. asked: somebody asked a question about it.
/// taken_over: somebody took the case from its owner.
EARSHOT_ENUM(TopWay, opened, addressed, asked, taken_over);
struct TopEntry {
  std::int64_t n = 0;  ///< entry of the ledger
  Instant at{};
  TopWay how = TopWay::opened;
  std::string who;      ///< principal; asker; new owner
  std::string case_id;  ///< "" where a question was about none
  std::int64_t case_number = 0;
  /// Why the line below had failed until then: words of FailureKind, late_CLOCK, never_owned,
  /// taken_and_left, no_case. Empty: nothing had, it came straight to the top.
  std::vector<std::string> why;
};

/// What somebody gave, and asked for.
struct Granted {
  std::string person;
  std::uint64_t granted = 0, beyond = 0;    ///< beyond: more than they may, of granted
  std::uint64_t asked = 0, needlessly = 0;  ///< needlessly: although they may, of asked
};

/// Only cases of which all of this is true; "" = any. A language keeps its regions.
struct DigestFilter {
  std::string team, source, severity, language;
  bool empty() const {
    return team.empty() && source.empty() && severity.empty() && language.empty();
  }
};

struct Owed {
  std::string who;
  std::uint64_t open = 0;  ///< all that are owed
  std::uint64_t late = 0;  ///< of those
};

/// The same counts by another way: raw posts and rows, not the ledger (app/recount.hpp).
struct Recount {
  std::uint64_t in = 0;
  std::array<std::uint64_t, kWordsOf<DigestBucket>.size()> buckets{};
  std::uint64_t by_hand = 0;
  friend bool operator==(const Recount&, const Recount&) = default;
};

struct Digest {
  DigestSpan span;
  std::uint64_t in = 0;
  std::array<std::uint64_t, kWordsOf<DigestBucket>.size()> buckets{};
  std::vector<Counted> rules;   ///< of the bucket rule
  std::vector<Counted> people;  ///< of the bucket person
  std::vector<DigestItem> items;
  std::vector<ByHand> by_hand;
  std::uint64_t opened = 0, reopened = 0, closed = 0, dismissed = 0, merged = 0;
  std::uint64_t moved = 0;   ///< posts of earlier periods that an edit took into a case
  std::uint64_t unread = 0;  ///< items that could not be read, in quarantine
  std::uint64_t gaps = 0;    ///< times a stretch of a source may be missing
  std::uint64_t top_named = 0, top_of = 0;  ///< opened cases: those that address a principal
  std::vector<TopEntry> top_entries;        ///< what entered at the top
  std::vector<Counted> top_why;             ///< why the line below had failed them
  std::vector<Granted> grants;              ///< by person
  std::vector<Measured> times;
  std::vector<Counted> calls;     ///< call-backs by outcome
  std::vector<Counted> ends;      ///< closed cases by outcome
  std::vector<Counted> missed;    ///< deadlines that passed, by team and clock
  std::vector<Counted> letters;   ///< drawn, done, late, swapped
  std::vector<Owed> answers;      ///< owed at the end, by person
  std::vector<Owed> departments;  ///< corrective actions owed at the end
  DigestFilter filter{};          ///< of what is counted of cases
  std::optional<Recount> recount{};

  std::uint64_t of(DigestBucket bucket) const { return buckets[static_cast<std::size_t>(bucket)]; }
};

/// Makes a digest of facts in their order: those up to `span.first` tell how things stood.
class DigestBuilder {
 public:
  /// With a filter only what is counted of cases is right: times, top, ends, missed, grants.
  explicit DigestBuilder(DigestSpan span, DigestFilter filter = {});
  ~DigestBuilder();
  DigestBuilder(const DigestBuilder&) = delete;
  DigestBuilder& operator=(const DigestBuilder&) = delete;
  void take(const Fact& fact);
  Digest finish();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Kinds of entries that tell how things stand that are older than the period.
const std::vector<std::string>& standing_kinds();
/// The cases that an entry speaks of beside its own.
std::vector<std::string> cases_in(const Fact& fact);

/// What is wrong with a digest: buckets that do not add up, a count that the recount has
/// differently. Empty: it closes.
std::vector<std::string> disagreements(const Digest& digest);
/// What a bucket's rule is called for people: "about a rival".
std::string rule_words(std::string_view rule);

/// Renderings; the same digest gives the same bytes. Sections that are left out are not named.
std::string digest_json(const Digest& digest);
std::string digest_text(const Digest& digest, const std::vector<DigestSection>& sections,
                        const std::string& zone);
/// One column, no images, nothing loaded: readable on a phone, in the dark and on paper.
std::string digest_html(const Digest& digest, const std::vector<DigestSection>& sections,
                        const std::string& zone);
/// "412 posts came in: 38 shown, 201 grouped, 139 by rule, 12 by a person, 22 still open."
std::string digest_headline(const Digest& digest);

}  // namespace earshot
