#pragma once

/// The poison guard (P16): what is being read is marked before it is read, so that after a death of
/// the process the next one knows over what it died. A mark survives the process but not a power
/// cut: it is written without a sync, and a power cut is not the reader's fault.

#include <string>
#include <string_view>
#include <vector>

namespace earshot {

/// Thread-safe. A place is where one thing at a time is read: a source at one of its stages.
class PoisonGuard {
 public:
  /// So many deaths over the same bytes set them aside.
  static constexpr int kDeaths = 3;

  virtual ~PoisonGuard() = default;
  /// `digest` is being read at `place`. What was marked there before has been survived.
  virtual void mark(std::string_view place, std::string_view digest) = 0;
  /// What is marked at `place` has been survived.
  virtual void clear(std::string_view place) = 0;
  /// Who read what is marked at `place` has died over it, and we have not: a death as any other.
  virtual void died(std::string_view place) = 0;
  /// What killed at least `limit` times at `place`: not many.
  virtual std::vector<std::string> deadly(std::string_view place, int limit) const = 0;
  /// How often the process died over these bytes since they were last survived.
  virtual int deaths(std::string_view place, std::string_view digest) const = 0;
  /// The process died at this place over something that was not survived since.
  virtual bool suspects(std::string_view place) const = 0;
  /// Forgets the deaths over these bytes: somebody wants them tried again.
  virtual void forgive(std::string_view digest) = 0;
};

/// A mark for as long as it lives. An exception that passes leaves it standing: unless somebody
/// catches it, it is the process's death.
class PoisonMark {
 public:
  PoisonMark(PoisonGuard* guard, std::string place);
  ~PoisonMark();
  PoisonMark(const PoisonMark&) = delete;
  PoisonMark& operator=(const PoisonMark&) = delete;

  /// False where `digest` killed the process `limit` times: leave it alone.
  bool may_read(std::string_view digest, int limit = PoisonGuard::kDeaths);

 private:
  PoisonGuard* guard_;
  std::string place_;
  int exceptions_;
  bool marked_ = false;
};

/// Where $EARSHOT_CRASH_ON is "stage:words" and the bytes hold the words, aborts: for tests of the
/// guard in a real process.
void crash_if_asked(std::string_view stage, std::string_view bytes);

}  // namespace earshot
