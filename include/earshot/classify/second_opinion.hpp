#pragma once

/// A second opinion on texts that the judge of urgency is not sure of, from an HTTP endpoint that
/// the operator names: whether one is asked, what is said to it, and how its answer is read. It can
/// only wake people; nothing here makes a post quieter. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "earshot/classify/assessment.hpp"
#include "earshot/classify/watch.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/core/network.hpp"
#include "earshot/core/post.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

/// chat: OpenAI-compatible chat completions. scorer: {"text", "language"} -> {"score": 0..1}.
EARSHOT_ENUM(OpinionKind, chat, scorer);
/// What a chat server is asked to hold its model to; `none` sends no response_format.
EARSHOT_ENUM(OpinionFormat, json_schema, json_object, none);

/// `classifier.second_opinion`.
struct OpinionPolicy {
  std::string url;  ///< the whole address: …/v1/chat/completions, or the scorer's
  OpinionKind kind = OpinionKind::chat;
  std::string model;       ///< chat: name of the model
  std::string token_file;  ///< "" = no token
  std::string ca_file;
  OpinionFormat format = OpinionFormat::json_schema;
  /// Shares of the urgency judge's threshold between which a text is asked about.
  std::array<double, 2> grey{0.35, 1.0};
  double sure = 0.6;  ///< an answer that is less sure wakes nobody
  Duration deadline = seconds{5};
  int per_hour = 60;
  bool private_too = false;  ///< mails and direct messages as well
  NetworkPolicy network{};   ///< joined with the global one
};

/// Whether a second opinion is asked, and the sentence why or why not.
struct Asking {
  bool asked = false;
  std::string why;
};
/// `pages`: the post is a page already.
Asking asks_opinion(const Post& post, const Assessment& assessment, bool pages,
                    const OpinionPolicy& policy);

/// What the endpoint reads of a post: title and words, without telephone numbers, mail addresses,
/// bank accounts, cards, handles but our own, the author's name, and what stands behind the host of
/// a link. Beyond kMostAsked bytes the middle is left out.
inline constexpr std::size_t kMostAsked = 8000;
std::string words_asked(const Post& post, const Watch& watch);

/// The body of the question. `words` are those of words_asked(); `nonce` makes the marks around
/// them, which occur nowhere else in them.
std::string opinion_question(const OpinionPolicy& policy, const std::string& words,
                             const std::string& language, std::uint64_t nonce);

struct Opinion {
  bool urgent = false;
  double confidence = 0;     ///< 0..1
  std::optional<Cue> why{};  ///< as the endpoint sees it
};
/// Reads an answer; whatever is not exactly of the agreed form is a permanent Error. The
/// endpoint's own words are never kept.
Result<Opinion> read_opinion(const OpinionPolicy& policy, std::string_view body);

/// Why a post is urgent, in our words: "A second opinion finds it urgent (safety, 87 % sure)."
std::string opinion_sentence(const Opinion& opinion);

}  // namespace earshot
