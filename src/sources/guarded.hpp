#pragma once

/// Reading foreign bytes under the poison guard (P16): the document is marked as a whole; where the
/// process died over one of this source, the next readings mark item by item, and the item that
/// kills again is set aside alone.

#include <string>
#include <string_view>

#include "earshot/runtime/poison.hpp"
#include "earshot/sources/parse/parsed.hpp"

namespace earshot {

class GuardedRead final : public ItemWatch {
 public:
  /// The first death was over the document that held the item.
  static constexpr int kItemDeaths = PoisonGuard::kDeaths - 1;

  /// `guard` may be nullptr. `bytes` outlive this. `items`: the document has some.
  GuardedRead(PoisonGuard* guard, const std::string& source, std::string_view bytes, bool items);

  /// The document as it goes to quarantine, where the process died over it three times before any
  /// of its items; nullopt: read it now.
  std::optional<BadItem> poison() const;
  /// For the parser; nullptr while nothing of this source is suspected.
  ItemWatch* watch() { return careful_ ? this : nullptr; }
  bool may_read(std::string_view raw) override;

 private:
  PoisonMark mark_;
  std::string digest_;
  std::string_view bytes_;
  bool careful_;
  bool allowed_;
};

}  // namespace earshot
