// How many notifications a second leave a durable outbox: `fanout [ROWS] [AT ONCE]`. The store is a
// SQLite file with synchronous=FULL, "started" is committed before each request and its result
// after it, bodies are signed webhooks of a page. Then Alertmanager, where it is installed, sends
// as many single notifications to the same sink (group_wait 0, every alert a group of its own). One
// JSON line each.

#include <curl/curl.h>
#include <sys/resource.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "earshot/core/json.hpp"
#include "earshot/core/network.hpp"
#include "earshot/receivers/message_template.hpp"
#include "earshot/receivers/outbox.hpp"
#include "earshot/receivers/payload.hpp"
#include "earshot/receivers/registry.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/curl.hpp"
#include "earshot/runtime/mail.hpp"
#include "earshot/store/sqlite.hpp"
#include "http_sink.hpp"

using namespace earshot;
using SteadyClock = std::chrono::steady_clock;

namespace {

double since(SteadyClock::time_point began) {
  return std::chrono::duration<double>(SteadyClock::now() - began).count();
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto in_seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
}

void fill(Store& store, boost::asio::io_context& io, const ReceiverConfig& receiver, int rows) {
  const Message page = sample_message(MessageKind::page);
  const Instant now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  for (int from = 0; from < rows; from += 500) {
    const auto batch = [&, from](StoreWriter& writer) {
      for (int i = from; i < std::min(rows, from + 500); ++i) {
        OutboxRow row;
        row.key = "page/" + std::to_string(i);
        row.case_id = "case" + std::to_string(i);
        row.lane = Lane::page;
        row.receiver = receiver.name;
        row.message_id = row.key;
        row.body = render(receiver, page, {row.message_id, "", "", ""});
        row.created_at = row.not_before = now;
        writer.add_outbox(row);
      }
    };
    boost::asio::co_spawn(io, store.write(batch), [](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
    });
    io.run();
    io.restart();
  }
}

void report(const std::string& who, int rows, double seconds, double cpu) {
  JsonWriter out;
  out.object();
  out.field("who", who);
  out.field("notifications", rows);
  out.field("seconds", seconds);
  out.field("per_second", static_cast<std::int64_t>(rows / seconds));
  if (cpu > 0) out.field("cpu_us_each", static_cast<std::int64_t>(cpu * 1e6 / rows));
  out.end();
  std::cout << out.take() << std::endl;
}

double earshot_rate(HttpSink& sink, const std::string& folder, int rows, int at_once) {
  boost::asio::io_context io{1};
  const auto store = open_sqlite(folder + "/fanout.db", {});
  const auto clock = make_clock(io.get_executor());
  const auto dice = make_dice();
  CurlOptions options;
  options.connections_per_host = static_cast<std::size_t>(at_once);
  const auto pool = make_curl_pool(io.get_executor(), options);
  const auto http = make_http_client(*pool);
  const auto mail = make_mail_sender(*pool);
  std::ofstream{folder + "/hook.secret"} << "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
  std::filesystem::permissions(folder + "/hook.secret", std::filesystem::perms{0600});
  ReceiverConfig config;
  config.name = "hook";
  config.type = "webhook";
  config.url = "http://127.0.0.1:" + std::to_string(sink.port()) + "/";
  config.secret_file = "hook.secret";
  config.at_once = at_once;
  config.network.insecure_http = true;
  config.network.allow = {*parse_range("127.0.0.1/32")};
  fill(*store, io, config, rows);

  auto receiver = make_receiver(config, {}, {*clock, *http, *mail, folder});
  if (!receiver) {
    std::cerr << receiver.error().message << '\n';
    std::exit(1);
  }
  int delivered = 0;
  int failed = 0;
  SteadyClock::time_point done;
  boost::asio::cancellation_signal stop;
  Outbox::Hooks hooks;
  hooks.trouble = [] { return [](StoreWriter&, const OutboxRow&, const std::string&) {}; };
  hooks.ended = [&](const OutboxRow& row, const Delivery&, Duration) {
    row.state == OutboxState::ok ? ++delivered : ++failed;
    if (delivered + failed < rows) return;
    done = SteadyClock::now();  // the last result is durable; what the loop's timers wait for is
                                // not ours
    stop.emit(boost::asio::cancellation_type::all);
  };
  Outbox outbox{io.get_executor(), *store, *clock, *dice, hooks};
  outbox.use({{config.name, *receiver}});
  sink.reset();
  const double cpu = cpu_seconds();
  const auto began = SteadyClock::now();
  boost::asio::co_spawn(
      io, outbox.run(),
      boost::asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
  io.run();
  const double took = std::chrono::duration<double>(done - began).count();
  if (sink.count() < rows || failed > 0)
    std::cerr << "sink counted " << sink.count() << ", failed " << failed << '\n';
  report("earshot", rows, took, cpu_seconds() - cpu);
  return rows / took;
}

bool post(CURL* easy, const std::string& url, const std::string& body) {
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  long status = 0;
  return curl_easy_perform(easy) == CURLE_OK &&
         curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200;
}

std::string alerts(int from, int to) {
  const Message page = sample_message(MessageKind::page);
  ReceiverConfig config;
  config.type = "alertmanager";
  std::string out = "[";
  for (int i = from; i < to; ++i) {
    Message one = page;
    one.at = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    one.cases.front().number = i;
    one.cases.front().posted_at = one.at;
    const std::string body = render(config, one, {"", "", "", ""});
    out += (out.size() > 1 ? "," : "") + body.substr(1, body.size() - 2);
  }
  return out + "]";
}

pid_t start_alertmanager(const std::string& folder, int port, int sink) {
  std::ofstream{folder + "/am.yml"}
      << "route: {receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 5m, "
         "repeat_interval: 4h}\nreceivers: [{name: hook, webhook_configs: [{url: 'http://127.0.0.1:"
      << sink << "/', send_resolved: false}]}]\n";
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (freopen((folder + "/am.log").c_str(), "w", stderr) == nullptr) _exit(1);
  const std::string listen = "--web.listen-address=127.0.0.1:" + std::to_string(port);
  const std::string config = "--config.file=" + folder + "/am.yml";
  const std::string storage = "--storage.path=" + folder + "/am";
  execlp("prometheus-alertmanager", "prometheus-alertmanager", listen.c_str(), config.c_str(),
         storage.c_str(), "--cluster.listen-address=", nullptr);
  _exit(127);
}

int free_port() {
  HttpSink other;
  return other.port();
}

double alertmanager_rate(HttpSink& sink, const std::string& folder, int rows) {
  const int port = free_port();
  const pid_t child = start_alertmanager(folder, port, sink.port());
  CURL* easy = curl_easy_init();
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/api/v2/alerts";
  bool up = false;
  for (int i = 0; i < 100 && !up; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    if (waitpid(child, nullptr, WNOHANG) != 0) break;
    up = post(easy, url, "[]");
  }
  double rate = 0;
  if (up) {
    sink.reset();
    const auto began = SteadyClock::now();
    for (int from = 0; from < rows; from += 500) {
      if (!post(easy, url, alerts(from, std::min(rows, from + 500)))) std::cerr << "not taken\n";
    }
    while (sink.count() < rows && since(began) < 180)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    const double took = since(began);
    report("alertmanager", static_cast<int>(sink.count()), took, 0);
    rate = static_cast<double>(sink.count()) / took;
  } else {
    std::cerr << "prometheus-alertmanager did not start: no comparison\n";
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  curl_slist_free_all(headers);
  curl_easy_cleanup(easy);
  return rate;
}

}  // namespace

int main(int argc, char** argv) {
  const int rows = argc > 1 ? std::atoi(argv[1]) : 60'000;
  const int at_once = argc > 2 ? std::atoi(argv[2]) : 64;
  std::string name = (std::filesystem::temp_directory_path() / "earshot-fanout-XXXXXX").string();
  const std::string folder = mkdtemp(name.data());
  HttpSink sink;
  const double ours = earshot_rate(sink, folder, rows, at_once);
  const double theirs = alertmanager_rate(sink, folder, rows);
  if (theirs > 0) std::cout << "{\"ratio\":" << ours / theirs << "}" << std::endl;
  std::filesystem::remove_all(folder);
  return 0;
}
