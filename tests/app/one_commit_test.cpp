// What belongs together is committed together: between two commits everything may die.
#include "house.hpp"

namespace earshot {
namespace {

/// Counts the transactions, and lets something happen before the first.
class Counted final : public Store {
 public:
  explicit Counted(Store& store) : store_(store) {}
  Task<> write(std::function<void(StoreWriter&)> work) override {
    ++writes;
    const std::function<Task<>()> first = std::exchange(before, nullptr);
    if (first) co_await first();
    co_await store_.write(std::move(work));
  }
  Task<> read(std::function<void(StoreReader&)> work) override {
    return store_.read(std::move(work));
  }
  std::uint64_t commits() const override { return store_.commits(); }
  Task<bool> scrub(std::uint64_t limit) override { return store_.scrub(limit); }
  PoisonGuard& poison() override { return store_.poison(); }
  void ends() override { store_.ends(); }

  int writes = 0;
  std::function<Task<>()> before;

 private:
  Store& store_;
};

class OneCommit : public House {
 protected:
  Task<> jo_takes_it() {
    const Command ack{Action::ack, "jo", {}};
    const ActAnswer answer = co_await act(id, ack, std::nullopt);
    EXPECT_EQ(answer.kind, ActAnswer::Kind::done);
  }
  std::string id;
  Counted counted{*db};
  Pipeline intake{
      counted, clock, dice, loop.executor(), [this] { return rules; }, [this] { return key; }};
  Tick clockwork{counted, clock, dice, [this] { return rules; }, [this] { return key; }};
};

TEST_F(OneCommit, PostsCasesPagesAndThePlaceOfTheirSource) {
  Batch batch;
  batch.source = "push";
  batch.next = "behind 1";
  Post post;
  post.id = "1";
  post.author.id = post.author.handle = "ann";
  post.text = kHazard;
  batch.posts.push_back(std::move(post));
  loop.run(intake.accept(std::move(batch)));
  EXPECT_EQ(counted.writes, 1);
  EXPECT_EQ(waiting_pages(only_case().id, "jo"), 1U);
  look([](StoreReader& reader) { EXPECT_EQ(reader.source("push")->state, "behind 1"); });
}

TEST_F(OneCommit, AStepItsPagesAndTheTimerThatCalledForIt) {
  posts("1", kHazard);
  clock.advance(minutes{11});
  loop.run(clockwork.run_once());
  EXPECT_EQ(counted.writes, 1);
  EXPECT_EQ(waiting_pages(only_case().id, "kim"), 1U);
}

TEST_F(OneCommit, AnAcknowledgementBetweenTheLookAndTheStepWins) {
  posts("1", kHazard);
  id = only_case().id;
  clock.advance(minutes{11});
  counted.before = [this] { return jo_takes_it(); };
  loop.run(clockwork.run_once());
  EXPECT_EQ(only_case().owner, "jo");
  EXPECT_EQ(rows(id, "kim").size(), 0U);
  EXPECT_EQ(only_case().step, 0);
}

}  // namespace
}  // namespace earshot
