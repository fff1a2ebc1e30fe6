// A second opinion: whatever a post says, it stands whole between marks that it does not hold; and
// whatever an endpoint answers, only the agreed form is read.
#include <cstdint>

#include "check.hpp"
#include "earshot/classify/second_opinion.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  OpinionPolicy policy;
  policy.model = "small";
  for (const OpinionKind kind : {OpinionKind::chat, OpinionKind::scorer}) {
    policy.kind = kind;
    if (const auto read = read_opinion(policy, bytes))
      check(read->confidence >= 0 && read->confidence <= 1 && opinion_sentence(*read).size() < 100);
  }
  Post post;
  post.text = clean_utf8(bytes);
  post.author.name = post.text.substr(0, post.text.find(' '));
  if (!is_utf8(post.author.name)) post.author.name.clear();
  Watch watch;
  watch.company.handles = {"Brightwave"};
  const std::string words = words_asked(post, watch);
  check(words.size() <= kMostAsked && is_utf8(words));
  policy.kind = OpinionKind::chat;
  const auto asked = parse_json(opinion_question(policy, words, "en", 0));
  check(asked.ok());
  const std::string_view user = string_at((*find(*asked, "messages"))[1], "content");
  check(user.starts_with("begin ") && user.size() == words.size() + 6 + 16 + 1 + 5 + 16);
  const std::string_view mark = user.substr(6, 16);
  check(user.substr(23, words.size()) == words && words.find(mark) == std::string::npos);
  check(user.ends_with(mark));
  return 0;
}
