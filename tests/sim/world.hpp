#pragma once

/// One seed's world: the real daemon on virtual time over a disk that loses power, feeds with a
/// truth list, receivers, people, and faults drawn by the seed. A safety phase with all faults,
/// then a phase in which everything is healthy and must settle.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "../../src/app/daemon.hpp"
#include "disk.hpp"
#include "engine.hpp"
#include "feed.hpp"
#include "net.hpp"
#include "rare.hpp"
#include "sim_store.hpp"

namespace earshot::sim {

/// Which faults a seed has and how often: each is there or not (swarm testing), so that rare
/// mixtures occur; one seed in ten has none.
struct Faults {
  double kills_a_day = 0;
  double power_cuts_a_day = 0;  ///< at any event
  double dark_syncs_a_day = 0;  ///< in the middle of a sync
  double pauses_a_day = 0;
  double disk_full_a_day = 0;
  double disk_errors_a_day = 0;
  double wall_jumps_a_day = 0;
  double drift_ppm = 0;
  DiskPace pace{};
  WayFaults feeds{}, push{}, sms{};
  FeedFaults content{};
  double storms_a_day = 0;
  double reloads_a_day = 0;  ///< half of them of a configuration that cannot be read
  double rare = 0;           ///< how often what is rare happens (rare.hpp)
  double sleepy = 0.1;       ///< share of the pages that a person sleeps through
  double idle = 0.1;         ///< share of the acknowledged cases that nobody works on
  bool none() const { return quiet; }
  bool quiet = false;
};
/// Pure.
Faults draw_faults(Random random);
std::string describe(const Faults& faults);
/// What of a seed can be left out, by name: its rates, and one of the two feeds.
inline constexpr const char* kSecondFeed = "feed1";
bool is_fault(const std::string& name);
std::set<std::string> faults_of(Faults faults);
void leave_out(Faults& faults, const std::set<std::string>& without);

/// Something arrived at a receiver.
struct Arrival {
  Duration at{0};
  std::string receiver;
  std::string key;      ///< webhook-id; "" where the receiver knows no keys
  std::uint64_t bytes;  ///< hash of what was said, without the mark of a repeat
  bool page = false;
};

/// An acknowledgement that the daemon answered with "done".
struct Promise {
  Duration at{0};
  std::string case_id;
  std::string person;
  std::int64_t entry = 0;  ///< in the ledger
  std::string hash;
};

/// The rotation was turned round, or back.
struct Turn {
  Instant saved{};
  std::optional<Instant> settled{};  ///< from then on it is in force for certain
  bool turned = false;
};

/// On the wall clock of that moment, drift counted.
struct Window {
  Instant from{};
  Instant to{};
};

class World {
 public:
  World(std::uint64_t seed, std::shared_ptr<const Rules> rules, Duration length,
        std::set<std::string> without = {});
  ~World();

  void run();

  // What the checks look at.
  std::vector<std::string> wrong;  ///< broken promises, sentences
  std::set<std::string> marks;     ///< situations that came up (I16)
  std::vector<Arrival> arrivals;
  std::vector<Promise> promises;
  std::vector<Duration> deaths;   ///< when the process ended
  std::vector<Window> disturbed;  ///< when nobody could have been on time
  std::map<std::string, std::uint64_t> counts;
  std::vector<Turn> turns;
  bool clock_jumped = false;
  std::vector<std::unique_ptr<Feed>> feeds;
  Faults faults;

  Engine engine;
  SimStore& store() { return *store_; }
  Daemon& daemon() { return *daemon_; }
  const Rules& rules() const { return *rules_; }
  Instant wall() const;
  Duration length() const { return length_; }
  bool running() const { return up_; }
  /// What a step may be late by because commits take their time.
  Duration slow_disk{0};
  void fail(std::string sentence);
  void mark(std::string_view name) { marks.emplace(name); }

 private:
  enum class End { kill, power, dark, store };
  class SimClock;
  class SimDice;
  class SimBallast;

  void start();
  void die(End how, Duration away);
  void note_death();
  bool starts_again(bool failing);
  void plan_faults();
  void repeat(double a_day, Random& random, std::function<void()> what);
  void heal();
  void write_posts();
  void open_doors();
  HttpResponse arrive(const std::string& person, const std::string& receiver, bool keys,
                      const HttpRequest& request);
  void reads_page(const std::string& person, const std::string& body);
  void acknowledge(std::string token, int tries);
  Task<> take(std::string token);
  void works_on(const std::string& case_id, const std::string& person);
  void work_on(const std::string& case_id, std::shared_ptr<std::vector<Command>> plan,
               std::size_t at);
  Task<> do_work(std::string case_id, std::shared_ptr<std::vector<Command>> plan, std::size_t at);
  // edits.cpp: bits of `edits` say which of the edits of house.yaml are made
  void edit();
  void begin_edit(bool well, unsigned kind, unsigned edits);
  void strike();
  void restore();
  void save(const std::string& text) const;
  void read_again();
  void settle_turn();
  Task<> reload_well(unsigned edits);
  Task<> reload_badly(unsigned kind);
  void note_power();

  Random root_;
  std::shared_ptr<const Rules> rules_;
  std::set<std::string> without_;
  Duration length_;
  Duration safety_;
  Instant epoch_;
  Duration wall_offset_{0};
  double drift_ = 0;
  Disk disk_;
  std::unique_ptr<SimBallast> ballast_;
  Network network_;
  Random people_;
  Random fate_;
  Random editor_;
  Random workers_;
  Rare rare_;
  std::string folder_;
  std::string file_;
  unsigned edits_ = 0;
  bool editing_ = false;
  bool aimed_ = false;  ///< a reload waits for a batch, to be struck down (strike)
  std::uint64_t lives_ = 0;
  std::unique_ptr<Process> process_;
  std::unique_ptr<SimStore> store_;
  std::unique_ptr<Daemon> daemon_;
  bool up_ = false;
  Instant down_since_{};
  bool starting_ = false;
  bool unsure_ = false;  ///< power was lost or the disk failed since the database was looked at
  Duration up_since_{0};
  std::int64_t placed_ = 0;  ///< the last post that check_places looked at
  std::set<std::string> seen_keys_;
  std::map<std::string, std::uint64_t> bytes_of_key_;
};

/// The rules of house.yaml; secret files are laid into `folder`. Throws std::runtime_error.
std::shared_ptr<const Rules> house_rules(const std::string& folder);
/// The same of an edited text: a text is read once, and what was read before a fork is there after.
std::shared_ptr<const Rules> rules_of(const std::string& text, const std::string& folder);
/// Reads every edition, so that the children of this process need not.
void read_editions(const std::string& folder);
std::string house_text();

/// Everything that must hold at the end (checks.cpp).
void check_world(World& world);
/// I2, after each crash too: the place of a feed knows what is stored of it, for both were
/// committed together. Looks at the posts behind `seen` and moves it.
void check_places(World& world, std::int64_t& seen);

}  // namespace earshot::sim
