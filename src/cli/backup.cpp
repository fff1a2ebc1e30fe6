#include <fmt/format.h>

#include <filesystem>

#include "command.hpp"
#include "database.hpp"

namespace earshot::cli {

std::string_view help_backup() {
  return "usage: earshot backup (--db FILE | --config C) --out FILE\n"
         "Copies the database while the daemon runs, checks the copy, and only then puts it in the "
         "place of an older one.\nPrints {\"out\",\"bytes\"}. `earshot restore` puts it back. Keep "
         "FILE-tombstones.key, where it is there, with your\nsecrets and apart from the copies: "
         "without it, people who were erased would come back.\n";
}

int run_backup(std::span<const std::string> words) {
  const Args args{words, {"db=", "config=", "out=", "json"}};
  if (!args.rest().empty()) throw UsageError("it takes options only");
  const std::string out = args.need("out");
  const std::string path = database_path(args);
  // Only a file of ours is copied: a typo in --db should not pass for a backup.
  read_database(path, [](StoreReader&) {});
  if (const Result<void> done = backup_sqlite(path, out); !done) {
    throw Failure(done.error().kind == Error::Kind::transient ? kTryAgain : kNo,
                  done.error().message);
  }
  JsonWriter line;
  line.object();
  line.field("out", out);
  line.field("bytes", static_cast<std::uint64_t>(std::filesystem::file_size(out)));
  line.end();
  print_line(line.take());
  return kOk;
}

}  // namespace earshot::cli
