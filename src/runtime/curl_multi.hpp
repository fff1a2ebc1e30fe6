#pragma once

/// CurlMulti: libcurl's multi_socket interface on Asio, for any protocol. Transfer: one easy handle
/// on its way through it. Only the curl_*.cpp files include this.

#include <curl/curl.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "earshot/runtime/curl.hpp"

namespace earshot {

class CurlMulti;

/// A socket that epoll knows for as long as it is open. curl tells interest in it several times a
/// request; keeping it registered saves an epoll_ctl pair each time. `owned`: opened and closed by
/// our callbacks. Others (the resolver's pipe) belong to curl and are let go of, not closed.
struct CurlSocket {
  explicit CurlSocket(const Executor& executor) : descriptor(executor) {}
  boost::asio::posix::stream_descriptor descriptor;
  int wants = CURL_POLL_NONE;
  bool reading = false;  ///< a wait is under way
  bool writing = false;
  bool open = true;  ///< false once curl has closed it; descriptor numbers are used again at once,
                     ///< so handlers look here
  bool owned = true;
};

/// One operation. Lives in the frame of the coroutine that awaits it, so that the end of that
/// coroutine, by cancellation too, takes the handle out of the multi.
class Transfer {
 public:
  Transfer(std::shared_ptr<CurlMulti> multi, NetworkPolicy policy);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* easy() const { return easy_; }
  /// Adds a request header (or an SMTP recipient): the list is freed with the transfer.
  void append(const std::string& line);
  curl_slist* list() const { return list_; }
  template <class Value>
  void set(CURLoption option, Value value);

  std::string
      host;  ///< where it goes: as many at once as there may be connections; "" needs no turn
  CURLcode result = CURLE_OK;
  bool stays_added = false;  ///< CONNECT_ONLY: the handle must stay in the multi for as long as its
                             ///< connection lives
  bool may_repeat =
      true;  ///< false: a request whose bytes have been sent is not sent again by curl itself
  bool repeat_refused = false;
  std::string denied;                      ///< the last address the policy refused
  curl_socket_t socket = CURL_SOCKET_BAD;  ///< the last one opened for this transfer
  std::array<char, CURL_ERROR_SIZE> error_text{};

  /// The network was not reached at all because of the policy.
  bool was_denied() const { return !denied.empty() && opened_ == 0; }
  bool bytes_were_sent() const;
  const NetworkPolicy& policy() const { return policy_; }
  const std::shared_ptr<CurlMulti>& multi() const { return multi_; }

 private:
  friend class CurlMulti;
  enum class Place { idle, waiting, queued, added, finished };

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int before_request(void* self, char* remote, char* local, int remote_port, int local_port);
  static int resolver_starts(void* resolver, void* reserved, void* self);
  bool allowed(const sockaddr* address);
  void resolved();

  std::shared_ptr<CurlMulti> multi_;
  NetworkPolicy policy_;
  CURL* easy_ = nullptr;
  curl_slist* list_ = nullptr;
  boost::asio::steady_timer done_;  // never expires; cancelled at the end of the transfer
  Place place_ = Place::idle;
  std::list<Transfer*>::iterator at_{};
  bool resolving_ = false;
  bool connected_ = false;  // CONNECT_ONLY has come to its end; the handle is still added
  int opened_ = 0;
  int requests_ = 0;
};

class CurlMulti final : public std::enable_shared_from_this<CurlMulti> {
 public:
  CurlMulti(Executor executor, CurlOptions options);
  ~CurlMulti();

  /// Runs the transfer to its end; its `result` says how. Throws operation_aborted when cancelled.
  /// Transfers to one host begin in the order of their calls.
  Task<> perform(Transfer& transfer);
  /// Ends everything: waiting transfers come back with CURLE_ABORTED_BY_CALLBACK. The destructor of
  /// the pool.
  void stop();

  std::size_t in_flight() const { return waiting_ + queue_.size() + added_.size(); }
  std::size_t sockets() const { return sockets_.size(); }
  std::shared_ptr<CurlSocket> socket(curl_socket_t fd) const;
  const Executor& executor() const { return executor_; }
  const CurlOptions& options() const { return options_; }

