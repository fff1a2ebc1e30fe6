// What comes in, and a full disk (P18): the sources wait, pushes are refused, what is held back
// goes to pages and acknowledgements.
#include <fmt/format.h>

#include "audit.hpp"
#include "daemon.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/runtime/systemd.hpp"
#include "effects.hpp"

namespace earshot {
namespace {

constexpr Duration kLookForRoom = seconds{5};

}  // namespace

Task<Result<IntakeAnswer>> Daemon::push(std::string source, std::vector<Post> posts,
                                        std::vector<RejectedPost> rejected) {
  if (room_.tight) co_return transient("the disk is full: nothing is taken in until there is room");
  Batch batch;
  batch.source = std::move(source);
  batch.posts = std::move(posts);
  for (RejectedPost& it : rejected)
    batch.bad.push_back({"", std::move(it.raw), std::move(it.reason)});
  const std::string name = batch.source;
  const Duration began = clock_->steady();
  const Result<Accepted> taken = co_await take(std::move(batch));
  if (!taken) co_return taken.error();
  note_batch(name, *taken, clock_->steady() - began);
  changed();
  co_return IntakeAnswer{taken->stored, taken->known};
}

Task<> Daemon::mind_disk() {
  for (;;) {
    co_await clock_->sleep_for(kLookForRoom);
    if (look_at_disk() && room_.tight) co_await tell_of_disk();
  }
}

/// At once: the auditor comes by once a minute, and says it with the same key.
Task<> Daemon::tell_of_disk() {
  const Instant now = clock_->now();
  const std::shared_ptr<const Rules> rules = rules_;
  const AckKey signing = key();
  const std::uint64_t seed = outside_.dice->bits();
  const std::vector<Finding> found{disk_finding(room_)};
  auto tell = [&](StoreWriter& writer) {
    Effects effects{writer, *rules, signing, Chance{now, seed}};
    tell_findings(effects, found, now);
  };
  co_await store_->write(tell);
  outbox_->poke();
}

/// True where something has changed.
bool Daemon::look_at_disk() {
  const bool before = room_.tight;
  room_ = outside_.ballast->look();
  metrics_.set("earshot_disk_free_bytes", static_cast<double>(room_.free));
  metrics_.set("earshot_disk_ballast_bytes", static_cast<double>(room_.held));
  metrics_.set("earshot_disk_tight", room_.tight ? 1 : 0);
  if (room_.tight == before) return false;
  const std::string free = fmt::format("{} MiB", room_.free / kMiB);
  if (room_.tight) {
    hold_sources();
    log(LogLevel::error, "the disk is full: no source is read until there is room",
        {{"free", free}, {"held", fmt::format("{} MiB", room_.held / kMiB)}});
    notify_status("The disk is full: no source is read. Pages and acknowledgements go on.");
    return true;
  }
  for (auto& [name, health] : health_) {
    health.next_poll = clock_->now() + kLookForRoom;
    health.state = "quiet";
    health.text = "Not read since the disk was full.";
  }
  log(LogLevel::info, "the disk has room: the sources are read again", {{"free", free}});
  notify_status(fmt::format("Earshot reads {} sources.", rules_->config->sources.size()));
  return true;
}

void Daemon::hold_sources() {
  for (auto& [name, health] : health_) {
    health.state = "deaf";
    health.text = "Not read: the disk is full.";
  }
}

Task<> Daemon::wait_for_room() {
  while (room_.tight) co_await clock_->sleep_for(kLookForRoom);
}

}  // namespace earshot
