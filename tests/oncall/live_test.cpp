// Properties of swaps, absences and overrides, over many drawn rotas.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "earshot/oncall/live.hpp"

namespace earshot {
namespace {

const Instant kFrom = from_unix(1'772'442'000);  // 2026-03-02T09:00:00Z
const Known kAll = [](std::string_view id) { return id.size() == 1; };

class Draw {
 public:
  explicit Draw(unsigned seed) : dice_(seed) {}
  int upto(int most) { return std::uniform_int_distribution<int>{0, most}(dice_); }
  std::string person() { return std::string(1, static_cast<char>('a' + upto(4))); }
  Instant time() { return kFrom + minutes{15 * upto(4 * 24 * 40)}; }
  Schedule schedule() {
    Schedule out;
    out.name = "care";
    out.zone = upto(1) == 0 ? "Europe/Berlin" : "Australia/Lord_Howe";
    for (int i = upto(2); i >= 0; --i) {
      Layer layer;
      layer.rotate = upto(1) == 0 ? Rotate::daily : Rotate::weekly;
      layer.start = parse_civil("2026-02-23T09:00");
      for (int k = upto(3); k >= 0; --k) layer.people.push_back(person());
      layer.replace = upto(3) == 0;
      out.layers.push_back(layer);
    }
    return out;
  }
  LiveRota rota() {
    LiveRota out;
    for (int i = upto(3); i > 0; --i) {
      const Instant start = time();
      out.overrides.push_back({"o" + std::to_string(i),
                               "care",
                               start,
                               start + hours{1 + upto(60)},
                               {person()},
                               {person()},
                               "",
                               "x",
                               kFrom});
    }
    return out;
  }

 private:
  std::mt19937 dice_;
};

std::vector<std::string> sorted(std::vector<std::string> people) {
  std::ranges::sort(people);
  const auto [first, last] = std::ranges::unique(people);
  people.erase(first, last);
  return people;
}

std::vector<std::string> put(std::vector<std::string> people, const std::string& out,
                             const std::string& in) {
  for (std::string& it : people) it = it == out ? in : it;
  return sorted(std::move(people));
}

/// In its time a swap puts the one for the other and changes nothing else; outside, nothing at all.
TEST(LiveRota, ASwapPutsOneForTheOtherAndNothingElse) {
  int tried = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Draw draw{seed};
    const Schedule schedule = draw.schedule();
    LiveRota live = draw.rota();
    const Instant start = draw.time();
    const Swap swap{
        "s", "care", draw.person(), draw.person(), start, start + hours{1 + draw.upto(200)},
        "",  "asked"};
    if (check(swap, schedule, live, kAll, kFrom)) continue;
    ++tried;
    const Schedule before = merged(schedule, live);
    for (const LiveOverride& it : overrides_of(swap, schedule, live, kFrom))
      live.overrides.push_back(it);
    const Schedule after = merged(schedule, live);
    for (int i = 0; i < 400; ++i) {
      const Instant at = kFrom + minutes{143 * i};
      const auto was = people_on_call(before, at);
      const bool within = at >= swap.start && at < swap.end;
      ASSERT_EQ(sorted(people_on_call(after, at)),
                within ? put(was, swap.from, swap.with) : sorted(was))
          << seed << " " << to_rfc3339(at);
    }
  }
  EXPECT_GT(tried, 100);
}

/// Nobody who is away is ever on call, whatever overrides say, and others stay as they are.
TEST(LiveRota, WhoIsAwayIsNeverOnCall) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Draw draw{seed};
    const Schedule schedule = draw.schedule();
    LiveRota live = draw.rota();
    for (int i = 0; i < 4; ++i) {
      const Instant start = draw.time();
      const LiveAbsence it{"a",
                           draw.person(),
                           start,
                           start + hours{1 + draw.upto(300)},
                           draw.upto(2) == 0 ? "" : draw.person(),
                           "",
                           "x"};
      if (!check(it, schedule, live, kAll, kFrom)) live.absences.push_back(it);
    }
    LiveRota nobody_away = live;
    nobody_away.absences.clear();
    for (int i = 0; i < 400; ++i) {
      const Instant at = kFrom + minutes{143 * i};
      const auto people = people_on_call(merged(schedule, live), at);
      const auto nominal = people_on_call(merged(schedule, nobody_away), at);
      const auto away = [&](const std::string& id) {
        return std::ranges::any_of(live.absences, [&](const LiveAbsence& it) {
          return it.person == id && at >= it.start && at < it.end;
        });
      };
      for (const std::string& id : people) ASSERT_FALSE(away(id)) << seed << " " << id;
      for (const std::string& id : nominal) {
        if (!away(id)) {
          ASSERT_TRUE(std::ranges::find(people, id) != people.end());
        }
      }
    }
  }
}

TEST(LiveRota, WhatHasBeenStaysWhenAnOverrideIsTakenBack) {
  const LiveOverride it{"o", "care", kFrom, kFrom + hours{4}, {"a"}, {}, "", "x", kFrom};
  EXPECT_FALSE(cut_at(it, kFrom));
  const auto rest = cut_at(it, kFrom + hours{1});
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->start, kFrom);
  EXPECT_EQ(rest->end, kFrom + hours{1});
}

TEST(LiveRota, RecordsAreReadAsTheyWereWritten) {
  const LiveOverride it{"o", "care", kFrom, kFrom + hours{4}, {"a", "b"}, {"c"}, "why", "x", kFrom};
  const auto read = override_from_json(to_json(it));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(it));
  const Swap swap{"s", "care", "a", "b", kFrom, kFrom + hours{1}, "why", "asked"};
  EXPECT_EQ(to_json(*swap_from_json(to_json(swap))), to_json(swap));
  const LiveAbsence away{"a", "a", kFrom, kFrom + hours{1}, "b", "ill", "x"};
  EXPECT_EQ(to_json(*absence_from_json(to_json(away))), to_json(away));
}

}  // namespace
}  // namespace earshot
