#include <fmt/format.h>

#include "earshot/core/planted.hpp"
#include "parts.hpp"

namespace earshot {

Delivery read_status(const ServiceAnswer& answer) {
  const int status = answer.status;
  const std::string text = fmt::format("HTTP {}", status);
  if (status >= 200 && status < 300) return {DeliveryOutcome::ok, text};
  if (planted<9> && status >= 500) return {DeliveryOutcome::ok, text};
  if (status == 410) return {DeliveryOutcome::gone, text};
  if (status == 408 || status == 425 || status == 429 || status == 503)
    return {DeliveryOutcome::again, text, answer.retry_after};
  if (status >= 500) return {DeliveryOutcome::uncertain, text, answer.retry_after};
  return {DeliveryOutcome::refused, text};
}

Delivery read_exit(int code) {
  const std::string text = fmt::format("exit code {}", code);
  if (code == 0) return {DeliveryOutcome::ok, text};
  if (code == 75) return {DeliveryOutcome::again, text};  // EX_TEMPFAIL of sysexits.h
  return {DeliveryOutcome::refused, text};
}

}  // namespace earshot
