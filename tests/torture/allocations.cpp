#include "allocations.hpp"

#include <sqlite3.h>
#include <pugixml.hpp>

#include <cstdlib>
#include <new>

namespace earshot {
namespace {

struct State {
  std::uint64_t count = 0;
  std::uint64_t at = 0;
  std::int64_t live = 0;
  bool counting = false;
  Memory memory = Memory::once;
};
thread_local constinit State state{};

void* take(std::size_t size, std::size_t alignment = 0) noexcept {
  if (Allocations::fails()) return nullptr;
  if (size == 0) size = 1;
  void* block = alignment == 0
                    ? std::malloc(size)
                    : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (block) ++state.live;
  return block;
}

void* take_or_throw(std::size_t size, std::size_t alignment = 0) {
  void* block = take(size, alignment);
  if (!block) throw std::bad_alloc{};
  return block;
}

void give(void* block) noexcept {
  if (block) --state.live;
  std::free(block);
}

sqlite3_mem_methods sqlite_memory{};

}  // namespace

void Allocations::arm(std::uint64_t n, Memory memory) {
  state.count = 0;
  state.at = n;
  state.memory = memory;
  state.counting = true;
}
void Allocations::disarm() {
  state.counting = false;
}
std::uint64_t Allocations::count() {
  return state.count;
}
std::int64_t Allocations::live() {
  return state.live;
}
bool Allocations::fails() {
  if (!state.counting) return false;
  ++state.count;
  if (state.at == 0) return false;
  return state.count == state.at || (state.memory == Memory::gone && state.count > state.at);
}

void torture_libraries() {
  static bool done = false;
  if (done) return;
  done = true;
  pugi::set_memory_management_functions(
      [](std::size_t size) { return Allocations::fails() ? nullptr : std::malloc(size); },
      std::free);
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
  sqlite3_mem_methods ours = sqlite_memory;
  ours.xMalloc = [](int size) {
    return Allocations::fails() ? nullptr : sqlite_memory.xMalloc(size);
  };
  ours.xRealloc = [](void* block, int size) {
    return Allocations::fails() ? nullptr : sqlite_memory.xRealloc(block, size);
  };
  sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

}  // namespace earshot

/// What libraries lose when a constructor of theirs throws is not ours to mend.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libre2\nleak:libctemplate\n";
}

void* operator new(std::size_t size) {
  return earshot::take_or_throw(size);
}
void* operator new[](std::size_t size) {
  return earshot::take_or_throw(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return earshot::take(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return earshot::take(size);
}
void* operator new(std::size_t size, std::align_val_t at) {
  return earshot::take_or_throw(size, static_cast<std::size_t>(at));
}
void* operator new[](std::size_t size, std::align_val_t at) {
  return earshot::take_or_throw(size, static_cast<std::size_t>(at));
}
void operator delete(void* block) noexcept {
  earshot::give(block);
}
void operator delete[](void* block) noexcept {
  earshot::give(block);
}
void operator delete(void* block, std::size_t) noexcept {
  earshot::give(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  earshot::give(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  earshot::give(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
  earshot::give(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  earshot::give(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  earshot::give(block);
}
