#include "../../src/sources/parse/imap_response.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

/// All responses, the bytes coming `step` at a time.
std::vector<ImapResponse> read_all(std::string_view bytes, std::size_t step) {
  ImapParser parser;
  std::vector<ImapResponse> all;
  while (!bytes.empty()) {
    parser.feed(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    while (true) {
      auto next = parser.next();
      EXPECT_TRUE(next.ok());
      if (!next.ok() || !*next) break;
      all.push_back(std::move(**next));
    }
  }
  EXPECT_EQ(parser.waiting(), 0U);
  return all;
}

TEST(ImapResponse, IsTheSameHoweverTheBytesArrive) {
  const std::string mail =
      "Subject: {5}\r\n\r\n)\r\nA004 OK Fetch completed.\r\n* 99 FETCH (UID 1 BODY[] "
      "{3}\r\nabc)\r\n* BYE\r\n";
  const std::string bytes =
      "* OK [CAPABILITY IMAP4rev1 IDLE] ready {7}\r\n* 14 EXISTS\r\n* OK [UIDVALIDITY 1795451194] "
      "valid\r\n* OK [UIDNEXT 15] next\r\n"
      "* SEARCH 1 2 14\r\n* SEARCH\r\n* ESEARCH (TAG \"A1\") UID ALL 3:5,9\r\n* 2 FETCH (UID 12 "
      "FLAGS (\\Seen $X) INTERNALDATE \"23-Nov-2026 16:26:34 +0000\" RFC822.SIZE " +
      std::to_string(mail.size()) + " BODY[] {" + std::to_string(mail.size()) + "}\r\n" + mail +
      ")\r\n* 3 FETCH (UID 13 BODY[] NIL)\r\n* 4 FETCH (UID 14 BODY[HEADER.FIELDS (A B)] \"q\\\"\" "
      "BODY[] ~{2+}\r\nhi)\r\n"
      "* 4 EXPUNGE\r\n* VANISHED 41:43\r\n+ idling\r\nA7 NO [EXPUNGEISSUED] gone\r\n* BYE Logging "
      "out\r\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    const auto all = read_all(bytes, step);
    ASSERT_EQ(all.size(), 15U) << step;
    EXPECT_EQ(all[0].words, (std::vector<std::string>{"IMAP4REV1", "IDLE"}));
    EXPECT_EQ(all[1].number, 14U);
    EXPECT_EQ(all[2].code, "UIDVALIDITY");
    EXPECT_EQ(all[2].code_value, "1795451194");
    EXPECT_EQ(all[4].found, (std::vector<std::uint32_t>{1, 2, 14}));
    EXPECT_TRUE(all[5].found.empty());
    EXPECT_EQ(all[6].found, (std::vector<std::uint32_t>{3, 4, 5, 9}));
    ASSERT_TRUE(all[7].fetch.has_value());
    EXPECT_EQ(all[7].fetch->uid, 12U);
    EXPECT_EQ(all[7].fetch->size, mail.size());
    EXPECT_EQ(all[7].fetch->body, mail);
    EXPECT_EQ(all[7].fetch->flags, (std::vector<std::string>{"\\Seen", "$X"}));
    EXPECT_TRUE(all[8].fetch->has_body);
    EXPECT_FALSE(all[8].fetch->body.has_value());
    EXPECT_EQ(all[9].fetch->body, "hi");
    EXPECT_EQ(all[10].name, "EXPUNGE");
    EXPECT_EQ(all[12].kind, ImapResponse::Kind::continuation);
    EXPECT_EQ(all[13].tag, "A7");
    EXPECT_EQ(all[13].name, "NO");
    EXPECT_EQ(all[13].code, "EXPUNGEISSUED");
    EXPECT_EQ(all[14].name, "BYE");
  }
}

TEST(ImapResponse, HostileServersAreRefused) {
  const auto refused = [](const std::string& bytes) {
    ImapParser parser;
    parser.feed(bytes);
    return !parser.next().ok();
  };
  EXPECT_TRUE(refused("* 1 FETCH (BODY[] {99999999999}\r\n"));
  EXPECT_TRUE(refused(std::string(70'000, 'x')));
  EXPECT_TRUE(refused("* 1 FETCH " + std::string(40, '(') + std::string(40, ')') + "\r\n"));
  EXPECT_TRUE(refused("* 1 FETCH (UID \"open\r\n"));
  EXPECT_TRUE(refused("* SEARCH 1 two\r\n"));
  EXPECT_TRUE(refused("* ESEARCH UID ALL 1:4294967295\r\n"));
  EXPECT_TRUE(refused("rubbish\r\n"));
  EXPECT_TRUE(refused("A1 PERHAPS\r\n"));
  EXPECT_FALSE(refused("* 1 FETCH (BODY[] {5}\r\nabc"));
}

}  // namespace
}  // namespace earshot
