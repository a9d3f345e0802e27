#pragma once
// The words of a namespace in a file beside the database, so that the next process need not read all memories
// to search them. Only a copy: whoever finds it missing, damaged, or of another history reads the memories.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <comem/version.hpp>

#include "storage/store.hpp"

namespace comem::storage {

/// A change that the index holds. Version stamps are never given twice, so a store whose change of that
/// number has another version has another history: an older copy of the file, put back and written to since.
struct Witness {
  std::uint64_t change = 0;
  Version version;
};

struct IndexImage {
  IndexImage() = default;
  std::uint64_t change = 0;        ///< the index holds every change up to this one
  std::vector<Witness> witnesses;  ///< some of the last
  std::string words;               ///< search::Index::save()
};

/// Where it is kept; empty for a store that is in no file.
std::string index_file_of(const Store& store, const std::string& ns);

/// Replaces the file in one step, readable for its owner alone. Answers whether it could.
bool write_index_file(const std::string& path, const std::string& owner, const IndexImage& image);

/// Nothing where there is none, or it is damaged, of another owner, or of another version of comem.
std::optional<IndexImage> read_index_file(const std::string& path, const std::string& owner);

/// Whether the store is that of the image, and goes on from it: the latest witness that has not been written
/// over since is the same here.
bool goes_on_from(const IndexImage& image, const std::string& ns, ReadTransaction& tx);

}  // namespace comem::storage
