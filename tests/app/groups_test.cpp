// Rooms hear of the cases of a group together.
#include <algorithm>

#include "house.hpp"

namespace earshot {
namespace {

constexpr const char* kGas =
    "@Brightwave there is a smell of gas from your heater and my mother fainted, nobody comes";

class Groups : public House {
 protected:
  Groups() : House(with_a_room()) {}
  static Config with_a_room() {
    Config it = house_config();
    it.route.receivers = std::vector<std::string>{"room"};
    it.route.group_interval = minutes{5};
    return it;
  }
  /// What the room was told of a case, by lane.
  std::vector<Lane> told(const std::string& id) {
    std::vector<Lane> out;
    for (const OutboxRow& row : rows(id))
      if (row.receiver == "room") out.push_back(row.lane);
    return out;
  }
  /// One case was told at once; another waits for the group's next message.
  std::string second_case() {
    posts("1", kHazard);
    later(seconds{1});
    EXPECT_EQ(told(only_case().id), std::vector<Lane>{Lane::page});
    const std::string first = only_case().id;
    posts("2", kGas, "bea");
    later(seconds{1});
    const auto all = all_cases();
    EXPECT_EQ(all.size(), 2U);
    const auto other = std::ranges::find_if(all, [&](const Case& it) { return it.id != first; });
    EXPECT_EQ(other->urgency, Urgency::page);
    EXPECT_TRUE(told(other->id).empty());
    return other->id;
  }
};

TEST_F(Groups, ACaseThatNobodyHasIsAPageToTheRoom) {
  const std::string id = second_case();
  later(minutes{5});
  EXPECT_EQ(told(id), std::vector<Lane>{Lane::page});
}

/// I6, simulator, seed 4 over two days: its page began minutes after the acknowledgement.
TEST_F(Groups, ACaseThatSomebodyHasByThenIsANoticeToTheRoom) {
  const std::string id = second_case();
  does("kim", Action::ack, {}, id);
  later(minutes{5});
  EXPECT_EQ(told(id), std::vector<Lane>{Lane::notice});
}

}  // namespace
}  // namespace earshot
