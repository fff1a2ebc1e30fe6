#include "command.hpp"

namespace earshot::cli {

std::string_view help_version() {
  return "usage: earshot version\nPrints the version as JSON.\n";
}

int run_version(std::span<const std::string> words) {
  const Args args{words, {"json"}};
  JsonWriter out;
  out.object();
  out.field("name", "earshot");
  out.field("version", EARSHOT_VERSION);
  out.end();
  print_line(out.take());
  return kOk;
}

}  // namespace earshot::cli
