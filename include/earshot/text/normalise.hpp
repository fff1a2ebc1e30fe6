#pragma once

/// One folded view of a text for matching: NFKC, case folding, zero-width and combining rubbish
/// dropped, look-alike letters of other scripts mapped to Latin. Pure. For matching only: people
/// are shown the text as it was written.

#include <string>
#include <string_view>

namespace earshot {

/// "Ｂright­wave", "BRIGHTWAVE" and "Вrightwave" (Cyrillic В) fold to "brightwave".
std::string fold(std::string_view text);

/// True where a name mixes Latin with look-alike letters of other scripts.
bool mixed_script(std::string_view name);

}  // namespace earshot
