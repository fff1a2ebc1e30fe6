#include "earshot/text/mask.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

struct Row {
  const char* said;
  const char* left;
};

// Made up; accounts and cards are the issuers' published examples.
constexpr Row kTrue[] = {
    {"Call me on +49 170 1234567 today", "Call me on [phone …67] today"},
    {"0170/1234567", "[phone …67]"},
    {"Ring 0049 30 123456-78.", "Ring [phone …78]."},
    {"(030) 12 34 56 78", "[phone …78]"},
    {"+1 (415) 555-2671", "[phone …71]"},
    {"+44 20 7946 0958, please", "[phone …58], please"},
    {"tel: 415-555-2671", "tel: [phone …71]"},
    {"06 12 34 56 78", "[phone …78]"},
    {"Write to ann@example.org.", "Write to [mail a…@example.org]."},
    {"<o'brien.x+shop@mail.example.co.uk>", "<[mail o…@mail.example.co.uk]>"},
    {"müller@beispiel.de", "[mail m…@beispiel.de]"},
    {"DE89 3704 0044 0532 0130 00", "[IBAN DE…00]"},
    {"my account GB29NWBK60161331926819!", "my account [IBAN GB…19]!"},
    {"nl91abna0417164300", "[IBAN NL…00]"},
    {"FR14 2004 1010 0505 0001 3M02 606", "[IBAN FR…06]"},
    {"4111 1111 1111 1111", "[card …1111]"},
    {"card 5500-0000-0000-0004, ends 12/27", "card [card …0004], ends 12/27"},
    {"378282246310005", "[card …0005]"},
    {"3782 822463 10005", "[card …0005]"},
    {"a@b.example and +43 660 1234567", "[mail a…@b.example] and [phone …67]"},
};

constexpr const char* kFalse[] = {
    "Order 4711-0815 of 2026-11-26",
    "order number 302-1234567-7654321",
    "It cost 1.299,00 EUR, then 10.000.000",
    "$1,299.00 and 45.50",
    "at 10:30 on 26.11.2026",
    "26/11/2026 and 01.02.26",
    "2026-11-26 10:30:00",
    "version 10.4.2.1 build 20261126",
    "IP 192.168.10.254",
    "#12345678 and case 4000",
    "tracking 1Z999AA10123456784",
    "4111 1111 1111 1112 fails Luhn",
    "DE88 3704 1144 1532 1130 11 fails mod 97",
    "the model XY12 3456 7890",
    "1 2 3 4 5 6 7 8 9 10",
    "@mara@social.example wrote",
    "https://shop.example/orders/4111111111111111?tel=+491701234567",
    "0.00000001 grams",
    "000123456789",
    "article 00 12",
    "1234567890123 pieces",
    "5 of 10, 20 of 30",
    "mail me @home",
    "EUR 12345678",
    "room 0815",
};

TEST(Mask, PersonalNumbersGo) {
  for (const Row& row : kTrue) EXPECT_EQ(mask_personal(row.said), row.left) << row.said;
}

TEST(Mask, WhatOnlyLooksLikeOneStays) {
  for (const char* said : kFalse) EXPECT_EQ(mask_personal(said), said);
}

TEST(Mask, TwiceIsOnce) {
  for (const Row& row : kTrue)
    EXPECT_EQ(mask_personal(mask_personal(row.said)), mask_personal(row.said));
}

TEST(Mask, AnyBytesAreTaken) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>((i * 37 + i / 7) & 0xFF);
  EXPECT_LE(mask_personal(bytes).size(), bytes.size() * 20);
  EXPECT_EQ(mask_personal(std::string(100'000, '0')), std::string(100'000, '0'));
  EXPECT_EQ(mask_personal(std::string(100'000, '@')), std::string(100'000, '@'));
}

}  // namespace
}  // namespace earshot
