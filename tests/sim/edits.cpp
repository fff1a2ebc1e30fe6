// Somebody edits the configuration while the daemon runs: well, and what was saved is in force; or
// badly, and what was in force goes on (P12).
#include <fmt/format.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <fstream>
#include <stdexcept>

#include "../../src/classify/notions.hpp"
#include "world.hpp"

namespace earshot::sim {
namespace {

constexpr std::array kEdits = {
    std::pair{"lead: kim", "lead: jo"}, std::pair{"people: [jo, kim]}]", "people: [kim, jo]}]"},
    std::pair{"push-kim.sim/hook\"", "push-kim.sim/hook\", rate: {per_minute: 60}"},
    std::pair{"  - {name: feed1,", "#  - {name: feed1,"}};
constexpr std::size_t kTurned = 1;  // the rotation
constexpr std::size_t kOneFeed = 3;
constexpr double kAimed = 0.3;  // of the reloads, where the process is killed at all

constexpr std::array kMistakes = {std::pair{"repeat: 1", "repeet: 1"},
                                  std::pair{"last_resort: [\"person:ana\"", "last_resort: ["},
                                  std::pair{"receivers: [chat]", "receivers: [chut]"},
                                  std::pair{"url_file: chat.url", "url_file: nowhere.url"}};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos)
    throw std::runtime_error(fmt::format("house.yaml has no \"{}\"", from));
  return text.replace(at, from.size(), to);
}

/// Each bit of `edits` stands for one of kEdits.
std::string edition(unsigned edits) {
  std::string text = house_text();
  for (std::size_t i = 0; i < kEdits.size(); ++i)
    if ((edits >> i & 1U) != 0) text = replaced(std::move(text), kEdits[i].first, kEdits[i].second);
  return text;
}

}  // namespace

void read_editions(const std::string& folder) {
  for (unsigned edits = 0; edits < 1U << kEdits.size(); ++edits) rules_of(edition(edits), folder);
  Notions::builtin();
}

void World::save(const std::string& text) const {
  std::ofstream{file_, std::ios::trunc} << text;
}

/// What a start finds in the file.
void World::read_again() {
  save(edition(edits_));
  rules_ = rules_of(edition(edits_), folder_);
  editing_ = false;
  settle_turn();
}

void World::settle_turn() {
  if (!turns.empty() && !turns.back().settled) turns.back().settled = wall() + minutes{1};
}

void World::edit() {
  if (!up_ || editing_ || process_->paused_until() > engine.now()) return;
  const bool dies = faults.kills_a_day > 0 || faults.power_cuts_a_day > 0;
  if (dies && editor_.chance(kAimed)) {
    aimed_ = true;
    return;
  }
  const auto kind = static_cast<unsigned>(editor_.below(kMistakes.size() + 1));
  const auto edits = static_cast<unsigned>(editor_.below(1U << kEdits.size()));
  begin_edit(editor_.chance(0.5), kind, edits);
}

void World::begin_edit(bool well, unsigned kind, unsigned edits) {
  editing_ = true;
  boost::asio::co_spawn(
      process_->executor(),
      [this, well, kind, edits] { return well ? reload_well(edits) : reload_badly(kind); },
      [](std::exception_ptr) {});
}

/// A reload takes no time but where it waits for what a poll has brought to be written. A crash at
/// any instant would never meet one: so some are made while such a batch is written, and the crash
/// comes while they wait for it.
void World::strike() {
  if (!aimed_ || !up_ || editing_ || process_->paused_until() > engine.now() || !store_->busy())
    return;
  aimed_ = false;
  begin_edit(true, 0, static_cast<unsigned>(editor_.below(1U << kEdits.size())));
  const Duration pause{static_cast<std::int64_t>(editor_.exponential(faults.pace.mean_ms))};
  const Duration away{static_cast<std::int64_t>(editor_.skewed(1'000, 600'000))};
  engine.after(pause, [this, away, life = lives_] {
    if (life == lives_ && editing_) die(faults.kills_a_day > 0 ? End::kill : End::power, away);
  });
}

Task<> World::reload_well(unsigned edits) {
  const bool turned = (edits >> kTurned & 1U) != 0;
  if (turned != ((edits_ >> kTurned & 1U) != 0)) turns.push_back({wall(), {}, turned});
  edits_ = edits;
  save(edition(edits_));
  if (network_.polls_on_their_way() > 0)
    mark("a configuration was replaced in the middle of a poll");
  if (network_.messages_on_their_way() > 0)
    mark("a configuration was replaced while a message was on its way");
  if ((edits >> kOneFeed & 1U) != 0) mark("a configuration had a feed less");
  const Result<std::string> done = co_await daemon_->reload();
  editing_ = false;
  settle_turn();
  engine.trace("reload", edits);
  if (!done) {
    fail("P12: a good configuration was refused: " + done.error().message);
    co_return;
  }
  mark("a configuration was replaced");
  rules_ = rules_of(edition(edits_), folder_);
  const std::shared_ptr<const Config> now = daemon_->config();
  const std::size_t sources = (edits >> kOneFeed & 1U) != 0 ? 1 : 2;
  if (now->sources.size() != sources ||
      now->teams.front().lead != rules_->config->teams.front().lead)
    fail("P12: what was loaded is not in force");
}

/// Half a file, or a whole one with a mistake; whoever did it repairs it once it is refused.
Task<> World::reload_badly(unsigned kind) {
  const std::string good = edition(edits_);
  save(kind < kMistakes.size() ? replaced(good, kMistakes[kind].first, kMistakes[kind].second)
                               : good.substr(0, good.size() / 2) + "\n  - {");
  const std::shared_ptr<const Config> before = daemon_->config();
  const Result<std::string> done = co_await daemon_->reload();
  editing_ = false;
  save(good);
  mark("a configuration was refused");
  if (done) fail("P12: a configuration that cannot be read was taken");
  if (daemon_->config() != before) fail("P12: a refused configuration changed what is in force");
}

/// The house as it was written, before the end.
void World::restore() {
  if (edits_ == 0) return;
  if (!up_) {
    if ((edits_ >> kTurned & 1U) != 0) turns.push_back({wall(), {}, false});
    edits_ = 0;  // read by the next start
    return;
  }
  if (editing_ || process_->paused_until() > engine.now()) {
    engine.after(seconds{5}, [this] { restore(); });
    return;
  }
  editing_ = true;
  boost::asio::co_spawn(
      process_->executor(), [this] { return reload_well(0); }, [](std::exception_ptr) {});
}

}  // namespace earshot::sim
