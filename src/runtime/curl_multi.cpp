#include "curl_multi.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "earshot/core/check.hpp"

namespace earshot {

namespace asio = boost::asio;

namespace {

// Each name being looked up is a thread of curl's; the unit limits tasks to 512.
constexpr std::size_t kResolving = 128;
constexpr std::size_t kSpareHandles = 256;

void start_curl_once() {
  static const bool started = [] {
    EARSHOT_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    // With NOSIGNAL curl leaves SIGPIPE alone, and OpenSSL writes to closed sockets.
    std::signal(SIGPIPE, SIG_IGN);
    return true;
  }();
  static_cast<void>(started);
}

}  // namespace

CurlMulti::CurlMulti(Executor executor, CurlOptions options)
    : executor_(std::move(executor)), options_(std::move(options)), timer_(executor_) {
  start_curl_once();
  if (options_.user_agent.empty()) options_.user_agent = "earshot/" EARSHOT_VERSION;
  multi_ = curl_multi_init();
  EARSHOT_CHECK(multi_ != nullptr);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                    static_cast<long>(options_.connections));
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                    static_cast<long>(options_.connections_per_host));
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.idle_connections));
}

CurlMulti::~CurlMulti() {
  stop();
}

void CurlMulti::stop() {
  if (stopped_) return;
  stopped_ = true;
  // The end of one gives its turn to the next, so the queue is empty only when nobody waits for a
  // host either.
  while (!queue_.empty()) finish(*queue_.front(), CURLE_ABORTED_BY_CALLBACK);
  while (!added_.empty()) {
    Transfer& last = *added_.front();
    last.stays_added = false;
    finish(last, CURLE_ABORTED_BY_CALLBACK);
    while (!queue_.empty()) finish(*queue_.front(), CURLE_ABORTED_BY_CALLBACK);
  }
  timer_.cancel();
  // curl says good-bye on idle mail connections and would wait for the answers.
  for (const auto& [fd, socket] : sockets_) {
    if (socket->owned) ::shutdown(fd, SHUT_RDWR);
  }
  curl_multi_cleanup(multi_);
  multi_ = nullptr;
  sockets_.clear();
  for (CURL* easy : spare_) curl_easy_cleanup(easy);
  spare_.clear();
}

std::shared_ptr<CurlSocket> CurlMulti::socket(curl_socket_t fd) const {
  const auto found = sockets_.find(fd);
  return found == sockets_.end() ? nullptr : found->second;
}

CURL* CurlMulti::take_handle() {
  CURL* easy = nullptr;
  if (spare_.empty()) {
    easy = curl_easy_init();
  } else {
    easy = spare_.back();
    spare_.pop_back();
  }
  EARSHOT_CHECK(easy != nullptr);
  return easy;
}

void CurlMulti::give_back(CURL* easy) {
  if (stopped_ || spare_.size() >= kSpareHandles) {
    curl_easy_cleanup(easy);
    return;
  }
  curl_easy_reset(easy);
  spare_.push_back(easy);
}

Task<> CurlMulti::perform(Transfer& transfer) {
  if (stopped_) {
    transfer.result = CURLE_ABORTED_BY_CALLBACK;
    co_return;
  }
  EARSHOT_CHECK(transfer.place_ == Transfer::Place::idle);
  enqueue(transfer);
  // The end of the transfer cancels this timer, and so does the cancellation of the coroutine: then
  // the transfer is unfinished.
  boost::system::error_code ignored;
  co_await transfer.done_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (transfer.place_ == Transfer::Place::finished || transfer.connected_) co_return;
  forget(transfer);
  throw boost::system::system_error(asio::error::operation_aborted);
}

