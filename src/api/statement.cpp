#include "api/statement.hpp"

#include "api/tokenise.hpp"
#include "memory/compared_text.hpp"

namespace comem {

Statement::Statement(const AnyMemory& memory)
    : text(memory::compared_text(memory)),
      group(memory::compared_group(memory)),
      wording(memory::wording_of(text, tokenise(text))) {}

}  // namespace comem
