// Answers of the services we tell: the first byte chooses the reader, the second the status, the
// rest is the body. Whatever it says, what comes out is short, in words that may be shown, and an
// id is one of a service's own kind.
#include <array>
#include <cstdint>

#include "check.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/answer.hpp"

namespace {

using Reader = earshot::Delivery (*)(const earshot::ServiceAnswer&);

bool is_id(std::string_view id) {
  constexpr std::string_view kMarks = "_.-:$=/+!@";
  for (const char c : id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && kMarks.find(c) == std::string_view::npos) return false;
  }
  return id.size() <= 255;
}

void check_delivery(const earshot::Delivery& it) {
  check(is_id(it.id) && is_id(it.moved_to));
  check(it.detail.size() <= 200 && earshot::is_utf8(it.detail));
  for (const char c : it.detail) check(static_cast<unsigned char>(c) >= ' ');
  if (it.retry_after) check(it.retry_after->count() >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  if (size < 2) return 0;
  static constexpr std::array<Reader, 12> kReaders{
      read_status, read_slack_webhook, read_slack_api, read_mattermost, read_teams,    read_discord,
      read_matrix, read_telegram,      read_ntfy,      read_pagerduty,  read_opsgenie, read_twilio};
  static constexpr std::array<int, 10> kStatus{200, 202, 204, 302, 400, 403, 404, 410, 429, 500};
  ServiceAnswer answer;
  answer.status = kStatus[data[1] % kStatus.size()];
  answer.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[1] >= 128) answer.retry_after = seconds{data[1]};
  check_delivery(kReaders[data[0] % kReaders.size()](answer));
  static_cast<void>(discord_message_is_missing(answer));
  if (const auto became = read_opsgenie_request(answer, data[0] % 2 == 0)) check_delivery(*became);
  static_cast<void>(twilio_list_holds(answer, "Page: Mara Velez writes to ceo"));
  check_delivery(read_exit(data[1]));
  return 0;
}
