#include "../../src/sources/parse/mail_sieve.hpp"

#include <gtest/gtest.h>

#include "../../src/sources/parse/mail.hpp"

namespace earshot {
namespace {

TEST(MailSieve, KeepsWhatSaysHowToReadABodyAndNothingElse) {
  EXPECT_EQ(
      sieve_mail("From a@b Mon\r\nTo: x\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n"
                 "X-Y: z\r\n folded\r\nCONTENT-TRANSFER-ENCODING: base64\r\nno field\r\n\r\nTo: "
                 "body\r\n--x\r\n"),
      "content-transfer-encoding:  base64\ncontent-type:  text/plain;  charset=utf-8\n\nTo: "
      "body\r\n--x\r\n");
}

TEST(MailSieve, TheHeadsOfPartsToo) {
  const std::string mail =
      "Content-Type: multipart/mixed; boundary=\"a b\"\n\npreamble\n--a bc\n--a b\nX: "
      "y\nContent-Type: "
      "text/html\n\n<p>\n--a b  \nplain from the first line\n--a b--\nX: epilogue\n";
  EXPECT_EQ(sieve_mail(mail),
            "content-type:  multipart/mixed; boundary=\"a b\"\n\npreamble\n--a bc\n--a "
            "b\ncontent-type:  text/html\n\n<p>\n--a b  \n\nplain from the first line\n--a "
            "b--\nX: epilogue\n");
}

TEST(MailSieve, TheFirstOfEqualFieldsAndFourKiBOfItCount) {
  const std::string out = sieve_mail("Content-Type: text/plain; a=" + std::string(100'000, 'x') +
                                     "\nContent-Type: text/html\n\nb");
  EXPECT_LT(out.size(), 5000U);
  EXPECT_EQ(out.find("html"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\n\nb"));
}

TEST(MailSieve, ForwardedMessagesAreLeaves) {
  EXPECT_EQ(sieve_mail("Content-Type: (c) message/rfc822 ; name=\"a\\\"b.eml\"\n\nTo: x\n"),
            "content-type: x-message/rfc822; name=\"a\\\"b.eml\"\n\nTo: x\n");
  EXPECT_EQ(sieve_mail("Content-Type: message/delivery-status\n\n"),
            "content-type:  message/delivery-status\n\n");
  EXPECT_EQ(sieve_mail("Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: in\n--x--"),
            "content-type: multipart/mixed; boundary=\"x\"\n\n--x\ncontent-type: "
            "x-message/rfc822\n\nSubject: in\n--x--");
}

/// GMime reads groups of addresses by recursion: this once ended the process.
TEST(MailSieve, AMillionGroupsOfAddressesAreRead) {
  std::string groups;
  for (int i = 0; i < 1'000'000; ++i) groups += "a:b,";
  const std::string mail = "From: a@b.example\nTo: " + groups + "\nSubject: s\n\nwords";
  const auto plain = parse_mail(mail);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->posts.at(0).text, "words");
  const auto inside = parse_mail(
      "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nwords\n--x\n"
      "Content-Type: message/rfc822\n\n" +
      mail + "\n--x--\n");
  ASSERT_TRUE(inside.ok());
  EXPECT_EQ(inside->posts.at(0).text, "words");
}

}  // namespace
}  // namespace earshot