void CurlMulti::enqueue(Transfer& transfer) {
  if (!transfer.host.empty() && options_.connections_per_host > 0) {
    Host& host = hosts_[transfer.host];
    if (host.running == options_.connections_per_host) {
      transfer.place_ = Transfer::Place::waiting;
      transfer.at_ = host.waiting.insert(host.waiting.end(), &transfer);
      ++waiting_;
      return;
    }
    ++host.running;
  }
  transfer.place_ = Transfer::Place::queued;
  transfer.at_ = queue_.insert(queue_.end(), &transfer);
  admit();
}

// A transfer that had its turn gives it to the next one of its host.
void CurlMulti::leave_host(Transfer& transfer) {
  const auto found = hosts_.find(transfer.host);
  if (found == hosts_.end()) return;
  Host& host = found->second;
  if (transfer.place_ == Transfer::Place::waiting) {
    host.waiting.erase(transfer.at_);
    --waiting_;
    return;
  }
  if (!host.waiting.empty()) {
    Transfer& next = *host.waiting.front();
    queue_.splice(queue_.end(), host.waiting, next.at_);
    next.place_ = Transfer::Place::queued;
    --waiting_;
    admit();
  } else if (--host.running == 0) {
    hosts_.erase(found);
  }
}

void CurlMulti::forget(Transfer& transfer) {
  EARSHOT_CHECK(!inside_);  // curl forbids removal from its callbacks; coroutines never run there
  transfer.resolved();
  if (transfer.place_ == Transfer::Place::idle || transfer.place_ == Transfer::Place::finished)
    return;
  leave_host(transfer);
  if (transfer.place_ == Transfer::Place::queued) queue_.erase(transfer.at_);
  if (transfer.place_ == Transfer::Place::added) {
    added_.erase(transfer.at_);
    curl_multi_remove_handle(multi_, transfer.easy_);
    admit();
  }
  transfer.place_ = Transfer::Place::finished;
}

void CurlMulti::finish(Transfer& transfer, CURLcode result) {
  transfer.result = result;
  forget(transfer);
  transfer.done_.cancel();
}

void CurlMulti::admit() {
  if (queue_.empty() || admit_posted_ || stopped_) return;
  admit_posted_ = true;
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto me = weak.lock()) me->admit_now();
  });
}

void CurlMulti::admit_now() {
  admit_posted_ = false;
  if (stopped_) return;
  std::size_t begun = 0;
  while (!queue_.empty() && added_.size() < options_.in_flight && resolving_ < kResolving) {
    if (begun++ == options_.starts_per_tick) {
      admit();  // the rest in the next turn
      return;
    }
    Transfer& next = *queue_.front();
    added_.splice(added_.end(), queue_, next.at_);
    next.place_ = Transfer::Place::added;
    if (curl_multi_add_handle(multi_, next.easy_) != CURLM_OK) finish(next, CURLE_FAILED_INIT);
  }
}

void CurlMulti::act(curl_socket_t fd, int what) {
  int running = 0;
  inside_ = true;
  curl_multi_socket_action(multi_, fd, what, &running);
  inside_ = false;
  drain();
}

void CurlMulti::drain() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;  // the message dies with the removal
    void* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.stays_added && result == CURLE_OK) {
      transfer.result = result;
      transfer.resolved();
      transfer.connected_ = true;
      transfer.done_.cancel();
    } else {
      finish(transfer, result);
    }
  }
}

// ---- CurlMulti: sockets

int CurlMulti::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  static_cast<CurlMulti*>(self)->want(fd, what);
  return 0;
}

int CurlMulti::close_socket(void* self, curl_socket_t fd) {
  auto& me = *static_cast<CurlMulti*>(self);
  const auto found = me.sockets_.find(fd);
  if (found == me.sockets_.end()) return ::close(fd);
  found->second->open = false;
  boost::system::error_code ignored;
  found->second->descriptor.close(ignored);
  me.sockets_.erase(found);
  return 0;
}

