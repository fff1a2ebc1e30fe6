# One target carries every flag of ours, so a target of ours links it and a library's headers do not see it.
add_library(earshot_flags INTERFACE)
target_compile_features(earshot_flags INTERFACE cxx_std_20)
# What shadows a neighbour's name in a unity build is no mistake.
target_compile_options(earshot_flags INTERFACE
  -Wall -Wextra -Wpedantic $<$<NOT:$<BOOL:${EARSHOT_UNITY}>>:-Wshadow> -Wconversion -fno-strict-aliasing
  $<$<BOOL:${EARSHOT_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns falsely about std::string and coroutine frames at -O2.
  target_compile_options(earshot_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
endif()
target_compile_definitions(earshot_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_BEAST_USE_STD_STRING_VIEW)

if(EARSHOT_SANITIZE)
  target_compile_options(earshot_flags INTERFACE -fsanitize=${EARSHOT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(earshot_flags INTERFACE -fsanitize=${EARSHOT_SANITIZE})
  if(EARSHOT_SANITIZE MATCHES "thread")
    # Asio's fences are unknown to the sanitizer; what they guard is guarded by a mutex, too.
    target_compile_options(earshot_flags INTERFACE -Wno-tsan)
  endif()
  if(EARSHOT_SANITIZE MATCHES "undefined")
    # A third of the build's time for what ASan stops at as well (null, object-size), what x86 reads anyhow (alignment), and casts that
    # nobody makes (vptr). The tests' own code is checked by ASan alone: another third.
    target_compile_options(earshot_flags INTERFACE -fno-sanitize=null,object-size,alignment,vptr
      $<$<BOOL:$<TARGET_PROPERTY:EARSHOT_OF_TESTS>>:-fno-sanitize=undefined>)
  endif()
endif()
if(EARSHOT_FUZZ AND EARSHOT_COVERAGE)
  target_compile_options(earshot_flags INTERFACE -fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(earshot_flags INTERFACE -fprofile-instr-generate)
elseif(EARSHOT_FUZZ AND CMAKE_CXX_COMPILER MATCHES "afl-")
  target_compile_options(earshot_flags INTERFACE -O1) # the compiler itself counts the edges
elseif(EARSHOT_FUZZ)
  # pointer-overflow: RapidJSON adds to a null pointer in its empty stack, in a header of its own.
  target_compile_options(earshot_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow -fno-sanitize-recover=all -O1)
  target_link_options(earshot_flags INTERFACE -fsanitize=address,undefined)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-g1)
  if(EARSHOT_SANITIZE)
    # The tests' own code runs once, and coroutines cost the optimiser most: to leave both as they are saves a third of the build.
    add_compile_options($<IF:$<OR:$<BOOL:$<TARGET_PROPERTY:EARSHOT_OF_TESTS>>,$<BOOL:$<TARGET_PROPERTY:EARSHOT_OF_THE_SHELL>>>,-O0,-O1>)
  endif()
else()
  # Hardening of RELIABILITY 4.8; assertions stay on in what we ship.
  target_compile_definitions(earshot_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(earshot_flags INTERFACE
    -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE)
  target_link_options(earshot_flags INTERFACE -pie -Wl,-z,relro,-z,now)
endif()
