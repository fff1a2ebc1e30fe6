// The daemon's part in the rota: commands, explanations, forecasts, and a clock that was set.
#include "clock_jump.hpp"
#include "daemon.hpp"
#include "decide.hpp"
#include "earshot/runtime/log.hpp"
#include "quiet.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

constexpr Duration kMeasureEvery = hours{1};
constexpr Duration kForecast = hours{24 * 60};
constexpr Duration kSuspect = hours{1};

double total_seconds(const std::vector<Shift>& shifts) {
  Duration sum{};
  for (const Shift& it : shifts) sum += it.end - it.start;
  return static_cast<double>(sum.count()) / 1000.0;
}

}  // namespace

Task<RotaAnswer> Daemon::change_rota(RotaCommand command) {
  const Chance chance{clock_->now(), outside_.dice->bits()};
  const std::shared_ptr<const Rules> rules = rules_;
  const AckKey signing = key();
  RotaAnswer answer;
  auto work = [&](StoreWriter& writer) {
    answer = earshot::change_rota(writer, *rules, signing, chance, command);
  };
  co_await store_->write(work);
  if (answer.done) {
    rota_measured_.reset();
    changed();
  }
  co_return answer;
}

Task<std::string> Daemon::explain(Post post, Instant at) {
  const std::shared_ptr<const Rules> rules = rules_;
  Circumstances known;
  auto look = [&](StoreReader& reader) { known = read_circumstances(reader, at); };
  co_await store_->read(look);
  const Verdict verdict = decide(std::move(post), *rules, at, known);
  JsonWriter out;
  write_explain(out, verdict, *rules, at);
  co_return out.take();
}

Task<> Daemon::mind_clock_and_rota() {
  const auto jumped =
      co_await mind_the_clock(*clock_, *store_, rules_, key(), outside_.dice->bits());
  const Duration steady = clock_->steady();
  if (jumped) {
    suspect_until_ = steady + kSuspect;
    metrics_.count("earshot_clock_jumps_total");
    log(LogLevel::warn, "the wall clock jumped; deadlines go on by the steady clock",
        {{"by", to_text(*jumped)}});
    changed();
  }
  metrics_.set("earshot_clock_suspect", suspect_until_ && steady < *suspect_until_ ? 1 : 0);
  if (rota_measured_ && steady - *rota_measured_ < kMeasureEvery) co_return;
  rota_measured_ = steady;
  LiveRota live;
  auto look = [&](StoreReader& reader) { live = read_live(reader); };
  co_await store_->read(look);
  const Instant now = clock_->now();
  for (const Schedule& it : rules_->config->schedules) {
    const Schedule schedule = merged(it, live);
    const auto holes = gaps(schedule, now, now + kForecast);
    metrics_.set("earshot_oncall_gaps", !holes.empty() && holes.front().start <= now ? 1 : 0,
                 {it.name});
    metrics_.set("earshot_oncall_gap_seconds", total_seconds(holes), {it.name});
    metrics_.set("earshot_oncall_overlap_seconds",
                 total_seconds(overlaps(schedule, now, now + kForecast)), {it.name});
  }
}

}  // namespace earshot
