#include "masking.hpp"

#include "earshot/text/mask.hpp"

namespace earshot {

Message masked(Message message) {
  for (std::string* text : {&message.headline, &message.text}) *text = mask_personal(*text);
  for (MessageCase& it : message.cases) {
    for (std::string* text : {&it.customer, &it.title, &it.excerpt}) *text = mask_personal(*text);
    for (std::string& reason : it.reasons) reason = mask_personal(reason);
  }
  return message;
}

}  // namespace earshot
