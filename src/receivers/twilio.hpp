#pragma once

/// What text messages and calls share: the account's address, its password, who calls whom.

#include "service.hpp"

namespace earshot {

class Twilio : public Service {
 public:
  using Service::Service;

 protected:
  HttpRequest to_account(std::string_view resource) const;
  std::string number(const OutboxRow& row) const;
};

}  // namespace earshot
