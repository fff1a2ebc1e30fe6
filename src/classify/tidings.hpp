#pragma once

/// What the notions of a text tell together, in any language: rules over meanings, not over words.
/// Pure.

#include <span>

#include "earshot/classify/features.hpp"
#include "earshot/core/post.hpp"

namespace earshot {

struct Tidings {
  bool press_asks = false;   ///< somebody of the press, and a time
  bool office_asks = false;  ///< an authority wants something, or something is wanted by a date
  bool remedy = false;       ///< what keeps somebody well is missing, late or broken
  bool loose = false;        ///< something gives way near people
  bool abroad = false;       ///< personal data and strangers
  bool despair = false;      ///< words of self-harm
};
Tidings read_tidings(std::span<const NotionHit> notions, Channel channel);

}  // namespace earshot
