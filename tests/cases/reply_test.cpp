#include "earshot/cases/reply.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

struct Row {
  const char* text;
  ReplyKind kind;
  const char* rest;
};

class ReplyTest : public testing::TestWithParam<Row> {};

TEST_P(ReplyTest, MeansWhatAPersonMeant) {
  const Reply got = read_reply(GetParam().text);
  EXPECT_EQ(to_word(got.kind), to_word(GetParam().kind)) << GetParam().text;
  EXPECT_EQ(got.rest, GetParam().rest);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, ReplyTest,
    testing::Values(
        Row{"ACK", ReplyKind::take, ""}, Row{"", ReplyKind::take, ""},
        Row{" \n", ReplyKind::take, ""}, Row{"ack!", ReplyKind::take, ""},
        Row{"Mine. I call her now.", ReplyKind::take, "I call her now."},
        Row{"on it\nGive me ten minutes", ReplyKind::take, "Give me ten minutes"},
        Row{"I\xE2\x80\x99ve got it", ReplyKind::take, ""}, Row{"Bin dran", ReplyKind::take, ""},
        Row{"Übernehme ich", ReplyKind::take, ""}, Row{"Je m'en occupe", ReplyKind::take, ""},
        Row{"対応します", ReplyKind::take, ""}, Row{"Jag tar den", ReplyKind::take, ""},
        Row{"False alarm, it is a quote from a film", ReplyKind::not_worth,
            "it is a quote from a film"},
        Row{"Who has seen this before?", ReplyKind::question, "Who has seen this before?"},
        Row{"OK?", ReplyKind::question, "OK?"},
        Row{"I am on holiday until Monday, ask Bo.", ReplyKind::note,
            "I am on holiday until Monday, ask Bo."},
        Row{"I cannot take it", ReplyKind::note, "I cannot take it"},
        Row{"mineral water", ReplyKind::note, "mineral water"},
        Row{"okra is off", ReplyKind::note, "okra is off"},
        Row{"Please take me off this list", ReplyKind::note, "Please take me off this list"},
        Row{"Yesterday I said no", ReplyKind::note, "Yesterday I said no"}));

TEST(SubjectTag, IsFoundWhereverTheClientPutIt) {
  const SubjectTag got = subject_tag("AW: Re: [ext] Page: Ann writes to ceo [#12-1a2b3c4d]");
  EXPECT_EQ(got.number, 12);
  EXPECT_EQ(got.tag, "1a2b3c4d");
  for (const char* none : {"", "Page", "[#12]", "[#-1a2b3c4d]", "[#0-1a2b3c4d]", "[#12-1a2b]",
                           "[#12-1A2B3C4D]", "[#12-1a2b3c4d", "[#9999999999999999999999-1a2b3c4d]"})
    EXPECT_EQ(subject_tag(none).number, 0) << none;
}

}  // namespace
}  // namespace earshot
