#pragma once

/// A long text by its passages. Sums of many words grow whatever the words are, and a sign of one
/// sentence meets that of another which has nothing to do with it: what a long text tells has to
/// stand in a passage of it. Pure.

#include <string_view>
#include <vector>

#include "earshot/classify/assessment.hpp"
#include "earshot/core/post.hpp"
#include "urgency.hpp"
#include "word_list.hpp"

namespace earshot {

/// The passages of a text: whole sentences, as many as make a short post, or the words of one where
/// no full stop comes. Empty where the text is not long for its channel.
std::vector<std::string_view> passages_of(const WordList& words, Channel channel);

/// What the passages of a text say, each for itself. Distances are log-odds above the threshold.
struct PassageView {
  std::size_t passages = 0;
  double complaint = -100;    ///< of the passage that complains most
  double urgent = -100;       ///< of the most urgent one
  double hazard = -100;       ///< the better of both, of the passages whose hazard the rules see
  double told_urgent = -100;  ///< the urgency of that passage
  bool danger = false;        ///< one tells a danger of us: it needs no bar, as in decide()
  Assessment told;
  void add(const Facts& facts, bool ours, Assessment verdict);
};

/// Takes back of a long text's verdict what no passage bears out, and adds what one of them tells
/// clearly: the verdict, and the probability of a complaint. The more passages, the more one has to
/// say: the best of many is good by chance.
void heed_passages(const PassageView& passages, const Facts& whole, Assessment& out);

}  // namespace earshot
