#pragma once

/// Storms: many customers, one cause. Counts what is filed under one cause, knows what is usual at
/// this hour of the week, and says when it is a storm and when that is over.
///
/// Pure: the counts are values, `now` is an argument, each verdict carries its sentence.

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/classify/assessment.hpp"
#include "earshot/core/instant.hpp"

namespace earshot {

/// `storms:` of the configuration.
struct StormPolicy {
  Duration window = minutes{10};     ///< customers within it are counted together
  int at_least = 6;                  ///< customers with one cause; 0 = there are no storms
  int times = 4;                     ///< and so many times what is usual at this hour of the week
  Duration cool_down = minutes{30};  ///< without more than the usual it is over
  int author_cases = 2;              ///< one author opens so many within `author_window`; 0 = any
  Duration author_window = minutes{10};
};

/// The cause that cases are counted under: product and kind of failure, "glow/outage". "" where the
/// words name no kind of failure: then only copies of one text make a storm.
std::string cause_of(const Assessment& it);
/// The same in words for people: "Glow, outage".
std::vector<std::string> cause_words(const Assessment& it);

/// A hazard or somebody at the top: never grouped away, told by itself whatever storm there is.
bool stands_alone(const Assessment& it);
/// Cues that are hazards.
bool is_hazard(Cue cue);

/// Cases of one cause: the last hour by the minute, six weeks by the hour. Bounded.
struct CauseCounts {
  struct At {
    std::int64_t unit = 0;  ///< minutes or hours since 1970
    int n = 0;
  };
  struct Lately {
    std::string case_id;
    std::int64_t minute = 0;
  };
  std::vector<At> minutes;  ///< of the last hour, oldest first
  std::vector<At> hours;    ///< of the last six weeks, oldest first; hours with none are left out
  std::vector<Lately> lately;  ///< newest last, at most 256
};
void count_case(CauseCounts& counts, const std::string& case_id, Instant now);
/// Cases within `window` before now, the minute of now included.
int count_within(const CauseCounts& counts, Duration window, Instant now);

/// What is usual at this hour of the week: median and median absolute deviation of the hours around
/// it in the weeks before. A storm of last week does not move them.
struct Usual {
  double median = 0;  ///< cases an hour
  double spread = 0;  ///< 1.4826 * MAD: as wide as a standard deviation
  int samples = 0;    ///< hours looked at; 0 = nothing is known yet
  bool cold = false;  ///< less than two weeks are known: all hours stand for this one
};
/// `since`: from when on cases were counted at all.
Usual usual_at(const CauseCounts& counts, Instant since, Instant now);

/// From how many cases within the window on it is a storm; 0 where it cannot be told yet.
int storm_threshold(const Usual& usual, const StormPolicy& policy);

struct StormVerdict {
  bool storm = false;
  std::string why;  ///< a sentence
};
StormVerdict is_storm(const CauseCounts& counts, Instant since, const StormPolicy& policy,
                      Instant now);
/// Copies need no baseline: so many customers with the same words are a storm at any hour.
StormVerdict is_storm_of_copies(std::uint64_t customers, const StormPolicy& policy);
/// `lately`: cases within the cool-down.
bool is_over(std::uint64_t lately, const Usual& usual, const StormPolicy& policy);

std::string to_json(const CauseCounts& counts);
/// Reads what it wrote; what cannot be read counts as nothing.
CauseCounts counts_from_json(std::string_view json);

}  // namespace earshot
