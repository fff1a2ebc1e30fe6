// Receivers and the people behind them: they read a page or sleep through it, acknowledge early,
// late or twice, and try again where the daemon is away.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "earshot/web/ack_link.hpp"
#include "world.hpp"

namespace earshot::sim {
namespace {

constexpr std::int64_t kNews = 5'000;  // entries that others may have written since
constexpr std::string_view kRepeat = "(possible repeat) ";

std::string without_repeat(std::string body) {
  for (std::size_t at = body.find(kRepeat); at != std::string::npos; at = body.find(kRepeat))
    body.erase(at, kRepeat.size());
  return body;
}

std::string header_of(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

void World::open_doors() {
  for (const auto& feed : feeds) {
    network_.serve(
        feed->name() + ".sim",
        [feed = feed.get()](const HttpRequest& request) { return feed->answer(request); },
        faults.feeds);
  }
  for (const std::string person : {"jo", "kim", "ana"}) {
    network_.serve(
        "push-" + person + ".sim",
        [this, person](const HttpRequest& request) {
          return arrive(person, "push-" + person, true, request);
        },
        faults.push);
    network_.serve(
        "sms-" + person + ".sim",
        [this, person](const HttpRequest& request) {
          return arrive(person, "sms-" + person, false, request);
        },
        faults.sms);
  }
  network_.serve(
      "chat.sim", [this](const HttpRequest& request) { return arrive("", "chat", false, request); },
      faults.sms);
}

HttpResponse World::arrive(const std::string& person, const std::string& receiver, bool keys,
                           const HttpRequest& request) {
  HttpResponse out;
  out.status = 200;
  out.body = "ok";
  Arrival it{engine.now(), receiver, keys ? header_of(request, "webhook-id") : "",
             hash64(without_repeat(request.body)), request.body.find("/ack/") != std::string::npos};
  engine.trace(receiver, it.bytes);
  if (keys) {
    if (it.key.empty()) fail("I4: a webhook without its key");
    const auto [known, fresh] = bytes_of_key_.emplace(receiver + it.key, it.bytes);
    if (!fresh) {
      mark("a receiver dropped a repeat by its key");
      if (known->second != it.bytes) fail("I4: another body under the same key " + it.key);
      return out;
    }
  } else if (request.body.find(kRepeat) != std::string::npos) {
    mark("a repeat was marked as such");
  }
  arrivals.push_back(it);
  if (it.page && !person.empty()) reads_page(person, request.body);
  return out;
}

void World::reads_page(const std::string& person, const std::string& body) {
  if (people_.chance(faults.sleepy)) return;
  const std::size_t from = body.find("/ack/") + 5;
  const std::string token = body.substr(
      from, body.find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", from) -
                from);
  const Duration pause{static_cast<std::int64_t>(people_.skewed(2'000, 3'600'000))};
  engine.after(pause, [this, token] { acknowledge(token, 6); });
  if (people_.chance(0.1))
    engine.after(pause + milliseconds{people_.below(3'000)},
                 [this, token] { acknowledge(token, 6); });
  engine.trace(person, static_cast<std::uint64_t>(pause.count()));
}

void World::acknowledge(std::string token, int tries) {
  if (up_ && process_->paused_until() <= engine.now()) {
    boost::asio::co_spawn(
        process_->executor(), [this, token] { return take(token); }, [](std::exception_ptr) {});
    return;
  }
  mark("an acknowledgement met a closed door");
  if (tries > 0)
    engine.after(seconds{30 + people_.below(240)},
                 [this, token, tries] { acknowledge(token, tries - 1); });
}

/// What the door does: keys from the store, the signature, then the daemon.
Task<> World::take(std::string token) {
  std::vector<AckKey> keys;
  store_->look([&](StoreReader& reader) {
    const auto text = reader.meta("ack_keys");
    if (!text) return;
    const auto document = parse_json(*text);
    for (const JsonValue& it : document->GetArray())
      keys.push_back({fmt::format("k{}", integer_at(it, "n").value_or(1)),
                      from_base64(string_at(it, "secret")).value_or(""), ""});
  });
  const Result<AckGrant> grant = verify_ack(token, keys, wall());
  if (!grant) {
    // Half an hour is nothing to a link that lives a day.
    if (!clock_jumped) fail("P11: a link does not open: " + grant.error().message);
    co_return;
  }
  const std::string case_id = grant->case_id;
  const std::string person = grant->person;
  Command command{Action::ack, person, {}};
  const ActAnswer answer = co_await daemon_->act(case_id, std::move(command), std::nullopt);
  ++counts["acknowledgements"];
  engine.trace("ack", static_cast<std::uint64_t>(answer.kind));
  if (answer.kind == ActAnswer::Kind::not_found) fail("P1: the case of a page is not there");
  if (answer.kind != ActAnswer::Kind::done) {
    mark("an acknowledgement came second");
    co_return;
  }
  Promise promise{engine.now(), case_id, person, 0, ""};
  store_->look([&](StoreReader& reader) {
    LedgerQuery query;
    query.case_id = case_id;
    query.kind = "acknowledged";
    query.after = reader.ledger_head().first - kNews;
    for (const LedgerEntry& it : reader.ledger(query)) promise.entry = it.n, promise.hash = it.hash;
  });
  if (promise.entry == 0)
    fail("I10: answered \"done\", and the ledger knows of no acknowledgement");
  promises.push_back(std::move(promise));
  works_on(case_id, person);
}

}  // namespace earshot::sim
