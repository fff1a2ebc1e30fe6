#include <cstdint>

#include "command.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/receivers/standard_webhook.hpp"

namespace earshot::cli {
namespace {

std::int64_t read_epoch(const std::string& text) {
  std::int64_t value = 0;
  const bool digits = !text.empty() && text.size() <= 12 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits) throw UsageError("--timestamp wants whole seconds of Unix time, e.g. 1614265330");
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

std::string_view help_sign() {
  return "usage: earshot sign --secret S | --secret-file F  --id ID --timestamp EPOCH FILE\n"
         "Signs the bytes of FILE (\"-\": standard input) as a Standard Webhooks message and "
         "prints\n"
         "v1,<base64>, the value of the header webhook-signature.\n"
         "  --secret S          whsec_ and base64 of 24 to 64 bytes; others on this machine can "
         "see it\n"
         "  --secret-file F     the same from a file; with two lines (keys in rotation) prints two "
         "signatures\n"
         "  --id ID             the header webhook-id\n"
         "  --timestamp EPOCH   the header webhook-timestamp: seconds of Unix time\n";
}

int run_sign(std::span<const std::string> words) {
  const Args args{words, {"secret=", "secret-file=", "id=", "timestamp=", "json"}};
  if (args.has("secret") == args.has("secret-file"))
    throw UsageError("give either --secret or --secret-file");
  const std::string id = args.need("id");
  if (id.empty()) throw UsageError("--id is empty");
  const std::int64_t timestamp = read_epoch(args.need("timestamp"));
  const std::string file = args.one("FILE");
  const std::string secret =
      args.has("secret") ? args.need("secret") : read_file(args.need("secret-file"), 65'536);
  const auto keys = parse_webhook_secrets(secret);
  if (!keys) throw UsageError(keys.error().message);
  print_line(sign_webhook(*keys, id, timestamp, read_file(file)));
  return kOk;
}

}  // namespace earshot::cli
