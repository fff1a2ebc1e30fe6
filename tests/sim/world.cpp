#include "world.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "earshot/core/json.hpp"
#include "earshot/web/ack_link.hpp"

namespace earshot::sim {

namespace asio = boost::asio;

namespace {

const Instant kEpoch = from_unix(1'772'442'000);  // 2026-03-02T09:00:00Z, before a DST night
constexpr Duration kSystemd = seconds{5};         // RestartSec of the unit
constexpr std::size_t kSimBallast = 64 * kMiB;
constexpr double kDarkStart = 0.1;  // of the starts, where power is lost in syncs at all
constexpr std::uint64_t kStartSyncs = 12;
constexpr const char* kPath = "earshot.db";
/// A start costs what the whole history costs, and its memory is never given back: a longer run has
/// as many deaths as so many days have.
constexpr double kDaysOfDeaths = 10;

double in_days(Duration span) {
  return std::chrono::duration<double, std::ratio<86'400>>(span).count();
}

}  // namespace

class World::SimClock final : public Clock {
 public:
  SimClock(World& world, Process& process) : world_(world), process_(process) {}
  Instant now() const override { return world_.wall(); }
  Duration steady() const override { return world_.engine.now(); }
  Task<> sleep_for(Duration span) override { return world_.engine.sleep(process_, span); }

 private:
  World& world_;
  Process& process_;
};

class World::SimDice final : public Dice {
 public:
  explicit SimDice(Random random) : random_(random) {}
  double unit() override { return random_.unit(); }
  std::uint64_t bits() override { return random_.bits(); }
  std::string secret(std::size_t bytes) override {
    std::string out(bytes, '\0');
    for (char& c : out) c = static_cast<char>(random_.bits());
    return out;
  }

 private:
  Random random_;
};

/// Found out by the first write that finds no room; kept over lives as the emptied file is.
class World::SimBallast final : public Ballast {
 public:
  explicit SimBallast(World& world) : world_(world) {}
  DiskRoom look() override {
    if (given_up_ && !world_.disk_.full) {
      given_up_ = false;
      world_.disk_.spare = 0;
    }
    return {world_.disk_.full ? world_.disk_.spare : kSimBallast, given_up_ ? 0 : kSimBallast,
            given_up_};
  }
  void give_up() override {
    if (given_up_) return;
    world_.mark("the ballast was given up");
    given_up_ = true;
    world_.disk_.spare = kSimBallast;
  }

