// Which situations came up (I16): a run that meets none of the bad moments proves nothing. What the
// world notices on its way is marked there; the rest is read from the store at the end.
#include "seen.hpp"

#include <algorithm>
#include <cstdlib>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"

namespace earshot::sim {
namespace {

const Instant kSummer = from_unix(1'774'746'000);  // 2026-03-29T01:00Z, in Berlin

struct Step {
  int round = 0;
  int step = 0;
  int place() const { return round * 100 + step; }
};

Step step_of(const Event& event) {
  return {std::atoi(event.data.at("round").c_str()), std::atoi(event.data.at("step").c_str())};
}

void see_ladder(World& world, const std::vector<Event>& life) {
  const Event* before = nullptr;
  const Event* taken = nullptr;
  for (const Event& event : life) {
    if (event.kind == EventKind::acknowledged) {
      if (before != nullptr && event.at - before->at < seconds{1})
        world.mark("an acknowledgement came within a second after a step");
      if (before != nullptr && step_of(*before).step > 0)
        world.mark("the second person or a later one acknowledged");
      taken = &event;
    }
    if (event.kind == EventKind::ack_undone) world.mark("an acknowledgement was undone");
    if (event.kind == EventKind::ack_decayed) world.mark("an acknowledgement decayed");
    if (event.kind == EventKind::raised) world.mark("later words made a case urgent");
    if (event.kind == EventKind::words_added) world.mark("later words joined a case");
    if (event.kind == EventKind::failed) world.mark("a case had failed the customer");
    if (event.kind == EventKind::entered_storm) world.mark("a case became part of a storm");
    if (event.kind == EventKind::retracted) world.mark("the words of a case were taken back");
    if (event.kind != EventKind::escalated) continue;
    if (taken != nullptr && event.at - taken->at < seconds{1})
      world.mark("a step and an acknowledgement met in one second");
    if (before != nullptr) {
      const auto next = parse_rfc3339(before->data.at("next_at"));
      if (next && event.at > *next + minutes{1}) world.mark("a step was more than a minute late");
      const Step from = step_of(*before);
      const Step to = step_of(event);
      if (to.round == from.round && to.step > from.step + 1)
        world.mark("steps that an outage hid became one");
      if (to.place() > from.place() && to.round > from.round)
        world.mark("a ladder was climbed a second time");
    }
    before = &event;
  }
}

void see_rows(World& world, const House& house) {
  for (const OutboxRow& row : house.rows) {
    if (row.case_id.starts_with("bundle/")) world.mark("a page was put together of several cases");
    if (row.state == OutboxState::cancelled && row.attempts > 0)
      world.mark("a page that had failed was called back");
    if (row.state == OutboxState::ok && row.attempts >= 4)
      world.mark("a message arrived at the fourth attempt or later");
    if (row.possible_repeats >= 2) world.mark("a message had two attempts without an answer");
  }
}

}  // namespace

const std::vector<std::string_view>& situations() {
  static const std::vector<std::string_view> all{
      "I/O error",
      "a case became part of a storm",
      "a case had failed the customer",
      "a case was closed",
      "a case was dismissed",
      "a case was opened again by a person",
      "a clock was set back by an hour or more",
      "a clock was set forward by an hour or more",
      "a commit failed",
      "a commit held five transactions or more",
      "a configuration had a feed less",
      "a configuration was refused",
      "a configuration was replaced",
      "a configuration was replaced in the middle of a poll",
      "a configuration was replaced while a message was on its way",
      "a feed could not be heard",
      "a ladder was climbed a second time",
      "a message arrived at the fourth attempt or later",
      "a message could not be delivered",
      "a message had two attempts without an answer",
      "a page that had failed was called back",
      "a page was put together of several cases",
      "a receiver dropped a repeat by its key",
      "a repeat was marked as such",
      "a start found messages on their way",
      "a step and an acknowledgement met in one second",
      "a step was more than a minute late",
      "an acknowledgement came second",
      "an acknowledgement decayed",
      "an acknowledgement decayed and the case climbed again",
      "an acknowledgement met a closed door",
      "an attempt ended without an answer",
      "an item came late and was found",
      "an item was set aside",
      "an item was taken back after it was read",
      "died again within a minute of a start",
      "died between a commit and its answer",
      "died between an effect and its answer",
      "died in the middle of a poll",
      "died in the middle of a reload",
      "died while it started",
      "died within a second of an answered acknowledgement",
      "disk full",
      "later words joined a case",
      "later words made a case urgent",
      "power lost in the middle of a sync",
      "power lost while a start copied the log back",
      "power lost while the tables were made",
      "process stopped and continued",
      "steps that an outage hid became one",
      "storm",
      "summer time began",
      "the ballast was given up",
      "the last resort was told again",
      "the log was copied back at a start",
      "the second person or a later one acknowledged",
      "the wall clock jumped",
      "the words of a case were taken back",
  };
  return all;
}

void see_situations(World& world, const House& house) {
  for (const auto& [id, life] : house.lives) see_ladder(world, life);
  see_rows(world, house);
  for (const Case& it : house.cases)
    if (it.kind == "blindness") world.mark("a feed could not be heard");
  if (!house.taken_back.empty()) world.mark("an item was taken back after it was read");
  if (!house.gaps.empty()) world.mark("a gap was told");
  for (const Promise& promise : world.promises) {
    const bool soon = std::ranges::any_of(world.deaths, [&](Duration at) {
      return at >= promise.at && at - promise.at < seconds{1};
    });
    if (soon) world.mark("died within a second of an answered acknowledgement");
  }
  if (!world.clock_jumped && world.wall() - world.length() < kSummer && world.wall() > kSummer)
    world.mark("summer time began");
}

}  // namespace earshot::sim
