#pragma once

/// The reader: a process of its own that reads what strangers send (feeds, mails, pages of JSON)
/// and may do nothing else (runtime/confine.hpp). What kills it costs one document one try: the
/// poison guard hears of it, and the process is begun again (docs/adr/0011).

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "earshot/core/result.hpp"
#include "earshot/runtime/companion.hpp"
#include "earshot/runtime/task.hpp"

namespace earshot {

class PoisonGuard;
struct ReadOrder;

/// Called on the threads that speak to it.
struct ReaderHooks {
  /// It died over a document of `source`, or cannot be begun (`source` is empty).
  std::function<void(const std::string& source, const std::string& why)> died;
  std::function<void()> begun_again;
};

/// The word by which the daemon's program becomes the reader.
inline constexpr std::string_view kReaderWord = "--as-reader";

class Reader {
 public:
  /// Two processes: one for documents as most are, one, begun when it is needed, for big ones, so
  /// that nobody waits for those. `lanes`: a thread for each, which speaks to it.
  Reader(CompanionOptions options, Executor small, Executor large, ReaderHooks hooks);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Begins the first one; an Error says why it cannot.
  Task<Result<std::string>> begin();
  /// False while it cannot be begun.
  bool well() const { return well_; }

  struct Lane;
  /// Where a document of so many bytes is read.
  Lane& lane_of(std::size_t bytes);
  /// What came of an order to this lane. `why` is empty where nothing went wrong.
  void note(Lane& lane, const std::string& source, bool begun, const std::string& why);

 private:
  std::unique_ptr<Lane> small_;
  std::unique_ptr<Lane> large_;
  ReaderHooks hooks_;
  std::atomic<bool> well_{true};
};

/// How the daemon begins it: its own program with kReaderWord, no environment.
CompanionOptions reader_program();

/// The reader's main: gives everything up, then reads documents from standard input's connection
/// until that ends. Returns where it cannot give everything up.
int run_reader();

}  // namespace earshot
