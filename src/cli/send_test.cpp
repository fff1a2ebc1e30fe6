#include "client.hpp"

namespace earshot::cli {

std::string_view help_send_test() {
  return "usage: earshot send-test RECEIVER [--urgency page|queue] [--server URL] [--token-file F] "
         "[--config C]\n"
         "Queues a test message; `earshot cases` is not touched.\n";
}

int run_send_test(std::span<const std::string> words) {
  const Args args{words, {"server=", "token-file=", "config=", "as=", "urgency=", "json"}};
  const ApiClient api{args};
  print_line(api.need("POST", "/api/v1/receivers/" + args.one("RECEIVER") +
                                  "/test?urgency=" + args.value_or("urgency", "page")));
  return kOk;
}

}  // namespace earshot::cli
