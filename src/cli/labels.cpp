#include <fmt/format.h>

#include "client.hpp"

namespace earshot::cli {

std::string_view help_labels() {
  return "usage: earshot labels [--server URL] [--token-file F] [--config C]\n"
         "Prints what people taught a running daemon as JSON Lines that `earshot train --data` "
         "reads:\n"
         "cases dismissed as no complaint, not about us or spam, \"not worth waking me\", and "
         "`earshot\n"
         "cases teach`. Needs the role auditor, manager or admin.\n";
}

int run_labels(std::span<const std::string> words) {
  const Args args{words, {"server=", "token-file=", "config=", "as=", "json"}};
  const ApiClient api{args};
  const std::string lines = api.need("GET", "/api/v1/labels");
  if (!lines.empty()) print_text(lines);
  return kOk;
}

}  // namespace earshot::cli
