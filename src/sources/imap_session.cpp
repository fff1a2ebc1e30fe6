#include "imap_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "earshot/core/utf8.hpp"
#include "imap_words.hpp"

namespace earshot {
namespace {

constexpr Duration kStep = seconds{60};     // each command's answer
constexpr std::size_t kMostLines = 20'000;  // untagged responses to one command

}  // namespace

Task<Result<ImapSession::Answer>> ImapSession::command(std::string words) {
  const std::string tag = fmt::format("E{}", ++count_);
  std::string bytes = tag + " " + words + "\r\n";
  Result<void> sent = co_await stream_->write(std::move(bytes), kStep);
  if (!sent) co_return sent.error();
  Answer answer;
  std::uint64_t bytes_in = 0;
  const Duration until = clock_.steady() + 5 * kStep;
  while (true) {
    Result<ImapResponse> got = co_await response(kStep);
    if (!got) co_return got.error();
    if (clock_.steady() > until) co_return transient("IMAP: the answer took too long");
    if (got->kind == ImapResponse::Kind::tagged && got->tag == tag) {
      answer.end = std::move(*got);
      co_return answer;
    }
    if (got->fetch && got->fetch->body) bytes_in += got->fetch->body->size();
    if (answer.lines.size() >= kMostLines || bytes_in > 3 * kLargestMail)
      co_return transient("IMAP: the server sends more than was asked for");
    if (got->kind == ImapResponse::Kind::untagged) answer.lines.push_back(std::move(*got));
  }
}

Task<Result<void>> ImapSession::examine(std::string mailbox) {
  std::string ask = "CAPABILITY";
  Result<Answer> capability = co_await command(std::move(ask));
  if (!capability) co_return capability.error();
  for (const ImapResponse& line : capability->lines) {
    if (std::find(line.words.begin(), line.words.end(), "IDLE") != line.words.end()) idles = true;
  }
  std::string words = "EXAMINE " + quoted_mailbox(mailbox);
  Result<Answer> answer = co_await command(std::move(words));
  if (!answer) co_return answer.error();
  if (answer->end.name != "OK")
    co_return permanent(
        fmt::format("mailbox {}: {}", printable(mailbox), printable(answer->end.text)));
  for (const ImapResponse& line : answer->lines) {
    const auto number = parse_uid_set(line.code_value);
    if (line.code == "UIDVALIDITY" && number && number->size() == 1) validity = number->front();
    if (line.code == "UIDNEXT" && number && number->size() == 1) next_uid = number->front();
  }
  if (validity == 0) co_return permanent("the server tells no UIDVALIDITY");
  co_return Result<void>{};
}

Task<Result<std::vector<std::uint32_t>>> ImapSession::search(std::string criteria) {
  std::string words = "UID SEARCH " + criteria;
  Result<Answer> answer = co_await command(std::move(words));
  if (!answer) co_return answer.error();
  if (answer->end.name != "OK") co_return transient("UID SEARCH: " + printable(answer->end.text));
  std::vector<std::uint32_t> found;
  for (const ImapResponse& line : answer->lines)
    found.insert(found.end(), line.found.begin(), line.found.end());
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  co_return found;
}

Task<Result<std::vector<ImapFetch>>> ImapSession::fetch(std::vector<std::uint32_t> uids,
                                                        std::string items) {
  std::string words = fmt::format("UID FETCH {} ({})", imap_uid_set(uids), items);
  Result<Answer> answer = co_await command(std::move(words));
  if (!answer) co_return answer.error();
  std::vector<ImapFetch> found;
  for (ImapResponse& line : answer->lines) {
    if (line.fetch && line.fetch->uid) found.push_back(std::move(*line.fetch));
  }
  // NO with EXPUNGEISSUED (RFC 5530): some are gone, the rest was sent.
  if (answer->end.name == "BAD" ||
      (answer->end.name == "NO" && answer->end.code != "EXPUNGEISSUED" && found.empty())) {
    refusal = printable(answer->end.text);
    co_return transient("UID FETCH: " + refusal);
  }
  co_return found;
}

Task<Result<bool>> ImapSession::idle(Duration limit) {
  const std::string tag = fmt::format("E{}", ++count_);
  std::string begin = tag + " IDLE\r\n";
  Result<void> sent = co_await stream_->write(std::move(begin), kStep);
  if (!sent) co_return sent.error();
  bool news = false;
  const Duration until = clock_.steady() + limit;
  while (!news && clock_.steady() < until) {
    const Duration left = std::max(until - clock_.steady(), Duration{1});
    Result<ImapResponse> got = co_await response(left);
    if (!got && got.error().message.find("timed out") == std::string::npos) co_return got.error();
    if (!got) break;
    if (got->kind == ImapResponse::Kind::tagged)
      co_return transient("IDLE: " + printable(got->text));
    news = got->name == "EXISTS";
  }
  std::string end = "DONE\r\n";
  Result<void> done = co_await stream_->write(std::move(end), kStep);
  if (!done) co_return done.error();
  while (true) {
    Result<ImapResponse> got = co_await response(kStep);
    if (!got) co_return got.error();
    if (got->name == "EXISTS") news = true;
    if (got->kind == ImapResponse::Kind::tagged && got->tag == tag) co_return news;
  }
}

Task<Result<ImapResponse>> ImapSession::response(Duration limit) {
  while (true) {
    Result<std::optional<ImapResponse>> next = parser_.next();
    if (!next) co_return next.error();
    if (*next) {
      if ((*next)->kind == ImapResponse::Kind::untagged && (*next)->name == "BYE")
        co_return transient("the server said good-bye: " + printable((*next)->text));
      co_return std::move(**next);
    }
    Result<std::string> bytes = co_await stream_->read(std::size_t{64} * 1024, limit);
    if (!bytes) co_return bytes.error();
    parser_.feed(*bytes);
  }
}

}  // namespace earshot
