// SQLite's VFS interface (https://sqlite.org/c3ref/vfs.html) over a Disk. Handles know the
// generation of the process that opened them: those of a dead one reach nothing.
#include "vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "disk.hpp"

namespace earshot::sim {
namespace {

constexpr int kLongestPath = 512;
constexpr std::int64_t kJulianOfEpochMs = 210'866'760'000'000;  // 1970-01-01 as SQLite counts

Disk* disk_in_use = nullptr;

struct Handle {
  sqlite3_file base;
  Disk::File* file;
  std::uint64_t generation;
  bool remove_at_close;
};

Handle& of(sqlite3_file* file) {
  return *reinterpret_cast<Handle*>(file);
}
bool stale(const Handle& it) {
  return disk_in_use == nullptr || it.generation != disk_in_use->generation();
}

int close_file(sqlite3_file* file) {
  Handle& it = of(file);
  if (!stale(it) && it.remove_at_close) disk_in_use->remove(it.file->name);
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
  const Handle& it = of(file);
  if (stale(it) || disk_in_use->without_power()) return SQLITE_IOERR_READ;
  const Bytes& bytes = it.file->now;
  const std::int64_t there =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(bytes.size()) - offset, 0, count);
  if (there > 0)
    bytes.read(static_cast<std::size_t>(offset), static_cast<char*>(to),
               static_cast<std::size_t>(there));
  if (there == count) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, static_cast<std::size_t>(count - there));
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  Handle& it = of(file);
  if (stale(it)) return SQLITE_IOERR_WRITE;
  return disk_in_use->write(*it.file, static_cast<const char*>(bytes), count, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  Handle& it = of(file);
  return stale(it) ? SQLITE_IOERR_TRUNCATE : disk_in_use->truncate(*it.file, size);
}

int sync_file(sqlite3_file* file, int) {
  Handle& it = of(file);
  return stale(it) ? SQLITE_IOERR_FSYNC : disk_in_use->sync(*it.file);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const Handle& it = of(file);
  if (stale(it)) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(it.file->now.size());
  return SQLITE_OK;
}

// One process has the file: its own lock file keeps a second one out.
int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}
int is_reserved(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return 512;
}
int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;  // as the VFS for Unix says by default
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  Handle& it = of(file);
  *out = nullptr;
  if (stale(it)) return SQLITE_IOERR_SHMMAP;
  auto& regions = it.file->shared;
  while (regions.size() <= static_cast<std::size_t>(page)) {
    if (extend == 0) return SQLITE_OK;
    regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *out = regions[static_cast<std::size_t>(page)].get();
  return SQLITE_OK;
}
int lock_shared(sqlite3_file*, int, int, int) {
  return SQLITE_OK;
}
void barrier(sqlite3_file*) {}
int unmap_shared(sqlite3_file*, int) {
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {
    2,           close_file, read_file,    write_file, truncate_file, sync_file,       file_size,
    lock_file,   lock_file,  is_reserved,  control,    sector_size,   characteristics, map_shared,
    lock_shared, barrier,    unmap_shared, nullptr,    nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  Handle& it = of(file);
  it.base.pMethods = nullptr;
  if (disk_in_use == nullptr) return SQLITE_CANTOPEN;
  it.file = disk_in_use->open(name, (flags & SQLITE_OPEN_CREATE) != 0);
  if (it.file == nullptr) return SQLITE_CANTOPEN;
  it.generation = disk_in_use->generation();
  it.remove_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  it.base.pMethods = &kMethods;
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* name, int) {
  if (disk_in_use == nullptr || !disk_in_use->exists(name)) return SQLITE_IOERR_DELETE_NOENT;
  disk_in_use->remove(name);
  return SQLITE_OK;
}

int access_file(sqlite3_vfs*, const char* name, int, int* out) {
  *out = disk_in_use != nullptr && disk_in_use->exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs*, int count, char* out) {
  for (int i = 0; i < count; ++i)
    out[i] = disk_in_use == nullptr ? 0 : static_cast<char>(disk_in_use->random().bits());
  return count;
}
int sleep_vfs(sqlite3_vfs*, int micros) {
  return micros;
}
int current_time_ms(sqlite3_vfs*, sqlite3_int64* out) {
  *out = kJulianOfEpochMs + (disk_in_use == nullptr ? 0 : disk_in_use->wall_ms);
  return SQLITE_OK;
}
int current_time(sqlite3_vfs* vfs, double* out) {
  sqlite3_int64 ms = 0;
  current_time_ms(vfs, &ms);
  *out = static_cast<double>(ms) / 86'400'000.0;
  return SQLITE_OK;
}
int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

void use_disk(Disk* disk) {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs it{};
    it.iVersion = 2;
    it.szOsFile = sizeof(Handle);
    it.mxPathname = kLongestPath;
    it.zName = "earshot-sim";
    it.xOpen = open_file;
    it.xDelete = delete_file;
    it.xAccess = access_file;
    it.xFullPathname = full_name;
    it.xRandomness = randomness;
    it.xSleep = sleep_vfs;
    it.xCurrentTime = current_time;
    it.xGetLastError = last_error;
    it.xCurrentTimeInt64 = current_time_ms;
    return it;
  }();
  disk_in_use = disk;
  sqlite3_vfs_register(&vfs, 1);
}

}  // namespace earshot::sim
