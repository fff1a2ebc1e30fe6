#include "migration.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "../../../src/store/sqlite_schema.hpp"
#include "../../support/later_layout.hpp"
#include "../disk.hpp"
#include "../random.hpp"

namespace earshot::sim {
namespace {

constexpr const char* kPath = "/images/migrated.db";
constexpr std::size_t kCacheKib = 64;  // pages are written before the commit, too
constexpr int kRows = 400;

class Migrated {
 public:
  explicit Migrated(std::uint64_t seed) : disk_(Random{seed}.branch("migration")) {
    sqlite::Db db{kPath, sqlite::Access::read_write, kCacheKib};
    test::fill_todays_layout(db, kRows);
  }
  Disk& disk() { return disk_; }

  /// True where it was answered; empties the log then, as a start does at its end.
  bool migrate() {
    bool done = false;
    try {
      sqlite::Db db{kPath, sqlite::Access::read_write, kCacheKib};
      sqlite::apply_migrations(db, old(), next_);
      done = true;
      db.empty_log();
    } catch (const StoreError&) {
      // the power went
    }
    return done;
  }
  /// "" where it is whole; `done` says of which layout.
  std::string look(bool& done) const {
    try {
      sqlite::Db db{kPath, sqlite::Access::read_write, kCacheKib};
      const std::string sound = db.text("PRAGMA integrity_check");
      if (sound != "ok") return "integrity: " + sound;
      const std::int64_t version = db.number("PRAGMA user_version");
      done = version == old() + 1;
      if (!done && version != old()) return fmt::format("layout {}", version);
      const auto count = [&](const char* rest) {
        return db.number(fmt::format("SELECT count(*) FROM {}", rest).c_str());
      };
      const std::int64_t tables = count("sqlite_schema WHERE name = 'later'");
      const std::int64_t rows = count("meta WHERE key LIKE 'row%'");
      const std::int64_t moved = count("meta WHERE key LIKE 'row%' AND value = 'moved'");
      if (rows != kRows || tables != (done ? 1 : 0) || moved != (done ? kRows : 0))
        return fmt::format("layout {}: {} tables, {} rows, {} moved", version, tables, rows, moved);
      if (done && count("later WHERE length(v) = 800") != kRows) return "the new table has others";
      return {};
    } catch (const StoreError& error) {
      return fmt::format("it cannot be read: {}", error.what());
    }
  }

 private:
  std::int64_t old() const { return static_cast<std::int64_t>(next_.size()) - 1; }
  Disk disk_;
  std::vector<const char*> next_ = test::with_later_layout();
};

std::string broken(std::uint64_t seed, std::uint64_t at, Disk::Fate fate) {
  Migrated it{seed};
  it.disk().lose_power_at(at);
  const bool answered = it.migrate();
  it.disk().power_cut(fate);
  bool done = false;
  if (const std::string wrong = it.look(done); !wrong.empty()) return wrong;
  if (answered && !done) return "it was answered, and is not there";
  if (!done && !it.migrate()) return "the next start does not end it";
  const std::string wrong = it.look(done);
  return wrong.empty() && !done ? "the next start left the old layout" : wrong;
}

}  // namespace

void migration_images(std::uint64_t seed,
                      const std::function<void(const std::string&, const std::string&)>& take) {
  constexpr std::array kFates{Disk::Fate::mixed, Disk::Fate::apply, Disk::Fate::drop,
                              Disk::Fate::tear};
  constexpr std::array kNames{"mixed", "applied", "dropped", "torn"};
  std::uint64_t syncs = 0;
  {
    Migrated whole{seed};
    const std::uint64_t before = whole.disk().syncs();
    if (!whole.migrate()) return take("a migration on a disk without faults", "not done");
    syncs = whole.disk().syncs() - before;
  }
  if (syncs == 0) return take("a migration on a disk without faults", "it syncs nothing");
  for (std::uint64_t at = 1; at <= syncs; ++at)
    for (std::size_t k = 0; k < kFates.size(); ++k)
      take(fmt::format("seed {}: a migration, power lost at sync {} ({})", seed, at, kNames[k]),
           broken(seed, at, kFates[k]));
}

}  // namespace earshot::sim
