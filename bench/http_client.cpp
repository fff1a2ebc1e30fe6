// What a request costs: `http_client [URL] [REQUESTS] [AT ONCE]`. Without a URL an nginx is started
// on loopback that answers 17.6 KB. Prints one JSON line: CPU microseconds a request, requests a
// second, worst stall of the event loop.

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "earshot/core/json.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/curl.hpp"
#include "earshot/runtime/stall.hpp"

using namespace earshot;

namespace {

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto in_seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
}

/// An nginx of our own in a temporary folder; stopped at the end.
class Nginx {
 public:
  Nginx() {
    std::string name = (std::filesystem::temp_directory_path() / "earshot-bench-XXXXXX").string();
    root_ = mkdtemp(name.data());
    std::filesystem::permissions(root_, std::filesystem::perms{0755});
    port_ = 20'000 + static_cast<int>(getpid() % 12'000);
    std::ofstream(root_ + "/feed.xml") << std::string(17'600, 'x');
    std::ofstream(root_ + "/nginx.conf")
        << "pid " << root_ << "/pid; error_log " << root_ << "/error.log; worker_processes 1;\n"
        << "events { worker_connections 4096; }\n"
        << "http { access_log off; keepalive_requests 1000000; client_body_temp_path " << root_
        << "/a; proxy_temp_path " << root_ << "/b; fastcgi_temp_path " << root_
        << "/c; uwsgi_temp_path " << root_ << "/d; scgi_temp_path " << root_
        << "/e;\n server { listen 127.0.0.1:" << port_ << " backlog=4096; root " << root_
        << "; } }\n";
    if (std::system(("nginx -c " + root_ + "/nginx.conf").c_str()) != 0) std::exit(1);
  }
  ~Nginx() {
    if (std::system(("nginx -c " + root_ + "/nginx.conf -s stop").c_str()) != 0)
      std::cerr << "nginx did not stop\n";
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/feed.xml"; }

 private:
  std::string root_;
  int port_ = 0;
};

struct Run {
  HttpClient& http;
  HttpRequest request;
  int left;
  int failed = 0;
};

Task<> send_until_none_is_left(Run& run) {
  while (run.left-- > 0) {
    HttpRequest request = run.request;
    const Result<HttpResponse> got = co_await run.http.send(std::move(request));
    if (!got && run.failed++ == 0) std::cerr << got.error().message << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::unique_ptr<Nginx> nginx;
  std::string url = argc > 1 ? argv[1] : "";
  if (url.empty() || url == "-") {
    nginx = std::make_unique<Nginx>();
    url = nginx->url();
  }
  const int requests = argc > 2 ? std::atoi(argv[2]) : 20'000;
  const int at_once = argc > 3 ? std::atoi(argv[3]) : 1000;

  boost::asio::io_context io{1};
  CurlOptions options;
  options.network.allow = {*parse_range("127.0.0.0/8")};
  options.network.insecure_http = true;
  if (argc > 4) options.connections_per_host = static_cast<std::size_t>(std::atoi(argv[4]));
  const auto pool = make_curl_pool(io.get_executor(), options);
  const auto http = make_http_client(*pool);

  StallWatch watch{milliseconds{1}};
  TaskGroup group{io.get_executor()};
  TaskGroup watching{io.get_executor()};
  watching.spawn("watch", [&] { return watch.run(nullptr); });
  Run run{*http, {}, requests};
  run.request.url = url;
  run.request.timeout = minutes{5};
  const double cpu = cpu_seconds();
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < at_once; ++i)
    group.spawn("sender", [&] { return send_until_none_is_left(run); });
  double cpu_used = 0;
  double wall = 0;
  boost::asio::co_spawn(
      io,
      [&]() -> Task<> {
        co_await group.join();
        cpu_used = cpu_seconds() - cpu;
        wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        watching.cancel();
        co_await watching.join();
      },
      boost::asio::detached);
  io.run();

  JsonWriter out;
  out.object();
  out.field("requests", requests);
  out.field("at_once", at_once);
  out.field("failed", run.failed);
  out.field("cpu_us_per_request", cpu_used / requests * 1e6);
  out.field("requests_per_second", requests / wall);
  out.field("worst_stall_ms", static_cast<double>(watch.worst().count()) / 1000);
  out.end();
  std::cout << out.take() << '\n';
  return run.failed == 0 ? 0 : 1;
}
