#pragma once
// Search through the adapter, as an application has it, but called and waited for.

#include <comem/adapter.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace comem::bench {

/// A store of made-up memories in a file. One thread.
class StoreSearch {
 public:
  /// Imports the first `memories` of MadeMemories(seed) into the file, which must not be there.
  StoreSearch(std::string database, std::size_t memories, std::uint64_t seed);
  ~StoreSearch();

  /// Opens the store anew and asks it; answers the milliseconds until the answer was there.
  double open(const std::string& query);
  /// Answers how many were found. After open().
  std::size_t search(const std::string& query);

 private:
  template <class Task>
  void run(Task task);

  Options options_;
  boost::asio::io_context context_{1};
  std::unique_ptr<RedisMemoryAdapter> memory_;
};

}  // namespace comem::bench
