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

# earshot_at_once(target…): under EARSHOT_UNITY ten neighbouring files of a target are compiled as one, which more than halves a build from nothing. What
# stands in their anonymous namespaces then has names of its own; the dev build, file by file, sees to it that each includes what it uses.
function(earshot_at_once)
  if(EARSHOT_UNITY)
    set_target_properties(${ARGN} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    foreach(target IN LISTS ARGN)
      # g++ takes a lambda of an included file for one that other files could see.
      target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    endforeach()
  endif()
endfunction()
