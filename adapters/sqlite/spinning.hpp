#pragma once
// Looking for work for a moment before going to sleep. To wake a thread costs its waker some microseconds,
// and as much until it runs, which is most of what a small write takes; but only a caller who writes again at
// once comes within the moment. Belongs to one thread.

#include <algorithm>
#include <chrono>
#include <thread>

namespace comem::sqlite {

class Spinning {
 public:
  /// Returns when `here` answers true, or soon. After a moment in vain the next ones are left out, more and
  /// more of them, so that a thread whose work comes now and then does not spin.
  template <class Here>
  void look_for(Here here) {
    if (left_out_ > 0) {
      --left_out_;
      return;
    }
    const auto end = std::chrono::steady_clock::now() + moment;
    do {
      for (int i = 0; i < looks; ++i) {
        if (here()) {
          in_vain_ = 0;
          return;
        }
        pause();
      }
    } while (std::chrono::steady_clock::now() < end);
    in_vain_ = std::min(in_vain_ + 1, most_in_vain);
    left_out_ = (1 << in_vain_) - 1;
  }

 private:
  static constexpr std::chrono::microseconds moment{40};
  static constexpr int looks = 32;        // between two looks at the clock
  static constexpr int most_in_vain = 6;  // then one of 64 is tried

  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
  }

  int in_vain_ = 0;
  int left_out_ = std::thread::hardware_concurrency() > 1 ? 0 : 1 << 30;
};

}  // namespace comem::sqlite
