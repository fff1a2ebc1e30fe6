#include "disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "vfs.hpp"

namespace earshot::sim {
namespace {

constexpr std::size_t kSector = 512;

void put_into(Bytes& to, const Disk::Pending& it) {
  const auto at = static_cast<std::size_t>(it.offset);
  if (!it.truncate)
    to.write(at, it.bytes);
  else if (at < to.size())
    to.resize(at);
}

}  // namespace

/// The piece, shared with nobody. `whole`: all of it is written over.
char* Bytes::own(std::size_t piece, bool whole) {
  std::shared_ptr<Piece>& it = pieces_[piece];
  if (it == nullptr)
    it = std::make_shared<Piece>();
  else if (it.use_count() > 1)
    it = whole ? std::make_shared_for_overwrite<Piece>() : std::make_shared<Piece>(*it);
  return it->bytes.data();
}

void Bytes::resize(std::size_t size) {
  pieces_.resize((size + kPiece - 1) / kPiece);
  // Beyond the end lies 0, so that what is grown into later is 0.
  if (const std::size_t rest = size % kPiece;
      size < size_ && rest != 0 && pieces_.back() != nullptr)
    std::memset(own(pieces_.size() - 1, false) + rest, 0, kPiece - rest);
  size_ = size;
}

void Bytes::write(std::size_t at, std::string_view bytes) {
  if (at + bytes.size() > size_) resize(at + bytes.size());
  while (!bytes.empty()) {
    const std::size_t from = at % kPiece;
    const std::size_t count = std::min(bytes.size(), kPiece - from);
    std::memcpy(own(at / kPiece, count == kPiece) + from, bytes.data(), count);
    at += count;
    bytes.remove_prefix(count);
  }
}

void Bytes::read(std::size_t at, char* to, std::size_t count) const {
  while (count > 0) {
    const std::size_t from = at % kPiece;
    const std::size_t some = std::min(count, kPiece - from);
    if (const auto& piece = pieces_[at / kPiece])
      std::memcpy(to, piece->bytes.data() + from, some);
    else
      std::memset(to, 0, some);
    at += some;
    to += some;
    count -= some;
  }
}

void Bytes::share(const Bytes& other, std::size_t at, std::size_t count) {
  size_ = other.size_;
  pieces_.resize(other.pieces_.size());
  const std::size_t end = std::min(pieces_.size(), (at + count + kPiece - 1) / kPiece);
  for (std::size_t piece = at / kPiece; piece < end; ++piece) pieces_[piece] = other.pieces_[piece];
}

std::string Bytes::text() const {
  std::string out(size_, '\0');
  read(0, out.data(), size_);
  return out;
}

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
    file.same = false;
    return SQLITE_IOERR_FSYNC;
  }
  if (lies) return SQLITE_OK;
  for (const Pending& it : file.pending) {
    const auto at = static_cast<std::size_t>(it.offset);
    const std::size_t behind = std::max(file.now.size(), at) - at;
    if (file.same)
      file.durable.share(file.now, at, it.truncate ? behind : it.bytes.size());
    else
      put_into(file.durable, it);
  }
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
  file.same = true;
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
  return found == files_.end() ? std::string{} : found->second->now.text();
}

std::size_t Disk::size_of(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? 0 : found->second->now.size();
}

}  // namespace earshot::sim
