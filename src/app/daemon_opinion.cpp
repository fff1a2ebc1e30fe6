// The daemon's part in second opinions: what is asked, and what an answer changes.
#include "daemon.hpp"

namespace earshot {

void Daemon::make_opinion() {
  SecondOpinion::Hooks hooks;
  hooks.rules = [this] { return rules_; };
  hooks.dice = [this] { return outside_.dice->bits(); };
  hooks.wanted = [this](Unsure about) { return still_wanted(std::move(about)); };
  hooks.heed = [this](Unsure about, Opinion opinion) { return hear(std::move(about), opinion); };
  opinion_ = std::make_unique<SecondOpinion>(executor_, *clock_, *outside_.http, metrics_,
                                             std::move(hooks));
}

Task<bool> Daemon::still_wanted(Unsure about) {
  bool wanted = false;
  auto look = [&](StoreReader& reader) { wanted = is_still_wanted(reader, about); };
  co_await store_->read(look);
  co_return wanted;
}

Task<Heard> Daemon::hear(Unsure about, Opinion opinion) {
  const std::shared_ptr<const Rules> rules = rules_;
  const AckKey signing = key();
  const Chance chance{clock_->now(), outside_.dice->bits()};
  Heeded done;
  const auto work = [&](StoreWriter& writer, NearCases& near) {
    done = heed(writer, *rules, signing, chance, near, about, opinion);
  };
  const std::function<void(StoreWriter&, NearCases&)> in_one = work;
  co_await pipeline_->write_near(in_one);
  if (done.opened_as) metrics_.count("earshot_cases_total", {to_word(*done.opened_as)});
  changed(done.heard == Heard::raised || done.heard == Heard::opened);
  co_return done.heard;
}

}  // namespace earshot
