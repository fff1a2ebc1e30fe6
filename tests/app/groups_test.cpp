// Rooms hear of the cases of a group together.
#include <algorithm>

#include "house.hpp"

namespace earshot {
namespace {

class Groups : public House {
 protected:
  Groups() : House(with_a_room()) {}
  static Config with_a_room() {
    Config it = house_config();
    it.route.receivers = std::vector<std::string>{"room"};
    ReceiverConfig room;
    room.name = "room";
    room.type = "log";
    it.receivers.push_back(room);
    return it;
  }
  /// What the room was told of a case, by lane.
  std::vector<Lane> told(const std::string& id) {
    std::vector<Lane> out;
    for (const OutboxRow& row : rows(id))
      if (row.receiver == "room") out.push_back(row.lane);
    return out;
  }
  void says(std::string id, std::string text) {
    Post post;
    post.id = std::move(id);
    post.text = std::move(text);
    post.author.id = post.author.handle = "bea";
    post.conversation = "thread";
    post.created_at = clock.now();
    accept(std::move(post));
  }
  /// A case waits for the group's next message, and its next words are those of a page.
  std::string raised_while_it_waits() {
    posts("1", "@Brightwave you charged my card twice for one lamp, send the money back");
    later(minutes{1});
    EXPECT_EQ(told(only_case().id), std::vector<Lane>{Lane::notice});
    const std::string first = only_case().id;
    says("2", "@Brightwave the invoice of May is wrong, I never ordered a hub, please correct it");
    const auto all = all_cases();
    EXPECT_EQ(all.size(), 2U);
    const auto other = std::ranges::find_if(all, [&](const Case& it) { return it.id != first; });
    EXPECT_EQ(other->urgency, Urgency::queue);
    says("3", kHazard);
    EXPECT_EQ(case_of_id(other->id).urgency, Urgency::page);
    EXPECT_TRUE(told(other->id).empty());
    return other->id;
  }
};

TEST_F(Groups, ARaisedCaseThatNobodyHasIsAPageToTheRoom) {
  const std::string id = raised_while_it_waits();
  later(minutes{5});
  EXPECT_EQ(told(id), std::vector<Lane>{Lane::page});
}

/// I6, simulator, seed 4 over two days: its page began minutes after the acknowledgement.
TEST_F(Groups, ARaisedCaseThatSomebodyHasByThenIsANoticeToTheRoom) {
  const std::string id = raised_while_it_waits();
  does("kim", Action::ack, {}, id);
  later(minutes{5});
  EXPECT_EQ(told(id), std::vector<Lane>{Lane::notice});
}

}  // namespace
}  // namespace earshot
