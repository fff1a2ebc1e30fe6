#include "pipeline.hpp"

#include <algorithm>
#include <ranges>

#include "answers_seen.hpp"
#include "aside.hpp"
#include "came_in.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/runtime/clock.hpp"
#include "effects.hpp"
#include "filing.hpp"
#include "normalise.hpp"
#include "question.hpp"
#include "reply.hpp"
#include "storms.hpp"
#include "tombstones.hpp"

namespace earshot {
namespace {

constexpr std::size_t kSmallBatch = 8;  // judged on the spot: cheaper than a trip to a worker
constexpr std::size_t kWindow = 65'536;
constexpr Duration kWrittenAtLeast = minutes{5};  // when a source was last read, in the database

/// Everything about a post that needs no store. Pure.
JudgedPost judge(Post post, const Rules& rules, bool baseline) {
  JudgedPost out;
  out.post = std::move(post);
  const std::string words = words_of(out.post);
  out.copy_hash = copy_hash(words);
  if (baseline) return out;
  out.assessment = rules.classifier->judge(out.post);
  if (is_a_matter(out.assessment)) sign_words(out);
  return out;
}

std::vector<JudgedPost> judge_all(Batch& batch, const Rules& rules, PoisonGuard& guard) {
  const SourceConfig* source = rules.source(batch.source);
  std::uint64_t digest = 0;
  for (const Post& post : batch.posts) digest = hash64(post.text, hash64(post.id, digest));
  BatchMark mark{guard, batch.source, "judge", digest};
  std::vector<JudgedPost> judged;
  judged.reserve(batch.posts.size());
  for (Post& post : batch.posts) {
    post.source = batch.source;
    if (!mark.may_take(post, batch.bad)) continue;
    normalise(post, source);
    if (!batch.follows && source != nullptr && !matches(post, source->match, rules.config->watch))
      continue;
    judged.push_back(judge(std::move(post), rules, batch.baseline));
  }
  return judged;
}

std::uint64_t digest_of_bad(const Batch& batch) {
  std::uint64_t digest = 0;
  for (const BadItem& it : batch.bad) digest = hash64(it.raw, hash64(it.id + it.reason, digest));
  return digest;
}

std::uint64_t digest_of_all(const Batch& batch, const std::vector<JudgedPost>& judged) {
  std::uint64_t digest = hash64(batch.next);
  for (const JudgedPost& it : judged) digest = hash64(it.post.id, digest ^ it.copy_hash);
  return digest;
}

/// A stretch may be missing (P3): the ledger keeps it, the operators hear of it.
bool tell_gap(StoreWriter& writer, const Batch& batch, Effects& effects, Instant now) {
  if (batch.gap.empty()) return false;
  JsonWriter data;
  data.object();
  data.field("source", batch.source);
  data.field("text", batch.gap);
  data.end();
  writer.append_ledger({0, now, "intake", "gap", "", data.take(), ""});
  effects.tell_ops("Earshot may have missed posts of " + batch.source, batch.gap,
                   "gap/" + batch.source + "/" + to_rfc3339(now));
  return true;
}

void remember_state(StoreWriter& writer, const Batch& batch, Effects& effects, std::uint64_t stored,
                    Instant now) {
  SourceState state = writer.source(batch.source).value_or(SourceState{});
  state.name = batch.source;
  state.state = batch.next;
  state.last_success = state.last_try = now;
  state.failures = 0;
  state.error.clear();
  if (!state.blind_case.empty()) effects.end_blindness(state.blind_case);
  state.blind_case.clear();
  state.items += stored;
  writer.put_source(state);
}

}  // namespace

struct Pipeline::Window {
  NearCases near;
};

Pipeline::Pipeline(Store& store, Clock& clock, Dice& dice, Executor workers,
                   std::function<std::shared_ptr<const Rules>()> current,
                   std::function<AckKey()> key)
    : store_(store),
      clock_(clock),
      dice_(dice),
      workers_(std::move(workers)),
      current_(std::move(current)),
      key_(std::move(key)),
      window_(std::make_unique<Window>()) {}

Pipeline::~Pipeline() = default;

Task<> Pipeline::warm_up() {
  auto fill = [this](StoreWriter& writer) {
    for (const auto& it : writer.signatures(kWindow))
      window_->near.add(it.seq, it.signature, it.case_id, it.seen_at);
  };
  co_await store_.write(fill);  // on the writer: it alone touches the window
}

Task<> Pipeline::write_near(std::function<void(StoreWriter&, NearCases&)> work) {
  auto with_window = [&](StoreWriter& writer) { work(writer, window_->near); };
  co_await store_.write(with_window);
}

bool Pipeline::brings_nothing(const Batch& batch, Instant now) const {
  if (!batch.posts.empty() || !batch.deleted.empty() || !batch.gap.empty()) return false;
  const auto last = committed_.find(batch.source);
  return last != committed_.end() && last->second.state == hash64(batch.next) &&
         last->second.bad == digest_of_bad(batch) && now - last->second.at < kWrittenAtLeast;
}

Accepted Pipeline::file_all(StoreWriter& writer, const std::vector<JudgedPost>& judged,
                            const Batch& batch, const Rules& rules, Effects& effects,
                            std::vector<BadItem>& bad, Instant now, std::uint64_t seed) {
  Accepted out;
  Storms storms{writer, rules, effects};
  CameIn came;
  BatchMark mark{store_.poison(), batch.source, "file", digest_of_all(batch, judged)};
  for (const JudgedPost& it : judged) {
    if (stones_ && stones_->keeps_out(it.post)) {
      ++out.forgotten;
      continue;
    }
    if (!mark.may_take(it.post, bad)) continue;
    if (batch.baseline) {
      if (writer.known(it.post.source, it.post.id)) continue;
      const NewPost seen{&it.post, it.copy_hash, "", "", nullptr};
      came.aside(writer.add_post(seen, now), "archive");
      ++out.stored;
      continue;
    }
    const bool known = writer.known(it.post.source, it.post.id).has_value();
    const bool question = !known && take_question_mail(writer, it.post, rules, effects);
    if (question || (!known && take_reply(writer, it.post, rules, effects))) {
      const NewPost answered{&it.post, it.copy_hash, "", "", nullptr};
      came.aside(writer.add_post(answered, now), question ? "question" : "reply");
      ++out.stored;
      continue;
    }
    if (const auto answered = known ? std::nullopt : take_answer(writer, it.post, rules, effects)) {
      const NewPost ours{&it.post, it.copy_hash, *answered, "", nullptr};
      came.with(writer.add_post(ours, now), *answered);
      ++out.stored;
      continue;
    }
    const FiledPost filed = file_one(writer, it, rules, effects, storms, window_->near, now, seed);
    came.filed(filed);
    if (auto unsure = unsure_of(it, filed, rules)) out.unsure.push_back(std::move(*unsure));
    out.known += filed.known ? 1U : 0U;
    out.edited += filed.edited ? 1U : 0U;
    out.stored += filed.known ? 0U : 1U;
    out.opened += filed.opened ? 1U : 0U;
    out.pages += filed.paged ? 1U : 0U;
    if (filed.urgency) ++out.judged[static_cast<std::size_t>(*filed.urgency)];
    if (filed.opened_as) ++out.cases[static_cast<std::size_t>(*filed.opened_as)];
  }
  storms.flush();
  came.note(writer, batch.source, now);
  for (const std::string& id : batch.deleted) {
    take_back(writer, rules, effects, batch.source, id);
  }
  return out;
}

Task<Accepted> Pipeline::accept(Batch batch) {
  const std::shared_ptr<const Rules> rules = current_();
  const Instant now = clock_.now();
  if (brings_nothing(batch, now)) co_return Accepted{};
  const std::uint64_t seed = dice_.bits();
  const AckKey key = key_();
  const std::uint64_t bad_as_read = digest_of_bad(batch);
  std::vector<JudgedPost> judged;
  auto read = [&] { judged = judge_all(batch, *rules, store_.poison()); };
  if (batch.posts.size() <= kSmallBatch) {
    read();
  } else {
    co_await run_on(workers_, read);
  }

  Accepted out;
  auto file = [&](StoreWriter& writer) {
    Effects effects{writer, *rules, key, Chance{now, seed}};
    std::vector<BadItem> bad = batch.bad;
    if (stones_)
      std::erase_if(bad, [&](const BadItem& it) {
        return !it.id.empty() && stones_->keeps_out(batch.source, it.id);
      });
    out = file_all(writer, judged, batch, *rules, effects, bad, now, seed);
    out.quarantined = set_aside(writer, *rules, effects, batch.source, bad, now);
    out.gap = tell_gap(writer, batch, effects, now);
    if (!batch.aside && !planted<2>) remember_state(writer, batch, effects, out.stored, now);
    out.told = effects.told();
  };
  const auto alone = [&](StoreWriter& writer) {
    Effects effects{writer, *rules, key, Chance{now, seed}};
    remember_state(writer, batch, effects, out.stored, now);
  };
  if (planted<1>) co_await store_.write(alone);
  // Posts, reasons, cases, ledger, notifications still to send, and the cursor: all of it or none.
  co_await store_.write(file);
  if (planted<2>) co_await store_.write(alone);
  if (!batch.aside) committed_[batch.source] = {hash64(batch.next), bad_as_read, now};
  co_return out;
}

}  // namespace earshot
