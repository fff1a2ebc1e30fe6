#include "question_house.hpp"

#include <algorithm>

namespace earshot {

Person mail_person(std::string id, std::string name, std::string manager) {
  Person it;
  it.id = std::move(id);
  it.name = std::move(name);
  it.manager = std::move(manager);
  it.contact = {{ContactKind::mail, it.id + "@brightwave.example"}};
  return it;
}

Config question_config() {
  Config it = house_config();
  it.people = {mail_person("kim", "Kim Park", "ana"), mail_person("li", "Li Weber", "kim"),
               mail_person("jo", "Jo Martin", "kim"), mail_person("ana", "Ana Costa", "")};
  it.teams = {{"care", {"jo", "li"}, "ana", ""}};
  it.escalations = {{"standard", 1, {}, {{{"person:jo"}, minutes{0}}}}};
  Principal ceo;
  ceo.id = "ceo", ceo.name = "M. Lind", ceo.title = "chief executive";
  ceo.mail = {"ceo@brightwave.example"};
  it.watch.principals = {ceo};
  ReceiverConfig mail;
  mail.name = "mail", mail.type = "email";
  it.receivers = {mail};
  it.mail.from = "earshot@brightwave.example";
  it.questions.addresses = {"ask@brightwave.example"};
  return it;
}

std::string field_of_mail(const std::string& body, const std::string& name) {
  const std::size_t at = body.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 4;
  std::string value = body.substr(from, body.find("\r\n", from) - from);
  std::erase_if(value, [](char c) { return c == '<' || c == '>'; });
  return value;
}

QuestionHouse::QuestionHouse(Config config) : House(std::move(config)) {}

QuestionHouse::~QuestionHouse() = default;

Task<DeskAnswer> QuestionHouse::change_question(DeskCommand command) {
  DeskAnswer answer;
  auto work = [&](StoreWriter& writer) {
    answer =
        earshot::change_question(writer, *rules, key, Chance{clock.now(), dice.bits()}, command);
  };
  co_await db->write(work);
  co_return answer;
}

DeskAnswer QuestionHouse::desk(const std::string& who, const std::string& what, Arguments args,
                               bool manager) {
  DeskCommand command;
  command.what = what, command.who = who, command.args = std::move(args);
  command.manager = manager;
  return loop.run(change_question(std::move(command)));
}

void QuestionHouse::mail_in(const std::string& bytes) {
  auto parsed = parse_mail(bytes, {});
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->posts.size(), 1U);
  accept(parsed->posts.front(), "mailbox");
}

void QuestionHouse::writes(const std::string& from, const std::string& to,
                           const std::string& subject, const std::string& id,
                           const std::string& text, const std::string& parent) {
  mail_in("From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject + "\r\nMessage-ID: <" + id +
          ">\r\n" + (parent.empty() ? "" : "In-Reply-To: <" + parent + ">\r\n") +
          "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text);
}

std::vector<Question> QuestionHouse::questions() {
  std::vector<Question> out;
  look([&](StoreReader& reader) {
    RecordQuery query;
    query.kind = kQuestion;
    for (const Record& record : reader.records(query))
      out.push_back(*question_from_json(record.body));
  });
  std::ranges::stable_sort(out, {}, &Question::asked_at);
  return out;
}

Question QuestionHouse::question(const std::string& id) {
  std::optional<Question> it;
  look([&](StoreReader& reader) { it = load_question(reader, id); });
  return it.value_or(Question{});
}

std::vector<OutboxRow> QuestionHouse::sent() {
  std::vector<OutboxRow> out;
  look([&](StoreReader& reader) {
    for (std::int64_t id = 1; auto row = reader.outbox_row(id); ++id) out.push_back(*row);
  });
  return out;
}

std::vector<OutboxRow> QuestionHouse::letters_to(const std::string& person) {
  std::vector<OutboxRow> out = sent();
  std::erase_if(out, [&](const OutboxRow& row) {
    return row.person != person || !row.message_id.starts_with("question-");
  });
  return out;
}

std::string QuestionHouse::said(const OutboxRow& row) {
  const auto parsed = parse_mail(row.body, {});
  if (!parsed) return {};
  const Post& post = parsed->posts.front();
  return post.text + "\n" + post.quoted;
}

WebResponse QuestionHouse::ask_api(std::string method, std::string target, std::string body,
                                   std::pair<std::string, std::string> authorization) {
  WebRequest request;
  const std::size_t mark = target.find('?');
  request.method = std::move(method);
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) {
    const std::string query = target.substr(mark + 1);
    const std::size_t is = query.find('=');
    request.query.emplace(query.substr(0, is), query.substr(is + 1));
  }
  request.body = std::move(body);
  request.headers = {std::move(authorization)};
  request.peer = "192.0.2.7";
  return loop.run(api.handle(std::move(request)));
}

std::vector<LedgerEntry> QuestionHouse::ledger_of(const std::string& kind) {
  std::vector<LedgerEntry> out;
  look([&](StoreReader& reader) {
    LedgerQuery query;
    query.kind = kind;
    out = reader.ledger(query);
  });
  return out;
}

}  // namespace earshot
