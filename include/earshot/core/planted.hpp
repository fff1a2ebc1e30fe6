#pragma once

/// Bugs of the kinds that we fear, planted to prove that the tests find them
/// (tests/planted/README.md). `planted<N>` is false in everything that is shipped, as a constant:
/// the branch vanishes. Only the programs of tests/planted are compiled with EARSHOT_PLANTED; there
/// it is true for the one number that EARSHOT_PLANT names.

namespace earshot {

#ifdef EARSHOT_PLANTED
/// The number that EARSHOT_PLANT names, 0 for none. Defined in tests/planted alone: no other
/// program can be linked with EARSHOT_PLANTED.
int planted_bug();
template <int Bug>
inline const bool planted = planted_bug() == Bug;
#else
template <int Bug>
inline constexpr bool planted = false;
#endif

}  // namespace earshot
