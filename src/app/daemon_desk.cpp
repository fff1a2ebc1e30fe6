// The daemon's part in what executives do: questions, actions.
#include "daemon.hpp"
#include "digest.hpp"
#include "follow.hpp"
#include "question.hpp"

namespace earshot {

Task<DeskAnswer> Daemon::change_question(DeskCommand command) {
  const Chance chance{clock_->now(), outside_.dice->bits()};
  const std::shared_ptr<const Rules> rules = rules_;
  const AckKey signing = key();
  DeskAnswer answer;
  auto work = [&](StoreWriter& writer) {
    answer = earshot::change_question(writer, *rules, signing, chance, command);
  };
  co_await store_->write(work);
  if (answer.done) changed();
  co_return answer;
}

Task<DeskAnswer> Daemon::change_desk(std::string kind, DeskCommand command) {
  const Chance chance{clock_->now(), outside_.dice->bits()};
  const std::shared_ptr<const Rules> rules = rules_;
  const AckKey signing = key();
  DeskAnswer answer;
  auto work = [&](StoreWriter& writer) {
    answer = earshot::change_desk(writer, *rules, signing, chance, kind, command);
  };
  co_await store_->write(work);
  if (answer.done) changed();
  co_return answer;
}

Task<DigestReply> Daemon::tell_digest(DigestAsk ask) {
  const Instant now = clock_->now();
  const std::shared_ptr<const Rules> rules = rules_;
  DigestReply reply;
  auto look = [&](StoreReader& reader) { reply = answer_digest(reader, *rules, ask, now); };
  co_await store_->read(look);
  co_return reply;
}

}  // namespace earshot
