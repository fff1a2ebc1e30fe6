// Tokens are made beside the daemon, in its own database: whoever may open the file may make one.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "command.hpp"
#include "configured.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot::cli {
namespace {

void with_store(const std::string& path,
                const std::function<void(StoreWriter&, Dice&, Instant)>& work) {
  boost::asio::io_context io{1};
  SqliteOptions options;
  options.inline_work = true;
  const auto store = open_sqlite(path, options);
  const auto dice = make_dice();
  const auto clock = make_clock(io.get_executor());
  const Instant now = clock->now();
  auto body = [&](StoreWriter& writer) { work(writer, *dice, now); };
  std::exception_ptr failed;
  boost::asio::co_spawn(
      io, [&]() -> Task<> { co_await store->write(body); },
      [&](std::exception_ptr failure) { failed = failure; });
  io.run();
  if (failed) std::rethrow_exception(failed);
}

void print_token(const TokenRecord& it, const std::string& secret) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.field("role", it.role);
  out.text_or_null("person", it.person);
  out.text_or_null("label", it.label);
  out.field("created_at", it.created_at);
  out.field("revoked_at", it.revoked_at);
  if (!secret.empty()) out.field("token", secret);
  out.end();
  print_line(out.take());
}

}  // namespace

std::string_view help_token() {
  return "usage: earshot token add --role viewer|responder|manager|admin|auditor|service [--person "
         "ID] [--label TEXT] (--config C | --db FILE)\n"
         "       earshot token list (--config C | --db FILE)\n"
         "       earshot token revoke ID (--config C | --db FILE)\n"
         "The token is shown once. `add` and `revoke` want the daemon stopped: one process owns "
         "the file.\n";
}

int run_token(std::span<const std::string> words) {
  const Args args{words, {"role=", "person=", "label=", "config=", "db=", "json"}};
  if (args.rest().empty()) throw UsageError("add, list or revoke?");
  const std::string path =
      args.has("db") ? args.need("db") : load_for_question({args.need("config")}).store.path;
  const std::string& what = args.rest().front();
  if (what == "list") {
    read_sqlite(path, [](StoreReader& reader) {
      for (const TokenRecord& it : reader.tokens()) print_token(it, "");
    });
    return kOk;
  }
  if (what == "add") {
    TokenRecord it;
    it.role = args.need("role");
    const std::vector<std::string> roles{"viewer", "responder", "manager",
                                         "admin",  "auditor",   "service"};
    if (std::find(roles.begin(), roles.end(), it.role) == roles.end())
      throw UsageError("no role \"" + printable(it.role) + "\"");
    it.person = args.value_or("person", "");
    it.label = args.value_or("label", "");
    std::string secret;
    with_store(path, [&](StoreWriter& writer, Dice& dice, Instant now) {
      secret = "earshot_" + base64url(dice.secret(32));
      it.id = "t" + ordered_id(now, dice.bits());
      it.hash = to_hex(sha256(secret));
      it.created_at = now;
      writer.put_token(it);
    });
    print_token(it, secret);
    return kOk;
  }
  if (what == "revoke" && args.rest().size() == 2) {
    bool found = false;
    with_store(path, [&](StoreWriter& writer, Dice&, Instant now) {
      for (TokenRecord it : writer.tokens()) {
        if (it.id != args.rest()[1]) continue;
        found = true;
        it.revoked_at = now;
        writer.put_token(it);
        print_token(it, "");
      }
    });
    if (!found) throw Failure(kNo, "no token has this id");
    return kOk;
  }
  throw UsageError("add, list or revoke ID");
}

}  // namespace earshot::cli
