#pragma once

/// The house whose chief executive gets a digest every morning.

#include "../../src/app/digest.hpp"
#include "../../src/app/quiet.hpp"
#include "../../src/app/recount.hpp"
#include "question_house.hpp"

namespace earshot {

Config digest_config();

class DigestHouse : public QuestionHouse {
 protected:
  explicit DigestHouse(Config config = digest_config());

  Task<DigestReply> tell_digest(DigestAsk ask) override;
  /// Goes on to the end of the running period, a second beyond.
  void to_the_morning();
  std::vector<Record> kept();
  Digest last_digest();
  std::string kept_hash(const Record& record);
  std::vector<OutboxRow> digests_to(const std::string& person);
  void silence(const std::string& who, const std::string& matcher, Duration span);
  /// All the way to the end, with a satisfied customer.
  void solve(const std::string& id);
};

}  // namespace earshot
