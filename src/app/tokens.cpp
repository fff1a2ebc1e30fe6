#include "tokens.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/secrets.hpp"

namespace earshot {
namespace {

constexpr std::string_view kOurs = "config/";
constexpr std::size_t kShortest = 16;

Result<TokenRecord> read_token(const Config& config, const std::string& key,
                               const std::string& file, const std::string& role) {
  const Result<Secret> secret = read_secret(file, config.directory);
  if (!secret) return permanent(key + ": " + secret.error().message);
  const std::string_view token = trim(secret->reveal());
  if (token.size() < kShortest)
    return permanent(fmt::format("{}: the token in {} has fewer than {} characters", key,
                                 printable(file), kShortest));
  TokenRecord out;
  out.id = std::string{kOurs} + key;
  out.hash = to_hex(sha256(token));
  out.role = role;
  out.label = key;
  return out;
}

bool is_ours(const TokenRecord& it) {
  return it.id.starts_with(kOurs);
}

template <class Same>
const TokenRecord* find(const std::vector<TokenRecord>& all, const Same& same) {
  const auto found = std::ranges::find_if(all, same);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<TokenRecord>> configured_tokens(const Config& config) {
  std::vector<TokenRecord> out;
  const auto add = [&](const std::string& key, const std::string& file,
                       const std::string& role) -> Result<void> {
    if (file.empty()) return {};
    Result<TokenRecord> one = read_token(config, key, file, role);
    if (!one) return one.error();
    out.push_back(std::move(*one));
    return {};
  };
  if (auto done = add("web.token_file", config.web.token_file, "admin"); !done) return done.error();
  for (const SourceConfig& it : config.sources) {
    if (it.type != "push") continue;
    if (auto done = add("source " + it.name, it.token_file, "service"); !done) return done.error();
  }
  return out;
}

std::vector<TokenRecord> tokens_to_put(const std::vector<TokenRecord>& stored,
                                       std::vector<TokenRecord> wanted, Instant now) {
  std::vector<TokenRecord> out;
  // First what is no more, so that a secret which moved from one key to another is free.
  for (const TokenRecord& old : stored) {
    if (!is_ours(old) || old.hash == old.id) continue;
    const TokenRecord* same =
        find(wanted, [&](const TokenRecord& it) { return it.id == old.id && it.hash == old.hash; });
    if (same != nullptr) continue;
    out.push_back(old);
    out.back().revoked_at = now;
    out.back().hash = old.id;  // no token has this hash
  }
  std::vector<std::string> seen;
  for (TokenRecord& it : wanted) {
    const bool twice = std::ranges::find(seen, it.hash) != seen.end();
    seen.push_back(it.hash);
    const bool known = find(stored, [&](const TokenRecord& old) {
                         return old.hash == it.hash && (!is_ours(old) || old.id == it.id);
                       }) != nullptr;
    if (twice || known) continue;
    it.created_at = now;
    out.push_back(std::move(it));
  }
  return out;
}

}  // namespace earshot
