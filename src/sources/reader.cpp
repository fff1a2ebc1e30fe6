#include "earshot/sources/reader.hpp"

#include <cstdlib>

#include "reader_lane.hpp"

namespace earshot {
namespace {

constexpr std::size_t kLarge = std::size_t{256} << 10U;

}  // namespace

CompanionOptions reader_program() {
  CompanionOptions out;
  out.arguments = {"earshotd", std::string{kReaderWord}};
  // The tests of the poison guard say over which words it dies.
  if (const char* words = std::getenv("EARSHOT_CRASH_ON"))
    out.environment.push_back(std::string{"EARSHOT_CRASH_ON="} + words);
  return out;
}

Reader::Reader(CompanionOptions options, Executor small, Executor large, ReaderHooks hooks)
    : small_(std::make_unique<Lane>(std::move(small), options, "/read")),
      large_(std::make_unique<Lane>(std::move(large), std::move(options), "/read-large")),
      hooks_(std::move(hooks)) {}
Reader::~Reader() = default;

Reader::Lane& Reader::lane_of(std::size_t bytes) {
  return bytes < kLarge ? *small_ : *large_;
}

Task<Result<std::string>> Reader::begin() {
  Result<void> begun;
  std::string greeting;
  std::function<void()> work = [&] {
    begun = small_->companion.begin();
    note(*small_, "", begun.ok(), begun ? std::string{} : begun.error().message);
    greeting = small_->companion.greeting();
  };
  co_await run_on(small_->executor, std::move(work));
  if (begun) co_return greeting;
  co_return begun.error();
}

void Reader::note(Lane& lane, const std::string& source, bool begun, const std::string& why) {
  well_ = begun;
  const std::uint64_t begins = lane.companion.begins();
  if (begins > lane.begins && lane.begins > 0 && hooks_.begun_again) hooks_.begun_again();
  lane.begins = begins;
  if (!why.empty() && hooks_.died) hooks_.died(source, why);
}

}  // namespace earshot
