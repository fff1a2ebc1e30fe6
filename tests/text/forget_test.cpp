#include "earshot/text/forget.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(Forget, FactsOfACaseStayAndWordsGo) {
  const std::string left = forget_own(
      R"({"id":"c1","number":7,"state":"closed","customer_name":"Mara Velez","reach":48213,)"
      R"("title":"Dark","excerpt":"My lamp is dark","cues":["dark"],"owner":"jo","team":"Care & More",)"
      R"("opened_at":"2026-11-23T17:25:00.000Z","is_public":true,"outcome":"satisfied",)"
      R"("feedback":{"said":"Sorry, Mara","by":"jo","department":"Lamps and bulbs"}})");
  EXPECT_EQ(
      left,
      R"({"id":"c1","number":7,"state":"closed","customer_name":"[erased]","reach":10000,)"
      R"("title":"[erased]","excerpt":"[erased]","cues":["dark"],"owner":"jo","team":"Care & More",)"
      R"("opened_at":"2026-11-23T17:25:00.000Z","is_public":true,"outcome":"satisfied",)"
      R"("feedback":{"said":"[erased]","by":"jo","department":"Lamps and bulbs"}})");
  EXPECT_EQ(forget_own(left), left);
}

TEST(Forget, JsonWithinATextIsTakenApart) {
  EXPECT_EQ(forget_own(R"({"data":{"case":"{\"id\":\"c1\",\"excerpt\":\"dark\"}","post":"p1"}})"),
            R"({"data":{"case":"{\"id\":\"c1\",\"excerpt\":\"[erased]\"}","post":"[erased]"}})");
}

TEST(Forget, AKeptKeyWithForeignTextGoes) {
  EXPECT_EQ(forget_own(R"({"to":"ann@example.org","who":"jo","person":"somebody else"})"),
            R"({"to":"[erased]","who":"jo","person":"[erased]"})");
  EXPECT_EQ(forget_own("plain words\nof theirs"), "[erased]\n[erased]");
}

Traces traces() {
  Traces it;
  it.add_name("mara_v");
  it.add_name("ann@example.org");
  it.add_name("Mara Velez");
  it.add_name("abc");  // too short
  it.add_words("My lamp has been dark for three weeks.");
  return it;
}

TEST(Forget, NamesGoWhereTheyStandAlone) {
  const Traces it = traces();
  EXPECT_EQ(it.without_names("@Mara_V wrote, mara_vx did not; ANN@example.org; abc"),
            "@[erased] wrote, mara_vx did not; [erased]; abc");
  EXPECT_EQ(it.without_names("mara velez, Mara Velezova"), "[erased], Mara Velezova");
}

TEST(Forget, ATextThatRepeatsTheirWordsGoesAsAWhole) {
  const Traces it = traces();
  EXPECT_TRUE(it.repeats_words("she says her LAMP has been -- dark for ages"));
  EXPECT_FALSE(it.repeats_words("my lamp has been bright"));
  EXPECT_EQ(it.without(R"({"text":"> lamp has been dark for","n":1,"to":"kim"})"),
            R"({"text":"[erased]","n":1,"to":"kim"})");
  EXPECT_EQ(it.without("Case 4\nMy lamp has been dark for three\nCase 5"),
            "Case 4\n[erased]\nCase 5");
}

}  // namespace
}  // namespace earshot
