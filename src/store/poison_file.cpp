#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "earshot/core/planted.hpp"
#include "earshot/store/sqlite.hpp"
#include "files.hpp"

namespace earshot::sqlite {
namespace {

// One row of the file: place and digest as text padded with zeros, the kind, the deaths as a digit.
constexpr std::size_t kPlace = 160;
constexpr std::size_t kDigest = 80;
constexpr std::size_t kRow = kPlace + kDigest + 2;
constexpr char kMarked = 'm';
constexpr char kDied = 'd';
constexpr char kFree = '-';
constexpr std::size_t kMostDeaths = 1'000;  // remembered; more means that something else is wrong

std::string field(std::string_view bytes) {
  return std::string{bytes.substr(0, bytes.find('\0'))};
}

}  // namespace

PoisonFile::PoisonFile(const std::string& path) {
  if (path.empty()) return;
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) {
    throw StoreRefused(fmt::format("{}: the file of the poison guard cannot be opened: {}", path,
                                   std::strerror(errno)));
  }
  read();
}

PoisonFile::~PoisonFile() {
  clear_all();
  if (file_ >= 0) ::close(file_);
}

/// Rows stay where they are: a death in here leaves a file that the next start reads as well.
void PoisonFile::read() {
  std::array<char, kRow> bytes{};
  std::vector<std::pair<Key, std::size_t>> marked;
  while (::pread(file_, bytes.data(), kRow, static_cast<off_t>(rows_ * kRow)) ==
         static_cast<ssize_t>(kRow)) {
    const std::size_t row = rows_++;
    Key key{field({bytes.data(), kPlace}), field({bytes.data() + kPlace, kDigest})};
    const char kind = bytes[kPlace + kDigest];
    if (kind == kMarked && !key.second.empty()) {
      marked.emplace_back(std::move(key), row);
    } else if (kind == kDied) {
      deaths_[key] = {row, std::clamp(bytes[kPlace + kDigest + 1] - '0', 1, 9)};
    } else {
      free_.push_back(row);
    }
  }
  for (const auto& [key, row] : marked) {
    const auto known = deaths_.find(key);
    blame(key.first, key.second, known == deaths_.end() ? 1 : known->second.count + 1);
    write(row, {}, {}, kFree, 0);
    free_.push_back(row);
  }
}

std::size_t PoisonFile::free_row() {
  if (free_.empty()) return rows_++;
  const std::size_t row = free_.back();
  free_.pop_back();
  return row;
}

void PoisonFile::blame(const std::string& place, const std::string& digest, int deaths) {
  const auto known = deaths_.find({place, digest});
  if (known == deaths_.end() && deaths_.size() >= kMostDeaths) return;
  const std::size_t row = known == deaths_.end() ? free_row() : known->second.row;
  deaths_[{place, digest}] = {row, std::min(deaths, 9)};
  write(row, place, digest, kDied, std::min(deaths, 9));
}

void PoisonFile::survived(const std::string& place, const std::string& digest) {
  const auto known = deaths_.find({place, digest});
  if (known == deaths_.end()) return;
  write(known->second.row, {}, {}, kFree, 0);
  free_.push_back(known->second.row);
  deaths_.erase(known);
}

void PoisonFile::write(std::size_t row, std::string_view place, std::string_view digest, char kind,
                       int deaths) const {
  if (file_ < 0 || planted<21>) return;
  std::array<char, kRow> bytes{};
  place.copy(bytes.data(), kPlace);
  digest.copy(bytes.data() + kPlace, kDigest);
  bytes[kPlace + kDigest] = kind;
  bytes[kPlace + kDigest + 1] = static_cast<char>('0' + deaths);
  if (::pwrite(file_, bytes.data(), kRow, static_cast<off_t>(row * kRow)) < 0) {
    // Without room on the disk there is no guard, but the source can still be read.
  }
}

void PoisonFile::mark(std::string_view place, std::string_view digest) {
  const std::scoped_lock lock{mutex_};
  const auto [it, added] = marks_.try_emplace(std::string{place.substr(0, kPlace)});
  Mark& mark = it->second;
  if (added) mark.row = free_row();
  const std::string next{digest.substr(0, kDigest)};
  if (!mark.digest.empty() && mark.digest != next) survived(it->first, mark.digest);
  mark.digest = next;
  write(mark.row, it->first, mark.digest, kMarked, 0);
}

void PoisonFile::clear(std::string_view place) {
  const std::scoped_lock lock{mutex_};
  const auto it = marks_.find(place.substr(0, kPlace));
  if (it == marks_.end() || it->second.digest.empty()) return;
  write(it->second.row, it->first, {}, kFree, 0);
  survived(it->first, it->second.digest);
  it->second.digest.clear();
}

void PoisonFile::died(std::string_view place) {
  const std::scoped_lock lock{mutex_};
  const auto it = marks_.find(place.substr(0, kPlace));
  if (it == marks_.end() || it->second.digest.empty()) return;
  const std::string digest = std::exchange(it->second.digest, {});
  const auto known = deaths_.find({it->first, digest});
  blame(it->first, digest, known == deaths_.end() ? 1 : known->second.count + 1);
  write(it->second.row, it->first, {}, kFree, 0);
}

std::vector<std::string> PoisonFile::deadly(std::string_view place, int limit) const {
  const std::scoped_lock lock{mutex_};
  const std::string name{place.substr(0, kPlace)};
  std::vector<std::string> out;
  for (auto it = deaths_.lower_bound({name, ""}); it != deaths_.end() && it->first.first == name;
       ++it) {
    if (it->second.count >= limit) out.push_back(it->first.second);
  }
  return out;
}

void PoisonFile::clear_all() {
  const std::scoped_lock lock{mutex_};
  for (auto& [place, mark] : marks_) {
    if (!mark.digest.empty()) write(mark.row, place, {}, kFree, 0);
    mark.digest.clear();
  }
}

int PoisonFile::deaths(std::string_view place, std::string_view digest) const {
  const std::scoped_lock lock{mutex_};
  const auto it =
      deaths_.find({std::string{place.substr(0, kPlace)}, std::string{digest.substr(0, kDigest)}});
  return it == deaths_.end() ? 0 : it->second.count;
}

bool PoisonFile::suspects(std::string_view place) const {
  const std::scoped_lock lock{mutex_};
  const std::string name{place.substr(0, kPlace)};
  const auto it = deaths_.lower_bound({name, ""});
  return it != deaths_.end() && it->first.first == name;
}

void PoisonFile::forgive(std::string_view digest) {
  const std::scoped_lock lock{mutex_};
  for (auto it = deaths_.begin(); it != deaths_.end();) {
    const Key key = it->first;
    ++it;
    if (key.second == digest.substr(0, kDigest)) survived(key.first, key.second);
  }
}

}  // namespace earshot::sqlite
