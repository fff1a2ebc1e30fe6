// One transfer of libcurl's: where it may connect, what it tells of itself, whether it may be
// repeated.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <cstring>

#include "curl_multi.hpp"
#include "earshot/core/check.hpp"

namespace earshot {

namespace asio = boost::asio;

namespace {

std::array<std::uint8_t, 16> bytes_of(const sockaddr* address) {
  std::array<std::uint8_t, 16> out{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (address->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, address, sizeof four);
    std::memcpy(out.data() + 12, &four.sin_addr, 4);
  } else {
    sockaddr_in6 six{};
    std::memcpy(&six, address, sizeof six);
    std::memcpy(out.data(), &six.sin6_addr, 16);
  }
  return out;
}

std::string text_of(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto bytes = bytes_of(address);
  const bool four = address->sa_family == AF_INET;
  inet_ntop(four ? AF_INET : AF_INET6, bytes.data() + (four ? 12 : 0), text.data(), text.size());
  return text.data();
}

}  // namespace

std::optional<std::string> denied_address(const sockaddr* address, const NetworkPolicy& policy) {
  if (address->sa_family != AF_INET && address->sa_family != AF_INET6) return "of an unknown kind";
  if (may_connect(bytes_of(address), policy)) return std::nullopt;
  return text_of(address);
}

NetworkPolicy joined(NetworkPolicy policy, const NetworkPolicy& other) {
  policy.allow.insert(policy.allow.end(), other.allow.begin(), other.allow.end());
  policy.insecure_http = policy.insecure_http || other.insecure_http;
  return policy;
}

void set_common_options(CURL* easy, char* error_text) {
  const auto set = [easy](CURLoption option, auto value) {
    EARSHOT_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
  };
  set(CURLOPT_ERRORBUFFER, error_text);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // else a cancelled look-up of a name blocks until it ends
  set(CURLOPT_PROXY, "");       // not from the environment: the address check would see the proxy's
  // With a path curl reads all authorities anew for each connection.
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
}

Transfer::Transfer(std::shared_ptr<CurlMulti> multi, NetworkPolicy policy)
    : multi_(std::move(multi)),
      policy_(joined(std::move(policy), multi_->options().network)),
      easy_(multi_->take_handle()),
      done_(multi_->executor(), asio::steady_timer::time_point::max()) {
  set_common_options(easy_, error_text.data());
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(CURLOPT_CLOSESOCKETFUNCTION, &CurlMulti::close_socket);
  set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(multi_.get()));
  set(CURLOPT_PREREQFUNCTION, &Transfer::before_request);
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  set(CURLOPT_RESOLVER_START_FUNCTION, &Transfer::resolver_starts);
  set(CURLOPT_RESOLVER_START_DATA, static_cast<void*>(this));
}

Transfer::~Transfer() {
  multi_->forget(*this);
  multi_->give_back(easy_);
  curl_slist_free_all(list_);
}

void Transfer::append(const std::string& line) {
  curl_slist* longer = curl_slist_append(list_, line.c_str());
  EARSHOT_CHECK(longer != nullptr);
  list_ = longer;
}

bool Transfer::bytes_were_sent() const {
  long sent = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &sent);
  return sent > 0;
}

bool Transfer::allowed(const sockaddr* address) {
  auto refused = denied_address(address, policy_);
  if (!refused) return true;
  denied = std::move(*refused);
  return false;
}

void Transfer::resolved() {
  if (!resolving_) return;
  resolving_ = false;
  --multi_->resolving_;
  multi_->admit();
}

int Transfer::resolver_starts(void*, void*, void* self) {
  auto& me = *static_cast<Transfer*>(self);
  if (!me.resolving_) ++me.multi_->resolving_;
  me.resolving_ = true;
  return 0;
}

// The last word on where a connection goes: after redirects, names and whatever a resolver answers
// this time.
curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& me = *static_cast<Transfer*>(self);
  me.resolved();
  if (!me.allowed(&address->addr)) return CURL_SOCKET_BAD;
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                          address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  auto socket = std::make_shared<CurlSocket>(me.multi_->executor_);
  boost::system::error_code failed;
  socket->descriptor.assign(fd, failed);
  if (failed) {
    ::close(fd);
    return CURL_SOCKET_BAD;
  }
  me.multi_->sockets_[fd] = std::move(socket);
  me.socket = fd;
  ++me.opened_;
  return fd;
}

// Called before each request, on a connection kept from an earlier one too: that one may have been
// opened under a wider policy.
int Transfer::before_request(void* self, char* remote, char*, int, int) {
  auto& me = *static_cast<Transfer*>(self);
  me.resolved();
  if (++me.requests_ > 1 && !me.may_repeat && me.bytes_were_sent()) {
    me.repeat_refused = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (me.opened_ > 0) return CURL_PREREQFUNC_OK;
  sockaddr_in four{};
  sockaddr_in6 six{};
  four.sin_family = AF_INET;
  six.sin6_family = AF_INET6;
  const sockaddr* address = nullptr;
  if (inet_pton(AF_INET, remote, &four.sin_addr) == 1)
    address = reinterpret_cast<sockaddr*>(&four);
  else if (inet_pton(AF_INET6, remote, &six.sin6_addr) == 1)
    address = reinterpret_cast<sockaddr*>(&six);
  if (address == nullptr) {
    me.denied = "of an unknown kind";
    return CURL_PREREQFUNC_ABORT;
  }
  return me.allowed(address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

}  // namespace earshot
