#include "earshot/core/post.hpp"

namespace earshot {

std::string_view automatic_word(Automatic value) {
  return value == Automatic::auto_reply ? "auto-reply" : to_word(value);
}

std::string words_of(const Post& post) {
  if (post.title.empty()) return post.text;
  if (post.text.empty()) return post.title;
  return post.title + "\n" + post.text;
}

}  // namespace earshot
