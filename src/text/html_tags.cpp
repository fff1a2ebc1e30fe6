#include "html_tags.hpp"

#include <unordered_map>

namespace earshot::detail {
namespace {

const std::unordered_map<std::string_view, Tag>& names() {
  static const std::unordered_map<std::string_view, Tag> kNames = [] {
    std::unordered_map<std::string_view, Tag> all = {{"a", Tag::a},
                                                     {"area", Tag::area},
                                                     {"base", Tag::base},
                                                     {"blockquote", Tag::blockquote},
                                                     {"body", Tag::body},
                                                     {"br", Tag::br},
                                                     {"button", Tag::button},
                                                     {"caption", Tag::caption},
                                                     {"dd", Tag::dd},
                                                     {"div", Tag::div},
                                                     {"dl", Tag::dl},
                                                     {"dt", Tag::dt},
                                                     {"head", Tag::head},
                                                     {"hr", Tag::hr},
                                                     {"html", Tag::html},
                                                     {"iframe", Tag::iframe},
                                                     {"img", Tag::img},
                                                     {"image", Tag::img},
                                                     {"li", Tag::li},
                                                     {"marquee", Tag::marquee},
                                                     {"math", Tag::math},
                                                     {"noembed", Tag::noembed},
                                                     {"noframes", Tag::noframes},
                                                     {"object", Tag::object},
                                                     {"ol", Tag::ol},
                                                     {"option", Tag::option},
                                                     {"p", Tag::p},
                                                     {"plaintext", Tag::plaintext},
                                                     {"pre", Tag::pre},
                                                     {"listing", Tag::pre},
                                                     {"script", Tag::script},
                                                     {"select", Tag::select},
                                                     {"span", Tag::span},
                                                     {"style", Tag::style},
                                                     {"svg", Tag::svg},
                                                     {"table", Tag::table},
                                                     {"tbody", Tag::tbody},
                                                     {"td", Tag::td},
                                                     {"template", Tag::template_},
                                                     {"textarea", Tag::textarea},
                                                     {"tfoot", Tag::tfoot},
                                                     {"th", Tag::th},
                                                     {"thead", Tag::thead},
                                                     {"title", Tag::title},
                                                     {"tr", Tag::tr},
                                                     {"ul", Tag::ul},
                                                     {"menu", Tag::ul},
                                                     {"dir", Tag::ul},
                                                     {"xmp", Tag::xmp}};
    for (const char* name :
         {"address",    "article",  "aside",  "center",  "details", "dialog", "fieldset",
          "figcaption", "figure",   "footer", "form",    "h1",      "h2",     "h3",
          "h4",         "h5",       "h6",     "header",  "hgroup",  "legend", "main",
          "nav",        "optgroup", "search", "section", "summary"}) {
      all.emplace(name, Tag::block);
    }
    for (const char* name : {"b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike",
                             "strong", "tt", "u"}) {
      all.emplace(name, Tag::formatting);
    }
    for (const char* name :
         {"col", "embed", "input", "keygen", "param", "source", "track", "wbr", "frame"})
      all.emplace(name, Tag::void_);
    for (const char* name : {"link", "meta", "basefont", "bgsound"})
      all.emplace(name, Tag::metadata);
    return all;
  }();
  return kNames;
}

}  // namespace

Tag tag_of(std::string_view name) {
  const auto found = names().find(name);
  return found == names().end() ? Tag::other : found->second;
}

bool is_block(Tag tag) {
  switch (tag) {
    case Tag::blockquote:
    case Tag::body:
    case Tag::caption:
    case Tag::dd:
    case Tag::div:
    case Tag::dl:
    case Tag::dt:
    case Tag::hr:
    case Tag::html:
    case Tag::li:
    case Tag::ol:
    case Tag::option:
    case Tag::p:
    case Tag::plaintext:
    case Tag::pre:
    case Tag::table:
    case Tag::tbody:
    case Tag::textarea:
    case Tag::tfoot:
    case Tag::thead:
    case Tag::tr:
    case Tag::ul:
    case Tag::xmp:
    case Tag::block:
      return true;
    default:
      return false;
  }
}

bool is_formatting(Tag tag) {
  return tag == Tag::formatting || tag == Tag::a;
}

bool is_void(Tag tag) {
  return tag == Tag::br || tag == Tag::hr || tag == Tag::img || tag == Tag::area ||
         tag == Tag::base || tag == Tag::void_ || tag == Tag::metadata;
}

bool is_barrier(Tag tag) {
  return tag == Tag::table || tag == Tag::td || tag == Tag::th || tag == Tag::caption ||
         tag == Tag::marquee || tag == Tag::object || tag == Tag::template_ || tag == Tag::html;
}

bool is_raw(Tag tag) {
  return tag == Tag::script || tag == Tag::style || tag == Tag::title || tag == Tag::textarea ||
         tag == Tag::xmp || tag == Tag::iframe || tag == Tag::noembed || tag == Tag::noframes;
}

bool is_dropped(Tag tag) {
  return tag == Tag::head || tag == Tag::template_ || tag == Tag::svg || tag == Tag::math ||
         (is_raw(tag) && tag != Tag::textarea && tag != Tag::xmp);
}

bool may_stand_in_head(Tag tag) {
  return tag == Tag::metadata || tag == Tag::base || tag == Tag::title || tag == Tag::style ||
         tag == Tag::script || tag == Tag::template_ || tag == Tag::noframes;
}

}  // namespace earshot::detail
