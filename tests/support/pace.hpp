#pragma once

/// What a test may ask of time, in the build it runs in. A program with sanitizers does the same
/// work several times slower; a limit that is to catch quadratic work, a sync too many or a wait
/// for nothing is multiplied by this, never left out.

namespace earshot {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
inline constexpr int kPace = 4;
#else
inline constexpr bool kSanitized = false;
inline constexpr int kPace = 1;
#endif

}  // namespace earshot
