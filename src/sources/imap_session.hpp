#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/mail.hpp"
#include "parse/imap_response.hpp"

namespace earshot {

/// The largest mail that is fetched, bytes (P14).
constexpr std::uint64_t kLargestMail = std::uint64_t{32} << 20U;

/// One signed-in connection: commands one after another, every answer under a deadline.
class ImapSession {
 public:
  ImapSession(std::unique_ptr<MailStream> stream, Clock& clock)
      : stream_(std::move(stream)), clock_(clock) {}

  bool idles = false;
  std::string refusal;  ///< what the server said when it refused a FETCH
  std::uint32_t validity = 0;
  std::uint32_t next_uid = 0;

  struct Answer {
    std::vector<ImapResponse> lines;
    ImapResponse end;
  };

  /// Sends a command and collects the answer to it. NO and BAD are values; BYE, time-outs and
  /// unreadable bytes are Errors.
  Task<Result<Answer>> command(std::string words);

  /// Opens the mailbox for reading only; tells UIDVALIDITY and UIDNEXT.
  Task<Result<void>> examine(std::string mailbox);

  /// UIDs that answer to the criteria, sorted.
  Task<Result<std::vector<std::uint32_t>>> search(std::string criteria);

  /// Items of these mails; some may be gone.
  Task<Result<std::vector<ImapFetch>>> fetch(std::vector<std::uint32_t> uids, std::string items);

  /// Waits for news at most `limit`; true where there are some.
  Task<Result<bool>> idle(Duration limit);

 private:
  Task<Result<ImapResponse>> response(Duration limit);

  std::unique_ptr<MailStream> stream_;
  Clock& clock_;
  ImapParser parser_;
  unsigned count_ = 0;
};

}  // namespace earshot
