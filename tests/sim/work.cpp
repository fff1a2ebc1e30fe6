// What people do with a case once they have it: answer, write down what was done, ring back,
// dismiss it by two, open it again. Some do nothing, and it climbs again.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <tuple>

#include "world.hpp"

namespace earshot::sim {
namespace {

constexpr double kDismissed = 0.2;
constexpr double kNotes = 0.2;
constexpr double kAgain = 0.05;  // of the solved ones come back by a person's hand

Command command(Action action, std::string who, Arguments args) {
  return {action, std::move(who), std::move(args)};
}

std::vector<Command> solved(const std::string& who, const std::string& other, Random& random) {
  std::vector<Command> out;
  if (random.chance(kNotes))
    out.push_back(command(Action::note, who, {{"text", "Rang them, nobody was there."}}));
  out.push_back(command(Action::answer, who, {{"text", "We are sorry and look into it."}}));
  out.push_back(command(
      Action::feedback, who,
      {{"said", "That we are sorry, and that a new one is on its way."},
       {"done", fmt::format("A new one was sent by courier, parcel {}.", random.below(1'000'000))},
       {"cause", "driver"},
       {"department", "hardware"},
       {"product_change", "no"}}));
  const double call = random.unit();
  const std::string outcome = call < 0.85   ? "satisfied"
                              : call < 0.95 ? "not_satisfied"
                                            : "not_reached";
  out.push_back(command(Action::verify, other, {{"outcome", outcome}, {"words", "They said so."}}));
  if (random.chance(kAgain))
    out.push_back(command(Action::reopen, other, {{"reason", "They rang: it smells again."}}));
  return out;
}

std::vector<Command> dismissed(const std::string& who, const std::string& other) {
  const Arguments why{{"reason", "handled_elsewhere"}};
  return {command(Action::dismiss, who, why), command(Action::dismiss, other, why)};
}

}  // namespace

/// Whoever acknowledged it goes to work, or does not.
void World::works_on(const std::string& case_id, const std::string& person) {
  if (workers_.chance(faults.idle)) return;
  const std::string other = person == "kim" ? "ana" : "kim";
  auto plan = std::make_shared<std::vector<Command>>(
      workers_.chance(kDismissed) ? dismissed(person, other) : solved(person, other, workers_));
  work_on(case_id, std::move(plan), 0);
}

void World::work_on(const std::string& case_id, std::shared_ptr<std::vector<Command>> plan,
                    std::size_t at) {
  if (at == plan->size()) return;
  const Duration pause{static_cast<std::int64_t>(workers_.skewed(20'000, 1'800'000))};
  engine.after(pause, [this, case_id, plan, at] {
    // The console does not open while the daemon is away; she comes back later.
    if (!up_ || process_->paused_until() > engine.now()) return work_on(case_id, plan, at);
    boost::asio::co_spawn(
        process_->executor(), [this, case_id, plan, at] { return do_work(case_id, plan, at); },
        [](std::exception_ptr) {});
  });
}

Task<> World::do_work(std::string case_id, std::shared_ptr<std::vector<Command>> plan,
                      std::size_t at) {
  Command one = (*plan)[at];
  const Action action = one.action;
  const std::string who = one.who;
  const ActAnswer answer = co_await daemon_->act(case_id, std::move(one), std::nullopt);
  engine.trace("work", static_cast<std::uint64_t>(answer.kind));
  if (answer.kind == ActAnswer::Kind::not_found) fail("P1: a case that was acknowledged is gone");
  if (answer.kind != ActAnswer::Kind::done) co_return;  // somebody else was faster, or it decayed
  Promise promise{engine.now(), case_id, who, 0, ""};
  store_->look(
      [&](StoreReader& reader) { std::tie(promise.entry, promise.hash) = reader.ledger_head(); });
  promises.push_back(std::move(promise));
  if (answer.now_case && answer.now_case->ended())
    mark(fmt::format("a case was {}", to_word(answer.now_case->state)));
  if (action == Action::reopen) mark("a case was opened again by a person");
  work_on(case_id, plan, at + 1);
}

}  // namespace earshot::sim
