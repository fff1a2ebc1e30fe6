#include "auth.hpp"

#include "earshot/config/config.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/web/server.hpp"

namespace earshot {
namespace {

bool from_loopback(const std::string& peer) {
  return peer.starts_with("127.") || peer == "::1" || peer.starts_with("::ffff:127.");
}

}  // namespace

Task<std::optional<Viewer>> authenticate(Backend& backend, WebRequest request, Instant now) {
  const std::shared_ptr<const Config> config = backend.config();
  const std::string_view given = request.header("Authorization");
  if (given.size() > 7 && equals_ignoring_case(given.substr(0, 7), "Bearer ")) {
    const std::string hash = to_hex(sha256(trim(given.substr(7))));
    std::optional<TokenRecord> token;
    auto look = [&](StoreReader& reader) { token = reader.token_by_hash(hash); };
    co_await backend.store().read(look);
    const bool valid =
        token && !token->revoked_at && (!token->expires_at || *token->expires_at > now);
    if (!valid) co_return std::nullopt;
    const std::string who = !token->person.empty()  ? token->person
                            : !token->label.empty() ? token->label
                                                    : token->id;
    co_return Viewer{who, token->role};
  }
  if (config->web.open_on_loopback && from_loopback(request.peer) &&
      is_loopback(config->web.listen)) {
    std::string who{request.header("X-Earshot-Person")};
    co_return Viewer{who.empty() ? "demo" : who, "admin"};
  }
  co_return std::nullopt;
}

}  // namespace earshot
