#include "outside.hpp"

#include <algorithm>

namespace earshot {

Outside make_outside(Executor executor, const Config& config) {
  CurlOptions options;
  for (const ReceiverConfig& it : config.receivers)
    options.connections_per_host =
        std::max(options.connections_per_host, static_cast<std::size_t>(it.at_once));
  Outside out;
  out.clock = make_clock(executor);
  out.dice = make_dice();
  out.curl = make_curl_pool(executor, options);
  out.http = make_http_client(*out.curl);
  out.mail = make_mail_sender(*out.curl);
  out.imap = make_mail_connector(*out.curl);
  return out;
}

}  // namespace earshot
