#include "world.hpp"
#include "support/tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "../../src/app/clock_jump.hpp"
#include "earshot/config/load.hpp"

namespace earshot::scenario {
namespace {

constexpr int kPatience = 10'000;  // rounds until something that never ends is called so

/// Top-level sections of a YAML text: name -> its lines.
std::map<std::string, std::string> sections_of(const std::string& yaml) {
  std::map<std::string, std::string> out;
  std::string name;
  std::istringstream lines{yaml};
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != ' ' && line[0] != '#') {
      name = line.substr(0, line.find(':'));
      out[name].clear();  // a later block says it anew
    }
    if (!name.empty()) out[name] += line + "\n";
  }
  return out;
}

}  // namespace

std::shared_ptr<const Rules> rules_of(const std::string& own) {
  const std::string folder = source_tree() + "/tests/scenario";
  std::ifstream file{folder + "/house.yaml"};
  std::stringstream house;
  house << file.rdbuf();
  auto sections = sections_of(house.str());
  for (auto& [name, text] : sections_of(own)) sections[name] = text;
  std::string all;
  for (const auto& [name, text] : sections) all += text;
  const ConfigText text{"story", all};
  Loaded loaded = parse_config({&text, 1}, folder);
  if (!loaded.config) throw Untrue("the configuration is wrong:\n" + render(loaded.diagnostics));
  auto made = make_rules(std::move(*loaded.config));
  if (!made) throw Untrue(made.error().message);
  return *made;
}

/// Answers as the story says, and remembers what it was given.
class World::Fake final : public Receiver {
 public:
  explicit Fake(World& world) : world_(world) {}
  Task<Delivery> deliver(OutboxRow row) override {
    const auto answer = world_.answers.find(row.receiver);
    if (answer != world_.answers.end() && answer->second != DeliveryOutcome::ok)
      co_return Delivery{answer->second, "the story says so", {}};
    world_.told.push_back({world_.guard.now(), row, false});
    co_return Delivery{};
  }
  bool honours_keys() const override { return true; }

 private:
  World& world_;
};

/// What a process holds in memory: a crash takes it, the store stays.
struct World::Parts {
  explicit Parts(World& w)
      : pipeline{*w.store,
                 w.guard,
                 w.dice,
                 w.loop.executor(),
                 [&w] { return w.rules; },
                 [&w] { return w.key; }},
        tick{*w.store, w.guard, w.dice, [&w] { return w.rules; }, [&w] { return w.key; }},
        outbox{w.loop.executor(), *w.store, w.guard, w.dice, hooks(w)},
        group{w.loop.executor()} {}

  static Outbox::Hooks hooks(World& w) {
    Outbox::Hooks out;
    out.trouble = [&w] {
      return [&w](StoreWriter& writer, const OutboxRow& row, const std::string& why) {
        Effects effects{writer, *w.rules, w.key, w.chance()};
        effects.trouble(row, why);
      };
    };
    out.taken = page_is_needless;
    out.ended = [](const OutboxRow&, const Delivery&, Duration) {};
    return out;
  }

  Pipeline pipeline;
  Tick tick;
  Outbox outbox;
  TaskGroup group;
};

World::World(std::shared_ptr<const Rules> r, Instant at)
    : clock(loop, at), rules(std::move(r)), store(open_sqlite(":memory:")) {
  start();
}

World::~World() {
  stop();
}

void World::start() {
  if (parts_) return;
  write([&](StoreWriter& writer) { writer.recover_outbox(guard.now()); });
  parts_ = std::make_unique<Parts>(*this);
  use(rules);
  parts_->group.spawn("outbox", [this] { return parts_->outbox.run(); });
  loop.run(parts_->pipeline.warm_up());
  settle();
}

void World::stop() {
  if (!parts_) return;
  parts_->group.cancel();
  loop.run(clock, parts_->group.join());
  parts_.reset();
}

void World::use(std::shared_ptr<const Rules> next) {
  rules = std::move(next);
  Receivers receivers;
  for (const ReceiverConfig& it : rules->config->receivers)
    receivers[it.name] = std::make_shared<Fake>(*this);
  if (parts_) parts_->outbox.use(std::move(receivers));
}

bool World::busy() {
  bool due = parts_->outbox.in_flight() > 0;
  read([&](StoreReader& reader) {
    due = due || !reader.due_outbox(guard.now(), 1).empty() ||
          !reader.due_timers(guard.now(), 1).empty();
  });
  return due;
}

void World::settle() {
  if (!parts_) return;
  loop.run(mind_the_clock(guard, *store, rules, key, dice.bits()));
  for (int i = 0; i < kPatience; ++i) {
    loop.run(parts_->tick.run_once());
    parts_->outbox.poke();
    loop.settle();
    if (!busy()) return;
  }
  throw Untrue("what is due now never ends");
}

void World::pass(Duration span) {
  const Duration until = clock.steady() + span;
  settle();
  while (clock.steady() < until) {
    std::optional<Instant> next;
    if (parts_) read([&](StoreReader& reader) { next = reader.next_due(); });
    Duration stride = until - clock.steady();
    if (next) stride = std::clamp(*next - guard.now(), Duration{1}, stride);
    clock.leap(stride);
    settle();
  }
}

Accepted World::post(const std::string& source, Post post) {
  if (!parts_) throw Untrue("earshot is down: nothing reads the post");
  Batch batch;
  batch.source = source;
  batch.next = post.id;
  batch.posts.push_back(std::move(post));
  const Accepted done = loop.run(parts_->pipeline.accept(std::move(batch)));
  settle();
  return done;
}

ActAnswer World::act(const std::string& case_id, const Command& command) {
  if (!parts_) throw Untrue("earshot is down: nothing hears the command");
  ActAnswer answer;
  write([&](StoreWriter& writer) {
    answer = act_on(writer, *rules, key, chance(), case_id, command, {});
  });
  refusal.clear();
  if (answer.kind != ActAnswer::Kind::done)
    refusal = answer.refusal ? answer.refusal->text : "the case is not there";
  settle();
  return answer;
}

std::string World::change(RotaCommand command) {
  RotaAnswer answer;
  write([&](StoreWriter& writer) { answer = change_rota(writer, *rules, key, chance(), command); });
  if (!answer.done) throw Untrue("refused: " + answer.text);
  settle();
  if (const auto read = parse_json(answer.body); read && find(*read, "id") != nullptr)
    rota_id = string_at(*read, "id");
  return answer.body;
}

LiveRota World::live() {
  LiveRota out;
  read([&](StoreReader& reader) { out = read_live(reader); });
  return out;
}

void World::read(const std::function<void(StoreReader&)>& work) {
  loop.run(store->read(work));
}

void World::write(const std::function<void(StoreWriter&)>& work) {
  loop.run(store->write(work));
}

std::vector<Case> World::all_cases() {
  std::vector<Case> out;
  read([&](StoreReader& reader) {
    CaseQuery query;
    query.states.assign(kWordsOf<CaseState>.begin(), kWordsOf<CaseState>.end());
    query.limit = 500;
    for (const CaseRecord& record : reader.cases(query).items) out.push_back(load_case(record));
  });
  std::ranges::sort(out, {}, &Case::number);
  return out;
}

Case World::find_case(std::int64_t number) {
  const std::vector<Case> cases = all_cases();
  if (number == 0 && cases.size() != 1)
    throw Untrue(fmt::format("there are {} cases: say which, as in \"case 2\"", cases.size()));
  for (const Case& it : cases) {
    if (number == 0 || it.number == number) return it;
  }
  throw Untrue(fmt::format("there is no case {}", number));
}

}  // namespace earshot::scenario