 private:
  World& world_;
  bool given_up_ = false;
};

World::World(std::uint64_t seed, std::shared_ptr<const Rules> rules, Duration length,
             std::set<std::string> without)
    : faults(draw_faults(Random{seed}.branch("faults"))),
      engine(seed),
      root_(seed),
      rules_(std::move(rules)),
      without_(std::move(without)),
      length_(length),
      safety_(length - length / 6),
      epoch_(kEpoch + hours{Random{seed}.branch("epoch").below(24 * 60)}),
      disk_(root_.branch("disk")),
      ballast_(std::make_unique<SimBallast>(*this)),
      network_(engine, root_.branch("network")),
      people_(root_.branch("people")),
      fate_(root_.branch("fate")),
      editor_(root_.branch("editor")),
      workers_(root_.branch("workers")),
      rare_(root_.branch("rare"), 0),
      folder_(rules_->config->directory),
      file_(fmt::format("{}/house-{}.yaml", folder_, ::getpid())) {
  leave_out(faults, without_);
  rare_ = Rare{root_.branch("rare"), faults.rare};
}

World::~World() {
  Rare::use(nullptr);
}

Instant World::wall() const {
  const auto ms = static_cast<double>(engine.now().count());
  return epoch_ + engine.now() + wall_offset_ + Duration{static_cast<std::int64_t>(ms * drift_)};
}

void World::fail(std::string sentence) {
  if (wrong.size() < 40) wrong.push_back(fmt::format("{}: {}", to_rfc3339(wall()), sentence));
}

void World::run() {
  drift_ = faults.drift_ppm * 1e-6;
  slow_disk = Duration{static_cast<std::int64_t>(
      20 * faults.pace.mean_ms + (faults.pace.slow_share > 0 ? 4 * faults.pace.slow_ms : 0))};
  const int count = without_.contains(kSecondFeed) ? 1 : 2;
  for (int i = 0; i < count; ++i) {
    const std::string name = fmt::format("feed{}", i);
    feeds.push_back(
        std::make_unique<Feed>(engine, name, root_.branch(name), epoch_, faults.content));
  }
  Rare::use(&rare_);
  network_.on_feed_answer = [this] {
    if (aimed_) engine.after(milliseconds{1}, [this] { strike(); });
  };
  open_doors();
  write_posts();
  start();
  plan_faults();
  engine.run_until(safety_);
  heal();
  engine.run_until(length_);
  for (const std::string& it : rare_.happened()) mark("rare: " + it);
  check_world(*this);
  std::filesystem::remove(file_);
}

/// A life of the process: everything in memory is new, the disk is as it was left.
void World::start() {
  ++lives_;
  process_ = std::make_unique<Process>(engine);
  read_again();
  Random life = root_.branch(fmt::format("life {}", lives_));
  disk_.wall_ms = to_unix_ms(wall());
  if (lives_ > 1 && disk_.size_of(std::string{kPath} + "-wal") > 0)
    mark("the log was copied back at a start");
  if (faults.dark_syncs_a_day > 0 && engine.now() < safety_ && fate_.chance(kDarkStart))
    disk_.lose_power_at(1 + fate_.below(kStartSyncs));
  const bool failing = disk_.fail_syncs > 0 || disk_.fail_writes > 0;
  try {
    store_ = std::make_unique<SimStore>(
        *process_, disk_, kPath, life.branch("store"), faults.pace, [this] { note_power(); },
        [this] { ballast_->give_up(); }, [this](std::string_view name) { mark(name); });
  } catch (const StoreError& error) {
    if (!starts_again(failing)) fail(fmt::format("the store does not open: {}", error.what()));
    return;
  }
  if (lives_ > 1) {
    // Of a killed process all that it wrote is there; what may be torn is looked at page by page.
    const std::string found = unsure_ ? store_->quick_check() : "ok";
    if (found != "ok") fail("I13: the database is damaged after a crash: " + found);
    unsure_ = false;
    disturbed.push_back({down_since_, wall() + seconds{10}});
    check_places(*this, placed_);
  }
  Outside outside;
  outside.clock = std::make_unique<SimClock>(*this, *process_);
  outside.dice = std::make_unique<SimDice>(life.branch("dice"));
  outside.http = network_.client(*process_);
  outside.mail = no_mail();
  outside.imap = no_imap();
  outside.ballast = ballast_.get();
  const auto on_failure = [this, process = process_.get()](const std::string& name,
                                                           std::exception_ptr failure) {
    if (process->dead()) return;
    try {
      std::rethrow_exception(failure);
    } catch (const StoreError&) {
      die(End::store, kSystemd);
    } catch (const std::exception& error) {
      fail(fmt::format("the task \"{}\" ended by a mistake: {}", name, error.what()));
      die(End::kill, kSystemd);
    }
  };
  struct Lent final : Store {  // the daemon owns its store; this one outlives it for the checks
    explicit Lent(Store& s) : store(s) {}
    Task<> write(std::function<void(StoreWriter&)> work) override {
      return store.write(std::move(work));
    }
    Task<> read(std::function<void(StoreReader&)> work) override {
      return store.read(std::move(work));
    }
    std::uint64_t commits() const override { return store.commits(); }
    Task<bool> scrub(std::uint64_t limit) override { return store.scrub(limit); }
    PoisonGuard& poison() override { return store.poison(); }
    void ends() override { store.ends(); }
    Store& store;
  };
  AppOptions options;
  options.config = {file_};
  daemon_ =
      std::make_unique<Daemon>(process_->executor(), process_->executor(), options, rules_,
                               std::make_unique<Lent>(*store_), std::move(outside), on_failure);
  up_ = true;
  starting_ = true;
  up_since_ = engine.now();
  if (lives_ > 1 && store_->on_their_way() > 0) mark("a start found messages on their way");
  const auto begun = [this, process = process_.get(), on_failure](std::exception_ptr failure,
                                                                  Result<void> started) {
    starting_ = false;
    if (failure) return on_failure("start", std::move(failure));
    if (!started) fail("the daemon does not start: " + started.error().message);
  };
  asio::co_spawn(
      process_->executor(), [daemon = daemon_.get()] { return daemon->start(); },
      [begun](std::exception_ptr failure, std::optional<Result<void>> started) {
        begun(std::move(failure), started ? *started : Result<void>{});
      });
  engine.trace("start", lives_);
}

/// What a supervisor and whoever looks after the machine do about a store that does not open.
bool World::starts_again(bool failing) {
  unsure_ = true;
  if (disk_.without_power()) {
    mark(lives_ == 1 ? "power lost while the tables were made"
                     : "power lost while a start copied the log back");
    disk_.power_cut();
  } else if (disk_.full) {
    ballast_->give_up();
  } else if (!failing) {
    return false;
  }
  engine.after(kSystemd, [this] { start(); });
  return true;
}

void World::note_death() {
  deaths.push_back(engine.now());
  if (starting_) mark("died while it started");
  if (lives_ > 1 && engine.now() - up_since_ < minutes{1})
    mark("died again within a minute of a start");
  if (editing_) mark("died in the middle of a reload");
  if (store_->unanswered() > 0) mark("died between a commit and its answer");
  if (network_.effects_on_their_way() > 0) mark("died between an effect and its answer");
  if (network_.polls_on_their_way() > 0) mark("died in the middle of a poll");
  network_.forget();
}

/// Nothing is destroyed: a killed process runs no destructor either. Its memory is leaked on
/// purpose, but for the pages of its database; a seed is a process of its own.
void World::die(End how, Duration away) {
  if (!up_) return;
  up_ = false;
  down_since_ = wall();
  note_death();
  process_->kill();
  store_->forget_pages();
  [[maybe_unused]] Process* process = process_.release();
  [[maybe_unused]] Daemon* daemon = daemon_.release();
  [[maybe_unused]] SimStore* store = store_.release();
  ++counts[how == End::kill    ? "kills"
           : how == End::power ? "power cuts"
           : how == End::dark  ? "power cuts in a sync"
                               : "ends by the store"];
  engine.trace("die", static_cast<std::uint64_t>(how));
  unsure_ = unsure_ || how != End::kill;
  if (how == End::power || how == End::dark)
    disk_.power_cut();
  else
    disk_.process_died();
  engine.after(away, [this] { start(); });
}

void World::note_power() {
  mark("power lost in the middle of a sync");
  die(End::dark, Duration{static_cast<std::int64_t>(fate_.skewed(2'000, 1'800'000))});
}

void World::repeat(double a_day, Random& random, std::function<void()> what) {
  if (a_day <= 0) return;
  const Duration next{static_cast<std::int64_t>(random.exponential(86'400'000.0 / a_day))};
  if (engine.now() + next >= safety_) return;
  engine.after(next, [this, a_day, &random, what = std::move(what)] {
    what();
    repeat(a_day, random, what);
  });
}

void World::plan_faults() {
  const auto away = [this] {
    return Duration{static_cast<std::int64_t>(fate_.skewed(1'000, 3'600'000))};
  };
  const double seldom = std::min(1.0, kDaysOfDeaths / in_days(length_));
  repeat(seldom * faults.kills_a_day, fate_, [this, away] { die(End::kill, away()); });
  repeat(seldom * faults.power_cuts_a_day, fate_, [this, away] { die(End::power, away()); });
  repeat(seldom * faults.dark_syncs_a_day, fate_,
         [this] { disk_.lose_power_at(1 + fate_.below(20)); });
  repeat(faults.pauses_a_day, fate_, [this] {
    const Duration span{static_cast<std::int64_t>(fate_.skewed(1'000, 600'000))};
    if (!up_) return;
    mark("process stopped and continued");
    process_->pause(engine.now() + span);
    disturbed.push_back({wall(), wall() + span + seconds{10}});
  });
  repeat(seldom * faults.disk_full_a_day, fate_, [this] {
    const Duration span{static_cast<std::int64_t>(fate_.skewed(10'000, 1'800'000))};
    disk_.full = true;
    mark("disk full");
    disturbed.push_back({wall(), wall() + span + seconds{70}});
    engine.after(span, [this] { disk_.full = false; });
  });
  repeat(seldom * faults.disk_errors_a_day, fate_, [this] {
    mark("I/O error");
    (fate_.chance(0.5) ? disk_.fail_syncs : disk_.fail_writes) = 1;
  });
  repeat(faults.wall_jumps_a_day, fate_, [this] {
    const double size = fate_.skewed(500, 86'400'000);
    const bool ahead = fate_.chance(0.5);
    wall_offset_ += Duration{static_cast<std::int64_t>(ahead ? size : -size)};
    if (size >= 3'600'000)
      mark(ahead ? "a clock was set forward by an hour or more"
                 : "a clock was set back by an hour or more");
    clock_jumped = true;
    mark("the wall clock jumped");
  });
  repeat(faults.reloads_a_day, editor_, [this] { edit(); });
}

void World::heal() {
  network_.heal();
  aimed_ = false;
  for (const auto& feed : feeds) feed->heal();
  restore();
  rare_.stop();
  disk_.full = false;
  disk_.fail_syncs = disk_.fail_writes = 0;
  disk_.lose_power_at(0);
  faults.pace = DiskPace{};
  drift_ = 0;
  wall_offset_ += Duration{static_cast<std::int64_t>(static_cast<double>(engine.now().count()) *
                                                     faults.drift_ppm * 1e-6)};
}

/// Somebody writes every quarter of an hour; in a storm, every second.
void World::write_posts() {
  for (const auto& feed : feeds) {
    auto random = std::make_shared<Random>(root_.branch("pace " + feed->name()));
    auto next = std::make_shared<std::function<void()>>();
    *next = [this, feed = feed.get(), random, next] {
      feed->write();
      const Duration pause{static_cast<std::int64_t>(1 + random->exponential(900'000))};
      // The last posts are early enough to be dealt with.
      if (engine.now() + pause < length_ - minutes{30}) engine.after(pause, *next);
    };
    engine.after(seconds{1}, *next);
    repeat(faults.storms_a_day, fate_, [this, feed = feed.get()] {
      mark("storm");
      const auto size = 30 + fate_.below(170);
      for (std::uint64_t i = 0; i < size; ++i)
        engine.after(milliseconds{fate_.below(60'000)}, [feed] { feed->write(); });
    });
  }
}

}  // namespace earshot::sim