 private:
  friend class Transfer;
  using SteadyTime = std::chrono::steady_clock::time_point;

  CURL* take_handle();
  void give_back(CURL* easy);
  void forget(Transfer& transfer);
  void finish(Transfer& transfer, CURLcode result);

  void enqueue(Transfer& transfer);
  void leave_host(Transfer& transfer);
  void admit();
  void admit_now();
  void act(curl_socket_t fd, int what);
  void drain();

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
  static int on_timer(CURLM*, long ms, void* self);
  static int close_socket(void* self, curl_socket_t fd);
  void want(curl_socket_t fd, int what);
  void arm(const std::shared_ptr<CurlSocket>& socket, curl_socket_t fd);
  void wait_for(const std::shared_ptr<CurlSocket>& socket, curl_socket_t fd, bool read);
  void set_deadline(long ms);
  void kick();
  void arm_timer();

  Executor executor_;
  CurlOptions options_;
  CURLM* multi_;
  boost::asio::steady_timer timer_;
  std::optional<SteadyTime> deadline_;  // when curl wants to be called
  std::optional<SteadyTime> armed_;     // when the timer fires; may be earlier than the deadline
  bool kick_posted_ = false;
  bool admit_posted_ = false;
  bool inside_ = false;  // in a call of curl's that runs our callbacks
  bool stopped_ = false;
  // curl could hold back what exceeds the connections of a host, but looks through all it holds
  // back, and in no order.
  struct Host {
    std::size_t running = 0;
    std::list<Transfer*> waiting;
  };
  std::size_t resolving_ = 0;
  std::size_t waiting_ = 0;
  std::unordered_map<std::string, Host> hosts_;
  std::list<Transfer*> queue_;
  std::list<Transfer*> added_;
  std::unordered_map<curl_socket_t, std::shared_ptr<CurlSocket>> sockets_;
  std::vector<CURL*> spare_;
};

template <class Value>
void Transfer::set(CURLoption option, Value value) {
  // A failure here is a mistake of ours (an option this libcurl does not know) or no memory.
  if (curl_easy_setopt(easy_, option, value) != CURLE_OK) std::abort();
}

/// The pool behind the public interface.
class Pool final : public CurlPool {
 public:
  explicit Pool(std::shared_ptr<CurlMulti> multi) : multi_(std::move(multi)) {}
  ~Pool() override { multi_->stop(); }
  std::size_t in_flight() const override { return multi_->in_flight(); }
  std::size_t sockets() const override { return multi_->sockets(); }
  const std::shared_ptr<CurlMulti>& multi() const { return multi_; }

 private:
  std::shared_ptr<CurlMulti> multi_;  // shared with the transfers and streams under way
};

const std::shared_ptr<CurlMulti>& multi_of(CurlPool& pool);

/// A handle on its way outside of any Transfer uses the same words.
Error curl_error(CURLcode result, const char* error_text, const std::string& origin);
Error denied_error(const std::string& address, const std::string& origin);
/// What went wrong in words and kind (RELIABILITY 2.1), never with a path, query or credential of a
/// URL. `uncertain` is left to the caller.
Error curl_error(const Transfer& transfer, const std::string& origin);

/// The address as text where the policy denies it.
std::optional<std::string> denied_address(const sockaddr* address, const NetworkPolicy& policy);
NetworkPolicy joined(NetworkPolicy policy, const NetworkPolicy& other);
/// The options that every handle carries, whatever its protocol: verification, no proxy, no
/// signals.
void set_common_options(CURL* easy, char* error_text);

/// The scheme, host and port of a URL: what may be logged. Nothing where it cannot be read, the
/// scheme is none of `schemes` or credentials stand in it.
struct UrlParts {
  std::string scheme;
  std::string origin;  ///< "https://host:port"
  std::string path;
};
Result<UrlParts> read_url(const std::string& url, std::initializer_list<std::string_view> schemes);

/// CR, LF or NUL, with which a value could end its line.
bool breaks_lines(std::string_view value);

}  // namespace earshot
