// Runs a fuzz target over files that were kept: replay FILE_OR_DIRECTORY... A finding ends the process; the
// last name that was printed is the input.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "property.hpp"

namespace {

namespace files = std::filesystem;

std::vector<files::path> inputs_of(const files::path& path) {
  if (!files::is_directory(path)) return {path};
  std::vector<files::path> inputs;
  for (const auto& entry : files::directory_iterator(path)) inputs.push_back(entry.path());
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

bool replay(const files::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) return false;
  std::printf("%s\n", path.filename().c_str());
  std::fflush(stdout);
  // A buffer of exactly this size, so that AddressSanitizer sees a read beyond its end.
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t replayed = 0;
  for (int i = 1; i < count; ++i) {
    for (const auto& path : inputs_of(arguments[i])) {
      if (!replay(path)) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return 1;
      }
      ++replayed;
    }
  }
  std::printf("%zu inputs\n", replayed);
  return replayed == 0 ? 1 : 0;
}