void CurlMulti::want(curl_socket_t fd, int what) {
  auto found = sockets_.find(fd);
  if (what == CURL_POLL_REMOVE) {
    if (found == sockets_.end()) return;
    found->second->wants = CURL_POLL_NONE;
    if (!found->second->owned) {
      found->second->open = false;
      found->second->descriptor.release();
      sockets_.erase(found);
    }
    return;
  }
  if (found == sockets_.end()) {
    auto foreign = std::make_shared<CurlSocket>(executor_);
    foreign->owned = false;
    boost::system::error_code failed;
    foreign->descriptor.assign(fd, failed);
    if (failed) return;  // curl polls its resolver by timer as well
    found = sockets_.emplace(fd, std::move(foreign)).first;
  }
  found->second->wants = what;
  arm(found->second, fd);
}

void CurlMulti::arm(const std::shared_ptr<CurlSocket>& socket, curl_socket_t fd) {
  if ((socket->wants & CURL_POLL_IN) != 0 && !socket->reading) wait_for(socket, fd, true);
  if ((socket->wants & CURL_POLL_OUT) != 0 && !socket->writing) wait_for(socket, fd, false);
}

void CurlMulti::wait_for(const std::shared_ptr<CurlSocket>& socket, curl_socket_t fd, bool read) {
  (read ? socket->reading : socket->writing) = true;
  const auto kind =
      read ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write;
  auto ready = [weak = weak_from_this(), socket, fd,
                read](const boost::system::error_code& failed) {
    (read ? socket->reading : socket->writing) = false;
    const auto me = weak.lock();
    if (!me || me->stopped_ || !socket->open) return;
    // Nobody asks for this direction now: an idle connection that the other side has closed, for
    // one.
    if ((socket->wants & (read ? CURL_POLL_IN : CURL_POLL_OUT)) == 0) return;
    const int what = read ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
    me->act(fd, failed ? what | CURL_CSELECT_ERR : what);
    if (socket->open) me->arm(socket, fd);
  };
  socket->descriptor.async_wait(kind, std::move(ready));
}

// ---- CurlMulti: time

int CurlMulti::on_timer(CURLM*, long ms, void* self) {
  static_cast<CurlMulti*>(self)->set_deadline(ms);
  return 0;
}

// Never calls curl from here: curl is in the middle of something. "Now" means the next turn of the
// loop.
void CurlMulti::set_deadline(long ms) {
  if (stopped_) return;
  if (ms < 0) {
    deadline_.reset();
    return;
  }
  deadline_ = std::chrono::steady_clock::now() + milliseconds{ms};
  if (ms > 0) {
    arm_timer();
    return;
  }
  if (kick_posted_) return;
  kick_posted_ = true;
  asio::post(executor_, [weak = weak_from_this()] {
    const auto me = weak.lock();
    if (!me) return;
    me->kick_posted_ = false;
    me->kick();
  });
}

void CurlMulti::kick() {
  if (stopped_ || !deadline_) return;
  if (std::chrono::steady_clock::now() < *deadline_) {
    arm_timer();
    return;
  }
  deadline_.reset();
  act(CURL_SOCKET_TIMEOUT, 0);
}

// curl moves its deadline with every request; a timer that fires too early looks again, which is
// cheaper than arming it anew.
void CurlMulti::arm_timer() {
  if (armed_ && *armed_ <= *deadline_) return;
  armed_ = *deadline_;
  timer_.expires_at(*armed_);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failed) {
    if (failed) return;  // replaced by an earlier one, or the pool is gone
    const auto me = weak.lock();
    if (!me) return;
    me->armed_.reset();
    me->kick();
  });
}

// ---- The public pool

std::unique_ptr<CurlPool> make_curl_pool(Executor executor, CurlOptions options) {
  return std::make_unique<Pool>(
      std::make_shared<CurlMulti>(std::move(executor), std::move(options)));
}

const std::shared_ptr<CurlMulti>& multi_of(CurlPool& pool) {
  auto* ours = dynamic_cast<Pool*>(&pool);
  EARSHOT_CHECK(ours != nullptr);
  return ours->multi();
}

}  // namespace earshot
