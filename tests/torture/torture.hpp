#pragma once

/// Fails each allocation of an operation in turn. EARSHOT_TORTURE=all: every one; else 40 a test,
/// spread over it.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace earshot {

/// What an operation says of a mistake: never a part of a result.
inline constexpr const char* kRefused = "refused";

using Operation = std::function<std::string(std::string_view input)>;

/// RE2 and ctemplate lose what they hold when a constructor of theirs fails.
enum class Losses { none, of_a_library };

/// Each point of each input once with one failure and once with memory gone for good. The operation
/// must throw bad_alloc, say kRefused, or give what it gives in peace; nothing of operator new's
/// may be lost (the sanitizers look for the rest), and the same operation afterwards gives the
/// right result. EXPECTs.
void torture(const std::vector<std::string>& inputs, const Operation& operation,
             Losses losses = Losses::none);

/// At most `most` numbers of 1 … all (all of them where EARSHOT_TORTURE=all), evenly.
std::vector<std::uint64_t> points(std::uint64_t all, std::uint64_t most);

/// Kept corpus of a fuzzer, small files only, at most `most` of them, in the order of their names.
std::vector<std::string> corpus(const std::string& name, std::size_t most = 6);

}  // namespace earshot
