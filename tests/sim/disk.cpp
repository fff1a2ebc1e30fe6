#include "disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "vfs.hpp"

namespace earshot::sim {
namespace {

constexpr std::size_t kSector = 512;

void put_into(std::string& to, const Disk::Pending& it) {
  if (it.truncate) {
    if (static_cast<std::size_t>(it.offset) < to.size())
      to.resize(static_cast<std::size_t>(it.offset));
    return;
  }
  const std::size_t end = static_cast<std::size_t>(it.offset) + it.bytes.size();
  if (to.size() < end) to.resize(end, '\0');
  std::memcpy(to.data() + it.offset, it.bytes.data(), it.bytes.size());
}

}  // namespace

Disk::Disk(Random random) : random_(random) {
  use_disk(this);
}
Disk::~Disk() {
  use_disk(nullptr);
}

Disk::File* Disk::open(const char* name, bool create) {
  if (name == nullptr) {
    removed_.push_back(std::make_unique<File>());
    return removed_.back().get();
  }
  const auto found = files_.find(name);
  if (found != files_.end()) return found->second.get();
  if (!create) return nullptr;
  auto fresh = std::make_unique<File>();
  fresh->name = name;
  return (files_[name] = std::move(fresh)).get();
}

void Disk::remove(const std::string& name) {
  const auto found = files_.find(name);
  if (found == files_.end()) return;
  removed_.push_back(std::move(found->second));
  files_.erase(found);
}

int Disk::write(File& file, const char* bytes, int count, std::int64_t offset) {
  if (dark_) return SQLITE_IOERR_WRITE;
  ++writes_;
  if (full_at != 0 && writes_ >= full_at) full = true;
  if (fail_writes > 0 || writes_ == fail_write_at) {
    fail_writes = std::max(0, fail_writes - 1);
    return SQLITE_IOERR_WRITE;
  }
  const auto end = static_cast<std::size_t>(offset) + static_cast<std::size_t>(count);
  if (full && end > file.now.size()) {
    const std::size_t more = end - file.now.size();
    if (more > spare) return SQLITE_FULL;
    spare -= more;
  }
  Pending it{offset, {bytes, static_cast<std::size_t>(count)}, false};
  put_into(file.now, it);
  file.pending.push_back(std::move(it));
  return SQLITE_OK;
}

int Disk::truncate(File& file, std::int64_t size) {
  if (dark_) return SQLITE_IOERR_TRUNCATE;
  Pending it{size, {}, true};
  put_into(file.now, it);
  file.pending.push_back(std::move(it));
  return SQLITE_OK;
}

int Disk::sync(File& file) {
  if (dark_) return SQLITE_IOERR_FSYNC;
  ++syncs_;
  if (power_at_ != 0 && syncs_ >= power_at_) {
    power_at_ = 0;
    dark_ = true;
    return SQLITE_IOERR_FSYNC;
  }
  if (fail_syncs > 0 || syncs_ == fail_sync_at) {
    fail_syncs = std::max(0, fail_syncs - 1);
    // As Linux may: the pages are marked clean although they were not written.
    for (const Pending& it : file.pending) {
      if (random_.chance(0.5)) put_into(file.durable, it);
    }
    file.pending.clear();
    return SQLITE_IOERR_FSYNC;
  }
  if (lies) return SQLITE_OK;
  for (const Pending& it : file.pending) put_into(file.durable, it);
  file.pending.clear();
  file.kept = true;
  return SQLITE_OK;
}

void Disk::settle(File& file, Fate fate) {
  for (Pending& it : file.pending) {
    const double draw = fate == Fate::mixed ? random_.unit() : 0;
    const bool whole = fate == Fate::apply || (fate == Fate::mixed && draw < 0.4);
    const bool torn = fate == Fate::tear || (fate == Fate::mixed && draw >= 0.7);
    if (whole || (torn && it.truncate && random_.chance(0.5))) {
      put_into(file.durable, it);
    } else if (torn && !it.truncate) {
      for (std::size_t at = 0; at < it.bytes.size(); at += kSector) {
        if (!random_.chance(0.5)) continue;
        put_into(file.durable,
                 {it.offset + static_cast<std::int64_t>(at), it.bytes.substr(at, kSector), false});
      }
    }
  }
  file.pending.clear();
  file.now = file.durable;
}

void Disk::process_died() {
  ++generation_;
  dark_ = false;
  power_at_ = 0;
  for (auto& [name, file] : files_) file->shared.clear();
  removed_.clear();
}

void Disk::power_cut(Fate fate) {
  for (auto it = files_.begin(); it != files_.end();) {
    settle(*it->second, fate);
    // A file that was never synced has no entry in its folder, or has one.
    if (!it->second->kept && (fate == Fate::drop || random_.chance(0.5))) {
      removed_.push_back(std::move(it->second));
      it = files_.erase(it);
    } else {
      it->second->kept = true;
      ++it;
    }
  }
  process_died();
}

std::string Disk::bytes_of(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? std::string{} : found->second->now;
}

}  // namespace earshot::sim
