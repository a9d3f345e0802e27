#include "cli/slow_notice.hpp"

#include <unistd.h>

#include <boost/asio/steady_timer.hpp>

#include "cli/output.hpp"

namespace comem::cli {

struct SlowNotice::Timer {
  explicit Timer(const boost::asio::any_io_executor& executor) : timer(executor) {}
  boost::asio::steady_timer timer;
};

SlowNotice::SlowNotice(const boost::asio::any_io_executor& executor, std::string_view text, bool wanted) {
  if (!wanted || !is_terminal(STDERR_FILENO)) return;
  timer_ = std::make_unique<Timer>(executor);
  timer_->timer.expires_after(std::chrono::milliseconds(300));
  timer_->timer.async_wait([text](const boost::system::error_code& error) {
    if (!error) complain(text);
  });
}

SlowNotice::~SlowNotice() = default;

}  // namespace comem::cli
