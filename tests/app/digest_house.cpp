#include "digest_house.hpp"

namespace earshot {

Config digest_config() {
  Config it = question_config();
  it.digest.turns = {{DigestEvery::daily, {"ceo", "kim"}, minutes{7 * 60}, std::chrono::Monday}};
  it.watch.company.rivals = {{"Dimly", {"dimly"}, {}}};
  return it;
}

DigestHouse::DigestHouse(Config config) : QuestionHouse(std::move(config)) {
  write([&](StoreWriter& writer) {
    TokenRecord it;
    it.id = "kim", it.role = "manager", it.person = "kim", it.hash = to_hex(sha256("kim"));
    it.created_at = clock.now();
    writer.put_token(it);
  });
  clock.advance(minutes{1});
  loop.run(tick.run_once());
}

Task<DigestReply> DigestHouse::tell_digest(DigestAsk ask) {
  DigestReply reply;
  auto look = [&](StoreReader& reader) { reply = answer_digest(reader, *rules, ask, clock.now()); };
  co_await db->read(look);
  co_return reply;
}

void DigestHouse::to_the_morning() {
  const DigestTurn& turn = rules->config->digest.turns.front();
  later(digest_period(clock.now(), turn, rules->config->digest.zone).to - clock.now() + seconds{1});
  for (int i = 0; i < 50; ++i) loop.run(tick.run_once());
}

std::vector<Record> DigestHouse::kept() {
  std::vector<Record> out;
  look([&](StoreReader& reader) {
    RecordQuery query;
    query.kind = kDigest;
    out = reader.records(query);
  });
  return out;
}

Digest DigestHouse::last_digest() {
  std::optional<Digest> out;
  const auto all = kept();
  if (all.empty()) return {};
  look([&](StoreReader& reader) { out = sent_digest(reader, all.back().id); });
  return out.value_or(Digest{});
}

std::string DigestHouse::kept_hash(const Record& record) {
  const auto data = parse_json(record.body);
  return data ? std::string{string_at(*data, "sha256")} : "";
}

std::vector<OutboxRow> DigestHouse::digests_to(const std::string& person) {
  std::vector<OutboxRow> out = sent();
  std::erase_if(out, [&](const OutboxRow& row) {
    return row.person != person || !row.message_id.starts_with("digest-");
  });
  return out;
}

void DigestHouse::silence(const std::string& who, const std::string& matcher, Duration span) {
  RotaCommand command;
  command.what = "silence_add", command.who = who;
  command.args = {{"matchers", matcher}, {"reason", "known"}, {"for", to_text(span)}};
  write([&](StoreWriter& writer) {
    const RotaAnswer done = change_silence(writer, Chance{clock.now(), dice.bits()}, command);
    EXPECT_TRUE(done.done) << done.text;
  });
}

void DigestHouse::solve(const std::string& id) {
  does("jo", Action::ack, {}, id);
  does("jo", Action::answer, {{"text", "We are sorry and send another."}}, id);
  does("jo", Action::feedback,
       {{"said", "That a new lamp is on its way, and that we are sorry."},
        {"done", "A new lamp was sent by courier."},
        {"cause", "driver"},
        {"department", "hardware"},
        {"product_change", "no"}},
       id);
  does("kim", Action::verify, {{"outcome", "satisfied"}, {"words", "It works"}}, id);
  does("jo", Action::close, {}, id);
}

}  // namespace earshot
