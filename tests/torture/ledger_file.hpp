#pragma once
// The file in which an agent keeps account of what it attempted and what was acknowledged, so that a driver
// can hold the store to it after the agent was killed.

#include <comem/version.hpp>

#include <string>

namespace comem::torture {

/// One line an event, each one write(2) of its own with O_APPEND: whatever was written stays when the process
/// is killed. Words are separated by single blanks:
/// - "t KIND ID TOKEN": about to call.
/// - "a KIND ID TOKEN MS COUNTER STORE OUTCOME": the call returned.
/// - "e KIND ID TOKEN ERROR": the call threw; "unknown" when the write may have been applied.
/// KIND is s (save), u (update), f (forget) or x (execution). TOKEN names the attempt and, where it saves
/// text, is the first word of that text; for executions it is the operation id.
class LedgerFile {
 public:
  /// An empty path: nothing is kept. Throws std::system_error.
  explicit LedgerFile(const std::string& path);
  ~LedgerFile();
  LedgerFile(const LedgerFile&) = delete;
  LedgerFile& operator=(const LedgerFile&) = delete;

  void attempt(char kind, const std::string& id, const std::string& token);
  void acknowledge(char kind, const std::string& id, const std::string& token, const Version& version,
                   const std::string& outcome);
  void failed(char kind, const std::string& id, const std::string& token, const std::string& error);

 private:
  void append(const std::string& line);

  int file_ = -1;
};

}  // namespace comem::torture
