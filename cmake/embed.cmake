# earshot_embed(OUT FUNCTION FILE…): a .cpp in the build tree that holds these texts, so that the program works without them installed.
# The files become what `earshot::FUNCTION()` gives, an array of {name, text} (src/classify/embedded.hpp).
function(earshot_embed out EMBEDDED_FUNCTION)
  set(EMBEDDED "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND EMBEDDED "    {\"${name}\", R\"lexicon(${text})lexicon\"sv},\n")
  endforeach()
  list(LENGTH ARGN EMBEDDED_COUNT)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded.cpp.in ${out} @ONLY)
endfunction()
