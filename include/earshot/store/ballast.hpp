#pragma once

/// Room that is held back for a full disk (P18): a file of zeros beside the database,
/// DATABASE-ballast. Where the disk fills up it is emptied, and what it gives back is for
/// acknowledgements and pages; intake waits until there is room for it again. Emptied it stays
/// where it is: the next start knows.

#include <cstdint>
#include <memory>
#include <string>

namespace earshot {

inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

/// In bytes.
struct DiskRoom {
  std::uint64_t free = 0;  ///< for us, on the file system of the database
  std::uint64_t held = 0;  ///< by the ballast
  bool tight = false;      ///< nothing may be taken in
};

/// What there is to do; pure.
struct BallastStep {
  bool give_up = false;
  bool make = false;
  bool tight = false;
};
/// `full`: how large the ballast is meant to be. `given_up`: it was, and has not been made anew.
/// Tight below a quarter of it, until there is half of it; given up below a sixteenth; made anew,
/// and only then no longer tight, where half of it would be left. So it does not swing.
BallastStep judge_room(const DiskRoom& now, std::uint64_t full, bool given_up);

class Ballast {
 public:
  virtual ~Ballast() = default;
  /// Measures, and gives up or makes the ballast. Takes milliseconds where it is made.
  virtual DiskRoom look() = 0;
  /// A write has found no room. From any thread.
  virtual void give_up() = 0;
};

/// `most` bytes, and a twentieth of the file system at most; at least 1 MiB. nullptr where `most`
/// is 0 or the database lies in memory. Touches nothing yet. look() of a file that cannot be made
/// says so by `held`.
std::unique_ptr<Ballast> make_ballast(const std::string& database, std::uint64_t most);

}  // namespace earshot
