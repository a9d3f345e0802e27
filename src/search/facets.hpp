#pragma once
// Who said things here, so that a name in a query can be told from a word: it asks for what somebody said
// rather than for texts with the name in it.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace comem::search {

/// The authors of the documents held; each is a number that the caller gives.
class Authors {
 public:
  /// One more, or one less, document by this author. An author without a name does not count.
  void add(std::uint32_t author, std::string_view name);
  void remove(std::uint32_t author, std::string_view name);
  void clear();

  /// With one author alone a name tells nothing.
  bool several() const noexcept { return documents_.size() > 1; }
  /// Those whose name has the folded word.
  const std::vector<std::uint32_t>& named(std::string_view folded) const noexcept;
  /// Whether a word with this stem is in a name.
  bool have_stem(const std::string& stem) const noexcept { return stems_.contains(stem); }
  /// Those whose name has the one word that is a slip of the fingers away (search/typing_errors.hpp); nobody
  /// where several words are. O(words of all names).
  const std::vector<std::uint32_t>& nearly_named(std::string_view folded) const;

 private:
  std::unordered_map<std::uint32_t, std::uint32_t> documents_;  // of each author
  std::unordered_map<std::string, std::vector<std::uint32_t>> words_;
  std::unordered_map<std::string, std::size_t> stems_;  // and how many of the words have it
};

}  // namespace comem::search
