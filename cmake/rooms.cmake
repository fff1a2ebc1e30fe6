# earshot_rooms(OUT room…): the .cpp files of these rooms. A file belongs to the room whose folder it lies in, so adding one
# needs no second line anywhere; CONFIGURE_DEPENDS makes the build see it.
function(earshot_rooms out)
  set(files)
  foreach(room IN LISTS ARGN)
    file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${room}/*.cpp)
    list(APPEND files ${found})
  endforeach()
  set(${out} ${files} PARENT_SCOPE)
endfunction()
