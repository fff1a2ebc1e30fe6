// The database in safe mode: what can still be read of it, and nothing else (P19).
#include <fmt/format.h>

#include "earshot/store/sqlite.hpp"
#include "files.hpp"

namespace earshot {
namespace {

class Look final : public Store {
 public:
  explicit Look(std::string path) : path_(std::move(path)) {}

  Task<> write(std::function<void(StoreWriter&)>) override {
    throw StoreError(path_ + ": nothing is written in safe mode");
    co_return;
  }
  Task<> read(std::function<void(StoreReader&)> work) override {
    try {
      read_sqlite(path_, work);
    } catch (const StoreError& e) {
      throw StoreUnreadable(e.what());
    }
    co_return;
  }
  std::uint64_t commits() const override { return 0; }
  Task<bool> scrub(std::uint64_t) override { co_return false; }
  PoisonGuard& poison() override { return guard_; }
  void ends() override {}

 private:
  std::string path_;
  sqlite::PoisonFile guard_{""};
};

}  // namespace

std::unique_ptr<Store> open_to_look(const std::string& path) {
  return std::make_unique<Look>(path);
}

}  // namespace earshot
