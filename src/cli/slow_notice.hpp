#pragma once
// A word to who waits at a terminal.

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string_view>

namespace comem::cli {

inline constexpr std::string_view sharing_notice = "sharing with Redis...";

/// Says `text` on standard error, if that is a terminal, once it has lived for 0.3 s. `text` must outlive it.
/// To be used on the executor's one thread.
class SlowNotice {
 public:
  SlowNotice(const boost::asio::any_io_executor& executor, std::string_view text, bool wanted);
  ~SlowNotice();
  SlowNotice(const SlowNotice&) = delete;
  SlowNotice& operator=(const SlowNotice&) = delete;

 private:
  struct Timer;  // Asio's timer is a header too heavy for every command
  std::unique_ptr<Timer> timer_;
};

}  // namespace comem::cli
