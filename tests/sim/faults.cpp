#include <fmt/format.h>

#include <array>

#include "world.hpp"

namespace earshot::sim {
namespace {

constexpr double kPresent = 0.4;  // a fault is there in so many seeds
constexpr double kQuiet = 0.1;

struct Draw {
  Random& random;
  double operator()(double least, double most) {
    const bool there = random.chance(kPresent);
    const double rate = random.skewed(least, most);
    return there ? rate : 0;
  }
};

WayFaults draw_way(Random random, bool keys, bool feed) {
  Draw draw{random};
  WayFaults out;
  out.mean_ms = random.skewed(5, 800);
  out.refused = draw(0.001, 0.3);
  out.cut = draw(0.001, 0.2);
  out.lost = draw(0.001, 0.2);
  out.slow = draw(0.001, 0.1);
  out.error = draw(0.001, 0.2);
  out.closed_a_day = draw(0.5, 20);
  // Another hand that sends twice is told apart only by those who know keys.
  if (keys || feed) out.doubled = draw(0.001, 0.1);
  if (feed) out.garbage = draw(0.001, 0.1);
  return out;
}

}  // namespace

Faults draw_faults(Random random) {
  Faults out;
  Draw draw{random};
  out.sleepy = random.skewed(0.02, 0.9);
  if (random.chance(kQuiet)) {
    out.quiet = true;
    return out;
  }
  out.kills_a_day = draw(0.5, 60);
  out.power_cuts_a_day = draw(0.5, 20);
  out.dark_syncs_a_day = draw(0.5, 20);
  out.pauses_a_day = draw(0.5, 10);
  out.disk_full_a_day = draw(0.5, 5);
  out.disk_errors_a_day = draw(0.5, 5);
  out.wall_jumps_a_day = draw(0.3, 6);
  out.drift_ppm = random.chance(kPresent) ? random.between(-500, 500) : 0;
  out.pace.mean_ms = random.skewed(0.5, 50);
  out.pace.slow_share = draw(0.0001, 0.02);
  out.pace.slow_ms = random.skewed(500, 20'000);
  out.feeds = draw_way(random.branch("feeds"), false, true);
  out.push = draw_way(random.branch("push"), true, false);
  out.sms = draw_way(random.branch("sms"), false, false);
  out.content.late = draw(0.01, 0.3);
  out.content.edited = draw(0.01, 0.2);
  out.content.deleted = draw(0.01, 0.1);
  out.content.broken = draw(0.002, 0.05);
  out.storms_a_day = draw(0.5, 4);
  out.reloads_a_day = draw(0.5, 20);
  out.idle = random.skewed(0.02, 0.6);
  out.rare = draw(0.01, 0.3);
  return out;
}

namespace {

struct Named {
  std::string_view name;
  double Faults::*rate;
};
constexpr std::array kRates = {Named{"kills", &Faults::kills_a_day},
                               Named{"power", &Faults::power_cuts_a_day},
                               Named{"dark", &Faults::dark_syncs_a_day},
                               Named{"pauses", &Faults::pauses_a_day},
                               Named{"full", &Faults::disk_full_a_day},
                               Named{"eio", &Faults::disk_errors_a_day},
                               Named{"jumps", &Faults::wall_jumps_a_day},
                               Named{"drift", &Faults::drift_ppm},
                               Named{"storms", &Faults::storms_a_day},
                               Named{"reloads", &Faults::reloads_a_day},
                               Named{"sleepy", &Faults::sleepy},
                               Named{"idle", &Faults::idle},
                               Named{"rare", &Faults::rare}};

struct NamedWay {
  std::string_view name;
  double WayFaults::*rate;
};
constexpr std::array kWayRates = {
    NamedWay{"refused", &WayFaults::refused}, NamedWay{"cut", &WayFaults::cut},
    NamedWay{"lost", &WayFaults::lost},       NamedWay{"slow", &WayFaults::slow},
    NamedWay{"error", &WayFaults::error},     NamedWay{"closed", &WayFaults::closed_a_day},
    NamedWay{"doubled", &WayFaults::doubled}, NamedWay{"garbage", &WayFaults::garbage}};

struct NamedContent {
  std::string_view name;
  double FeedFaults::*rate;
};
constexpr std::array kContentRates = {
    NamedContent{"late", &FeedFaults::late}, NamedContent{"edited", &FeedFaults::edited},
    NamedContent{"deleted", &FeedFaults::deleted}, NamedContent{"broken", &FeedFaults::broken}};

/// Every rate with its name.
template <class Take>
void each_rate(Faults& faults, Take take) {
  for (const Named& it : kRates) take(std::string{it.name}, faults.*it.rate);
  for (const NamedContent& it : kContentRates) take(std::string{it.name}, faults.content.*it.rate);
  const auto way = [&](const std::string& name, WayFaults& of) {
    for (const NamedWay& it : kWayRates) take(name + "." + std::string{it.name}, of.*it.rate);
  };
  way("feeds", faults.feeds);
  way("push", faults.push);
  way("sms", faults.sms);
  take("slow_disk", faults.pace.slow_share);
}

}  // namespace

bool is_fault(const std::string& name) {
  Faults any;
  bool found = name == kSecondFeed;
  each_rate(any, [&](const std::string& it, double) { found = found || it == name; });
  return found;
}

std::set<std::string> faults_of(Faults faults) {
  std::set<std::string> out{kSecondFeed};
  each_rate(faults, [&](const std::string& name, double rate) {
    if (rate != 0) out.insert(name);
  });
  return out;
}

void leave_out(Faults& faults, const std::set<std::string>& without) {
  each_rate(faults, [&](const std::string& name, double& rate) {
    if (without.contains(name)) rate = 0;
  });
}

std::string describe(const Faults& f) {
  if (f.quiet) return "no faults";
  return fmt::format(
      "kills {:.1f} power {:.1f} dark {:.1f} pauses {:.1f} full {:.1f} eio {:.1f} jumps {:.1f} a "
      "day, drift {:.0f} ppm, slow commits {:.4f}, feeds {:.3f}/{:.3f}/{:.3f}, push "
      "{:.3f}/{:.3f}/{:.3f}, sms {:.3f}/{:.3f}/{:.3f} (refused/cut/lost), late {:.2f} edited "
      "{:.2f} "
      "deleted {:.2f} broken {:.3f}, storms {:.1f}, reloads {:.1f}, sleepy {:.2f}, idle {:.2f}, "
      "rare {:.2f}",
      f.kills_a_day, f.power_cuts_a_day, f.dark_syncs_a_day, f.pauses_a_day, f.disk_full_a_day,
      f.disk_errors_a_day, f.wall_jumps_a_day, f.drift_ppm, f.pace.slow_share, f.feeds.refused,
      f.feeds.cut, f.feeds.lost, f.push.refused, f.push.cut, f.push.lost, f.sms.refused, f.sms.cut,
      f.sms.lost, f.content.late, f.content.edited, f.content.deleted, f.content.broken,
      f.storms_a_day, f.reloads_a_day, f.sleepy, f.idle, f.rare);
}

}  // namespace earshot::sim
