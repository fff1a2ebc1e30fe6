#include "lexicon_phrase.hpp"

#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "word_list.hpp"

namespace earshot::phrases {

bool holds_unspaced(std::string_view phrase) {
  for (std::size_t i = 0; i < phrase.size();) {
    const CodePoint at = decode_utf8(phrase, i);
    if ((at.value >= 0x3040 && at.value <= 0x30FF) || (at.value >= 0x3400 && at.value <= 0x9FFF))
      return true;
    i += at.length;
  }
  return false;
}

namespace {

Result<Choice> read_choice(std::string_view text) {
  Choice choice;
  if (text.ends_with('*')) {
    choice.prefix = true;
    text.remove_suffix(1);
  }
  for (const char c : text) {
    const auto b = static_cast<unsigned char>(c);
    if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b >= 0x80 || b == '_')) {
      return permanent(
          fmt::format("\"{}\" is no word: letters and digits, then * or ? at most", text));
    }
  }
  if (text.empty() || (choice.prefix && text.size() < kPrefix))
    return permanent("a word with * needs three letters in front of it");
  choice.letters = std::string{text};
  choice.hash = word_hash(text);
  return choice;
}

Result<Step> read_step(std::string_view word) {
  Step step;
  if (word == "..") {
    step.gap = true;
    return step;
  }
  if (word.ends_with('?')) {
    step.optional = true;
    word.remove_suffix(1);
  }
  if (word == "#") {
    step.number = true;
    return step;
  }
  if (word.starts_with('(')) {
    if (!word.ends_with(')')) return permanent("\"(\" without \")\" in one word");
    word = word.substr(1, word.size() - 2);
  }
  for (;;) {
    const std::size_t end = word.find('|');
    if (word.substr(0, end) == "#") {
      step.number = true;
    } else {
      auto choice = read_choice(word.substr(0, end));
      if (!choice) return choice.error();
      step.choices.push_back(std::move(*choice));
    }
    if (end == std::string_view::npos) break;
    word = word.substr(end + 1);
  }
  return step;
}

}  // namespace

std::string phrase_spelling(std::string_view phrase) {
  std::string out;
  for (const char c : plain_spelling(phrase)) {
    if (c == '\'') continue;
    out += c == '-' || c == ',' ? ' ' : c;
  }
  return out;
}

Result<std::vector<Step>> read_phrase(std::string_view phrase) {
  std::vector<Step> steps;
  std::string_view rest = trim(phrase);
  while (!rest.empty()) {
    const std::size_t end = rest.find(' ');
    auto step = read_step(rest.substr(0, end));
    if (!step) return step.error();
    steps.push_back(std::move(*step));
    rest = end == std::string_view::npos ? std::string_view{} : trim(rest.substr(end + 1));
  }
  if (steps.empty()) return permanent("an empty phrase");
  if (steps.front().gap || steps.front().optional || steps.back().gap) {
    return permanent("a phrase begins with a word and does not end with \"..\"");
  }
  return steps;
}

}  // namespace earshot::phrases
