/// `classifier:`, a second opinion on what its judge of urgency is not sure of.

#include <fmt/format.h>

#include "address.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

constexpr double kMostOfThreshold = 20;  // a threshold may be as low as 0.05
constexpr int kMostAnHour = 100'000;

/// `grey: [0.35, 1]`.
void read_grey(Section& section, std::array<double, 2>& out) {
  const Node* node = section.find("grey");
  if (node == nullptr) return;
  Context& context = section.context();
  const std::string path = section.path_of("grey");
  const auto* items = items_of(context, *node, path);
  if (items == nullptr) return;
  const std::string hint = "write the shares of the threshold between which it asks: [0.35, 1]";
  if (items->size() != 2)
    return section.error(node->mark, "grey", "two numbers are wanted, from and to", hint);
  std::array<double, 2> read{};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto number = decimal_of(context, (*items)[i], item_path(path, i));
    if (!number) return;
    read.at(i) = *number;
  }
  if (read[0] < 0 || read[1] <= read[0] || read[1] > kMostOfThreshold)
    return section.error(node->mark, "grey", "nothing lies between these numbers", hint);
  out = read;
}

void read_kind(Section& section, OpinionPolicy& out) {
  section.read_enum("kind", out.kind);
  const bool chat = out.kind == OpinionKind::chat;
  if (!chat) {
    section.known({"model", "answer_format"});
    for (const char* key : {"model", "answer_format"}) {
      if (const Node* node = section.find(key))
        section.error(node->mark, key, "a scorer has none", "remove it, or write `kind: chat`");
    }
    return;
  }
  section.need("model", "the name of the model, as its server knows it");
  section.read("model", out.model);
  section.read_enum("answer_format", out.format);
}

/// A base address is easily taken for the whole one.
void check_path(Section& section, const OpinionPolicy& policy) {
  if (policy.kind != OpinionKind::chat || policy.url.empty()) return;
  const auto url = split_url(policy.url);
  if (!url || url->rest.find("/chat/completions") != std::string::npos) return;
  section.warning(section.find("url")->mark, "url",
                  "does not look like the address of chat completions",
                  "write the whole address: https://HOST/v1/chat/completions");
}

OpinionPolicy read_second_opinion(Section& section, const NetworkPolicy& network) {
  OpinionPolicy out;
  section.read_network(out.network);
  out.network = joined(network, out.network);
  section.need("url", "the whole address of the endpoint");
  read_url(section, "url", out.url, {"https", "http"}, out.network);
  read_kind(section, out);
  check_path(section, out);
  section.read_secret_file("token_file", out.token_file);
  section.read_file("ca_file", out.ca_file);
  read_grey(section, out.grey);
  if (const Node* sure = section.find("sure"))
    out.sure = share_of(section.context(), *sure, section.path_of("sure")).value_or(out.sure);
  section.read("deadline", out.deadline, {milliseconds{100}, minutes{1}});
  section.read("per_hour", out.per_hour, 1, kMostAnHour);
  section.read("private", out.private_too);
  section.done();
  return out;
}

}  // namespace

void read_classifier(Context& context, const Node& node, const NetworkPolicy& network,
                     std::optional<OpinionPolicy>& out) {
  Section section{context, node, "classifier"};
  if (!section.ok()) return;
  if (const Node* opinion = section.find("second_opinion")) {
    Section inner{context, *opinion, section.path_of("second_opinion")};
    if (inner.ok()) out = read_second_opinion(inner, network);
  }
  section.done();
}

}  // namespace earshot::config
