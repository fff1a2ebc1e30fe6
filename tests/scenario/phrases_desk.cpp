// The executive's side: questions and the answers that are owed.
#include <algorithm>

#include "../../src/app/question.hpp"
#include "story.hpp"

namespace earshot::scenario {
namespace {

std::vector<Question> questions(World& w) {
  std::vector<Question> out;
  w.read([&](StoreReader& reader) {
    RecordQuery query;
    query.kind = kQuestion;
    for (const Record& record : reader.records(query))
      out.push_back(*question_from_json(record.body));
  });
  std::ranges::stable_sort(out, {}, &Question::asked_at);
  return out;
}

Question newest(World& w) {
  const auto all = questions(w);
  if (all.empty()) throw Untrue("nobody has asked anything");
  return all.back();
}

/// `why`: the command is refused, and the reason says so; "" = it is done.
void desk(World& w, const std::string& who, const std::string& what, Arguments args,
          const std::string& why) {
  DeskCommand command;
  command.who = who, command.what = what, command.args = std::move(args);
  if (what != "ask") command.args["id"] = newest(w).id;
  DeskAnswer answer;
  w.write([&](StoreWriter& writer) {
    answer = change_question(writer, *w.rules, w.key, w.chance(), command);
  });
  w.settle();
  if (why.empty() && !answer.done) throw Untrue("it is refused: " + answer.text);
  if (!why.empty() && answer.done) throw Untrue("it was allowed");
  if (!why.empty() && answer.text.find(why) == std::string::npos)
    throw Untrue("the reason is: " + answer.text);
}

void add(Phrases& phrases, const std::string& pattern, const std::string& what, bool words) {
  const std::string whole = pattern + (words ? ": (.+?)" : "");
  const auto args = [words](const Words& it) {
    return words ? Arguments{{"text", it[2]}} : Arguments{};
  };
  phrases.add(whole + R"~( is refused because "(.+)")~",
              [=](World& w, const Words& it) { desk(w, it[1], what, args(it), it.back()); });
  phrases.add(whole, [=](World& w, const Words& it) { desk(w, it[1], what, args(it), ""); });
}

}  // namespace

void add_desk(Phrases& phrases) {
  phrases.add(R"((\w+) asks (\w+) about (the case|case \d+): (.+))", [](World& w, const Words& it) {
    const Case about = w.find_case(number_of(it[3]));
    desk(w, it[1], "ask", {{"to", it[2]}, {"case", about.id}, {"text", it[4]}}, "");
  });
  add(phrases, R"((\w+) asks again)", "again", true);
  add(phrases, R"((\w+) answers the question)", "answer", true);
  add(phrases, R"((\w+) accepts the answer)", "accept", false);
  add(phrases, R"((\w+) withdraws the question)", "withdraw", false);
  phrases.add(R"(then the question is (\w+))", [](World& w, const Words& it) {
    const std::string state{to_word(newest(w).state)};
    if (state != it[1]) throw Untrue("it is " + state);
  });
  phrases.add(R"(then ([\w, ]+) (?:owes|owe) an answer)", [](World& w, const Words& it) {
    std::vector<std::string> owing;
    for (const Question& question : questions(w)) {
      if (question.owed()) owing.insert(owing.end(), question.line.begin(), question.line.end());
    }
    const auto wanted = it[1] == "nobody" ? std::vector<std::string>{} : names_of(it[1]);
    std::string who;
    for (const std::string& id : owing) who += (who.empty() ? "" : ", ") + id;
    if (owing != wanted) throw Untrue("those who owe one: " + (who.empty() ? "nobody" : who));
  });
}

}  // namespace earshot::scenario
