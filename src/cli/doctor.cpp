// `earshot doctor`: what an operator looks at first, in one go.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include <boost/asio/io_context.hpp>

#include "command.hpp"
#include "doctor.hpp"
#include "earshot/config/load.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/probe.hpp"
#include "earshot/runtime/secrets.hpp"
#include "earshot/store/backups.hpp"
#include "earshot/store/failures.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot::cli {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr Duration kProbe = seconds{5};
constexpr Duration kExpiresSoon = hours{24 * 21};
constexpr std::array kWords{"ok", "warning", "error"};

void check_configuration(Doctor& doctor, const std::string& path, std::optional<Config>& out) {
  LoadOptions options;
  options.secrets = true;
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"))
    options.credentials_directory = folder;
  Loaded loaded = load_config(std::vector<std::string>{path}, options);
  for (const Diagnostic& it : loaded.diagnostics) {
    const bool fatal = it.level == Diagnostic::Level::error;
    doctor.add("config", fatal ? Ill::error : Ill::warning,
               fmt::format("{}:{}: {} {}", it.file, it.line, it.path, it.problem), kConfig);
  }
  if (loaded.config && loaded.diagnostics.empty())
    doctor.add("config", Ill::none, "The configuration and its secret files are good.");
  out = std::move(loaded.config);
}

/// The wall clock against the kernel's own doubts, and against what was written last.
void check_clock(Doctor& doctor, const std::string& db, Instant now) {
  timex state{};
  if (::adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    doctor.add("clock", Ill::warning, "The clock is not kept by a time server: deadlines drift.");
  else
    doctor.add("clock", Ill::none, "The clock is kept by a time server.");
  std::optional<Instant> last;
  try {
    read_sqlite(db, [&](StoreReader& reader) {
      LedgerQuery query;
      query.after = reader.ledger_head().first - 1;
      for (const LedgerEntry& it : reader.ledger(query)) last = it.at;
    });
  } catch (const std::exception&) {
    return;  // said by the check of the database
  }
  if (last && *last > now + minutes{5})
    doctor.add("clock", Ill::error,
               fmt::format("The clock says {}, but the ledger was written at {}.", to_rfc3339(now),
                           to_rfc3339(*last)));
}

void check_database(Doctor& doctor, const std::string& db) {
  std::error_code none;
  if (!std::filesystem::exists(db, none))
    return doctor.add("database", Ill::warning, db + ": is not there yet; the daemon makes it.");
  const std::string wrong = check_sqlite(db);
  if (wrong.empty())
    doctor.add("database", Ill::none, "The database and every entry of its ledger are whole.");
  else
    doctor.add("database", Ill::error, wrong);
}

/// What the daemon noted when the store failed, beside the database or in systemd's folder.
void check_failures(Doctor& doctor, const std::string& db, Instant now) {
  std::vector<StoreFailure> all = read_failures(failures_file(db, ""));
  for (StoreFailure& it : read_failures(failures_file(db, "/run/earshot")))
    all.push_back(std::move(it));
  if (all.empty()) return;
  doctor.add(
      "failures", failed_too_often(all, now) ? Ill::error : Ill::warning,
      fmt::format("The database has failed {} times, last at {}: {}.{}", all.size(),
                  to_rfc3339(all.back().at), all.back().why,
                  failed_too_often(all, now) ? " A daemon that starts now is in safe mode." : ""));
}

void check_disk(Doctor& doctor, const std::string& db) {
  const std::string folder = std::filesystem::absolute(db).parent_path().string();
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0)
    return doctor.add("disk", Ill::error, folder + ": cannot be looked at.");
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  std::error_code none;
  const std::uint64_t size = std::filesystem::file_size(db, none);
  // Backups, restores and a rebuilt file want the room of the whole again.
  const std::uint64_t want = std::max(kMiB * 512, none ? 0 : size * 2);
  const Ill ill = free < kMiB * 64 ? Ill::error : free < want ? Ill::warning : Ill::none;
  doctor.add("disk", ill,
             fmt::format("{} MiB are free for a database of {} MiB.", free / kMiB,
                         none ? 0 : size / kMiB));
}

void check_backups(Doctor& doctor, const BackupConfig& wanted, Instant now) {
  std::error_code none;
  if (!std::filesystem::is_directory(wanted.directory, none))
    return doctor.add("backups", Ill::warning,
                      wanted.directory + ": is not there; the daemon makes it if it may.");
  const auto newest = newest_backup(wanted.directory, now);
  if (!newest)
    return doctor.add("backups", Ill::warning, wanted.directory + ": holds no backup yet.");
  const Duration age = now - *newest;
  doctor.add("backups", backup_is_late(age, wanted.every) ? Ill::warning : Ill::none,
             fmt::format("The newest in {} is {} old; one every {} is wanted.", wanted.directory,
                         to_text(std::chrono::floor<seconds>(age)), to_text(wanted.every)));
}

