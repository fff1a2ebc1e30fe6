#pragma once

/// Enumerators are spelt like the word in the configuration, the database and the API. EARSHOT_ENUM
/// declares the enum and its words in one place, so that they cannot drift apart:
/// `EARSHOT_ENUM(Urgency, ignore, digest, queue, page)`. An underscore in an enumerator stays an
/// underscore in its word.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace earshot {

template <class E>
struct EnumWords;  // specialised by EARSHOT_ENUM: `text` is the comma-separated list of enumerators

namespace detail {
constexpr std::size_t count_words(std::string_view text) {
  std::size_t n = 1;
  for (const char c : text) n += c == ',' ? 1U : 0U;
  return n;
}
template <std::size_t N>
constexpr std::array<std::string_view, N> split_words(std::string_view text) {
  std::array<std::string_view, N> words{};
  for (std::size_t i = 0; i < N; ++i) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    const std::size_t end = text.find(',');
    words[i] = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return words;
}
}  // namespace detail

/// All words of an enum, in the order of its values.
template <class E>
inline constexpr auto kWordsOf =
    detail::split_words<detail::count_words(EnumWords<E>::text)>(EnumWords<E>::text);

template <class E>
constexpr std::string_view to_word(E value) {
  return kWordsOf<E>[static_cast<std::size_t>(value)];
}

template <class E>
constexpr std::optional<E> from_word(std::string_view word) {
  for (std::size_t i = 0; i < kWordsOf<E>.size(); ++i) {
    if (kWordsOf<E>[i] == word) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace earshot

/// Use inside `namespace earshot` only.
#define EARSHOT_ENUM(Name, ...)                            \
  enum class Name { __VA_ARGS__ };                         \
  template <>                                              \
  struct EnumWords<Name> {                                 \
    static constexpr std::string_view text = #__VA_ARGS__; \
  }
