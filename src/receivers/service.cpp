#include "service.hpp"

#include <fmt/format.h>

namespace earshot {
namespace {

Result<void> read_into(Secret& out, const std::string& file, const std::string& directory) {
  if (file.empty()) return {};
  auto read = read_secret(file, directory);
  if (!read) return read.error();
  out = std::move(*read);
  return {};
}

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

}  // namespace

Result<void> Service::reread_secrets() {
  url_ = Secret{config_.url};
  channel_ = Secret{config_.channel};
  if (auto read = read_into(url_, config_.url_file, tools_.config_dir); !read) return read;
  if (auto read = read_into(channel_, config_.channel_file, tools_.config_dir); !read) return read;
  return read_into(token_, config_.token_file, tools_.config_dir);
}

std::string Service::base(std::string_view usual) const {
  std::string out = url_.empty() ? std::string{usual} : url_.reveal();
  while (out.ends_with('/')) out.pop_back();
  return out;
}

Task<Result<ServiceAnswer>> Service::ask(HttpRequest request) {
  Result<HttpResponse> answer = co_await tools_.http.send(std::move(request));
  if (!answer) co_return answer.error();
  const auto wait = retry_after(*answer, tools_.clock.now());
  co_return ServiceAnswer{answer->status, std::move(answer->body), wait};
}

Task<Delivery> Service::say(HttpRequest request, Reader reader) {
  const Result<ServiceAnswer> answer = co_await ask(std::move(request));
  co_return answer ? reader(*answer) : classify_error(answer.error());
}

void mark_repeat(std::string& body, std::string_view marker) {
  if (const std::size_t at = body.find(marker); at != std::string::npos)
    body.insert(at + marker.size(), "(possible repeat) ");
}

std::string form_of(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string out;
  for (const auto& [name, value] : fields)
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, encoded(value));
  return out;
}

}  // namespace earshot