void check_rights(Doctor& doctor, const std::string& db) {
  bool good = true;
  for (const std::string& path : {db, db + "-wal", tombstone_key_beside(db)}) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0 || (file.st_mode & 0077U) == 0) continue;
    good = false;
    doctor.add("permissions", Ill::error, path + ": others may read it: chmod 600.");
  }
  struct stat folder {};
  const std::string where = std::filesystem::absolute(db).parent_path().string();
  if (::stat(where.c_str(), &folder) == 0 && (folder.st_mode & S_IWOTH) != 0 &&
      (folder.st_mode & S_ISVTX) == 0) {
    good = false;
    doctor.add("permissions", Ill::error, where + ": everybody may put files there.");
  }
  if (good) doctor.add("permissions", Ill::none, "Nobody else may read the database.");
}

void check_server(Doctor& doctor, const std::string& name, const std::string& url,
                  const std::string& ca, Instant now) {
  const Probed it = probe(url, ca, kProbe);
  if (!it.error.empty())
    return doctor.add(name, Ill::error, "Cannot be reached: " + it.error + ".", kTryAgain);
  if (!it.expires) return doctor.add(name, Ill::none, "Can be reached.");
  const auto days = std::chrono::duration_cast<hours>(*it.expires - now).count() / 24;
  const Ill ill = *it.expires - now < kExpiresSoon ? Ill::warning : Ill::none;
  doctor.add(name, ill, fmt::format("Can be reached; its certificate ends in {} days.", days));
}

void check_receivers(Doctor& doctor, const Config& config, Instant now) {
  const auto file = [&](const std::string& name) {
    return name.empty() || name.starts_with('/') ? name : config.directory + "/" + name;
  };
  for (const ReceiverConfig& it : config.receivers) {
    std::vector<std::string> urls = it.urls;
    if (!it.url.empty()) urls.push_back(it.url);
    if (!it.url_file.empty()) {
      const auto secret = read_secret(it.url_file, config.directory);
      if (secret) urls.push_back(secret->reveal());
    }
    for (const std::string& url : urls)
      check_server(doctor, "receiver " + it.name, url, file(it.ca_file), now);
  }
  if (!config.mail.url.empty())
    check_server(doctor, "mail", config.mail.url, file(config.mail.ca_file), now);
  for (const SourceConfig& it : config.sources) {
    if (it.url.starts_with("http") || it.url.starts_with("imap"))
      check_server(doctor, "source " + it.name, it.url, file(it.ca_file), now);
  }
}

}  // namespace

void Doctor::add(std::string what, Ill ill, std::string text, int code) {
  // The worst decides: what must be changed before what may pass by itself.
  const int answer = ill == Ill::error ? code : kOk;
  const auto rank = [](int it) {
    return it == kConfig ? 3 : it == kNo ? 2 : it == kTryAgain ? 1 : 0;
  };
  if (rank(answer) > rank(code_)) code_ = answer;
  findings_.push_back({std::move(what), ill, std::move(text)});
}

void Doctor::print(bool json) const {
  for (const Found& it : findings_) {
    const char* const word = kWords[static_cast<std::size_t>(it.ill)];
    if (!json) {
      fmt::print("{:<8} {}: {}\n", word, printable(it.what), printable(it.text));
      continue;
    }
    JsonWriter out;
    out.object();
    out.field("what", it.what);
    out.field("state", word);
    out.field("text", it.text);
    out.end();
    print_line(out.take());
  }
}

std::string_view help_doctor() {
  return "usage: earshot doctor --config C [--db FILE] [--offline] [--json]\n"
         "Looks, changes nothing and sends nothing: configuration and secret files, the whole "
         "database and ledger, how it failed of late,\nthe clock, room on the disk, the newest "
         "backup, rights of files, "
         "and whether receivers, sources and the mail server\ncan be reached (--offline: not "
         "these), with the "
         "days their certificates have left.\nThe daemon may run. --json: a finding a line, "
         "{\"what\",\"state\",\"text\"}.\nExit code of the worst error: 78 configuration, 1 "
         "database, clock, disk or rights, 75 a server; 0 with warnings only.\n";
}

int run_doctor(std::span<const std::string> words) {
  const Args args{words, {"config=", "db=", "offline", "json"}};
  if (!args.rest().empty()) throw UsageError("it takes options only");
  Doctor doctor;
  std::optional<Config> config;
  check_configuration(doctor, args.need("config"), config);
  const std::string db = args.value_or("db", config ? config->store.path : "");
  boost::asio::io_context io{1};
  const Instant now = make_clock(io.get_executor())->now();
  if (!db.empty()) {
    check_database(doctor, db);
    check_clock(doctor, db, now);
    check_failures(doctor, db, now);
    check_disk(doctor, db);
    check_rights(doctor, db);
  }
  if (config && config->store.backup) check_backups(doctor, *config->store.backup, now);
  if (config && !args.has("offline")) check_receivers(doctor, *config, now);
  doctor.print(args.has("json"));
  return doctor.code();
}

}  // namespace earshot::cli
