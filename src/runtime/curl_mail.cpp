#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "curl_mail.hpp"
#include "earshot/core/check.hpp"
#include "earshot/core/masked.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {

namespace asio = boost::asio;

Result<UrlParts> read_mail_url(const std::string& url,
                               std::initializer_list<std::string_view> schemes) {
  Result<UrlParts> parts = read_url(url, schemes);
  if (parts && !parts->path.empty() && parts->path != "/") {
    return permanent(parts->origin + ": the URL of a mail server has no path");
  }
  return parts;
}

bool is_farewell(curl_infotype type, std::string_view line) {
  return type == CURLINFO_HEADER_OUT && (line == "QUIT\r\n" || line.ends_with(" LOGOUT\r\n"));
}

void set_mail_options(CURL* easy, const std::string& url, const std::string& ca_file,
                      Duration timeout, bool insecure) {
  const auto set = [easy](CURLoption option, auto value) {
    EARSHOT_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
  };
  const auto ms = static_cast<long>(std::max<std::int64_t>(timeout.count(), 1));
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_USE_SSL, static_cast<long>(insecure ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
  set(CURLOPT_TIMEOUT_MS, ms);
  set(CURLOPT_CONNECTTIMEOUT_MS, std::min(ms, 10'000L));
  set(CURLOPT_SERVER_RESPONSE_TIMEOUT, std::max(1L, ms / 1000));
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_FRESH_CONNECT, 1L);
}

namespace {

// When curl closes a mail connection it may say good-bye and wait for the answer, in one blocking
// call. Once the words are out we close our ear, so that the wait ends at once. Nothing of what is
// seen here is kept: passwords pass by, too.
int on_traffic(CURL* easy, curl_infotype type, char* data, std::size_t size, void*) {
  if (!is_farewell(type, {data, size})) return 0;
  curl_socket_t fd = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
  if (fd != CURL_SOCKET_BAD) ::shutdown(fd, SHUT_RD);
  return 0;
}

std::size_t ignore(char*, std::size_t, std::size_t size, void*) {
  return size;
}

/// One direction of a socket that a stream waits for. The wait outlives a read that timed out and
/// serves the next one.
struct Readiness {
  bool waiting = false;
  bool ready = false;
  asio::steady_timer* sleeper = nullptr;
};

class CurlMailStream final : public MailStream {
 public:
  CurlMailStream(std::unique_ptr<Transfer> transfer, std::shared_ptr<CurlSocket> socket,
                 std::string origin)
      : transfer_(std::move(transfer)), socket_(std::move(socket)), origin_(std::move(origin)) {}

  Task<Result<void>> write(std::string bytes, Duration limit) override {
    const auto until = std::chrono::steady_clock::now() + limit;
    std::size_t done = 0;
    while (done < bytes.size()) {
      std::size_t n = 0;
      const CURLcode code = is_open() ? curl_easy_send(transfer_->easy(), bytes.data() + done,
                                                       bytes.size() - done, &n)
                                      : CURLE_SEND_ERROR;
      if (code == CURLE_OK) {
        done += n;
        continue;
      }
      if (code != CURLE_AGAIN) co_return lost(code);
      const bool ready = co_await wait(writable_, false, until);
      if (!ready) co_return timed_out(limit);
    }
    co_return Result<void>{};
  }

  Task<Result<std::string>> read(std::size_t most, Duration limit) override {
    const auto until = std::chrono::steady_clock::now() + limit;
    std::string bytes(std::min<std::size_t>(most, std::size_t{64} << 10U), '\0');
    for (;;) {
      // First read, then wait: TLS may hold bytes that the socket has given up long ago.
      std::size_t n = 0;
      const CURLcode code =
          is_open() ? curl_easy_recv(transfer_->easy(), bytes.data(), bytes.size(), &n) : CURLE_OK;
      if (code == CURLE_OK && n == 0) co_return transient(origin_ + ": closed by the server");
      if (code == CURLE_OK) {
        bytes.resize(n);
        co_return std::move(bytes);
      }
      if (code != CURLE_AGAIN) co_return lost(code);
      const bool ready = co_await wait(readable_, true, until);
      if (!ready) co_return timed_out(limit);
    }
  }

 private:
  using Until = std::chrono::steady_clock::time_point;

  bool is_open() const { return socket_ && socket_->open; }
  Error lost(CURLcode code) const { return transient(origin_ + ": " + curl_easy_strerror(code)); }
  Error timed_out(Duration limit) const {
    return transient(origin_ + ": timed out after " + to_text(limit));
  }

  Task<bool> wait(std::shared_ptr<Readiness> direction, bool read, Until until) {
    asio::steady_timer timer(transfer_->multi()->executor(), until);
    direction->ready = false;
    if (!direction->waiting) {
      direction->waiting = true;
      using Descriptor = asio::posix::stream_descriptor;
      socket_->descriptor.async_wait(read ? Descriptor::wait_read : Descriptor::wait_write,
                                     [direction](const boost::system::error_code&) {
                                       direction->waiting = false;
                                       direction->ready = true;
                                       if (direction->sleeper != nullptr)
                                         direction->sleeper->cancel();
                                     });
    }
    direction->sleeper = &timer;
    const std::shared_ptr<void> leave(nullptr,
                                      [direction](void*) { direction->sleeper = nullptr; });
    boost::system::error_code ended;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    if (direction->ready) co_return true;
    if (ended) throw boost::system::system_error(asio::error::operation_aborted);
    co_return false;
  }

  std::unique_ptr<Transfer> transfer_;  // stays in the multi: its removal closes the connection
  std::shared_ptr<CurlSocket> socket_;  // shared with the multi, which marks it when curl closes it
  std::string origin_;
  std::shared_ptr<Readiness> readable_ =
      std::make_shared<Readiness>();  // shared with the wait under way
  std::shared_ptr<Readiness> writable_ = std::make_shared<Readiness>();
};

std::size_t on_login_line(char* data, std::size_t, std::size_t size, void* self) {
  auto& last = *static_cast<std::string*>(self);
  const std::string_view line = trim(std::string_view{data, std::min<std::size_t>(size, 400)});
  const std::size_t blank = line.find(' ');
  const std::string_view status = blank == std::string_view::npos ? line : line.substr(blank + 1);
  if (status.substr(0, 3) == "NO " || status.substr(0, 4) == "BAD " ||
      status.substr(0, 4) == "BYE ")
    last = status;
  return size;
}

// RFC 5530: these say that the same login may work later.
bool is_passing(std::string_view reply) {
  constexpr std::array<std::string_view, 4> kCodes{"[UNAVAILABLE]", "[INUSE]", "[LIMIT]",
                                                   "[SERVERBUG]"};
  return std::any_of(kCodes.begin(), kCodes.end(), [&](std::string_view code) {
    return reply.find(code) != std::string_view::npos;
  });
}

class CurlMailConnector final : public MailConnector {
 public:
  explicit CurlMailConnector(std::shared_ptr<CurlMulti> multi) : multi_(std::move(multi)) {}

  Task<Result<std::unique_ptr<MailStream>>> open(MailLogin login) override {
    const Result<UrlParts> url = read_mail_url(login.url, {"imap", "imaps"});
    if (!url) co_return url.error();
    if (breaks_lines(login.user) || breaks_lines(login.password) || breaks_lines(login.bearer)) {
      co_return permanent(url->origin + ": the user, password or token holds a line end or NUL");
    }
    auto transfer = std::make_unique<Transfer>(multi_, login.network);
    set_mail_options(transfer->easy(), login.url, login.ca_file, login.timeout,
                     transfer->policy().insecure_http);
    transfer->set(CURLOPT_VERBOSE, 1L);
    transfer->set(CURLOPT_DEBUGFUNCTION, &on_traffic);
    transfer->set(CURLOPT_PROTOCOLS_STR, "imap,imaps");
    transfer->set(CURLOPT_CONNECT_ONLY, 1L);
    transfer->set(CURLOPT_USERNAME, login.user.c_str());
    if (login.bearer.empty())
      transfer->set(CURLOPT_PASSWORD, login.password.c_str());
    else
      transfer->set(CURLOPT_XOAUTH2_BEARER, login.bearer.c_str());
    std::string refusal;
    transfer->set(CURLOPT_HEADERFUNCTION, &on_login_line);
    transfer->set(CURLOPT_HEADERDATA, static_cast<void*>(&refusal));
    transfer->set(CURLOPT_WRITEFUNCTION, &on_login_line);
    transfer->set(CURLOPT_WRITEDATA, static_cast<void*>(&refusal));
    transfer->stays_added = true;

    co_await multi_->perform(*transfer);

    if (transfer->result != CURLE_OK) {
      Error error = curl_error(*transfer, url->origin);
      if (transfer->result == CURLE_LOGIN_DENIED) {
        error.message = url->origin + ": the login was refused";
        std::string said = without_secret(refusal, login.password);
        said = without_secret(std::move(said), login.bearer);
        if (!said.empty()) error.message += ": " + printable(cut_utf8(said, 200));
        if (is_passing(refusal)) error.kind = Error::Kind::transient;
      }
      co_return error;
    }
    // From here on curl has nothing to say about this connection; its callbacks must not reach into
    // this frame.
    transfer->set(CURLOPT_HEADERFUNCTION, &ignore);
    transfer->set(CURLOPT_HEADERDATA, static_cast<void*>(nullptr));
    transfer->set(CURLOPT_WRITEFUNCTION, &ignore);
    transfer->set(CURLOPT_WRITEDATA, static_cast<void*>(nullptr));
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(transfer->easy(), CURLINFO_ACTIVESOCKET, &fd);
    std::shared_ptr<CurlSocket> socket = multi_->socket(fd);
    if (!socket) co_return transient(url->origin + ": closed by the server");
    std::unique_ptr<MailStream> stream =
        std::make_unique<CurlMailStream>(std::move(transfer), std::move(socket), url->origin);
    co_return std::move(stream);
  }

 private:
  std::shared_ptr<CurlMulti> multi_;  // shared with the streams
};

}  // namespace

// Mailboxes keep their connections for days; with a multi of their own they take no place from the
// requests to the same host.
std::unique_ptr<MailConnector> make_mail_connector(CurlPool& pool) {
  const std::shared_ptr<CurlMulti>& ours = multi_of(pool);
  CurlOptions options = ours->options();
  options.connections_per_host = 0;
  return std::make_unique<CurlMailConnector>(
      std::make_shared<CurlMulti>(ours->executor(), std::move(options)));
}

}  // namespace earshot
