// Memory of the simulator: a seed asks for some ten million small pieces, all on one thread and
// most of them for an instant. Sizes in classes, a list of free pieces for each, nothing is given
// back. What is large, or aligned oddly, glibc's own allocator gives.
#include "arena.hpp"

#include <sys/mman.h>
#include <sys/single_threaded.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// glibc's names for its own allocator, for those who replace it.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
void* __libc_malloc(std::size_t size);
void __libc_free(void* at);
void* __libc_realloc(void* at, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace earshot::sim {
namespace {

constexpr std::size_t kSlab = std::size_t{64} << 10;    // of one class
constexpr std::size_t kRegion = std::size_t{64} << 30;  // of addresses; touched as it is used
constexpr std::size_t kHuge = std::size_t{2} << 20;     // a page of the kernel's large kind
constexpr std::size_t kFine = 1024;                     // up to here in steps of 16 bytes …
constexpr std::size_t kMost = std::size_t{16} << 10;    // … up to here four to a doubling
constexpr std::size_t kClasses = kFine / 16 + 4 * 4 + 1;

struct Free {
  Free* next;
};

char* base = nullptr;  // of the region
char* top = nullptr;   // the next slab
std::array<Free*, kClasses> lists{};
std::array<std::uint32_t, kRegion / kSlab> size_of_slab{};

constexpr std::size_t class_of(std::size_t size) {
  if (size <= kFine) return size == 0 ? 0 : (size - 1) / 16;
  const auto order = static_cast<std::size_t>(std::bit_width(size - 1)) - 1;  // 10 for 1025 … 2048
  return kFine / 16 + (order - 10) * 4 + (((size - 1) >> (order - 2)) & 3U);
}

constexpr std::size_t size_of(std::size_t which) {
  if (which < kFine / 16) return (which + 1) * 16;
  const std::size_t rest = which - kFine / 16;
  return (std::size_t{1} << (10 + rest / 4)) / 4 * (5 + rest % 4);
}
static_assert(size_of(class_of(1)) == 16 && size_of(class_of(1024)) == 1024);
static_assert(size_of(class_of(1025)) == 1280 && size_of(class_of(2048)) == 2048);
static_assert(size_of(class_of(kMost)) == kMost && class_of(kMost) < kClasses);

bool is_ours(const void* at) {
  return static_cast<std::size_t>(static_cast<const char*>(at) - base) < kRegion;
}
std::size_t room_of(const void* at) {
  return size_of_slab[static_cast<std::size_t>(static_cast<const char*>(at) - base) / kSlab];
}

/// A slab more of a class, as a list in the order of addresses.
Free* refill(std::size_t which) {
  if (__libc_single_threaded == 0) std::abort();  // nothing here is locked
  if (base == nullptr) {
    void* got = ::mmap(nullptr, kRegion + kHuge, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) std::abort();
    const auto at = reinterpret_cast<std::uintptr_t>(got);
    base = static_cast<char*>(got) + (kHuge - at % kHuge) % kHuge;
    ::madvise(base, kRegion, MADV_HUGEPAGE);
    top = base;
  }
  if (top == base + kRegion) std::abort();
  char* slab = top;
  top += kSlab;
  const std::size_t size = size_of(which);
  size_of_slab[static_cast<std::size_t>(slab - base) / kSlab] = static_cast<std::uint32_t>(size);
  Free* first = nullptr;
  for (std::size_t n = kSlab / size; n-- > 0;) {
    auto* piece = reinterpret_cast<Free*>(slab + n * size);
    piece->next = first;
    first = piece;
  }
  return first;
}

void* take(std::size_t size) {
  const std::size_t which = class_of(size);
  Free* piece = lists[which];
  if (piece == nullptr) [[unlikely]]
    piece = refill(which);
  lists[which] = piece->next;
  return piece;
}

void give(void* at) {
  const std::size_t which = class_of(room_of(at));
  auto* piece = static_cast<Free*>(at);
  piece->next = lists[which];
  lists[which] = piece;
}

}  // namespace

void fresh_memory() {
  lists.fill(nullptr);
  if (base != nullptr) top += (kHuge - static_cast<std::size_t>(top - base) % kHuge) % kHuge;
}

}  // namespace earshot::sim

using namespace earshot::sim;

extern "C" {

void* malloc(std::size_t size) {
  return size <= kMost ? take(size) : __libc_malloc(size);
}

void free(void* at) {
  if (at == nullptr) return;
  if (is_ours(at))
    give(at);
  else
    __libc_free(at);
}

void* calloc(std::size_t count, std::size_t size) {
  std::size_t whole = 0;
  if (__builtin_mul_overflow(count, size, &whole)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* out = malloc(whole);
  return out == nullptr ? nullptr : std::memset(out, 0, whole);
}

void* realloc(void* at, std::size_t size) {
  if (at == nullptr) return malloc(size);
  if (!is_ours(at)) return __libc_realloc(at, size);
  const std::size_t room = room_of(at);
  if (size <= room && size > room / 2) return at;
  void* out = malloc(size);
  if (out == nullptr) return nullptr;
  std::memcpy(out, at, room < size ? room : size);
  give(at);
  return out;
}

void* memalign(std::size_t alignment, std::size_t size) {
  if (alignment <= 16) return malloc(size);
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  // Each class beyond kFine is a multiple of 256 bytes.
  if (alignment > 256 || whole > kMost || whole == 0) return __libc_memalign(alignment, size);
  return take(whole);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  *out = memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}

}  // extern "C"

#else

void earshot::sim::fresh_memory() {}

#endif
