#include "twilio.hpp"

namespace earshot {

HttpRequest Twilio::to_account(std::string_view resource) const {
  HttpRequest request = json_post(config_,
                                  base("https://api.twilio.com") + "/2010-04-01/Accounts/" +
                                      config_.account + "/" + std::string{resource},
                                  "");
  request.headers.front().second = "application/x-www-form-urlencoded";
  request.user = config_.account;
  request.password = token_.reveal();
  return request;
}

std::string Twilio::number(const OutboxRow& row) const {
  if (!row.target.empty()) return row.target;
  return config_.to.empty() ? std::string{} : config_.to.front();
}

}  // namespace earshot
