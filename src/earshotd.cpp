#include <malloc.h>

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "earshot/app/app.hpp"
#include "earshot/sources/reader.hpp"

namespace {

constexpr std::string_view kHelp =
    "usage: earshotd --config FILE [--config FILE …] [--store FILE] [--ballast MIB]\n"
    "                [--reader apart|inside] [--landlock]\n"
    "Reads feeds, opens cases, tells people. SIGHUP loads the configuration again; a bad file "
    "never replaces a good one.\n"
    "--ballast: room held back in DATABASE-ballast for a full disk, 64 unless told; 0: none.\n"
    "--reader: what strangers send is read in a process of its own (apart, as unless told), or in "
    "this one.\n"
    "--landlock: from now on nothing is written but below the folder of the store.\n"
    "SIGTERM drains and ends. Exit codes: 0 ended, 64 usage, 75 the store failed, 78 "
    "configuration.\n";

bool read_number(std::string_view text, std::size_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out <= 1'000'000;
}

bool read_place(std::string_view word, bool& apart) {
  apart = word == "apart";
  return apart || word == "inside";
}

/// Large buffers go back to the system when they are freed. By default glibc keeps blocks as large
/// as the largest it has seen freed, for each thread: a hostile answer would stay for ever.
void give_memory_back() {
  constexpr int kLarge = 256 << 10;
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, 4 * kLarge);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == earshot::kReaderWord) {
    give_memory_back();
    return earshot::run_reader();
  }
  earshot::AppOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "--help" || word == "-h") {
      std::fputs(kHelp.data(), stdout);
      return 0;
    }
    if (word == "--config" && more) {
      options.config.emplace_back(argv[++i]);
    } else if (word == "--store" && more) {
      options.store = argv[++i];
    } else if (word == "--ballast" && more && read_number(argv[i + 1], options.ballast_mib)) {
      ++i;
    } else if (word == "--reader" && more && read_place(argv[i + 1], options.reader_apart)) {
      ++i;
    } else if (word == "--landlock") {
      options.landlock = true;
    } else {
      std::fprintf(stderr, "earshotd: what is \"%s\"?\n%s", argv[i], kHelp.data());
      return 64;
    }
  }
  if (options.config.empty()) {
    std::fprintf(stderr, "earshotd: --config is missing\n%s", kHelp.data());
    return 64;
  }
  give_memory_back();
  return earshot::run_daemon(options);
}
