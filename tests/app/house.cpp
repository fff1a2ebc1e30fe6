#include "house.hpp"

#include <algorithm>

namespace earshot {

Person person_of(std::string id, std::string receiver, std::string mail, std::string phone) {
  Person it;
  it.id = std::move(id);
  it.contact = {{ContactKind::via, std::move(receiver)}, {ContactKind::mail, std::move(mail)}};
  if (!phone.empty()) it.contact.push_back({ContactKind::sms, std::move(phone)});
  return it;
}

Config house_config() {
  Config it;
  it.watch.company.name = "Brightwave";
  it.watch.company.handles = {"Brightwave"};
  it.people = {person_of("jo", "push-jo", "jo@house.example", "+49 170 1234567"),
               person_of("kim", "push-kim", "kim@house.example", "+49 170 7654321"),
               person_of("bo", "push-bo", "bo@house.example"),
               person_of("li", "push-li", "li@house.example")};
  it.teams = {{"care", {"jo", "bo"}, "kim", ""}, {"billing", {"li"}, "", ""}};
  it.escalations = {
      {"standard", 1, {}, {{{"person:jo"}, minutes{0}}, {{"person:kim"}, minutes{10}}}}};
  it.route.team = "care";
  it.route.escalation = "standard";
  it.route.receivers = std::vector<std::string>{};
  it.web.public_url = "https://earshot.example";
  for (const char* name : {"push-jo", "push-kim", "push-bo", "push-li"}) {
    ReceiverConfig receiver;
    receiver.name = name;
    receiver.type = "log";
    it.receivers.push_back(receiver);
  }
  SourceConfig mailbox;
  mailbox.name = "mailbox";
  mailbox.type = "imap";
  it.sources = {mailbox};
  return it;
}

House::House(Config config) {
  use(std::move(config));
}

House::~House() = default;

void House::use(Config config) {
  auto made = make_rules(std::move(config));
  ASSERT_TRUE(made) << made.error().message;
  rules = *made;
}

Task<Result<IntakeAnswer>> House::push(std::string, std::vector<Post>, std::vector<RejectedPost>) {
  co_return IntakeAnswer{};
}

Task<ActAnswer> House::act(std::string id, Command command, std::optional<std::int64_t> version) {
  ActAnswer answer;
  auto work = [&](StoreWriter& writer) {
    answer = act_on(writer, *rules, key, Chance{clock.now(), dice.bits()}, id, command, version);
  };
  co_await db->write(work);
  co_return answer;
}

Task<Result<IntakeAnswer>> House::replay_quarantined(std::int64_t, std::string) {
  co_return permanent("not here");
}

Task<Result<IntakeAnswer>> House::drop_quarantined(std::int64_t, std::string) {
  co_return permanent("not here");
}

std::vector<SourceHealth> House::sources() {
  return {};
}

Task<Result<std::string>> House::reload() {
  co_return std::string{"done"};
}

Task<Result<void>> House::test_receiver(std::string, std::string) {
  co_return Result<void>{};
}

Task<> House::wait_for_ledger(std::int64_t, Duration) {
  co_return;
}

void House::look(std::function<void(StoreReader&)> work) {
  loop.run(db->read(std::move(work)));
}

void House::write(std::function<void(StoreWriter&)> work) {
  loop.run(db->write(std::move(work)));
}

ActAnswer House::does(const std::string& who, Action action, Arguments args, std::string id) {
  if (id.empty()) id = only_case().id;
  const Command command{action, who, std::move(args)};
  return loop.run(act(id, command, std::nullopt));
}

void House::accept(Post post, const std::string& source) {
  Batch batch;
  batch.source = source;
  batch.next = "after " + post.id;
  batch.posts.push_back(std::move(post));
  loop.run(pipeline.accept(std::move(batch)));
}

void House::posts(std::string id, std::string text, std::string author) {
  Post post;
  post.id = std::move(id);
  post.author.id = post.author.handle = std::move(author);
  post.text = std::move(text);
  accept(std::move(post));
}

std::vector<Case> House::all_cases() {
  std::vector<Case> out;
  look([&](StoreReader& reader) {
    CaseQuery query;
    query.states.assign(kWordsOf<CaseState>.begin(), kWordsOf<CaseState>.end());
    query.limit = 500;
    for (const CaseRecord& record : reader.cases(query).items) out.push_back(load_case(record));
  });
  return out;
}

Case House::only_case() {
  const std::vector<Case> all = all_cases();
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Case{} : all.front();
}

Case House::case_of_id(const std::string& id) {
  Case out;
  look([&](StoreReader& reader) { out = load_case(*reader.case_by_id(id)); });
  return out;
}

std::vector<OutboxRow> House::rows(const std::string& id, const std::string& person) {
  std::vector<OutboxRow> out;
  look([&](StoreReader& reader) { out = reader.outbox_of(id); });
  if (!person.empty())
    std::erase_if(out, [&](const OutboxRow& row) { return row.person != person; });
  return out;
}

std::size_t House::waiting_pages(const std::string& id, const std::string& person) {
  const auto all = rows(id, person);
  return static_cast<std::size_t>(std::ranges::count_if(all, [](const OutboxRow& row) {
    return row.lane == Lane::page && row.state == OutboxState::pending;
  }));
}

void House::later(Duration span) {
  clock.advance(span);
  loop.run(tick.run_once());
}

WebResponse House::ask(std::string method, std::string path, std::string body,
                       std::vector<std::pair<std::string, std::string>> headers, std::string peer) {
  WebRequest request;
  request.method = std::move(method);
  if (const std::size_t mark = path.find('?'); mark != std::string::npos) {
    for (std::size_t at = mark + 1; at < path.size();) {
      const std::size_t end = std::min(path.find('&', at), path.size());
      const std::size_t sign = std::min(path.find('=', at), end);
      request.query[path.substr(at, sign - at)] =
          sign < end ? path.substr(sign + 1, end - sign - 1) : std::string{};
      at = end + 1;
    }
    path.resize(mark);
  }
  request.path = std::move(path);
  request.body = std::move(body);
  request.headers = std::move(headers);
  request.peer = std::move(peer);
  return loop.run(api.handle(std::move(request)));
}

}  // namespace earshot
