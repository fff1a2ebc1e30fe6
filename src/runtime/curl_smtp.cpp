#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <mutex>

#include "curl_mail.hpp"
#include "earshot/core/check.hpp"
#include "earshot/core/masked.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {

namespace asio = boost::asio;

namespace {

// libcurl waits for the reply to a mail's end, and to QUIT, inside one call (smtp_done), in its
// multi interface too: a server that scans what it gets would hold up the event loop for seconds.
// So mail is sent on threads of its own.
constexpr std::size_t kThreads = 4;

/// One mail on its way. Shared by the coroutine that waits and the thread that sends; either may be
/// the last to leave.
struct Job {
  Job(SmtpMessage m, NetworkPolicy p, std::string o, const Executor& executor)
      : mail(std::move(m)),
        policy(std::move(p)),
        origin(std::move(o)),
        done(executor, asio::steady_timer::time_point::max()) {}

  const SmtpMessage mail;
  const NetworkPolicy policy;
  const std::string origin;
  asio::steady_timer
      done;  // never expires; cancelled on its own thread when the mail has come to its end
  bool finished = false;
  Result<void> result;

  std::atomic<bool> stop{false};
  std::mutex mutex;  // guards the descriptor: closing and shutting down come from two threads
  curl_socket_t fd = CURL_SOCKET_BAD;

  // Of the sending thread alone:
  std::string denied;
  int opened = 0;
  std::size_t given = 0;   // bytes of the message that curl took
  bool handed = false;     // the server has said 354 and got something
  bool accepted = false;   // the server has said 250 to the whole
  std::string last_reply;  // the last line it said

  void abandon() {
    stop = true;
    const std::lock_guard lock(mutex);
    if (fd != CURL_SOCKET_BAD) ::shutdown(fd, SHUT_RDWR);
  }
};

curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& job = *static_cast<Job*>(self);
  if (auto refused = denied_address(&address->addr, job.policy)) {
    job.denied = std::move(*refused);
    return CURL_SOCKET_BAD;
  }
  const std::lock_guard lock(job.mutex);
  if (job.stop) return CURL_SOCKET_BAD;
  job.fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  ++job.opened;
  return job.fd;
}

int close_socket(void* self, curl_socket_t fd) {
  auto& job = *static_cast<Job*>(self);
  const std::lock_guard lock(job.mutex);
  if (job.fd == fd) job.fd = CURL_SOCKET_BAD;
  return ::close(fd);
}

// Nobody waits for the answer to QUIT: once the word is out we close our ear. Nothing of what is
// seen here is kept.
int on_traffic(CURL*, curl_infotype type, char* data, std::size_t size, void* self) {
  if (!is_farewell(type, {data, size})) return 0;
  auto& job = *static_cast<Job*>(self);
  const std::lock_guard lock(job.mutex);
  if (job.fd != CURL_SOCKET_BAD) ::shutdown(job.fd, SHUT_RD);
  return 0;
}

int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Job*>(self)->stop ? 1 : 0;
}

std::size_t on_read(char* data, std::size_t, std::size_t room, void* self) {
  auto& job = *static_cast<Job*>(self);
  job.handed = true;
  const std::size_t n = std::min(room, job.mail.message.size() - job.given);
  std::copy_n(job.mail.message.data() + job.given, n, data);
  job.given += n;
  return n;
}

std::size_t on_reply(char* data, std::size_t, std::size_t size, void* self) {
  auto& job = *static_cast<Job*>(self);
  const std::string_view line{data, size};
  job.last_reply = trim(line.substr(0, 300));
  if (job.handed && job.given == job.mail.message.size() && line.substr(0, 3) == "250")
    job.accepted = true;
  return size;
}

std::size_t ignore(char*, std::size_t, std::size_t size, void*) {
  return size;
}

void prepare(CURL* easy, Job& job, curl_slist* recipients, char* error_text) {
  const auto set = [easy](CURLoption option, auto value) {
    EARSHOT_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
  };
  void* const self = &job;
  set_common_options(easy, error_text);
  set_mail_options(easy, job.mail.url, job.mail.ca_file, job.mail.timeout,
                   job.policy.insecure_http);
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(CURLOPT_OPENSOCKETDATA, self);
  set(CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
  set(CURLOPT_CLOSESOCKETDATA, self);
  set(CURLOPT_VERBOSE, 1L);
  set(CURLOPT_DEBUGFUNCTION, &on_traffic);
  set(CURLOPT_DEBUGDATA, self);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, self);
  if (!job.mail.user.empty()) {
    set(CURLOPT_USERNAME, job.mail.user.c_str());
    set(CURLOPT_PASSWORD, job.mail.password.c_str());
  }
  set(CURLOPT_MAIL_FROM, job.mail.from.c_str());
  set(CURLOPT_MAIL_RCPT, recipients);
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, &on_read);
  set(CURLOPT_READDATA, self);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(job.mail.message.size()));
  set(CURLOPT_HEADERFUNCTION, &on_reply);
  set(CURLOPT_HEADERDATA, self);
  set(CURLOPT_WRITEFUNCTION, &ignore);
}

