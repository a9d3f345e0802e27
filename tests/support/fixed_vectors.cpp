#include "tests/support/fixed_vectors.hpp"

#include <cctype>
#include <cstdint>
#include <map>

namespace comem::testing {
namespace {

std::string meaning(const std::string& word) {
  static const std::map<std::string, std::string> meanings{
      {"car", "vehicle"},    {"automobile", "vehicle"}, {"lorry", "vehicle"}, {"physician", "doctor"},
      {"surgeon", "doctor"}, {"spaghetti", "pasta"},    {"noodles", "pasta"}, {"canine", "dog"},
      {"hound", "dog"},      {"puppy", "dog"},
  };
  const auto found = meanings.find(word);
  return found == meanings.end() ? word : found->second;
}

std::uint32_t hash(const std::string& word) {
  std::uint32_t value = 2166136261u;  // FNV-1a
  for (const char c : word) value = (value ^ static_cast<unsigned char>(c)) * 16777619u;
  return value ^ value >> 15;
}

}  // namespace

std::vector<float> fixed_vector(const std::string& text, std::size_t dimensions) {
  std::vector<float> vector(dimensions, 0.0f);
  std::string word;
  const auto add = [&] {
    if (!word.empty()) vector[hash(meaning(word)) % dimensions] += 1.0f;
    word.clear();
  };
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else
      add();
  }
  add();
  return vector;
}

}  // namespace comem::testing
