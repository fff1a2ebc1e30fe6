#pragma once

/// What the text reader needs to know of HTML's elements. Pure.

#include <cstdint>
#include <string_view>

namespace earshot::detail {

enum class Tag : std::uint8_t {
  other,
  a,
  area,
  base,
  blockquote,
  body,
  br,
  button,
  caption,
  dd,
  div,
  dl,
  dt,
  head,
  hr,
  html,
  iframe,
  img,
  li,
  marquee,
  math,
  noembed,
  noframes,
  object,
  ol,
  option,
  p,
  plaintext,
  pre,
  script,
  select,
  span,
  style,
  svg,
  table,
  tbody,
  td,
  template_,
  textarea,
  tfoot,
  th,
  thead,
  title,
  tr,
  ul,
  xmp,
  block,
  formatting,
  void_,
  metadata,
  count
};

/// `name` in lower case. Elements without a rule of their own fall into block, formatting, void_,
/// metadata or other.
Tag tag_of(std::string_view name);
bool is_block(Tag tag);       ///< begins and ends a line
bool is_formatting(Tag tag);  ///< misnesting closes nothing else
bool is_void(Tag tag);        ///< has no end tag
bool is_barrier(Tag tag);     ///< end tags inside do not reach beyond it
bool is_raw(Tag tag);         ///< content is text up to the end tag
bool is_dropped(Tag tag);     ///< content is not for readers
bool may_stand_in_head(Tag tag);

}  // namespace earshot::detail