// libcurl gives one code for 450 and 550, and another for 421 and 452: the reply decides, not the
// code (RFC 5321 4.2.1).
Error error_of(const Job& job, CURL* easy, CURLcode result, const char* error_text) {
  if (!job.denied.empty() && job.opened == 0) return denied_error(job.denied, job.origin);
  Error error = curl_error(result, error_text, job.origin);
  long code = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
  const bool refused = code >= 400 && code < 600;
  if (refused) {
    error.status = static_cast<int>(code);
    error.kind = code < 500 ? Error::Kind::transient : Error::Kind::permanent;
    const std::string said = without_secret(job.last_reply, job.mail.password);
    error.message = job.origin + ": " + printable(cut_utf8(said, 200));
  }
  error.uncertain = job.handed && !refused;
  return error;
}

Result<void> deliver(Job& job) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  EARSHOT_CHECK(easy != nullptr);
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(nullptr,
                                                                         &curl_slist_free_all);
  for (const std::string& to : job.mail.to) {
    curl_slist* longer = curl_slist_append(recipients.get(), to.c_str());
    EARSHOT_CHECK(longer != nullptr);
    static_cast<void>(recipients.release());
    recipients.reset(longer);
  }
  std::array<char, CURL_ERROR_SIZE> error_text{};
  prepare(easy.get(), job, recipients.get(), error_text.data());
  const CURLcode result = curl_easy_perform(easy.get());
  // Whatever happens after the server took the mail changes nothing.
  if (result == CURLE_OK || job.accepted) return {};
  return error_of(job, easy.get(), result, error_text.data());
}

bool is_address(std::string_view address) {
  return address.size() <= 320 && std::none_of(address.begin(), address.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '<' || c == '>';
         });
}

std::optional<Error> refuse(const SmtpMessage& mail, const std::string& origin) {
  if (mail.to.empty()) return permanent(origin + ": a mail without recipients");
  if (!is_address(mail.from)) return permanent(origin + ": the sender's address cannot be sent");
  for (const std::string& to : mail.to) {
    if (to.empty() || !is_address(to))
      return permanent(origin + ": a recipient's address cannot be sent");
  }
  if (mail.message.empty()) return permanent(origin + ": an empty mail");
  if (breaks_lines(mail.user) || breaks_lines(mail.password)) {
    return permanent(origin + ": the user or password holds a character that cannot be sent");
  }
  return std::nullopt;
}

class CurlMailSender final : public MailSender {
 public:
  CurlMailSender(Executor executor, NetworkPolicy network)
      : executor_(std::move(executor)), network_(std::move(network)) {}
  ~CurlMailSender() override { threads_.join(); }

  Task<Result<void>> send(SmtpMessage message) override {
    const Result<UrlParts> url = read_mail_url(message.url, {"smtp", "smtps"});
    if (!url) co_return url.error();
    if (auto refused = refuse(message, url->origin)) co_return std::move(*refused);
    NetworkPolicy policy = joined(message.network, network_);
    const auto job =
        std::make_shared<Job>(std::move(message), std::move(policy), url->origin, executor_);
    start(job);

    boost::system::error_code ignored;
    co_await job->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (job->finished) co_return job->result;
    job->abandon();  // cancelled: the thread comes to its end within a second and finds nobody
                     // waiting
    throw boost::system::system_error(asio::error::operation_aborted);
  }

 private:
  void start(std::shared_ptr<Job> job) {
    asio::post(threads_, [executor = executor_, job = std::move(job)]() mutable {
      Result<void> result = deliver(*job);
      // The last reference goes along: a timer must die on the thread it belongs to.
      asio::post(executor, [job = std::move(job), result = std::move(result)] {
        job->result = result;
        job->finished = true;
        job->done.cancel();
      });
    });
  }

  Executor executor_;
  NetworkPolicy network_;
  asio::thread_pool threads_{kThreads};
};

}  // namespace

std::unique_ptr<MailSender> make_mail_sender(CurlPool& pool) {
  const CurlMulti& multi = *multi_of(pool);
  return std::make_unique<CurlMailSender>(multi.executor(), multi.options().network);
}

}  // namespace earshot
