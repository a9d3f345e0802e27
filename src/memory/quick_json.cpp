#include "memory/quick_json.hpp"

#include <simdjson.h>

#include <string>
#include <utility>

namespace comem::memory {
namespace {

using Tree = nlohmann::json;
namespace dom = simdjson::dom;

// A parser keeps room for the longest text it has read.
constexpr std::size_t most_bytes = 64u << 10;

Tree tree_of(dom::element element) {
  switch (element.type()) {
    case dom::element_type::OBJECT: {
      Tree::object_t members;
      for (const auto [name, value] : dom::object(element))
        members.insert_or_assign(std::string(name),
                                 tree_of(value));  // of a name that stands twice the last counts
      return members;
    }
    case dom::element_type::ARRAY: {
      Tree::array_t values;
      for (const auto value : dom::array(element)) values.push_back(tree_of(value));
      return values;
    }
    case dom::element_type::STRING:
      return std::string(std::string_view(element));
    case dom::element_type::INT64: {
      const std::int64_t number(element);
      return number < 0 ? Tree(number) : Tree(static_cast<std::uint64_t>(number));
    }
    case dom::element_type::UINT64:
      return std::uint64_t(element);
    case dom::element_type::DOUBLE:
      return double(element);
    case dom::element_type::BOOL:
      return bool(element);
    case dom::element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

}  // namespace

std::optional<nlohmann::json> parse_quickly(std::string_view text) {
  // simdjson lets a lone half of a surrogate pair pass.
  if (text.size() > most_bytes || text.find("\\u") != std::string_view::npos) return std::nullopt;
  thread_local dom::parser parser(2 * most_bytes);
  dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  return tree_of(root);
}

}  // namespace comem::memory
