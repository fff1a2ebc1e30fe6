#pragma once

/// The OpenAPI 3.1 description of what api.cpp serves.

#include <string>

namespace earshot {

std::string openapi_document();

}  // namespace earshot
