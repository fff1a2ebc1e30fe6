// What `check-config` says of an address that will never be reached, before anybody waits for a
// page: tests/fixtures/network.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "earshot/config/load.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/reach.hpp"
#include "support/address_vectors.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

std::string filled(std::string url) {
  for (std::size_t at; (at = url.find("{}")) != std::string::npos;) url.replace(at, 2, "8080");
  return url;
}

std::string quoted_in_json(const std::string& text) {
  JsonWriter out;
  out.array();
  out.value(text);
  out.end_array();
  const std::string list = out.take();
  return list.substr(1, list.size() - 2);
}

/// refused, warned or connect.
std::string said_of(const std::string& url, const std::string& network) {
  const std::string text = fmt::format(
      "company: {{name: B}}\nnetwork: {{{}}}\nreceivers: [{{name: hook, type: webhook, url: {}}}]\n"
      "sources: [{{name: push, type: push}}]\nroute: {{receivers: [hook]}}\n",
      network, quoted_in_json(url));
  const std::vector<ConfigText> texts{{"earshot.yaml", text}};
  std::string out = "connect";
  for (const Diagnostic& it : parse_config(texts, "/etc/earshot", {}).diagnostics) {
    if (it.path.find("url") == std::string::npos) continue;
    out = it.level == Diagnostic::Level::error ? "refused" : out == "connect" ? "warned" : out;
  }
  return out;
}

TEST(Addresses, TheConfigurationSaysWhatWillNotBeReached) {
  std::string written;
  for (const AddressVector& it : address_vectors("refused")) {
    const std::string said = said_of(filled(it.url), "insecure_http: true");
    const bool ascii = std::ranges::all_of(it.url, [](char c) { return (c & 0x80) == 0; });
    EXPECT_TRUE(!ascii || said != "connect") << it.url << " is taken without a word";
    written += fmt::format("[{}, \"{}\"]\n", quoted_in_json(it.url), said);
    if (std::getenv("UPDATE_GOLDEN") != nullptr) continue;
    EXPECT_EQ(said, it.config) << it.url;
  }
  if (std::getenv("UPDATE_GOLDEN") != nullptr)
    std::ofstream{source_tree() + "/tests/fixtures/network/refused.jsonl"} << written;
}

TEST(Addresses, WhatIsAllowedIsNotWarnedOf) {
  for (const char* url : {"http://10.0.0.5:8080/", "http://0xa.5/", "http://167772165/"}) {
    EXPECT_EQ(said_of(url, "insecure_http: true"), "warned") << url;
    EXPECT_EQ(said_of(url, "insecure_http: true, allow: [\"10.0.0.0/8\"]"), "connect") << url;
  }
  for (const char* url : {"https://8.8.8.8/", "https://[2606:4700::1111]/", "https://a.example/",
                          "https://10.example/", "https://1e100.example/"})
    EXPECT_EQ(said_of(url, ""), "connect") << url;
}

TEST(Addresses, AHostIsReadAsAResolverWould) {
  for (const char* host : {"127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1.",
                           "::ffff:127.0.0.1"}) {
    const auto at = literal_address(host);
    ASSERT_TRUE(at) << host;
    EXPECT_EQ((*at)[12], 127) << host;
    EXPECT_FALSE(is_public(*at)) << host;
  }
  for (const char* host :
       {"", "a.example", "1e100.example", "10.example", "127.0.0.1/8", "256.1.1.1.1", "0x7g.1"})
    EXPECT_FALSE(literal_address(host)) << host;
}

}  // namespace
}  // namespace earshot
