// What happens in a story: posts, people's deeds, faults.
#include <fmt/format.h>

#include "story.hpp"

namespace earshot::scenario {
namespace {

/// "reason=busy, text=We ring you" -> two arguments.
Arguments arguments_of(const std::string& text) {
  static const std::regex kOne{R"((\w+)=(.*?)(?:, (?=\w+=)|$))"};
  Arguments out;
  for (std::sregex_iterator it{text.begin(), text.end(), kOne}, end; it != end; ++it)
    out[(*it)[1]] = (*it)[2];
  return out;
}

void must(const ActAnswer& answer, World& world) {
  if (answer.kind != ActAnswer::Kind::done) throw Untrue("refused: " + world.refusal);
}

void post(World& world, const std::string& author, const std::string& source, const std::string& to,
          const std::string& text) {
  Post it;
  it.id = fmt::format("p{}", world.dice.bits());
  it.author.id = it.author.handle = author;
  it.text = text;
  it.created_at = world.clock.now();
  if (!to.empty()) {
    it.channel = Channel::email;
    it.is_public = false;
    it.addressed.push_back(to);
  }
  world.post(source.empty() ? "social" : source, std::move(it));
}

/// The token of the newest link that was sent to a person.
std::string link_of(const World& world, const std::string& person) {
  for (auto it = world.told.rbegin(); it != world.told.rend(); ++it) {
    const std::size_t at = it->row.body.find("/ack/");
    if (it->row.person != person || at == std::string::npos) continue;
    const std::size_t end = it->row.body.find_first_of("\"\\ \n", at);
    return it->row.body.substr(at + 5, end - at - 5);
  }
  throw Untrue(person + " was sent no link");
}

void acknowledge(World& world, const std::string& person, std::int64_t number, bool by_link) {
  if (world.off.contains(person)) throw Untrue(person + " sees nothing: the phone is off");
  std::string id;
  if (by_link) {
    const AckKey keys[] = {world.key};
    const auto grant = verify_ack(link_of(world, person), keys, world.clock.now());
    if (!grant) throw Untrue("the link is refused: " + grant.error().message);
    id = grant->case_id;
  } else {
    id = world.find_case(number).id;
  }
  must(world.act(id, {Action::ack, person, {}}), world);
}

void add_faults(Phrases& phrases) {
  phrases.add(R"((\w+)'s phone is (off|on))", [](World& w, const Words& it) {
    if (it[2] == "off")
      w.off.insert(it[1]);
    else
      w.off.erase(it[1]);
  });
  phrases.add(R"(([\w-]+) (fails|refuses|is gone|times out|works again))",
              [](World& w, const Words& it) {
                static const std::map<std::string, DeliveryOutcome> kWords{
                    {"fails", DeliveryOutcome::again},
                    {"refuses", DeliveryOutcome::refused},
                    {"is gone", DeliveryOutcome::gone},
                    {"times out", DeliveryOutcome::uncertain},
                    {"works again", DeliveryOutcome::ok}};
                if (w.rules->receiver(it[1]) == nullptr) throw Untrue("no receiver: " + it[1]);
                w.answers[it[1]] = kWords.at(it[2]);
              });
  phrases.add("earshot goes down", [](World& w, const Words&) { w.stop(); });
  phrases.add("earshot comes up", [](World& w, const Words&) { w.start(); });
  phrases.add("earshot restarts", [](World& w, const Words&) {
    w.stop();
    w.start();
  });
  phrases.add(R"(the wall clock jumps (ahead|back) by (\w+))", [](World& w, const Words& it) {
    w.clock.jump(it[1] == "ahead" ? span_of(it[2]) : -span_of(it[2]));
    w.settle();
  });
}

}  // namespace

void add_events(Phrases& phrases) {
  phrases.add(R"(a post from (\w+)(?: in (\w+))?: (.+))",
              [](World& w, const Words& it) { post(w, it[1], it[2], "", it[3]); });
  phrases.add(R"(a mail from (\S+) to (\S+): (.+))",
              [](World& w, const Words& it) { post(w, it[1], "", it[2], it[3]); });
  phrases.add(
      R"((\w+) acknowledges( (?:the case|case \d+))?( by link)?)",
      [](World& w, const Words& it) { acknowledge(w, it[1], number_of(it[2]), !it[3].empty()); });
  // Any command of the case machine: "jo does take_over on case 2 with reason=I know her".
  phrases.add(R"((\w+) does (\w+)(?: on (the case|case \d+))?(?: with (.+))?)",
              [](World& w, const Words& it) {
                const auto action = from_word<Action>(it[2]);
                if (!action) throw Untrue("no such command: " + it[2]);
                const Case on = w.find_case(number_of(it[3]));
                must(w.act(on.id, {*action, it[1], arguments_of(it[4])}), w);
              });
  phrases.add(
      R"~((\w+) may not (\w+)(?: (the case|case \d+))?(?: with (.+?))?(?: because "(.+)")?)~",
      [](World& w, const Words& it) {
        const auto action = from_word<Action>(it[2]);
        if (!action) throw Untrue("no such command: " + it[2]);
        const Case on = w.find_case(number_of(it[3]));
        if (w.act(on.id, {*action, it[1], arguments_of(it[4])}).kind == ActAnswer::Kind::done)
          throw Untrue("it was allowed");
        if (w.refusal.find(it[5]) == std::string::npos) throw Untrue("the reason is: " + w.refusal);
      });
  add_faults(phrases);
}

}  // namespace earshot::scenario
